# SPDX-License-Identifier: BSD-2-Clause
"""Landing pads: libkx is called by pointer by hosts that have aarch64's BTI in force, x86_64's IBT or riscv64's
Zicfilp, and goes to places in them itself.

Called by: pytest. On aarch64 the tests' host has guarded pages wherever the CPU knows them, which is on each row with
`max`: that all ways in and back arrive there is shown by test_return.py, test_payload.py and test_crash.py.
"""
import re
import subprocess

import pytest

from conftest import qemu10
import hop
from sequence import ENTRY, Code, Rule, broken
from test_dry_run import patched_host

PAD = {"aarch64": "bti c", "x86_64": "endbr64"}
NOP = {"aarch64": "1f2003d5"}
# Arm "ESR_EL1", "ISS encoding for an exception from a Branch Target Identification instruction": BTYPE 1
BRANCH_TARGET = 0x36000001


def beginnings(arch, path):
    """The first instruction of each function in an object, a linked file or an archive."""
    lines = subprocess.run([f"{arch}-linux-gnu-objdump", "-d", "--no-show-raw-insn", path], check=True,
                           capture_output=True, text=True).stdout
    return {name: " ".join(text.split()) for name, text in
            re.findall(r"^[0-9a-f]+ <(\w+)>:\n *[0-9a-f]+:\t(.*)$", lines, re.M)}


def public(arch, path):
    """The names of the functions that an archive gives to others."""
    lines = subprocess.run([f"{arch}-linux-gnu-nm", "-g", "--defined-only", path], check=True, capture_output=True,
                           text=True).stdout
    return {name for name in re.findall(r" T (\w+)$", lines, re.M) if not name.endswith("_")}


@pytest.mark.only("aarch64", "x86_64")
def test_every_door_has_a_pad(arch, build):
    """Whatever a host may call by pointer, or go to."""
    library = beginnings(arch, build("libkx.a"))
    functions = public(arch, build("libkx.a"))
    assert len(functions) > 40 and "kx_crash_enter" in functions
    assert {name for name in functions if library[name] != PAD[arch]} == set()
    assert beginnings(arch, build("kx-trampoline.elf"))["kx_enter_"] == PAD[arch]
    if arch == "aarch64":
        assert beginnings(arch, build(f"arch/{arch}/park.o"))["kx_park_code_"] == "bti jc"


# ---- x86_64: no emulator has IBT; that it is off before anything that it would judge is seen in the code ----

OFF = (r"^and \$0x1020,%eax", r"^mov %rax,%cr4")      # PAE and LA57 stay
INTO = ("kx_enter_", "kx_return_", "kx_crash_enter", "kx_call_")
CET = {
    "kx-trampoline.elf kx_enter_": Rule('SDM "Indirect Branch Tracking": off before a jump that leads to no ENDBR64',
                                        ENTRY, OFF, r"^(jmp|call) \*"),
    "kx-trampoline.elf kx_return_": Rule('SDM "Shadow Stacks": off before a return that no call was made for', ENTRY,
                                         OFF, r"^(jmp|call) |^l?ret"),
    "arch/x86_64/crash.o kx_crash_enter": Rule("the same, of a far one", ENTRY, OFF, r"^call |^jmp \*|^lret"),
    "arch/x86_64/call.o kx_call_": Rule("the host's CET is on again, but judges nothing by what the image has left",
                                        r"^j(ae|nc) .* falls", (r"^mov \$0x6a2,%ecx", "^wrmsr"), r"^mov %rdi,%cr4"),
}


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("place", CET)
def test_cet_is_off_in_time(arch, place, build):
    """And each instruction that sees to it, taken out, is missed."""
    name, function = place.split()
    code = Code(arch, build(name))
    links = code.next if function == "kx_call_" else None    # the host waits behind the jump
    look = {"start": code.symbols[function], "links": links, "into": INTO}
    assert broken(code, CET[place], **look) is None
    begin = code.symbols[function]
    for step in CET[place].steps:
        at = next(at for at in code.order if at >= begin and re.match(step, code.text[at]))
        assert broken(code.without(at), CET[place], **look)


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("way", [hop.named("aarch64", "16k-vmap"), hop.named("aarch64", "e2h-64k-vmap")], ids=str)
def test_pad_of_the_way_back_is_missed(arch, way, image, build, tmp_path, monkeypatch):
    """Negative control: the page without the one that the way back lands on, where the host runs it."""
    def fill(code, page):
        at, = (at for at in code.order if code.text[at] == "bti j")
        assert code.symbols["kx_return_"] < at
        page[at:at + 4] = bytes.fromhex(NOP[arch])
    patched = patched_host(arch, build, tmp_path / "host", fill)
    monkeypatch.setattr(hop, "host", lambda arch: patched)
    report = hop.run(way, image, "kx.dry=on")
    console = report.result.console
    assert re.search(rf"^kx: fault: trampoline return cause=0x{BRANCH_TARGET:016x} ", console, re.M), console[-1000:]
    assert not report.arrived


