# SPDX-License-Identifier: BSD-2-Clause
"""Nothing else writes: devices that do DMA across the jump, with and without kx_quiesce().

Called by: pytest. A device behind an IOMMU (or none) writes for ever, another one 100 ms late; the
payload watches three pages for 400 ms: the one that the IOMMU maps (victim), the one with the address
that the devices use (identity), and the IOMMU's own queue. What libkx does must leave all three clean;
each control leaves a step out and must be seen to damage the page that it is known to damage.
"""
from dataclasses import dataclass
from pathlib import Path
import random
import re
import subprocess

import pytest

from conftest import missing
import fetch
import hop

PAYLOAD = "kx-payload.bin"
# The machine's time is counted in instructions, so that the late transfer is late on a busy host too.
DEVICES = ["-icount", "shift=3", "-device", "pci-ohci", "-device", "edu,dma_mask=0xffffffffffffffff"]


@dataclass(frozen=True)
class Machine:
    """A machine with devices that write."""
    arch: str
    name: str
    extra: tuple = ()
    options: tuple = ()         # of QEMU's -M
    qemu10: bool = False
    host: str = ""              # options for the host
    iommu: bool = True

    def __str__(self):
        return f"{self.arch}-{self.name}"


MACHINES = [
    Machine("riscv64", "pci", iommu=False),
    Machine("aarch64", "pci", options=("highmem=off",), iommu=False),
    Machine("aarch64", "smmuv3", options=("highmem=off", "iommu=smmuv3", "gic-version=3"),
            qemu10=True),
    Machine("riscv64", "iommu-sys", options=("iommu-sys=on",), qemu10=True),
    Machine("riscv64", "iommu-pci", extra=("-device", "riscv-iommu-pci,addr=8"), qemu10=True),
]

CLEAN = {"victim": "clean", "identity": "clean", "queue": "clean"}


@dataclass(frozen=True)
class Case:
    """What the host does, and which pages must come out dirty."""
    quiesce: str
    dirty: tuple = ()
    dma: str = "on"
    only: str = ""              # "iommu", "pci": where it makes sense

    def __str__(self):
        return f"{self.dma}-{self.quiesce}"


CASES = [
    Case("full"),
    Case("bme"),
    Case("none", ("victim",), only="iommu"),
    Case("none", ("identity",), only="pci"),
    Case("bypass", ("identity",), only="iommu"),
    Case("abort", only="iommu"),
    Case("rebme", ("identity",), only="pci"),
    Case("full", dma="fault", only="iommu"),
    Case("none", ("queue",), dma="fault", only="iommu"),
]


def fits(machine, case):
    return not case.only or (case.only == "iommu") == machine.iommu


def run(machine, tmp_path, build, append, **kwargs):
    """One hop of the payload on that machine."""
    ramdisk = tmp_path / "ramdisk"
    ramdisk.write_bytes(random.Random(5).randbytes(30_000))
    row = hop.usual(machine.arch)
    image = hop.image(row, tmp_path / "payload.itb", build(PAYLOAD), ramdisk)
    prefix = None
    if machine.qemu10:
        try:
            prefix = fetch.qemu10()
        except fetch.FetchError as e:
            missing(f"no QEMU 10: {e}")
    return hop.run(row, image, f"{machine.host} {append}".strip(), timeout=20, prefix=prefix,
                   options=machine.options, extra=[*DEVICES, *machine.extra], **kwargs)


def watched(report):
    return {name: value.split()[0] for name, value in
            re.findall(r"^WATCH_(victim|identity|queue)=(.*)$", report.result.console, re.M)}


@pytest.mark.parametrize("machine, case", [(m, c) for m in MACHINES for c in CASES if fits(m, c)],
                         ids=str)
def test_dma(arch, machine, case, build, tmp_path):
    if machine.arch != arch:
        pytest.skip("another architecture's")
    report = run(machine, tmp_path, build, f"kx.dma={case.dma} kx.quiesce={case.quiesce}")
    assert report.arrived, report.result.console[-2500:]
    assert watched(report) == {**CLEAN, **{page: "dirty" for page in case.dirty}}, \
        report.result.console[-2500:]
    if not case.dirty:
        assert "WATCH_tail=moved" not in report.result.console


def test_units(arch, need):
    """lib/quiesce/ on a window of registers: every test of every program passes."""
    need("make", "gcc")
    done = subprocess.run(["make", f"ARCH={arch}", "LLVM=", "units-quiesce"], text=True,
                          cwd=Path(__file__).parent.parent, capture_output=True, timeout=300)
    assert done.returncode == 0 and "PASSED" in done.stdout + done.stderr, done.stdout + done.stderr


STAGES = ["preflight", "cpus", "callbacks", "pci", "iommu-block", "iommu-drain", "iommu-queues",
          "iommu-off", "pci-iommu", "iommu-final", "writers", "verify"]


@pytest.mark.parametrize("machine", [m for m in MACHINES if m.iommu and m.arch == "riscv64"], ids=str)
def test_order(arch, machine, build, tmp_path):
    """Every stage is logged, in order, before the jump."""
    if machine.arch != arch:
        pytest.skip("another architecture's")
    report = run(machine, tmp_path, build, "kx.dma=on", smp=2)
    console = report.result.console
    stages = re.findall(r"^kx-host: quiesce: ([a-z-]+)", console, re.M)
    assert list(dict.fromkeys(stages)) == STAGES
    assert console.index("others have stopped") < console.index("kx-host: quiesce: pci")
    assert console.index("kx-host: quiet") < console.index("kx-host: jump")
