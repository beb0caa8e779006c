# SPDX-License-Identifier: BSD-2-Clause
"""kx_cpus_confirm() against APICs, firmware and CPUs that answer late, wrongly or never.

Called by: pytest. arch/<a>/cpus.c in an emulator: see privileged.py. No QEMU machine has a local APIC that is
busy, or firmware that keeps a CPU going.
"""
import re
import struct

import pytest

from models import BSP, ICR_HIGH, ICR_LOW, INIT, Model, ON, Pc, Sbi, X2
from privileged import DATA, DEVICE

RUNNING, FIRMWARE, NOT_BOOT = -96, -97, -101
TIMEOUT_TICKS = 1000
IDS, CULPRIT = DATA + 0x100, DATA + 0x80


@pytest.fixture
def confirm(bare_cpu):
    """confirm(model, [1, 2]): what kx_cpus_confirm() returns, and whom it names."""
    def run(model, ids, method=0, apic=DEVICE):
        one = bare_cpu(model, "kx_cpus_confirm")
        cpus = struct.pack("<QQQQI4xQQ", IDS, len(ids), 1_000_000, TIMEOUT_TICKS, method, 0, apic)
        one.uc.mem_write(DATA, cpus)
        one.uc.mem_write(IDS, struct.pack(f"<{len(ids)}Q", *ids))
        result = one.call("kx_cpus_confirm", DATA, CULPRIT)
        return result, struct.unpack("<Q", one.uc.mem_read(CULPRIT, 8))[0]
    return run


# ---- x86_64: INIT by the local APIC ----

FOR_EVER = 1 << 60


def sent(*ids):
    return [write for one in ids for write in ((ICR_HIGH, one << 24), (ICR_LOW, INIT))]


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("busy, slow", [(0, 0), (20, 0), (0, 20), (35, 47)])
def test_apic(confirm, busy, slow):
    """One INIT each, none before the message before it is delivered."""
    model = Pc(busy=busy, slow=slow)
    assert confirm(model, [1, 2, 0xfe])[0] == 0
    assert model.trace == sent(1, 2, 0xfe)
    assert not model.pending


@pytest.mark.only("x86_64")
def test_apic_never_idle(confirm):
    """Some other message is never delivered: nothing is sent, and the wait ends."""
    model = Pc(busy=FOR_EVER)
    assert confirm(model, [3, 1]) == (RUNNING, 3)
    assert model.trace == []
    assert TIMEOUT_TICKS <= model.ticks < 2.5 * TIMEOUT_TICKS


@pytest.mark.only("x86_64")
def test_apic_never_delivered(confirm):
    """The INIT is never delivered: the CPU is named, and no other gets one."""
    model = Pc(slow=FOR_EVER)
    assert confirm(model, [3, 1]) == (RUNNING, 3)
    assert model.trace == sent(3)
    assert TIMEOUT_TICKS <= model.ticks < 2.5 * TIMEOUT_TICKS


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("base, apic, ids, error", [
    (ON, DEVICE, [1], NOT_BOOT), (X2 | ON, 0, [1], NOT_BOOT), (BSP, DEVICE, [1], FIRMWARE),
    (ON | BSP, 0, [1], FIRMWARE), (ON | BSP, DEVICE, [0x100], FIRMWARE), (ON | BSP, DEVICE, [0xff], FIRMWARE),
    (X2 | ON | BSP, 0, [0xffffffff], FIRMWARE), (X2 | ON | BSP, 0, [1 << 32 | 2], FIRMWARE),
], ids=["not-boot", "not-boot-x2", "disabled", "not-mapped", "beyond-8-bits", "all", "all-x2", "beyond-32-bits"])
def test_apic_cannot(confirm, base, apic, ids, error):
    """What this APIC cannot send is not sent; nor what would reach every CPU, this one too: MADTs have such ids
    where there is no CPU."""
    model = Pc(base)
    assert confirm(model, ids, apic=apic) == (error, ids[0])
    assert model.trace == []


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("base, apic", [(ON | BSP, DEVICE), (X2 | ON | BSP, 0)], ids=["xapic", "x2apic"])
def test_apic_of_its_own(confirm, base, apic):
    """Among the others by mistake, this CPU is one that runs, as on the other architectures: an INIT would reset
    the machine."""
    model = Pc(base, own=5)
    assert confirm(model, [5, 1], apic=apic) == (RUNNING, 5)
    assert not any(isinstance(step, tuple) for step in model.trace)
    assert TIMEOUT_TICKS <= model.ticks < 1.1 * TIMEOUT_TICKS


