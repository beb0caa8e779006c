# SPDX-License-Identifier: BSD-2-Clause
"""The stages of a hop as they are read from memory, listed and drawn. Real hops: test_boot.py.

Called by: pytest.
"""
import os
import xml.etree.ElementTree

import pytest

from timeline import Stage, draw, lines, memory, stages, WIDTH

SVG = "{http://www.w3.org/2000/svg}"
HOP = [Stage("quiesce", 1.0), Stage("copy", 24.0), Stage("verify", 75.0)]


def test_lines():
    assert list(lines(HOP)) == ["quiesce          1.000 ms    1.0 %", "copy            24.000 ms   24.0 %",
                                "verify          75.000 ms   75.0 %", "all            100.000 ms"]
    assert list(lines([Stage("copy", 0.0)])) == ["copy             0.000 ms    0.0 %",
                                                 "all              0.000 ms"]


def test_picture():
    """Bars as long as their shares, side by side without a gap, and every stage told in words."""
    root = xml.etree.ElementTree.fromstring("".join(draw("a < b", [("here", HOP), ("there", HOP)])))
    text = [element.text for element in root.iter(f"{SVG}text")]
    assert "a < b" in text and "here" in text and "there" in text
    bars = list(root.iter(f"{SVG}rect"))[1:]
    assert len(bars) == 2 * len(HOP)
    at, wide = ([float(bar.get(key)) for bar in bars] for key in ("x", "width"))
    assert wide == pytest.approx([WIDTH * stage.ms / 100 for stage in HOP] * 2, abs=0.1)
    assert at[1] == pytest.approx(at[0] + wide[0], abs=0.1) and at[2] == pytest.approx(at[1] + wide[1], abs=0.1)
    assert len({bar.get("y") for bar in bars}) == 2
    for stage in HOP:
        assert sum(f"{stage.name} {stage.ms:.3f} ms" in (words or "") for words in text) == 2


def test_no_record(build):
    """Memory without a record, or with a damaged one, or a host that does not tell where: no stages."""
    build("kx-host.bin")
    console = "kx-host: status: the record is at 0x80001000\n"
    with memory() as ram:
        os.ftruncate(ram, 1 << 20)
        assert not stages("riscv64", ram, console)
        os.pwrite(ram, b"KXST\x01" + bytes(59), 4096)
        assert not stages("riscv64", ram, console)
        assert not stages("riscv64", ram, "")
