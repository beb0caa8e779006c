# SPDX-License-Identifier: BSD-2-Clause
"""The way of a hop, tried before it is gone: kx_dry_run().

Called by: pytest. That it finds every way clear, and leaves no trace, is looked at on the way of other
tests: test_return.py's test_comes_back and test_payload.py's test_arrives.
"""
import re

import pytest

import hop
from sequence import Code
import test_kick
from test_return import check_same

# What there is to read at HOST_NOWHERE, and where no memory is
CAUSE = {"riscv64": "load-access", "aarch64": "data-abort", "x86_64": "general-protection"}
NOWHERE = 0x7000000000000
CLEAR = "kx-host: dry run: the way is clear\n"


def found(report):
    """What the first dry run has found: error, stage, cause, address, word of the list."""
    match = re.search(r"^kx-host: dry run: ([a-z-]+): .*; (\w+), ([a-z-]+): .*, (?:address|word) (0x\w+), "
                      r"entry (\d+)$", report.result.console, re.M)
    assert match, report.result.console[-2000:]
    return match[1], match[2], match[3], int(match[4], 16), int(match[5])


def check_goes_on(report):
    """Nothing is lost: not the host, and not the record, in which the next hop begins; that one arrives."""
    console = report.result.console
    assert console.count("kx-host: jump through") == 1 and report.arrived, console[-2000:]
    assert "kx-host: last hop: none, no fault\n" in console
    assert console.count(CLEAR) == 1 and console.index(CLEAR) > console.index("last hop")


def test_times(arch, row, image):
    """Each stage of the way has been there, and its time is told."""
    report = hop.run(row, image, "kx.dry=on", smp=2, purgatory="regions")
    assert report.arrived and CLEAR in report.result.console
    times = re.findall(r"^kx-host: dry run: (\w+) \d+ us$", report.result.console, re.M)
    assert times == ["enter", "copy", "jump"]


def test_destination_nowhere(arch, row, image):
    """A word of the list changed behind its proof: named, with its place, and it costs nothing."""
    report = hop.run(row, image, "kx.dry=same kx.corrupt=dest")
    assert found(report) == ("dry-fault", "copy", CAUSE[arch], NOWHERE, 3)
    check_goes_on(report)
    check_same(report, "dry run", 2)


def test_word_without_meaning(arch, row, image):
    report = hop.run(row, image, "kx.dry=same kx.corrupt=list")
    assert found(report) == ("dry-fault", "copy", "list-flag", 0x40, 2)
    check_goes_on(report)
    check_same(report, "dry run", 2)


@pytest.mark.only("riscv64", "aarch64")     # on x86_64 it reads as all ones: see kx/kx.h
def test_memory_that_is_not_there(arch, row, image):
    """The firmware announces more of it than there is: no proof can know that, and tables map it."""
    report = hop.run(row, image, "kx.dry=on kx.corrupt=hole")
    hole = int(re.search(r"^kx-host: kernel: \d+ bytes to (0x\w+)", report.result.console, re.M)[1], 16)
    error, stage, cause, at, _ = found(report)
    assert (error, stage, cause) == ("dry-fault", "copy", CAUSE[arch])
    assert 0 <= at - hole < 64 << 20 and at % 4096 == 0
    check_goes_on(report)


def test_without_looking(row, image):
    """Negative control: with the list left out the way seems clear, and the hop dies of it."""
    report = hop.run(row, image, "kx.dry=blind kx.corrupt=dest")
    console = report.result.console
    assert CLEAR in console and "kx-host: jump through" in console
    assert re.search(rf"^kx: fault: trampoline copy .* at=0x{NOWHERE:016x} ", console, re.M)
    assert not report.arrived


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("way", [row for row in hop.ROWS if row.arch == "x86_64"], ids=str)
@pytest.mark.parametrize("kernel", ["pvh", "narrow"])
def test_other_entries(arch, way, kernel, build, tmp_path):
    """Entered in 32-bit mode, or with 4-level paging wherever it comes from: there and back."""
    path = build("kx-payload.elf")
    if kernel == "narrow":
        data = bytearray(build("kx-payload.bin").read_bytes())
        data[0x236] &= ~0x20    # XLF_5LEVEL
        path = tmp_path / "narrow.bin"
        path.write_bytes(data)
    report = hop.run(way, hop.image(way, tmp_path / "payload.itb", path), "kx.dry=same")
    assert report.arrived and CLEAR in report.result.console
    check_same(report, "dry run", 1)


@pytest.mark.only("riscv64", "aarch64")     # where what is kicked is a console
def test_kicks(arch, row, image):
    """The watchdog is kicked as often as in the hop."""
    report = hop.run(row, image, f"kx.dry=on kx.kick={test_kick.KICK[arch]:#x}")
    dry, real = (line.count(".") for line in re.findall(r"^(\.+).*$", report.result.console, re.M))
    assert report.arrived and dry == real >= 8


# What puts vectors in force in the page of a dry run, and an instruction that does nothing, again and again
GUARD = {"riscv64": r"csrw stvec,", "aarch64": r"msr vbar_el\d, ", "x86_64": r"lidt "}
NOTHING = {"riscv64": bytes.fromhex("13000000"), "aarch64": bytes.fromhex("1f2003d5"), "x86_64": b"\x90"}


def patched_host(arch, build, path, change):
    """A host in which the page of a dry run is another; change(code, page) changes the bytes of the page."""
    page = build(f"kx-probe-{arch}.bin").read_bytes()
    data, new = build(hop.HOST[arch]).read_bytes(), bytearray(page)
    assert data.count(page[0x100:]) == 1
    change(Code(arch, build("kx-probe.elf")), new)
    path.write_bytes(data.replace(page[0x100:], new[0x100:]))
    return path


def test_no_vectors(arch, row, image, build, tmp_path, monkeypatch):
    """Vectors that nobody has put in force are not tried: that is an error, and the host lives."""
    def deafen(code, page):
        found = [at for at in code.order if re.match(GUARD[arch], code.text[at])]
        for at in found:
            size = code.next[at] - at
            page[at:at + size] = NOTHING[arch] * (size // len(NOTHING[arch]))
        assert len(found) >= 2
    patched = patched_host(arch, build, tmp_path / "host", deafen)
    monkeypatch.setattr(hop, "host", lambda arch: patched)
    report = hop.run(row, image, "kx.dry=same")
    console = report.result.console
    assert "kx-host: dry run: dry-vectors: " in console and report.result.status is not None, console[-2000:]
    check_same(report, "dry run", 2)    # and again, for the undamaged image


# A load through dest, and the store that it would be
LOAD = {"riscv64": ("83b20900", "23b05900"), "aarch64": ("a00240f9", "a00200f9"), "x86_64": ("488b07", "488907")}


def test_store_is_seen(arch, row, image, build, tmp_path, monkeypatch):
    """Negative control: a dry run that writes where it should read, in each page."""
    load, store = (bytes.fromhex(code) for code in LOAD[arch])

    def write(code, page):
        at = code.symbols["kx_walk_"]
        found = page.count(load, at)
        page[at:] = page[at:].replace(load, store)
        assert found >= 2
    patched = patched_host(arch, build, tmp_path / "host", write)
    monkeypatch.setattr(hop, "host", lambda arch: patched)
    base = hop.RAM[arch] + (64 << 20)   # not where the host runs
    report = hop.run(row, image, f"kx.dry=same kx.base={base:#x}")
    assert CLEAR in report.result.console
    assert "kx-host: dry run: memory differs\n" in report.result.console
