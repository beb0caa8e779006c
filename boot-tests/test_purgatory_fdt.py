# SPDX-License-Identifier: BSD-2-Clause
"""aarch64, riscv64: purgatory.ro in QEMU, its symbols set as kexec's loaders do that: what it makes of
them and of the machine's own device tree.

Called by: pytest. purgatory/<arch>.S stands before and behind it. x86_64: see test_purgatory_ways.py.
"""
import hashlib
import random
import re
import struct

import pytest

import purgatory
import qemu
from test_purgatory_ro import Loaded

pytestmark = pytest.mark.only("aarch64", "riscv64")

DATA = {"riscv64": 0x84000000, "aarch64": 0x52000000}
UART, FDT = 0x9000000, 0x40000000   # aarch64: QEMU puts the tree where RAM begins
ENTRY = {"riscv64": "riscv_kernel_entry", "aarch64": "arm64_kernel_entry"}
INTACT = r"^kx-purgatory: the image is intact, seen in \d+ {}$"
LANDED = r"^KX-LANDED 000000$"      # hart 0 or the tree, whose low byte is 0; zeros; state as it was


@pytest.fixture
def run(arch, build, need, tmp_path):
    """run({symbol: number}): what QEMU saw. damage: flip a bit of the image."""
    need(f"qemu-system-{arch}", purgatory.GCC[arch])
    stub = purgatory.Stub(arch, tmp_path)
    entry, image = stub.landing()
    data = random.Random(arch).randbytes(70001)

    def go(symbols=(), damage=False, trace=()):
        ro = Loaded(build("purgatory.ro"), arch, purgatory.BLOB[arch])
        ro.set("sha256_regions", struct.pack("<QQQQQQ", entry, len(image), 0, 0, DATA[arch],
                                             len(data)).ljust(256, b"\0"))
        ro.set("sha256_digest", hashlib.sha256(image + data).digest())
        ro.set(ENTRY[arch], struct.pack("<Q", entry))
        for name, value in dict(symbols).items():
            ro.set(name, struct.pack("<Q", value) if ro.symbol(name)["st_size"] == 8 else
                   struct.pack("<I", value))
        extra = [word for event in trace for word in ("-trace", event)]
        last = bytes([data[-1] ^ damage])
        for i, (at, what) in enumerate([(ro.base, ro.memory), (DATA[arch], data[:-1] + last)]):
            (tmp_path / f"part{i}").write_bytes(what)
            extra += ["-device", f"loader,file={tmp_path}/part{i},addr={at:#x},force-raw=on"]
        result = qemu.run(qemu.Machine(arch, extra=extra), stub.path, timeout=120,
                          until="^kx-purgatory: halted")
        assert not result.timed_out, result.console
        return result
    return go


def assert_landed(result, unit="ms"):
    assert re.search(INTACT.format(unit), result.console, re.M), result.console
    assert re.search(LANDED, result.console, re.M), result.console


@pytest.mark.only("riscv64")
def test_riscv64(run):
    """By SBI it prints, and the tree has the timer's rate: times are in milliseconds."""
    assert_landed(run())
    assert "checks skipped" in run({"skip_checks": 1}, damage=True).console
    stopped = run(damage=True).console
    assert "kx: purgatory: digest: " in stopped and "KX-LANDED" not in stopped


@pytest.mark.only("aarch64")
def test_damage(run):
    stopped = run({"arm64_sink": UART, "arm64_dtb_addr": FDT}, damage=True).console
    assert "kx: purgatory: digest: " in stopped and "KX-LANDED" not in stopped


@pytest.mark.only("aarch64")
def test_no_sink(run):
    """Not asked to print, purgatory does not."""
    result = run({"arm64_dtb_addr": FDT})
    assert re.fullmatch(rf"\s*{LANDED[1:-1]}\s*", result.console), result.console


DR, FR = 0x00, 0x18     # data; flags, whether it is ready among them


def pl011(result):
    """The registers that were read and written, in order, until the image was entered."""
    found = [(how, int(at, 16), int(value, 16)) for how, at, value in
             re.findall(r"pl011_(read|write) addr 0x(\w+) value 0x(\w+)", result.stderr)]
    written = [i for i, (how, at, _) in enumerate(found) if (how, at) == ("write", DR)]
    text = "".join(chr(found[i][2] & 0xff) for i in written)
    return [(how, at) for how, at, _ in found[:written[text.index("KX-LANDED")]]]


TRACE = ["pl011_read", "pl011_write"]


@pytest.mark.only("aarch64")
def test_sink_is_polled(run):
    """The tree says that it is a PL011: it is asked whether it is ready before each byte."""
    result = run({"arm64_sink": UART, "arm64_dtb_addr": FDT}, trace=TRACE)
    assert_landed(result)
    seen = pl011(result)
    assert len(seen) > 200 and set(seen) == {("read", FR), ("write", DR)}
    assert all(before == ("read", FR) for before, now in zip([None, *seen], seen)
               if now == ("write", DR))


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("fdt", [0, FDT + 0x1000], ids=["none", "not-one"])
def test_sink_unknown(run, fdt):
    """Without a tree nothing is known of it: bytes are written to it, and nothing is read."""
    result = run({"arm64_sink": UART, "arm64_dtb_addr": fdt}, trace=TRACE)
    assert re.search(INTACT.format("ms"), result.console, re.M), result.console
    assert set(pl011(result)) == {("write", DR)}
