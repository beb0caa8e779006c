# SPDX-License-Identifier: BSD-2-Clause
"""Host, trampoline, purgatory, payload: damage that comes after the digests were computed is found
before the payload runs, the part that it is in is named, and the policy is obeyed.

Called by: pytest. That what is whole arrives by way of purgatory too is test_payload.py's.
"""
import re

import pytest

import hop
import purgatory

# aarch64: the firmware is called in another way from EL2, and translation is switched in another.
WAYS = [row for row in hop.ROWS if row is hop.usual(row.arch)] + \
    [row for row in hop.ROWS if row.name in ("el2-4k", "e2h-4k")]
PARTS = ["kernel", "ramdisk", "boot information"]


@pytest.fixture
def ramdisk(noise):
    return noise(200_001)


@pytest.fixture
def image(arch, kernel, ramdisk, tmp_path):
    """A payload and, to fall back to, the same by another name."""
    other = tmp_path / "fallback"
    other.write_bytes(kernel.read_bytes().replace(b"PAYLOAD=%s", b"RESCUED=%s"))
    return hop.image(hop.usual(arch), tmp_path / "payload.itb", kernel, ramdisk, fallback=other)


def part_of(report, name):
    """Where the host has put a part, how many bytes it is, and how much memory."""
    found = re.search(rf"^kx-host: {name}: (\d+) bytes to (0x\w+), (\d+) of memory$",
                      report.result.console, re.M)
    return found[2], int(found[1]), int(found[3])


def damaged(report):
    """What purgatory says is damaged: [(number, size, address)]."""
    return re.findall(r"^kx-purgatory: region (\d+), (\d+) bytes at (0x\w+)$", report.result.console,
                      re.M)


def digests(report):
    return [re.search(rf"^kx-purgatory: {word} +(\w{{64}})$", report.result.console, re.M)[1]
            for word in ("expected", "actual")]


def check_policy(policy, report):
    """Purgatory's last words, and what came of them."""
    last = report.result.console.rstrip().splitlines()[-1]
    if policy == "fallback":
        assert "RESCUED" in report.values and last == "PAYLOAD-DONE"
        assert re.search(r"^kx-purgatory: fallback at 0x\w+$", report.result.console, re.M)
        return
    assert "RESCUED" not in report.values
    assert last == {"halt": "kx-purgatory: halted", "reset": "kx-purgatory: reset"}[policy]
    # With -no-reboot QEMU ends when the machine is reset; a halted one is ended by us.
    assert report.result.status == (0 if policy == "reset" else None)


@pytest.mark.parametrize("part, policy", [(0, "halt"), (1, "reset"), (2, "fallback")])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_damage(arch, way, part, policy, image, kernel, ramdisk):
    """A byte in each part, and each policy."""
    report = hop.run(way, image, f"kx.corrupt=byte{part} kx.policy={policy}", purgatory="regions")
    where, size, memsz = part_of(report, PARTS[part])
    assert re.search(rf"^kx-host: damage: a byte of the part at {where}$", report.result.console, re.M)
    assert damaged(report) == [(str(part), str(memsz), where)], report.result.console[-2000:]
    assert "purgatory" in report.refusals and "PAYLOAD" not in report.values
    expected, actual = digests(report)
    assert expected != actual
    whole = {"kernel": lambda: hop.loaded(arch, kernel), "ramdisk": ramdisk.read_bytes}.get(PARTS[part])
    if whole:
        assert len(whole()) == size
        digest_of = purgatory.halves if arch == "x86_64" else purgatory.sha256
        assert expected == digest_of(whole().ljust(memsz, b"\0")).hex()
    check_policy(policy, report)


def test_one_digest(arch, image):
    """With one digest over all it cannot say where the damage is, so it says what there is."""
    report = hop.run(hop.usual(arch), image, "kx.corrupt=byte1", purgatory="digest")
    assert [int(number) for number, _, _ in damaged(report)] == [0, 1, 2]
    assert "PAYLOAD" not in report.values
    check_policy("halt", report)


def test_damage_unverified(arch, image, ramdisk):
    """Negative control: without purgatory the same damage reaches the payload, and nobody says so."""
    report = hop.run(hop.usual(arch), image, "kx.corrupt=byte1", purgatory="off")
    assert report.arrived and not report.refusals and not report.verified
    assert report.values["SHA256_INITRD"] != hop.sha256(ramdisk)


@pytest.mark.parametrize("policy", ["halt", "fallback"])
def test_whole(arch, image, policy):
    """Its other control: nothing is damaged, and no policy is asked."""
    report = hop.run(hop.usual(arch), image, f"kx.policy={policy}", purgatory="regions")
    assert report.arrived and report.verified and "RESCUED" not in report.values


@pytest.mark.only("x86_64")
def test_32_bits(arch, build, ramdisk, tmp_path):
    """Out of 64-bit mode, into either image; with a fallback of another kind than the kernel."""
    row, elf = hop.usual(arch), build("kx-payload.elf")
    image = hop.image(row, tmp_path / "elf.itb", elf, ramdisk, fallback=build("kx-payload.bin"))
    report = hop.run(row, image, "kx.corrupt=byte0 kx.policy=fallback", purgatory="regions")
    assert report.arrived and not report.verified and report.values["MODE"] == "0x40"
    image = hop.image(row, tmp_path / "bin.itb", build("kx-payload.bin"), ramdisk, fallback=elf)
    report = hop.run(row, image, "kx.corrupt=byte0 kx.policy=fallback kx.base=0x4000000",
                     purgatory="regions")
    assert report.arrived and not report.verified and report.values["MODE"] == "0x20"


def test_refused(arch, kernel, tmp_path):
    """A policy that cannot be obeyed is refused while there is a way back."""
    image = hop.image(hop.usual(arch), tmp_path / "alone.itb", kernel)
    report = hop.run(hop.usual(arch), image, "kx.policy=fallback", purgatory="regions")
    assert report.refusals == ["fit-missing"] and not report.arrived and not report.result.timed_out
