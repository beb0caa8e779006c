# SPDX-License-Identifier: BSD-2-Clause
"""Nothing else writes: devices that do DMA across the jump, with and without kx_quiesce().

Called by: pytest. A device behind an IOMMU (or none) writes for ever, another one 100 ms late; the
payload watches three pages for 400 ms: the one that the IOMMU maps (victim), the one with the address
that the devices use (identity), and the IOMMU's own queue; and the pointers of its queues. What libkx
does must leave all of it as it is; each control leaves a step out and must be seen to damage the page
that it is known to damage. A virtual function, which nobody drives here, must be no bus master any more.

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

from conftest import missing, qemu10
import fetch
import fit
import guest
import hop

PAYLOAD = "kx-payload.bin"
DEVICES = ["-device", "pci-ohci", "-device", "edu,dma_mask=0xffffffffffffffff"]
# A disk of which the host makes three: SR-IOV
VIRTUAL = ("-device", "nvme-subsys,id=subsystem", "-device", "nvme,subsys=subsystem,serial=1,max_ioqpairs=8,"
           "msix_qsize=5,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2")
BUS_MASTER = 4              # of PCI's Command register


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
    Machine("riscv64", "pci", VIRTUAL, iommu=False),
    Machine("riscv64", "iommu-sys", options=("iommu-sys=on",), qemu10=True, boots="blocking"),
    Machine("riscv64", "iommu-pci", ("-device", "riscv-iommu-pci,addr=8,off=off"), qemu10=True),
    Machine("aarch64", "pci", VIRTUAL, ("highmem=off",), iommu=False),
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
    image = hop.image(hop.usual(machine.arch), tmp_path / "payload.itb", build(PAYLOAD), ramdisk)
    # The machine's time is counted in instructions: the late transfer is late on a busy host too.
    return start(machine, image, append, ["-icount", "shift=3"], **kwargs)


def start(machine, image, append, extra, **kwargs):
    """The host on that machine, with the devices that write."""
    return hop.run(hop.usual(machine.arch), image, append, timeout=400,
                   prefix=qemu10() if machine.qemu10 else None, options=machine.options,
                   extra=[*machine.extra, *DEVICES, *extra], **kwargs)


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
            *(of_iommus if machine.iommu else ["pci-iommu"]), "writers", "verify"]


@pytest.mark.parametrize("way, case", [(m, c) for m in MACHINES for c in CASES if fits(m, c)],
                         ids=str)
def test_dma(arch, way, case, build, tmp_path):
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
    if VIRTUAL == way.extra:
        assert bool(report.number("VIRTUAL") & BUS_MASTER) == (case.quiesce == "none")
    if is_full:
        said = re.findall(r"^kx-host: quiesce: ([a-z-]+)", console, re.M)
        assert list(dict.fromkeys(said)) == stages(way)
        assert said == sorted(said, key=stages(way).index)
        assert console.index("others have stopped") < console.index("kx-host: quiesce: pci")
        assert console.index("kx-host: quiet") < console.index("kx-host: jump")
    if case.dma == "fault" and case.quiesce == "none":  # a queue that is left on is a writer
        assert ("pointer0" in moved) == (way.faults != "nowhere")
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


# ---- a real Linux behind each IOMMU ----

@dataclass(frozen=True)
class Guest(Machine):
    """One with a Linux whose driver takes the IOMMU over."""
    words: str = ""             # for Linux's command line
    complaint: str = ""         # what its driver says of an IOMMU that was left translating
    domain: str = "DMA"         # how it then translates


# RISC-V: without an IMSIC Linux 7.2 binds neither driver; with one it gives every device the identity
# domain, so that DMA goes by the device directory and is not translated.
AIA = {"domain": "identity", "complaint": "unexpected device state", "qemu10": True}
GUESTS = [
    Guest("riscv64", "iommu-sys", options=("iommu-sys=on", "aia=aplic-imsic"), **AIA),
    Guest("riscv64", "iommu-pci", ("-device", "riscv-iommu-pci,addr=8,off=off"),
          ("aia=aplic-imsic",), **AIA),
    Guest("aarch64", "smmuv3", options=(*VIRT, "iommu=smmuv3"), qemu10=True,
          words="iommu.passthrough=0", complaint="SMMU currently enabled"),
    Guest("x86_64", "intel", ("-device", "intel-iommu,intremap=on"), words="intel_iommu=on",
          domain="DMA-FQ", complaint="DMAR.*(?:not in kdump mode|malfunctioning)"),
    Guest("x86_64", "amd", ("-device", "amd-iommu,intremap=on"), complaint="not in kdump mode"),
]

LINUX_SCRIPT = b"""#!/bin/sh
for group in /sys/kernel/iommu_groups/*; do
	for device in "$group"/devices/*; do echo "KX-IOMMU ${device##*/} $(cat "$group/type")"; done
done
echo "by DMA" > /dev/hvc0
dmesg
"""


def boot_linux(way, quiesce, tmp_path, **kwargs):
    """Linux through the host; returns the report, and what arrived through the virtio console."""
    try:
        kernel = fetch.iommu_kernel(way.arch)
        initramfs = guest.initramfs(way.arch, tmp_path / "initramfs.gz",
                                    {"/test/iommu": (LINUX_SCRIPT, 0o755)})
    except fetch.FetchError as e:
        missing(f"no guest: {e}")
    image = fit.build(tmp_path / "linux.itb", way.arch, kernel, initramfs,
                      bootargs=guest.bootargs(way.arch, "kx.run=/test/iommu", way.words))
    arrived = tmp_path / "hvc"
    report = start(way, image, f"kx.dma=on kx.quiesce={quiesce}", [
        "-device", "virtio-serial-pci,iommu_platform=on,disable-legacy=on",
        "-chardev", f"file,id=hvc,path={arrived}", "-device", "virtconsole,chardev=hvc"], **kwargs)
    return report, arrived.read_bytes().decode().strip()


@pytest.mark.parametrize("way", GUESTS, ids=str)
def test_linux(arch, way, tmp_path):
    """Linux's driver takes the IOMMU over without a complaint, and a device does DMA through it."""
    report, arrived = boot_linux(way, "full", tmp_path)
    console = report.result.console
    assert re.search(f"^{guest.UP}$", console, re.M), console[-2500:]
    assert not re.search(way.complaint, console), console
    drivers = r"DMAR|AMD-Vi|smmu|riscv,iommu|iommu_pci"
    words = r"fault|fail|error|timed out|unexpected|invalid\b|conflict"
    complaints = re.findall(rf"^\[.*(?:{drivers})\b.*\b(?:{words}).*$", console, re.M | re.I)
    assert not complaints
    assert re.search(rf"^KX-IOMMU \S+ {way.domain}$", console, re.M), console[-2500:]
    assert arrived == "by DMA"


@pytest.mark.parametrize("way", GUESTS, ids=str)
def test_linux_left_on(arch, way, tmp_path):
    """Negative control: PCI is quiet, but the IOMMU translates on; the driver notices."""
    report, _ = boot_linux(way, "bme", tmp_path, until=way.complaint)
    assert re.search(way.complaint, report.result.console), report.result.console[-2500:]


# ---- the drivers on registers that are not there ----

def test_units(arch, need):
    """lib/quiesce/ on a window of registers: every test of every program passes."""
    need("make", "gcc")
    done = subprocess.run(["make", f"ARCH={arch}", "LLVM=", "units-quiesce"], text=True,
                          cwd=Path(__file__).parent.parent, capture_output=True, timeout=900)
    assert done.returncode == 0 and "PASSED" in done.stdout + done.stderr, done.stdout + done.stderr
