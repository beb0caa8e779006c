# SPDX-License-Identifier: BSD-2-Clause
"""arch/<a>/state.c on CPUs and under firmware that QEMU does not have: which registers there are, what
kx_state_restore() leaves alone on a CPU that is not the one of the snapshot, what it asks firmware to stop, and whose
traps it counts on.

Called by: pytest. The library's machine code in an emulator: see privileged.py.
"""
from collections import defaultdict
import re
import struct

import pytest

from models import BSP, ON, Pc, Sbi, SDT, Ssdbltrp, X2
from privileged import DATA

# ---- x86_64: a CPU that is not the one of the snapshot ----

# QEMU's APICs keep the BSP flag whatever is written to them; others do not.
APIC_BASE, AT = 0x1b, 0xfee00000


class Keeper(Pc):
    """MSRs and control registers hold what was written."""
    def __init__(self, base):
        super().__init__(leaves={0: (1, 0, 0, 0), 1: (0, 0, 0, 1 << 9)})
        self.msrs = defaultdict(int, {APIC_BASE: base})
        self.control = {"cr0": 0x80050033, "cr4": 0x20}

    def step_x86_64(self, cpu, mnemonic, text):
        super().step_x86_64(cpu, mnemonic, text)
        if mnemonic == "wrmsr":
            self.msrs.update([self.trace[-1]])
        elif mnemonic == "mov":
            source, to = re.match(r"mov %(\w+),%(\w+)", text).groups()
            if to[:2] in ("cr", "dr"):
                self.control[to] = cpu.get(source)
            else:
                cpu.put(to, self.control.get(source, 0))


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("taken, here, after", [
    (BSP | ON, ON, ON), (ON, BSP | ON, BSP | ON), (BSP | X2 | ON, ON, X2 | ON), (ON, BSP | X2 | ON, BSP | ON),
], ids=["boot-cpu", "other-cpu", "to-x2apic", "from-x2apic"])
def test_boot_cpu_stays(bare_cpu, taken, here, after):
    """SDM "IA32_APIC_BASE": an INIT takes a CPU with the BSP flag to firmware, and with it the machine. The mode
    is the snapshot's, the flag this CPU's."""
    model = Keeper(AT | taken)
    cpu = bare_cpu(model, "kx_state_snapshot", "kx_state_restore")
    cpu.special |= {at: text for at, text in cpu.code.text.items() if re.match(r"mov (%\w+,)?%[cd]r\d", text)}
    cpu.call("kx_state_snapshot", DATA)
    model.msrs[APIC_BASE] = AT | here
    cpu.call("kx_state_restore", DATA)
    assert model.msrs[APIC_BASE] == AT | after


# ---- x86_64: whose registers there are ----

AUTH, HYGO, OTHER = 0x68747541, 0x6f677948, 0x746e6543
ZEN = {1: (0x00800f00, 0, 0, 0x1000), 0x80000000: (0x80000022, 0, 0, 0), 0x80000001: (0, 0, 4 | 1 << 10 | 1 << 23, 0),
       0x80000008: (0, 1 << 14, 0, 0), 0x80000022: (3, 0, 0, 0)}


class Features(Pc):
    """What there is to look at while registers are looked for; MSRs read as zero."""
    def __init__(self, vendor):
        super().__init__(leaves=ZEN | {0: (7, vendor, 0, 0)})
        self.msrs = defaultdict(int)

    def step_x86_64(self, cpu, mnemonic, text):
        if not text.startswith("mov %cr"):
            super().step_x86_64(cpu, mnemonic, text)


@pytest.mark.only("x86_64")
def test_hygon_is_as_amd(bare_cpu):
    """The registers that are looked for, and those of a vendor that nothing is known of."""
    def bank(vendor):
        one = bare_cpu(Features(vendor), "kx_bank_open_")
        one.call("kx_bank_open_", DATA, 0)
        return bytes(one.uc.mem_read(DATA, 0x200))
    assert bank(HYGO) == bank(AUTH) != bank(OTHER)


