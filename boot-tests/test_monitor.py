# SPDX-License-Identifier: BSD-2-Clause
"""riscv64 as a guest: the host in VS-mode under a hypervisor with two-stage translation.

Called by: pytest. Leaving an address space by a fault that is expected (satp = 0 first, stvec where
the fetch would go on) works on bare metal and kills guests; libkx must cause no trap at all. But for
vectors: whether a guest may use them it can only try.
"""
import re

import pytest

import hop

pytestmark = pytest.mark.only("riscv64")

WAYS = [row for row in hop.ROWS if row.arch == "riscv64"]


def run(build, monkeypatch, way, image, append=""):
    monkeypatch.setattr(hop, "host", lambda arch: build("kx-monitor.bin"))
    return hop.run(way, image, f"{append} kx.quiesce=none".strip())  # no devices in there


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_no_trap(way, image, build, monkeypatch):
    report = run(build, monkeypatch, way, image)
    assert report.arrived and report.values["MONITOR"] == "vs-mode", report.result.console[-800:]
    assert report.values["MONITOR_TRAPS"] == "0" and int(report.values["MONITOR_CALLS"]) > 1000
    # QEMU's harts let sstatus.VS be set even without V, so there they are tried too.
    assert report.values["MONITOR_DENIED"] == "1"


def test_trap_is_seen(image, build, monkeypatch):
    """Negative control: a store to nowhere reaches the hypervisor, not the trampoline."""
    report = run(build, monkeypatch, WAYS[0], image, "kx.corrupt=dest")
    assert re.search(r"^monitor: trap: cause=23 ", report.result.console, re.M)
    assert report.values["MONITOR_TRAPS"] == "1" and not report.arrived
