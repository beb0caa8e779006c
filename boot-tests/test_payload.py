# SPDX-License-Identifier: BSD-2-Clause
"""The small payload through every way in: does each byte arrive, in the state the protocol wants?

Called by: pytest.
"""
import hashlib
import re

import pytest

import hop

BOOTARGS = 'console=none words="of the payload"'


@pytest.fixture
def image(row, tmp_path, kernel, ramdisk):
    return hop.image(row, tmp_path / "payload.itb", kernel, ramdisk, BOOTARGS)


def check_bytes(report, kernel, ramdisk, bootargs=BOOTARGS):
    """Every byte is where it should be, and nothing else of the payload's memory is touched."""
    assert report.arrived, report.result.console[-2000:]
    loaded = hop.loaded(report.values["PAYLOAD"], kernel)
    assert report.values["SHA256_IMAGE"] == hashlib.sha256(loaded).hexdigest()
    assert report.values["SHA256_INITRD"] == hop.sha256(ramdisk)
    assert report.values["BSS"] == "zero"
    assert report.values["BOOTARGS"] == bootargs


def check_riscv64(report):
    """Linux Documentation/arch/riscv/boot.rst, and no pointer into the old system left behind."""
    x = [0] + [report.number(f"X{i}") for i in range(1, 32)]
    entry = report.number("IMAGE")
    assert x[1] == entry and entry % 0x200000 == 0
    assert x[11] == report.number("FDT") and x[11] % 8 == 0
    assert not any(x[2:10]) and not any(x[12:])
    for csr in "satp", "sie", "sip", "sscratch", "sepc", "scause":
        assert report.number(f"CSR_{csr}") == 0, csr
    assert report.number("CSR_stvec") == entry
    assert report.number("CSR_sstatus") & 0x122 == 0   # SIE, SPIE, SPP


def check_aarch64(report):
    """Linux Documentation/arch/arm64/booting.rst, at the level the host was entered at, and nothing
    of the old system left behind."""
    x = [report.number(f"X{i}") for i in range(31)]
    entry = report.number("IMAGE")
    assert x[0] == report.number("FDT") and x[0] % 8 == 0
    assert not any(x[1:30])
    assert x[30] == entry and entry % 0x200000 == 0
    assert report.number("SP") == 0 and report.number("SYS_spsel") == 1
    assert report.number("SYS_daif") == 0x3c0
    for name in "tcr", "mair", "ttbr0", "ttbr1", "vbar":
        assert report.number(f"SYS_{name}") == 0, name
    sctlr = report.number("SYS_sctlr")
    assert sctlr & 0x1005 == 0                          # I, C, M
    assert sctlr & (1 << 25 | 1 << 19) == 0             # EE, WXN
    assert sctlr & (3 << 30 | 1 << 27 | 1 << 13) == 0   # EnIA, EnIB, EnDA, EnDB
    if "kx-host: EL2," in report.result.console:
        assert report.number("SYS_currentel") == 2 << 2 and sctlr & 0x30c50830 == 0x30c50830
        assert report.number("SYS_hcr") == report.number("SYS_cptr") == 0   # as the host was given it
    else:
        assert report.number("SYS_currentel") == 1 << 2 and sctlr & 0x30d00800 == 0x30d00800
        assert report.number("SYS_cpacr") == 0


def check_x86_64(report):
    """Linux Documentation/arch/x86/boot.rst "64-bit Boot Protocol", and nothing of the host's."""
    x = {key: report.number(key) for key, value in report.values.items() if value.startswith("0x")
         and not key.startswith("MAP")}
    assert x["MODE"] == 64 and x["IMAGE"] % 0x200000 == 0
    assert x["RSI"] == x["BOOT_PARAMS"] and x["RSP"] % 16 == 0
    assert not any(x[f"R{name}"] for name in "AX BX CX DX DI BP 8 9 10 11 12 13 14 15".split())
    assert x["RFLAGS"] == 2
    assert x["CR0"] == 0x80000031                       # PG NE ET PE
    assert x["CR4"] == (0x1020 if "x86_64, la57" in report.result.console else 0x20)
    assert x["EFER"] == 0x500                           # LMA LME
    assert x["CR2"] == x["CR8"] == 0
    assert x["CS"] == 0x10 and x["DS"] == x["ES"] == x["SS"] == 0x18
    last = re.search(r"purgatory: \d+ bytes to (0x\w+), (\d+)|control page at (0x\w+)",
                     report.result.console)             # who has left the table
    start = int(last[1] or last[3], 16)
    assert start < x["GDT"] < start + int(last[2] or 4096)
    assert x["GDT_LIMIT"] == (0x2f if last[2] else 0x1f)    # purgatory's has a TSS too
    assert x["IDT_LIMIT"] == 0
    assert report.values["HEARTBEAT"] == "still"        # no other CPU runs


def check_x86_32(report):
    """Xen "x86/HVM direct boot ABI"."""
    x = {key: report.number(key) for key, value in report.values.items() if value.startswith("0x")
         and not key.startswith("MAP")}
    assert x["MODE"] == 32 and x["RBX"] == x["PVH"]
    assert not any(x[f"R{name}"] for name in "AX CX DX SI DI BP".split())
    assert x["RFLAGS"] == 2 and x["CR0"] == 0x11        # ET PE
    assert x["CR4"] == x["EFER"] == x["CR3"] == 0
    assert x["CS"] == 0x10 and x["DS"] == x["ES"] == x["SS"] == 0x18
    assert x["IDT_LIMIT"] == 0
    assert report.values["HEARTBEAT"] == "still"


CHECK_STATE = {"riscv64": check_riscv64, "aarch64": check_aarch64, "x86_64": check_x86_64}