# ---- riscv64: a guest in which Zicfilp is in force all the way, and no firmware turns it off ----

def run_guest(guest, monkeypatch, image, way, append=""):
    """Under the monitor of test_monitor.py, on a CPU that has it."""
    monkeypatch.setattr(hop, "host", lambda arch: guest)
    return hop.run(way, image, f"{append} kx.quiesce=none".strip(), cpu="rv64,zicfilp=on", prefix=qemu10(), purgatory="regions")


GUESTS = [row for row in hop.ROWS if row.name in ("sv39", "sv48-vmap", "bare")]
SOFTWARE_CHECK, LANDING_PAD = 18, 2     # Priv "Supervisor Cause Register", "Supervisor Trap Value Register"
LPAD, NOP_RISCV = bytes.fromhex("17000000"), bytes.fromhex("13000000")


@pytest.mark.only("riscv64")
@pytest.mark.parametrize("way", GUESTS, ids=str)
def test_landing_pads_stay_on(way, image, build, monkeypatch):
    """There and back, and there for good, through purgatory: without one software check."""
    report = run_guest(build("kx-monitor.bin"), monkeypatch, image, way, "kx.dry=on kx.return=on")
    console = report.result.console
    assert report.arrived and report.values["MONITOR_TRAPS"] == "0", console[-1000:]
    assert "kx-host: dry run: the way is clear\n" in console and "PAYLOAD-RETURNS" in console
    assert int(report.values["MONITOR_PADS"]) >= 3


@pytest.mark.only("riscv64")
@pytest.mark.parametrize("way", GUESTS[:1], ids=str)
def test_lost_landing_pad_is_seen(arch, way, image, build, tmp_path, monkeypatch):
    """Negative control: the page's first instruction is another."""
    guest = build("kx-monitor.bin").read_bytes()
    for name in "trampoline", "probe":
        page = build(f"kx-{name}-{arch}.bin").read_bytes()[0x100:]
        assert page.startswith(LPAD) and page in guest
        guest = guest.replace(page, NOP_RISCV + page[4:])
    (tmp_path / "guest").write_bytes(guest)
    report = run_guest(tmp_path / "guest", monkeypatch, image, way)
    assert re.search(rf"^monitor: trap: cause={SOFTWARE_CHECK} pc=0x\w+100 at=0x{LANDING_PAD:x}$", report.result.console,
                     re.M), report.result.console[-1000:]
    assert not report.arrived


@pytest.mark.only("riscv64")
def test_jumps_want_no_landing_pad(arch, build):
    """But those to what begins with one, and calls of the host's own functions: Unpriv "Landing Pad (Zicfilp)", jumps
    through ra, t0 and t2 are not looked at. What calls a function of libkx's does not do so by its address, as no
    compiler is asked for landing pads: kx_list_next() knows the only one that is taken."""
    calls = re.compile(r"\t(?:c\.jalr\t|jalr\tra,-?\d+\()(\w+)")
    gone = re.compile(r"\t(?:c\.jr\t|jalr\tzero,-?\d+\()(\w+)")
    for name in "kx-trampoline.elf", "kx-probe.elf", "kx-purgatory.elf", "purgatory-ro.elf", "libkx.a":
        code = subprocess.run([f"{arch}-linux-gnu-objdump", "-dr", "--no-show-raw-insn", "-M", "no-aliases",
                               build(name)], check=True, capture_output=True, text=True).stdout
        assert len(gone.findall(code)) > 2
        others = set(gone.findall(code)) - {"ra", "t0", "t2"}
        assert others == ({"a4"} if name == "libkx.a" else set()), name     # kx_call_, to kx_enter_
        assert name == "libkx.a" or set(calls.findall(code)) <= {"ra"}, name
    functions = subprocess.run([f"{arch}-linux-gnu-nm", build("libkx.a")], check=True, capture_output=True,
                               text=True).stdout
    functions = set(re.findall(r" [tT] (\w+)$", functions, re.M))
    taken = set(re.findall(r"R_RISCV_(?:PCREL_HI20|GOT_HI20|HI20|64)\t(\w+)", code)) & functions
    assert taken - {"kx_trampoline_page_", "kx_probe_page_", "kx_park_code_"} == {"kx_arena_at_"}
