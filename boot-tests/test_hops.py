# SPDX-License-Identifier: BSD-2-Clause
"""Hop after hop: the payload is the host itself, which hands on to the next.

Called by: pytest. HOPS=500 in the environment asks for more (`make check HOPS=500`); every machine does
25 of them at most: each host reserves a page for its status record, which those behind it leave alone, and
each image holds all that is still to come.
"""
import os
import re

import pytest

import hop

HOPS = int(os.environ.get("HOPS") or "20")
CHAIN = 25  # of one machine
PURGATORY = ["regions", "digest"]
MIB = 2**20


@pytest.fixture
def ways(arch):
    """The rows that one machine can take in turn, however the machine was started."""
    usual = hop.usual(arch)
    return [row for row in hop.ROWS if row.arch == arch and row.machine == usual.machine]


@pytest.fixture
def chain(arch, ways, build, kernel, ramdisk, tmp_path):
    """chain(3, more={1: "kx.corrupt=byte"}): a report after so many hops, some of the hosts with other options.
    first: the number of the last, as others may have gone before.

    Each host has another way in, another order of its pieces and another place for the next one: twice where
    nothing is yet, and once lowest, where the pieces themselves lie.
    """
    places = [f"kx.base={hop.RAM[arch] + at * MIB:#x}" for at in (64, 128)] + [""]

    def run(hops, first=0, more=None):
        image = hop.image(ways[0], tmp_path / "0.itb", kernel, ramdisk, "last hop")
        for n in range(1, hops):
            words = (f"{ways[(first + n) % len(ways)].options} {places[n % 3]} kx.seed={first + n} "
                     f"kx.purgatory={PURGATORY[n % 2]} {(more or {}).get(n, '')}")
            next_image = hop.image(ways[0], tmp_path / f"{n}.itb", build("kx-host.bin"), image, words)
            image.unlink()
            image = next_image
        return hop.run(ways[0], image, purgatory="regions", smp=2, timeout=120 + 30 * hops)
    return run


def overlaps(console):
    """For each hop: does its kernel go to where pieces lie?"""
    for to, size, first, end in re.findall(r"kernel: \d+ bytes to (0x\w+), (\d+) of memory(?:.*\n)*?.*pieces from "
                                           r"(0x\w+) to (0x\w+)", console):
        to, first, end = int(to, 16), int(first, 16), int(end, 16)
        yield to < end and first < to + int(size)


def check(report, hops, ramdisk):
    """Returns in how many hops pieces lay where the kernel went."""
    console = report.result.console
    assert report.arrived, console[-2000:]
    assert console.count("kx-host: jump") == console.count("every hash holds") == hops
    assert console.count("kx-purgatory: the image is intact") == hops
    assert report.values["SHA256_INITRD"] == hop.sha256(ramdisk)
    assert report.values["BOOTARGS"] == "last hop"
    bases = re.findall(r"kx-host: kernel: \d+ bytes to (0x\w+)", console)
    assert len(set(bases)) >= min(hops, 3) and all(a != b for a, b in zip(bases, bases[1:]))
    shapes = list(overlaps(console))
    assert len(shapes) == hops
    return sum(shapes)


def test_chain(arch, chain, ramdisk):
    """Purgatory finds the image of each hop in place, and the next host what it brings along."""
    over = 0
    for first in range(0, HOPS, CHAIN):
        hops = min(CHAIN, HOPS - first)
        over += check(chain(hops, first), hops, ramdisk)
    assert HOPS < 4 or 0 < over < HOPS
    print(f"hops: {arch}: {HOPS}, every digest right; in {over} of them over the pieces themselves")


def test_chain_damaged(chain):
    """Negative control: a byte that flips on the way ends it at that hop."""
    report = chain(4, more={2: "kx.corrupt=byte"})
    assert not report.arrived and "kx: purgatory: digest: " in report.result.console
    assert report.result.console.count("kx-purgatory: the image is intact") == 2