@pytest.mark.parametrize("smp, purgatory", [(1, "off"), (4, "regions")], ids=["smp1", "smp4-purgatory"])
@pytest.mark.parametrize("way", hop.ROWS, ids=str)
def test_arrives(arch, way, smp, purgatory, kernel, ramdisk, tmp_path):
    """Straight from the trampoline, or, after a dry run while other CPUs run, by way of purgatory: the new
    kernel finds the same."""
    image = hop.image(way, tmp_path / "payload.itb", kernel, ramdisk, BOOTARGS)
    report = hop.run(way, image, "kx.dry=on" if smp > 1 else "", purgatory=purgatory, smp=smp)
    check_bytes(report, kernel, ramdisk)
    CHECK_STATE[arch](report)
    assert f"cpus: {smp - 1} others have stopped" in report.result.console
    assert report.verified == (purgatory != "off")
    assert ("dry run: the way is clear" in report.result.console) == (smp > 1)


def test_any_order(row, image, kernel, ramdisk):
    """Other shuffles, other pieces; several in one machine each."""
    for seed in range(2, 7):
        check_bytes(hop.run(row, image, f"kx.seed={seed}"), kernel, ramdisk)


def spread(report):
    """Where the host has put the pieces."""
    start, end = re.search(r"pieces from (0x\w+) to (0x\w+)", report.result.console).groups()
    return range(int(start, 16), int(end, 16))


def test_knots(row, tmp_path, kernel, noise):
    """Most sources lie in destinations: the planner has to find an order."""
    ramdisk = noise(9_000_001)
    image = hop.image(row, tmp_path / "large.itb", kernel, ramdisk, BOOTARGS)
    base = (spread(hop.run(row, image)).start + 0x1fffff) // 0x200000 * 0x200000
    report = hop.run(row, image, f"kx.base={base:#x}")
    check_bytes(report, kernel, ramdisk)
    initrd, pieces = report.number("INITRD"), spread(report)
    overlap = min(initrd + 9_000_001, pieces.stop) - max(initrd, pieces.start)
    assert overlap > 4_000_000


def test_damage_is_seen(row, image, ramdisk):
    """Negative control: a byte that changes on the way changes the digest."""
    report = hop.run(row, image, "kx.corrupt=byte")
    assert report.arrived and report.values["SHA256_INITRD"] != hop.sha256(ramdisk)


def test_fault_is_reported(row, image):
    """A list that goes bad after it was proved: the trampoline names it and stops."""
    report = hop.run(row, image, "kx.corrupt=list")
    assert not report.arrived
    assert re.search(r"^kx: fault: trampoline copy cause=0x0*4c465f58 .* at=0x0*40 entry=0x0*2$",
                     report.result.console, re.M), report.result.console[-1000:]


def test_bad_store_is_reported(row, image):
    """A store to nowhere is a fault of the CPU's: the trampoline's vector reports it."""
    report = hop.run(row, image, "kx.corrupt=dest")
    assert not report.arrived
    assert re.search(r"^kx: fault: trampoline copy cause=0x\w+ pc=control\+0x\w+ "
                     r"at=0x0*7000000000000 entry=0x\w+$",
                     report.result.console, re.M), report.result.console[-1000:]


# ---- x86_64 has more than one way in ----

X86_ROWS = [row for row in hop.ROWS if row.arch == "x86_64"]


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("purgatory", ["off", "regions"])
@pytest.mark.parametrize("way", X86_ROWS, ids=str)
def test_pvh(way, purgatory, build, kernel, ramdisk, tmp_path):
    """The payload as an ELF file with a PVH note is entered in 32-bit mode, by purgatory too."""
    elf = build("kx-payload.elf")
    image = hop.image(way, tmp_path / "payload.itb", elf, ramdisk, BOOTARGS)
    report = hop.run(way, image, purgatory=purgatory, smp=2)
    check_bytes(report, kernel, ramdisk)
    check_x86_32(report)
    assert report.verified == (purgatory != "off")


XLOADFLAGS, XLF_5LEVEL = 0x236, 0x20


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("purgatory", ["off", "digest"])
@pytest.mark.parametrize("way", X86_ROWS, ids=str)
def test_4_levels_only(way, purgatory, kernel, ramdisk, tmp_path):
    """A kernel that does not know 5-level paging is entered with 4 levels."""
    data = bytearray(kernel.read_bytes())
    data[XLOADFLAGS] &= ~XLF_5LEVEL
    narrow = tmp_path / "narrow.bin"
    narrow.write_bytes(data)
    image = hop.image(way, tmp_path / "payload.itb", narrow, ramdisk, BOOTARGS)
    report = hop.run(way, image, purgatory=purgatory)
    check_bytes(report, kernel, ramdisk)
    assert report.verified == (purgatory != "off")
    assert report.number("CR4") == 0x20 and report.number("EFER") == 0x500
    assert report.number("CS") == 0x10 and report.number("SS") == 0x18


@pytest.mark.only("x86_64")
def test_cpu_left_running(row, image):
    """Negative control: a CPU that libkx is not told of still runs behind the jump, and is seen."""
    report = hop.run(row, image, "kx.cpus=park", smp=2)
    assert report.arrived and report.values["HEARTBEAT"] == "moving"


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("way", X86_ROWS[::2], ids=str)
def test_above_4_gib(way, build, image, kernel, ramdisk, tmp_path):
    """With the control page up there long mode is left for nobody, and refused by name."""
    check_bytes(hop.run(way, image, purgatory="regions", memory="5G"), kernel, ramdisk)
    elf = hop.image(way, tmp_path / "elf.itb", build("kx-payload.elf"), ramdisk)
    report = hop.run(way, elf, memory="5G")
    assert report.refusals == ["enter-range"] and not report.result.timed_out
