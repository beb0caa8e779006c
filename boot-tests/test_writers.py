# SPDX-License-Identifier: BSD-2-Clause
"""kx_quiesce_cpu() on CPUs that write memory by themselves, and under hypervisors and firmware that do.

Called by: pytest. arch/<a>/writers.c in an emulator: see privileged.py. No QEMU machine has a profile buffer, a
paravirtual clock by TCG, or firmware that shares memory.
"""
import struct

import pytest

from models import Arm, Pc, Sbi, Sdei
from privileged import DATA


@pytest.fixture
def stop_writers(bare_cpu):
    """stop_writers(model): what kx_quiesce_cpu() returns."""
    return lambda model: bare_cpu(model, "kx_quiesce_cpu").call("kx_quiesce_cpu", 0)


@pytest.fixture
def stop_last(bare_cpu):
    """stop_last(model, method, count): what comes of it by kx_quiesce(), or with last=0 as above."""
    def run(model, method=0, count=0, last=1):
        cpu = bare_cpu(model, "kx_writers_stop_")
        cpu.uc.mem_write(DATA, struct.pack("<QQQQI4xQQ", 0, count, 1, 1, method, 0, 0))
        return cpu.call("kx_writers_stop_", DATA, last)
    return run


# ---- x86_64: CPUs and hypervisors ----

HYPERVISOR, DS, PT = 1 << 31, 1 << 21, 1 << 25
DEBUGCTL, PEBS_ENABLE, RTIT_CTL, DS_AREA, MISC = 0x1d9, 0x3f1, 0x570, 0x600, 0x1a0
NO_BTS, NO_PEBS = 0x800, 0x1000
KVM = (0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d)
HYPERV = (0x40000005, 0x7263694d, 0x666f736f, 0x76482074)
HV_TIMERS = [(0x400000b0 + 2 * i, 0) for i in range(4)]
HV_SYNIC = [(0x40000082, 0), (0x40000083, 0), (0x40000080, 0)]
HV_CALLS = [(0x40000001, 0), (0x40000000, 0)]       # in this order: who it is goes last


def leaves(ecx=0, edx=0, pt=False, kvm=None, at=0x40000000, hyperv=None, interface=0x31237648):
    table = {0: (10, 0, 0, 0), 1: (0, 0, ecx, edx), 7: (0, PT if pt else 0, 0, 0), 10: (2, 0, 0, 0)}
    if kvm is not None:
        table |= {at: KVM, at + 1: (kvm, 0, 0, 0)}
    if hyperv is not None:
        table |= {0x40000000: HYPERV, 0x40000001: (interface, 0, 0, 0), 0x40000003: (hyperv, 0, 0, 0)}
    return table


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("have, msrs, expected", [
    (leaves(), {}, []),
    ({0: (1, 0, 0, 0), 7: (0, PT, 0, 0)}, {}, []),              # leaf 7 means nothing there
    (leaves(pt=True), {RTIT_CTL: 0x2d05}, [(RTIT_CTL, 0x2d04)]),
    (leaves(edx=DS), {MISC: 0}, [(DEBUGCTL, 0), (PEBS_ENABLE, 0), (DS_AREA, 0)]),
    (leaves(edx=DS), {MISC: NO_PEBS}, [(DEBUGCTL, 0), (DS_AREA, 0)]),
    (leaves(edx=DS), {MISC: NO_BTS | NO_PEBS}, [(DEBUGCTL, 0)]),
    (leaves(ecx=HYPERVISOR, kvm=0x79) | {0x40000000: (0x40000006, 0x566e6558, 0, 0)}, {}, []),
    (leaves(kvm=0x79), {}, []),                                 # its leaves without the bit
    (leaves(ecx=HYPERVISOR, kvm=0x79), {}, [(0x12, 0), (0x4b564d01, 0), (0x4b564d02, 0),
                                            (0x4b564d03, 0), (0x4b564d04, 0)]),
    (leaves(ecx=HYPERVISOR, kvm=0x28), {}, [(0x4b564d01, 0), (0x4b564d03, 0)]),
    (leaves(ecx=HYPERVISOR, hyperv=0x23c), {}, [*HV_TIMERS, *HV_SYNIC, (0x40000021, 0),
                                                (0x40000073, 0), *HV_CALLS]),
    (leaves(ecx=HYPERVISOR, hyperv=0x20), {}, HV_CALLS),
    (leaves(ecx=HYPERVISOR, hyperv=0x3ff, interface=0x31235356), {}, []),
    (leaves(hyperv=0x3ff), {}, []),
    (leaves(ecx=HYPERVISOR, hyperv=0x24, kvm=0x08, at=0x40000100), {},
     [(0x4b564d01, 0), *HV_SYNIC, *HV_CALLS]),
], ids=["nothing", "old-cpu", "trace", "bts-pebs", "bts", "no-store", "other-hypervisor", "no-hypervisor",
        "kvm", "old-kvm", "hyperv", "hyperv-calls", "other-interface", "no-hyperv", "both"])
def test_x86_writers(stop_writers, have, msrs, expected):
    """What is there is switched off; what is not there is not touched, as that would fault."""
    model = Pc(leaves=have, msrs=msrs)
    assert stop_writers(model) == 0
    assert model.trace == [*expected, "mfence"]


# ---- riscv64: firmware ----

FIRMWARE = -97
STA, PMU, NACL, MPXY = 0x535441, 0x504d55, 0x4e41434c, 0x4d505859
NOT_SUPPORTED, FAILED, DENIED = -2, -1, -4
NONE = 2**64 - 1
SHMEM = {STA: 0, PMU: 7, NACL: 1, MPXY: 1}


