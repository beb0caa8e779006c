# SPDX-License-Identifier: BSD-2-Clause
"""Hop after hop: the payload is the host itself, which hands on to the next.

Called by: pytest. HOPS=100 in the environment makes the chain longer (`make check HOPS=100`).
"""
import hashlib
import os
import random
import re

import pytest

import hop

HOPS = int(os.environ.get("HOPS") or "10")
PURGATORY = ["off", "regions", "off", "digest"]


@pytest.fixture
def ways(arch):
    """The rows that one machine can take in turn, however the machine was started."""
    usual = hop.usual(arch)
    return [row for row in hop.ROWS if row.arch == arch and row.machine == usual.machine]


def test_chain(arch, ways, build, tmp_path):
    """Each hop has another address, another order and, where there is a choice, another mode; every
    other one goes by purgatory."""
    ramdisk = tmp_path / "ramdisk"
    ramdisk.write_bytes(random.Random(11).randbytes(300_001))
    row = ways[0]
    image = hop.image(row, tmp_path / "last.itb", build("kx-payload.bin"), ramdisk, "last hop")
    for n in range(HOPS - 1, 0, -1):
        way = ways[n % len(ways)]
        base = hop.RAM[arch] + (64 if n % 2 else 128) * 2**20
        words = f"{way.options} kx.seed={n} kx.base={base:#x} kx.purgatory={PURGATORY[n % 4]}"
        image = hop.image(row, tmp_path / f"{n}.itb", build("kx-host.bin"), image, words)
    report = hop.run(row, image, smp=2, timeout=60 + 5 * HOPS)
    assert report.arrived, report.result.console[-2000:]
    assert report.result.console.count("kx-host: jump") == HOPS
    assert report.result.console.count("kx-purgatory: the image is intact") == HOPS // 2
    assert report.values["SHA256_INITRD"] == hashlib.sha256(ramdisk.read_bytes()).hexdigest()
    assert report.values["BOOTARGS"] == "last hop"
    bases = re.findall(r"kx-host: kernel: \d+ bytes to (0x\w+)", report.result.console)
    assert len(set(bases)) > 1 and all(a != b for a, b in zip(bases, bases[1:]))
