# SPDX-License-Identifier: BSD-2-Clause
"""A system that dies: from wherever its panic has got to, into an image in memory that was kept for it,
with not a byte written elsewhere.

Called by: pytest. The ways to die are those of boot-tests/host/crash.c.
"""
import re

import pytest

import hop
import outside
import qemu
import state
from sequence import Code
from test_boot import boot
from test_payload import CHECK_STATE, check_bytes

MEMORY = "128M"     # all of it is looked at twice
PSTATE_A = 0x100    # Arm "DAIF"
X86_ROWS = [row for row in hop.ROWS if row.arch == "x86_64"]


@pytest.fixture
def die(kernel, ramdisk, tmp_path):
    """Runs a host to its end; returns the report."""
    def run(way, how, **options):
        image = hop.image(way, tmp_path / "payload.itb", kernel, ramdisk)
        return hop.run(way, image, f"kx.crash={how}", memory=MEMORY, **options)
    return run


def check(report, arch, kernel, ramdisk):
    """Every byte is in place, the registers are as on any jump, and the rest of memory is as it was."""
    values = report.values
    assert report.arrived, report.result.console[-2000:]
    base, size = (int(number, 0) for number in re.search(
        r"^kx-host: crash: (\d+) MiB are kept at (0x\w+)$", report.result.console, re.M).groups()[::-1])
    assert base <= report.number("IMAGE") < base + (size << 20)
    assert values["REST"] == "as before"
    values["BOOTARGS"] = values["BOOTARGS"].split(" kx.rest=")[0]
    if arch == "x86_64" and not report.verified:    # the gates stay, and keep two registers
        assert values["IDT_LIMIT"] == "0x1ff"
        values.update(IDT_LIMIT="0x0", R12="0x0", R15="0x0")
    check_bytes(report, kernel, ramdisk, "kx.test")
    CHECK_STATE[arch](report)


@pytest.mark.parametrize("way", hop.ROWS, ids=str)
def test_dies(die, arch, way, kernel, ramdisk):
    """In the handler of an exception, on no stack, an interrupt pending."""
    check(die(way, "trap"), arch, kernel, ramdisk)


def test_dies_jumping(die, arch, row, kernel, ramdisk):
    """The same without any handler, and verified by purgatory."""
    report = die(row, "jump", purgatory="regions")
    check(report, arch, kernel, ramdisk)
    assert report.verified


def test_fault_on_the_way(die, row, ramdisk):
    """What libkx keeps of the registers is damaged: the C that would use it is given up, and the rest goes on."""
    report = die(row, "fault")
    assert report.arrived and report.values["REST"] == "as before"
    assert report.values["SHA256_INITRD"] == hop.sha256(ramdisk)


OWN = {"aarch64": {"VPIDR_EL2", "VMPIDR_EL2"}, "x86_64": {"APIC_LDR"}}     # each CPU's, and modelled by QEMU


@pytest.mark.only("aarch64", "x86_64")
@pytest.mark.parametrize("way", [row for row in hop.ROWS if row.name in ("el2-4k", "e2h-off", "4level")], ids=str)
def test_other_cpu(arch, way, build, tmp_path):
    """The registers were taken of another CPU than the one that dies: which CPU this is does not change. Control:
    where they are said to be of this one, it does."""
    build("kx-payload.elf")
    image = hop.image(way, tmp_path / "payload.itb", build("kx-payload.bin"), bootargs=state.WORDS)
    cold = state.cold(way)
    for how, differ in (("other", set()), ("other-unsaid", OWN[arch])):
        report = hop.run(way, image, f"kx.crash={how}", memory=MEMORY)
        assert report.arrived, report.result.console[-2000:]
        found = state.registers(report.values)
        assert {name for name in OWN[arch] if found[name] != cold[name]} == differ, found


@pytest.mark.usefixtures("linux")
def test_linux(arch):
    """Linux as the crash kernel: it is told of the kept memory alone, and knows of no more."""
    done = boot(arch, "--append", "kx.crash=trap kx.purgatory=off")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    kept = int(re.search(r"^kx-host: crash: (\d+) MiB are kept", done.stdout, re.M)[1]) << 10
    known = int(re.search(r"Memory: \d+K/(\d+)K available", done.stdout)[1])
    assert kept - 1024 < known <= kept + 640    # on a PC those below 1 MiB too
    assert re.search(r"^kx-host: crash: trap$.*^KX-LINUX-UP", done.stdout, re.M | re.S)


@pytest.mark.only("riscv64", "aarch64")
@pytest.mark.parametrize("way", [row for row in hop.ROWS if row.name in ("bare", "off", "el2-off")], ids=str)
def test_race(die, arch, way, kernel, ramdisk):
    """Four CPUs: three at once, the fourth too late. One of the three enters, all others stay; its number is
    what the image gets, behind purgatory too."""
    report = die(way, "race", smp=4, purgatory="regions" if arch == "riscv64" else "off")
    check(report, arch, kernel, ramdisk)
    assert report.result.console.count("PAYLOAD=") == 1
    if arch == "riscv64":
        boot = re.search(r"^Boot HART ID +: (\d)$", report.result.console, re.M)[1]
        assert report.number("X10") in {0, 1, 2, 3} - {int(boot)}


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("how", ["nmi", "storm"])
@pytest.mark.parametrize("way", X86_ROWS[::2], ids=str)
def test_nmi(die, arch, way, how, kernel, ramdisk):
    """From the handler of one; and with one every 100 us, from before the first instruction to the end of the
    payload."""
    check(die(way, how), arch, kernel, ramdisk)


