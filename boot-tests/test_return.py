# SPDX-License-Identifier: BSD-2-Clause
"""The new image comes back: every page and every register of the host is as it was, and it goes on to
boot another.

Called by: pytest.
"""
import re

import pytest

import hop

VALUE, DETAIL = 0x123456789abcdef0, 0xfedcba9876543210  # boot-tests/bare/bare.h
ERR_DIGEST = 139
# What differs, and why
REASONS = {
    "sip": "stimecmp is below the time before and after, but QEMU looks only when it is written",
    "PMCCNTR_EL0": "it counts",
    "TR": "the host has no task state, and the register cannot be emptied again",
}


def returned(report):
    """What kx_enter() returned, and the two registers of the new image."""
    words = re.search(r"^kx-host: back: kx_enter returned (0x\w+), value (0x\w+), detail (0x\w+)$",
                      report.result.console, re.M)
    assert words, report.result.console[-2000:]
    return tuple(int(word, 16) for word in words.groups())


def changed(report, name="back"):
    """The names of registers that are not as before."""
    return set(re.findall(rf"^kx-host: {name}: (\w+) was 0x\w+, is 0x\w+$", report.result.console, re.M))


def check_same(report, name, times):
    """So many times all was found to be as before."""
    console = report.result.console
    assert console.count(f"kx-host: {name}: memory is as before\n") == times, console[-2000:]
    assert len(re.findall(rf"^kx-host: {name}: registers: \d+ differ$", console, re.M)) == times
    assert changed(report, name) <= set(REASONS)


def check_alive(report, ramdisk):
    """The host is as it was, and then booted a good image."""
    console = report.result.console
    check_same(report, "back", 1)
    assert re.search(r"^kx-host: last hop: return, (no fault|digest: .*)$", console, re.M)
    assert report.arrived, console[-2000:]
    assert report.values["SHA256_INITRD"] == hop.sha256(ramdisk)


@pytest.mark.parametrize("way", hop.ROWS, ids=str)
def test_comes_back(way, kernel, ramdisk, tmp_path):
    """Straight from the trampoline. The payload leaves every register as no caller would find it. Before it
    and before the hop that stays is a dry run, which leaves no trace either."""
    image = hop.image(way, tmp_path / "payload.itb", kernel, ramdisk)
    report = hop.run(way, image, "kx.return=on kx.dry=same")
    assert report.result.console.count("PAYLOAD-RETURNS") == 1
    assert report.result.console.count("kx-host: dry run: the way is clear\n") == 2
    check_same(report, "dry run", 2)
    assert returned(report) == (VALUE & 0xffffffff, VALUE, DETAIL)
    check_alive(report, ramdisk)


def test_comes_back_behind_purgatory(row, image, ramdisk):
    """Purgatory hands its own return address on."""
    report = hop.run(row, image, "kx.return=on", purgatory="regions", smp=2)
    assert report.result.console.count("PAYLOAD-RETURNS") == 1
    assert returned(report) == (VALUE & 0xffffffff, VALUE, DETAIL)
    assert report.result.console.count("kx-purgatory: the image is intact") == 2
    assert set(re.findall(r"^IDT_LIMIT=(\w+)$", report.result.console, re.M)) <= {"0x0"}    # x86_64: no gates
    check_alive(report, ramdisk)


def test_dirty_registers(row, image, ramdisk):
    """A host with a value of its own in every register that libkx resets."""
    report = hop.run(row, image, "kx.return=on kx.dirt=on")
    assert returned(report)[1] == VALUE
    check_alive(report, ramdisk)


@pytest.mark.parametrize("region", [0, 1, 2])
def test_mismatch_returns(row, image, ramdisk, region):
    """With policy `return` damage costs nothing: the host learns where it is, and boots a good image."""
    report = hop.run(row, image, f"kx.policy=return kx.corrupt=byte{region}", purgatory="regions")
    assert returned(report) == (-ERR_DIGEST & 0xffffffff, -ERR_DIGEST & 0xffffffffffffffff, region)
    assert report.result.console.count("kx-purgatory: back to the old system") == 1
    check_alive(report, ramdisk)
    assert report.verified


def test_lost_page_is_seen(row, image):
    """Negative control: a list in which a page changes places with two, made after it was proved."""
    report = hop.run(row, image, "kx.return=on kx.corrupt=pair")
    assert "kx-host: back: memory differs\n" in report.result.console, report.result.console[-2000:]


def test_lost_register_is_seen(row, image):
    """Negative control: without what libkx does about registers, the payload's are found."""
    report = hop.run(row, image, "kx.return=on kx.state=leave")
    assert returned(report)[1] == VALUE
    assert changed(report) - set(REASONS), report.result.console[-2000:]


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("way", [row for row in hop.ROWS if row.arch == "x86_64"], ids=str)
def test_mismatch_of_32_bits(way, build, ramdisk, tmp_path):
    """Purgatory comes back from 64-bit mode, whatever the image wants: PVH, or 4 levels."""
    image = hop.image(way, tmp_path / "payload.itb", build("kx-payload.elf"), ramdisk)
    report = hop.run(way, image, "kx.policy=return kx.corrupt=byte1", purgatory="regions")
    assert returned(report)[1:] == (-ERR_DIGEST & 0xffffffffffffffff, 1)
    check_alive(report, ramdisk)


@pytest.mark.only("x86_64")
def test_levels_come_back(kernel, ramdisk, tmp_path):
    """A host with five levels, a payload that wants four."""
    data = bytearray(kernel.read_bytes())
    data[0x236] &= ~0x20    # XLF_5LEVEL
    narrow = tmp_path / "narrow.bin"
    narrow.write_bytes(data)
    way = next(row for row in hop.ROWS if row.arch == "x86_64" and row.name == "la57")
    image = hop.image(way, tmp_path / "payload.itb", narrow, ramdisk)
    report = hop.run(way, image, "kx.return=on")
    assert returned(report) == (VALUE & 0xffffffff, VALUE, DETAIL)
    check_alive(report, ramdisk)