# ---- riscv64: what firmware does for the host ----

PMU, TIME, SSE, FWFT = 0x504d55, 0x54494d45, 0x535345, 0x46574654
NONE = 2**64 - 1
COUNTERS, INFO, START, STOP, RESET = 0, 1, 3, 4, 1
CYCLE, INSTRET, COUNTER3, SOFT = 0xc00 | 63 << 12, 0xc02 | 63 << 12, 0xc03 | 63 << 12, 1 << 63


class Counters(Sbi):
    """Firmware that counts."""
    counters = [CYCLE, COUNTER3, INSTRET, SOFT, COUNTER3 + 1]

    def ecall(self, eid, fid, args):
        if eid == PMU and fid in (COUNTERS, INFO):
            return 0, len(self.counters) if fid == COUNTERS else self.counters[args[0]]
        return super().ecall(eid, fid, args)


@pytest.mark.only("riscv64")
def test_sbi_stops(bare_cpu):
    """Timer, events and counters stop, but for the two that a cold boot leaves counting; and what firmware
    does otherwise since the host has asked for it is as from reset on."""
    for there in [], [TIME], [PMU], [FWFT], [TIME, SSE, FWFT, PMU]:
        model = Counters(answers={eid: 0 for eid in there})
        bare_cpu(model, "kx_state_restore").call("kx_state_restore", 0)
        expected = [(TIME, 0, NONE, 0, 0)] * (TIME in there) + [(SSE, 9, 0, 0, 0)] * (SSE in there)
        expected += [(FWFT, 0, feature, 0, 0) for feature in range(4) if FWFT in there]
        if PMU in there:
            expected += [(PMU, STOP, i, 1, RESET) if i in (1, 3, 4) else (PMU, START, i, 1, 0)
                         for i in range(5)]
        assert model.trace == expected


# ---- riscv64: harts on which a trap in a trap is firmware's ----

TRAPS = {"sepc": 0, "scause": 0, "stval": 0}
ISA = b"rv64imac_smstateen\0"        # four CSRs, none of which is there
CRASH_FREE = 0x454552465243584b     # arch/crash.h


def on_hart(bare_cpu, model, *symbols):
    cpu = bare_cpu(model, *symbols)
    cpu.special |= {at: text for at, text in cpu.code.text.items() if text.startswith("csr")}
    return cpu


@pytest.mark.only("riscv64")
@pytest.mark.parametrize("sstatus", [0, SDT], ids=["", "in-a-trap"])
def test_traps_are_apart(bare_cpu, sstatus):
    """One trap for each CSR that is announced and is not there, and sstatus is as before."""
    model = Ssdbltrp(**TRAPS, sie=0, sip=0, sscratch=0, satp=0, scounteren=0)
    model.csr["sstatus"] = sstatus
    cpu = on_hart(bare_cpu, model, "kx_state_snapshot")
    cpu.uc.mem_write(DATA, struct.pack("<2Q", 0, DATA + 0x8000))
    cpu.uc.mem_write(DATA + 0x8000, ISA)
    cpu.call("kx_state_snapshot", DATA)
    assert model.csr["sstatus"] == sstatus


@pytest.mark.only("riscv64")
def test_death_in_a_trap(bare_cpu):
    """Whoever dies there leaves SDT set; the next trap, as registers are put in order, is to be libkx's."""
    model = Ssdbltrp(sie=0)
    model.csr["sstatus"] = SDT | 2
    cpu = on_hart(bare_cpu, model, "kx_crash_enter", "kx_crash_settle_")
    cpu.uc.mem_write(DATA, struct.pack("<7Q", CRASH_FREE, 0, 0, 0, 0, 0, DATA + 0x1000))
    cpu.put("a0", DATA)
    assert cpu.run_until(cpu.code.symbols["kx_crash_enter"], "kx_crash_settle_")
    assert model.csr["sstatus"] == 0