@pytest.mark.only("riscv64")
@pytest.mark.parametrize("there", [[], [STA], [PMU, MPXY], [STA, PMU, NACL, MPXY]], ids=len)
def test_sbi_shared_memory(stop_writers, there):
    """Each memory that is shared is given back by an address of all ones; what is not there is not asked."""
    model = Sbi(answers={eid: 0 for eid in there})
    assert stop_writers(model) == 0
    assert model.trace == [(eid, SHMEM[eid], NONE, NONE, 0) for eid in there]


@pytest.mark.only("riscv64")
def test_sbi_shared_memory_stays(stop_writers):
    """There, but without shared memory, is no fault; firmware that keeps it is one."""
    assert stop_writers(Sbi(answers={PMU: NOT_SUPPORTED, STA: 0})) == 0
    for error in FAILED, DENIED:
        assert stop_writers(Sbi(answers={PMU: error, STA: 0})) == FIRMWARE


SSE, UNREGISTER, DISABLE, HART_MASK = 0x535345, 3, 5, 9
# SBI 3.0 "Software Events Identification": of high and of low priority
OF_THIS_HART, OF_ANY = (0, 1, 0x10000, 0x100000, 0xffff0000), (0x8000, 0x108000, 0xffff8000)


@pytest.mark.only("riscv64")
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("answer", [0, -3])
def test_sbi_events(stop_last, last, answer):
    """Software events are held back, then those that there can be disabled and forgotten; what is not registered
    is no fault. What any hart may get only the last one gives up."""
    model = Sbi(answers={SSE: answer})
    assert stop_last(model, last=last) == 0
    assert model.trace[0][:2] == (SSE, HART_MASK)
    assert [call[:3] for call in model.trace[1:]] == [
        (SSE, function, event) for event in OF_THIS_HART + OF_ANY * last for function in (DISABLE, UNREGISTER)]


# ---- aarch64: the CPU ----

SPE, FILTER, TRBE = 1 << 32, 1 << 40, 1 << 44
PRIVATE = 0x10      # the buffer belongs to a higher exception level


def profile(*levels):
    return [*(f"msr pmscr_el{el}, xzr" for el in levels), "isb", "psb csync", "dsb nsh",
            "msr pmblimitr_el1, xzr", "isb"]


def closed(*levels):
    return [*(f"msr trfcr_el{el}, xzr" for el in levels), "isb"]


TRACE = ["tsb csync", "dsb nsh", "msr trblimitr_el1, xzr", "isb"]


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("el", [1, 2])
def test_arm_writers(stop_writers, el):
    """Arm "Synchronization and Statistical Profiling", "Trace synchronization": stopped, then written out,
    and only then is the buffer closed; what is not there, or not ours, is not touched."""
    levels = range(1, el + 1)
    for features, registers, expected in [
            (0, {}, []), (SPE, {}, profile(*levels)), (TRBE | FILTER, {}, closed(*levels) + TRACE),
            (TRBE, {}, TRACE), (FILTER, {}, closed(*levels)),
            (SPE | TRBE | FILTER, {}, profile(*levels) + closed(*levels) + TRACE),
            (SPE, {"pmbidr_el1": PRIVATE}, []),
            (TRBE, {"trbidr_el1": PRIVATE}, []),
    ]:
        model = Arm(el, features, **registers)
        assert stop_writers(model) == 0
        assert model.trace == expected, (hex(features), registers)


# ---- aarch64: firmware's events ----

VERSION, PE_MASK, PRIVATE_RESET, SHARED_RESET = 0xc4000020, 0xc400002b, 0xc4000031, 0xc4000032
V1_0 = 1 << 48
THERE = {"_c4000020": V1_0, "_c400002b": 1, "_c4000031": 0, "_c4000032": 0}
BY_LEVEL, BY_HVC, PARKED, BY_SMC = range(4)     # KX_CPUS_*


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("last", [0, 1])
def test_sdei(stop_last, last):
    """SDEI's events are held back, then forgotten: this CPU's, and by the last CPU all. By PSCI's call."""
    for el, method, count, call in ((1, BY_LEVEL, 1, "hvc"), (2, BY_LEVEL, 3, "smc"), (2, BY_HVC, 0, "hvc"),
                                    (1, BY_SMC, 0, "smc")):
        model = Sdei(el, **THERE)
        assert stop_last(model, method, count, last) == 0
        assert model.trace == [(call, function) for function in (
            VERSION, PE_MASK, PRIVATE_RESET, *[SHARED_RESET] * last)]


@pytest.mark.only("aarch64")
def test_sdei_is_not_there(stop_last, stop_writers):
    """Firmware that knows nothing of it is asked once; where none is known to be there, nobody is."""
    for unknown in -1, 0xffffffff, 0:
        model = Sdei(2, _c4000020=unknown)
        assert stop_last(model, BY_SMC) == 0 and model.trace == [("smc", VERSION)]
    for method, count in (BY_LEVEL, 0), (PARKED, 3):
        model = Sdei(1, **THERE)
        assert stop_last(model, method, count) == 0 and model.trace == []
    model = Sdei(1, **THERE)
    assert stop_writers(model) == 0 and model.trace == []


@pytest.mark.only("aarch64")
def test_sdei_stays(stop_last):
    """A handler that still runs keeps its event: that is told."""
    for answers in {"_c4000031": -3}, {"_c4000032": -3}:
        assert stop_last(Sdei(1, **{**THERE, **answers}), BY_HVC) == FIRMWARE
    assert stop_last(Sdei(1, **{**THERE, "_c4000032": -3}), BY_HVC, last=0) == 0
