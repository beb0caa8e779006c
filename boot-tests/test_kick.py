# SPDX-License-Identifier: BSD-2-Clause
"""The watchdog is kicked while the trampoline copies and while purgatory hashes.

Called by: pytest. What is kicked is a serial port's data register, so that each kick is a dot on the
console; x86_64 has none in memory: there it is an address where nothing is, and QEMU logs each write.
"""
import re

import pytest

import hop

KICK = {"riscv64": 0x10000000, "aarch64": 0x9000000, "x86_64": 0xd0000000}
SIZE = 3 << 20


@pytest.fixture
def hopped(arch, row, kernel, noise, tmp_path):
    """hopped(options): the report of a hop with a ramdisk, and how often it was kicked in each blob."""
    image = hop.image(row, tmp_path / "payload.itb", kernel, noise(SIZE))

    def go(options="", purgatory="regions"):
        extra = ["-d", "guest_errors", "-D", tmp_path / "log"] if arch == "x86_64" else []
        report = hop.run(row, image, options, purgatory=purgatory, extra=extra)
        assert report.arrived, report.result.console[-1000:]
        console = report.result.console
        if arch == "x86_64":
            log = (tmp_path / "log").read_text() if (tmp_path / "log").exists() else ""
            return report, len(re.findall(rf"Invalid write at addr 0x{KICK[arch]:X}, size 1", log))
        behind = console[console.index("kx-host: jump through"):console.index("PAYLOAD=")]
        return report, behind.count(".")    # none of libkx's lines has one
    return go


def words(report):
    """Of the list: each is preceded by a kick, and moves at most 512 KiB."""
    return int(re.search(r"^kx-host: list: (\d+) words", report.result.console, re.M)[1])


def test_kicks(arch, hopped):
    """Before each word, and with purgatory before each MiB of each region besides."""
    kick = f"kx.kick={KICK[arch]:#x}"
    report, copying = hopped(kick, purgatory="off")
    assert words(report) > SIZE // (512 << 10)
    assert words(report) - 2 <= copying <= words(report) + 512
    report, both = hopped(kick)
    assert both - copying >= SIZE >> 20, (copying, both)
    assert "the image is intact" in report.result.console


def test_no_kick(hopped):
    """Negative control: what is not asked for is not counted."""
    assert hopped()[1] == 0