@pytest.mark.only("x86_64")
def test_nmi_everywhere(row, image, tmp_path):
    """One before each instruction, from the first stack that is there to the C: its gate has a code segment at each.
    The host's is none of libkx's, and where libkx has its own the host has data."""
    code = Code(row.arch, hop.BUILD / "x86_64/kx-host.elf", "--disassemble=kx_crash_enter")
    stack = next(after for at, after in code.next.items() if re.match(r"lea .*%rsp$", code.text[at]))
    returns = {at for at in code.order if code.text[at].startswith("iretq")}
    nmi = {at - 4 for at in returns} | returns      # endbr64; iretq
    machine = qemu.Machine(row.arch, memory=MEMORY, extra=[
        "-S", "-gdb", "chardev:gdb", "-chardev", f"socket,path={tmp_path}/gdb,server=on,wait=off,id=gdb"])
    with qemu.Watched(machine, tmp_path, hop.host(row.arch), initrd=image,
                      append=f"{row.options} kx.purgatory=off kx.crash=trap") as watched:
        gdb = outside.Gdb(tmp_path / "gdb")
        number = next(number for number, name in gdb.names.items() if name == "rip")
        assert gdb.ask("Qqemu.sstep=1") == b"OK"    # interrupts are let in between steps

        def step():
            gdb.go("s")
            return int.from_bytes(bytes.fromhex(gdb.ask(f"p{number:x}").decode()), "little")
        gdb.run_to(stack, 1)
        at, taken = stack, 0
        while code.symbols["kx_crash_enter"] <= at <= max(code.order):
            watched.monitor("nmi")
            way = [step() for _ in range(4)]
            taken += any(place in nmi or place not in code.text for place in way)
            at = next(place for place in reversed(way) if place not in nmi)
        assert taken > 100
        gdb.socket.sendall(b"$c#63")
        watched.until(lambda: "PAYLOAD-DONE" in watched.console())


# ---- negative controls ----

@pytest.mark.only("x86_64")
def test_nmi_without(die, row):
    """By kx_enter() one of those NMIs ends the hop: told as a fault, or without a word where the descriptors are no
    longer the host's and the gates still are, or in the payload, whose gates are none. Which one is chance."""
    report = die(row, "storm-enter")
    assert "kx-host: crash: storm-enter\n" in report.result.console
    assert not report.arrived and not report.result.timed_out, report.result.console[-1000:]


def test_stack_without(die, row):
    """kx_enter() runs on the host's stack, which is none."""
    report = die(row, "enter")
    assert "kx-host: crash: enter\n" in report.result.console
    assert not report.arrived and "PAYLOAD" not in report.values
    assert row.arch == "x86_64" or "kx-host: crash: lost, without a stack\n" in report.result.console


def test_write_is_seen(die, row):
    """One bit of the host's memory changes after the last look at it."""
    report = die(row, "write")
    assert report.arrived and report.values["REST"] == "changed"


def test_outside_is_refused(die, row):
    """What would be written elsewhere is refused in advance, by name."""
    report = die(row, "outside")
    assert report.refusals == ["outside-ram"] and not report.arrived and not report.result.timed_out


def test_second_cpu_stays(die, row):
    """Where another CPU has entered before, this one goes nowhere, although the image has used that memory since."""
    report = die(row, "twice", until=r"^kx-host: crash: twice$|^kx: fault")
    assert report.result.matched and report.result.console.endswith("kx-host: crash: twice\n")


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("append, waits", [("kx.crash=jump", True), ("kx.quiesce=none", False)], ids=["crash", "hop"])
def test_serror_waits(row, image, tmp_path, append, waits):
    """An SError may be what the system has died of: it is masked while the list is walked, unlike on a hop."""
    said = r"through the control page at (0x\w+)"
    page = int(re.search(said, hop.run(row, image, append, memory=MEMORY, until=said).result.console)[1], 16)
    machine = qemu.Machine(row.arch, memory=MEMORY, extra=[
        "-S", "-gdb", "chardev:gdb", "-chardev", f"socket,path={tmp_path}/gdb,server=on,wait=off,id=gdb"])
    with qemu.Watched(machine, tmp_path, hop.host(row.arch), initrd=image,
                      append=f"{row.options} kx.purgatory=off {append}"):
        gdb = outside.Gdb(tmp_path / "gdb")
        gdb.run_to(page + Code(row.arch, hop.BUILD / row.arch / "kx-trampoline.elf").symbols["kx_walk_"], 1)
        assert bool(gdb.registers()["cpsr"] & PSTATE_A) == waits
