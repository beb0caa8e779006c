# SPDX-License-Identifier: BSD-2-Clause
"""Landing pads: libkx is called by pointer by hosts that have aarch64's BTI in force, x86_64's IBT or riscv64's
Zicfilp, and goes to places in them itself.

Called by: pytest. On aarch64 the tests' host has guarded pages wherever the CPU knows them, which is on each row with
`max`: that all ways in and back arrive there is shown by test_return.py, test_payload.py and test_crash.py.
"""
import re
import subprocess

import pytest

import hop
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


@pytest.mark.only("aarch64")
def test_every_door_has_a_pad(arch, build):
    """Whatever a host may call by pointer, or go to."""
    library = beginnings(arch, build("libkx.a"))
    functions = public(arch, build("libkx.a"))
    assert len(functions) > 40 and "kx_crash_enter" in functions
    assert {name for name in functions if library[name] != PAD[arch]} == set()
    assert beginnings(arch, build("kx-trampoline.elf"))["kx_enter_"] == PAD[arch]
    assert beginnings(arch, build(f"arch/{arch}/park.o"))["kx_park_code_"] == "bti jc"


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
