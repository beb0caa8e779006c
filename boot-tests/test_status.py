# SPDX-License-Identifier: BSD-2-Clause
"""The status record: what a hop leaves behind, read by whoever comes next and by kx-status.

Called by: pytest.
"""
import re
import subprocess

import pytest

import hop
import qemu

KX_STATUS = hop.BUILD / "kx-status"
RECORD = 64
CAUSE = {"riscv64": "store-access", "aarch64": "data-abort", "x86_64": "general-protection"}


@pytest.fixture
def image(row, tmp_path, kernel):
    return hop.image(row, tmp_path / "payload.itb", kernel, bootargs="kx.stay")


def kx_status(record, *options):
    """What kx-status says of these bytes: its exit status, and its lines."""
    result = subprocess.run([KX_STATUS, *options], input=record, capture_output=True, check=False)
    return result.returncode, (result.stdout + result.stderr).decode()


def leave(row, image, folder, append, end):
    """The record that a hop leaves, looked at from outside once the console shows `end`."""
    words = f"{row.options} {append}"
    with qemu.Watched(qemu.Machine(row.arch, **row.machine), folder, hop.host(row.arch),
                      initrd=image, append=words) as watched:
        watched.until(lambda: end in watched.console())
        at = int(re.search(r"^kx-host: status: the record is at (0x\w+)$", watched.console(),
                           re.M)[1], 16)
        return watched.memory(at, RECORD), watched.console()


def test_good_hop(row, image, tmp_path):
    """Each stage has a time, in their order; the payload has run, so no fault is told."""
    record, console = leave(row, image, tmp_path, "kx.purgatory=off", "PAYLOAD-DONE")
    status, text = kx_status(record)
    assert status == 0, text + console[-1000:]
    lines = text.splitlines()
    assert lines[0] == f"{row.arch}: jump: no fault"
    assert [line.split()[0] for line in lines[1:]] == ["quiesce", "enter", "copy", "all"]
    assert all(re.fullmatch(r"  \w+ +\d+\.\d{3} ms +\d+\.\d %", line) for line in lines[1:-1])
    copy = float(lines[3].split()[1])
    assert 0 < copy < 60_000


def test_fault_is_recorded(row, image, tmp_path):
    """A store to nowhere: the record says what the line on the console says."""
    record, console = leave(row, image, tmp_path, "kx.purgatory=off kx.corrupt=dest",
                            "kx-trampoline: halted")
    line = re.search(r"^kx: fault: trampoline copy cause=0x(\w+) pc=control\+0x(\w+) at=0x(\w+) "
                     r"entry=0x(\w+)$", console, re.M)
    cause, pc, at, entry = (int(number, 16) for number in line.groups())
    status, text = kx_status(record)
    assert status == 1
    assert text.startswith(f"{row.arch}: copy: {CAUSE[row.arch]}: "), text
    assert f"\n  cause {cause:#x}, at control+{pc:#x}, address {at:#x}, entry {entry}\n" in text
    assert len(re.findall(r"x\d\d=0x\w{16}\b", console)) == {"riscv64": 31, "aarch64": 31,
                                                            "x86_64": 16}[row.arch]


def test_mismatch_is_recorded(row, image, tmp_path):
    """A byte of the kernel changes on the way: the record has purgatory's verdict, and where."""
    record, console = leave(row, image, tmp_path, "kx.corrupt=byte0", "kx-purgatory: halted")
    status, text = kx_status(record)
    assert status == 1 and text.startswith(f"{row.arch}: verify: digest: "), text + console[-500:]
    pa = re.search(r"^kx-purgatory: region 0, \d+ bytes at (0x\w+)$", console, re.M)[1]
    assert f", at purgatory+0x0, address {pa}, region 0\n" in text
    assert [line.split()[0] for line in text.splitlines()[2:]] == [
        "quiesce", "enter", "copy", "jump", "all"]


def test_next_boot_knows(row, image):
    """Policy `reset`: the machine starts again, and the host tells how the last hop ended."""
    report = hop.run(row, image, "kx.corrupt=dest kx.policy=reset", reboot=True,
                     until=r"^kx-host: last hop: cause.*$")
    console = report.result.console
    assert re.search(r"^kx-trampoline: reset$.*^kx-host: last hop: copy, "
                     rf"{CAUSE[row.arch]}: .*$\n^kx-host: last hop: cause 0x\w+, pc control\+0x\w+, "
                     r"address 0x7000000000000, entry \d+$", console, re.M | re.S), console[-2000:]


def test_tool():
    """kx-status by itself: help, and what is no record, or a damaged one."""
    status, text = kx_status(b"", "--help")
    assert status == 0 and text.startswith("usage: kx-status")
    assert kx_status(b"", "--frob")[0] == 2
    for at in ("banana", "", "0x10x", "-64", "0xffff800000000000"):
        assert kx_status(b"", f"--at={at}") == (2, f"kx-status: --at={at}: not an address\n")
    assert kx_status(b"short")[0] == 2
    status, text = kx_status(bytes(RECORD))
    assert status == 2 and "status-none: " in text
    status, text = kx_status(b"KXST\x01" + bytes(RECORD - 5) + b"trailing")
    assert status == 2 and "status-damaged: " in text
