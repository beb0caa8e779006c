# SPDX-License-Identifier: BSD-2-Clause
"""Nothing else writes: devices that do DMA across the jump, with and without kx_quiesce().

Called by: pytest. A device behind an IOMMU (or none) writes for ever, another one 100 ms late; the
payload watches three pages for 400 ms: the one that the IOMMU maps (victim), the one with the address
that the devices use (identity), and the IOMMU's own queue; and the pointers of its queues. What libkx
does must leave all of it as it is; each control leaves a step out and must be seen to damage the page
that it is known to damage.

What the models cannot show, and the unit tests on a window of registers do (boot-tests/unit/quiesce):
they acknowledge at once, drain nothing, raise no error when DMA is aborted, have no bus mastering in
bridges and no ATS in these devices. There is no SMMUv2. Where a model has less still, MACHINES says so.
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
    extra: tuple = ()           # for QEMU
    options: tuple = ()         # of its -M
    qemu10: bool = False
    iommu: bool = True
    interrupts: bool = False    # there is an interrupt controller to stop
    boots: str = "passing"      # what its IOMMU does with DMA when the machine starts
    aborts: bool = True         # whether it can be left passing nothing
    faults: str = "memory"      # where its IOMMU writes of faults
    brief: bool = False         # another QEMU with the same device: with libkx and without

    def __str__(self):
        return f"{self.arch}-{self.name}"


def pc(name, *extra, **kwargs):
    return Machine("x86_64", name, extra, interrupts=True, aborts=False, **kwargs)


VIRT = ("highmem=off", "gic-version=3")
MACHINES = [
    Machine("riscv64", "pci", iommu=False),
    Machine("riscv64", "iommu-sys", options=("iommu-sys=on",), qemu10=True, boots="blocking"),
    Machine("riscv64", "iommu-pci", ("-device", "riscv-iommu-pci,addr=8,off=off"), qemu10=True),
    Machine("aarch64", "pci", options=("highmem=off",), iommu=False),
    Machine("aarch64", "smmuv3", options=(*VIRT, "iommu=smmuv3"), qemu10=True, interrupts=True),
    pc("ports", "-M", "pc", iommu=False),
    pc("ecam", iommu=False),
    pc("intel", "-device", "intel-iommu,intremap=on", faults="registers"),
    pc("intel-10", "-device", "intel-iommu,intremap=on", faults="registers", qemu10=True,
       brief=True),
    # Its test for an event log that is full is always true, so no event is ever written.
    pc("amd", "-device", "amd-iommu,intremap=on", faults="nowhere"),
    pc("amd-10", "-device", "amd-iommu,intremap=on,pt=off", faults="nowhere", qemu10=True,
       brief=True),
]


@dataclass(frozen=True)
class Case:
    """What the host does, and which pages come out dirty: behind an IOMMU, and on plain PCI."""
    quiesce: str
    iommu: tuple
    pci: tuple | None = None    # None: not a case there
    dma: str = "on"

    def __str__(self):
        return f"{self.dma}-{self.quiesce}"


CASES = [
    Case("full", (), ()),
    Case("bme", (), ()),
    Case("none", ("victim",), ("identity",)),
    Case("bypass", ("identity",)),
    Case("abort", ()),
    Case("rebme", ("identity",), ("identity",)),
    Case("full", (), dma="broken"),
    Case("full", (), dma="fault"),
    Case("none", ("queue",), dma="fault"),
]


def fits(machine, case):
    if machine.brief and (case.dma != "on" or case.quiesce not in ("full", "none")):
        return False
    return machine.iommu or case.pci is not None


def expected(machine, case):
    """The pages that come out dirty."""
    if not machine.iommu:
        return case.pci
    if case.dma == "fault" and machine.faults != "memory":
        return ()
    if case.quiesce == "rebme" and machine.boots == "blocking":
        return ()  # as at boot: whatever the new kernel does, nothing passes
    return case.iommu


def run(machine, tmp_path, build, append, **kwargs):
    """One hop of the payload on that machine."""
    ramdisk = tmp_path / "ramdisk"
    ramdisk.write_bytes(random.Random(5).randbytes(30_000))
    row = hop.usual(machine.arch)
    image = hop.image(row, tmp_path / "payload.itb", build(PAYLOAD), ramdisk)
    return hop.run(row, image, append, timeout=60, prefix=prefix(machine),
                   options=machine.options, extra=[*machine.extra, *DEVICES], **kwargs)


def prefix(machine):
    """Where the QEMU for that machine is."""
    try:
        return fetch.qemu10() if machine.qemu10 else None
    except fetch.FetchError as e:
        missing(f"no QEMU 10: {e}")


def watched(report):
    """What became of the pages, and which pointers have moved."""
    watch = dict(re.findall(r"^WATCH_(\w+)=(\w+)", report.result.console, re.M))
    pages = ("victim", "identity", "queue")
    return ({page for page in pages if watch[page] != "clean"},
            [name for name in watch if name not in pages and watch[name] != "constant"])


def stages(machine):
    """What kx_quiesce() logs, in its order."""
    of_iommus = ["iommu-block", "iommu-drain", "iommu-queues", "iommu-off", "pci-iommu",
                 "iommu-final"]
    return ["preflight", "cpus", "callbacks", "pci", *["interrupts"] * machine.interrupts,
            *(of_iommus if machine.iommu else ["pci-iommu"]), "writers",
            *["verify"] * machine.iommu]


@pytest.mark.parametrize("way, case", [(m, c) for m in MACHINES for c in CASES if fits(m, c)],
                         ids=str)
def test_dma(arch, way, case, build, tmp_path, request):
    if way.iommu and case.quiesce == "abort" and not way.aborts:
        report = run(way, tmp_path, build, f"kx.dma={case.dma} kx.quiesce=abort")
        assert report.alive and report.refusals == ["iommu-policy"], report.result.console[-2500:]
        return
    is_full = case.quiesce == "full" and case.dma == "on"
    report = run(way, tmp_path, build, f"kx.dma={case.dma} kx.quiesce={case.quiesce}",
                 smp=2 if is_full and way.iommu else 1)
    console = report.result.console
    assert report.arrived, console[-2500:]
    dirty, moved = watched(report)
    assert dirty == set(expected(way, case)), console[-2500:]
    if is_full:
        said = re.findall(r"^kx-host: quiesce: ([a-z-]+)", console, re.M)
        assert list(dict.fromkeys(said)) == stages(way)
        assert said == sorted(said, key=stages(way).index)
        assert console.index("others have stopped") < console.index("kx-host: quiesce: pci")
        assert console.index("kx-host: quiet") < console.index("kx-host: jump")
    if case.dma == "fault" and case.quiesce == "none":
        if way.faults == "nowhere":
            request.applymarker(pytest.mark.xfail(strict=True, reason="a model without events"))
        assert "pointer0" in moved  # a queue that is left on is a writer
    elif not dirty:
        assert not moved


@pytest.mark.only("aarch64")
def test_refused(arch, build, tmp_path):
    """A device that does not do as it is told, by name: QEMU 7.2's SMMUv3 cannot be made to abort."""
    way = Machine(arch, "smmuv3-7", options=(*VIRT, "iommu=smmuv3"))
    report = run(way, tmp_path, build, "kx.dma=on")
    assert report.alive and report.refusals == ["device-locked"], report.result.console[-2500:]
    index = re.search(r"^kx-host: device (\d+): kind 49 ", report.result.console, re.M)[1]
    assert f"; iommu-block, device {index}, at 0x44" in report.result.console


def test_units(arch, need):
    """lib/quiesce/ on a window of registers: every test of every program passes."""
    need("make", "gcc")
    done = subprocess.run(["make", f"ARCH={arch}", "LLVM=", "units-quiesce"], text=True,
                          cwd=Path(__file__).parent.parent, capture_output=True, timeout=300)
    assert done.returncode == 0 and "PASSED" in done.stdout + done.stderr, done.stdout + done.stderr