@pytest.mark.only("x86_64")
def test_x2apic(confirm):
    """By the MSR, any id, and not before what was stored is seen by others."""
    model = Pc(ON | X2 | BSP, busy=FOR_EVER)
    ids = [1, 0xff, 0x100, 0x12345678]
    assert confirm(model, ids, apic=0)[0] == 0
    assert model.trace == [step for one in ids
                           for step in ("mfence", "lfence", (0x830, one << 32 | INIT))]


# ---- riscv64: SBI ----


@pytest.mark.only("riscv64")
def test_sbi(confirm):
    """Stopped at once, after a while of stopping, or never."""
    assert confirm(Sbi({7: [1], 3: [0] * 20 + [3] * 30 + [1]}), [7, 3])[0] == 0
    for state in 0, 2, 3, 4, 6:     # 4: suspended, which depends on memory
        model = Sbi({7: [1], 3: [state]})
        assert confirm(model, [7, 3]) == (RUNNING, 3)
        assert TIMEOUT_TICKS <= model.ticks < 1.1 * TIMEOUT_TICKS
    assert confirm(Sbi({7: [1]}), [7, 3]) == (FIRMWARE, 3)


# ---- aarch64: PSCI ----

AFFINITY_INFO = 0xc4000004
BY_LEVEL, HVC, SMC = 0, 1, 3


class Psci(Model):
    """Firmware: states of CPUs, each a list of which the last stays. It keeps x0..x3 and x18 up alone."""
    def __init__(self, cpus, el=2):
        super().__init__()
        self.cpus, self.el = cpus, el

    def step_aarch64(self, cpu, mnemonic, text):
        if match := re.match(r"mrs (\w+), currentel", text):
            cpu.put(match[1], self.el << 2)
        elif mnemonic == "mrs":
            cpu.put(re.match(r"mrs (\w+), cntvct_el0", text)[1], self.tick())
        elif mnemonic in ("smc", "hvc"):
            assert [cpu.get(f"x{i}") & 0xffffffff for i in (0, 2, 3)] == [AFFINITY_INFO, 0, 0]
            self.trace.append(mnemonic)
            states = self.cpus[cpu.get("x1")]
            cpu.put("x0", states.pop(0) if len(states) > 1 else states[0])
            for i in range(1, 18):
                cpu.put(f"x{i}", 0xdead0000 + i)


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("method, call", [(SMC, "smc"), (HVC, "hvc")])
def test_psci(confirm, method, call):
    """Off at once, after a while, or never; errors are 32 bits wide, whatever is above them."""
    last = 0x500000001
    model = Psci({1: [1], last: [0] * 20 + [2] * 20 + [1]})
    assert confirm(model, [1, last], method)[0] == 0
    assert model.trace == [call] * 42
    for state in 0, 2:
        model = Psci({1: [1], last: [state]})
        assert confirm(model, [1, last], method) == (RUNNING, last)
        assert TIMEOUT_TICKS <= model.ticks < 1.1 * TIMEOUT_TICKS
    for error in -1, -2, 0xfffffffe, -3:
        assert confirm(Psci({1: [error]}), [1], method) == (FIRMWARE, 1)


@pytest.mark.only("aarch64")
def test_psci_conduit(confirm):
    """KX_PSCI_DEFAULT's rule: nothing takes an HVC at EL2, and at EL1 there may be nothing that takes an SMC."""
    for method, el, call in ((BY_LEVEL, 1, "hvc"), (BY_LEVEL, 2, "smc"), (HVC, 1, "hvc"), (HVC, 2, "hvc"),
                             (SMC, 1, "smc"), (SMC, 2, "smc")):
        model = Psci({1: [1]}, el)
        assert confirm(model, [1], method)[0] == 0
        assert model.trace == [call], (method, el)
