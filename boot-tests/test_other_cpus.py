# SPDX-License-Identifier: BSD-2-Clause
"""What libkx reads and puts back of a CPU, on those that QEMU does not have: memory that is encrypted, entries of
tables with bits of a vendor's own, the registers of another vendor, firmware that counts.

Called by: pytest. kx_paging_read_(), arch/<a>/state.c in an emulator: see privileged.py.
"""
from collections import defaultdict
import re
import struct

import pytest

from models import BASE, Pc, Sbi
from privileged import DATA


@pytest.fixture
def paging(bare_cpu):
    """paging(model): the three words of kx_paging_read_()."""
    def read(model):
        one = bare_cpu(model, "kx_paging_read_")
        one.call("kx_paging_read_", DATA)
        return struct.unpack("<QQQ", one.uc.mem_read(DATA, 24))
    return read


# ---- x86_64: how the host translates ----

MSR_PAT, SEV_STATUS, PAT = 0x277, 0xc0010131, 0x0007040600070406
SME, SEV, C_BIT = 1, 2, 51
CR3, CR4 = 0x123000, 0x20


class Translated(Pc):
    """And control registers."""
    def __init__(self, cr3, leaves, msrs):
        super().__init__(leaves=leaves, msrs={MSR_PAT: PAT, **msrs})
        self.cr3 = cr3

    def step_x86_64(self, cpu, mnemonic, text):
        if match := re.match(r"mov %cr([34]),%(\w+)", text):
            cpu.put(match[2], self.cr3 if match[1] == "3" else CR4)
        else:
            super().step_x86_64(cpu, mnemonic, text)


def encryption(eax, most=0x8000001f):
    return {0x80000000: (most, 0, 0, 0), 0x8000001f: (eax, C_BIT, 0, 0)}


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("cr3, leaves, msrs, encrypted", [
    (CR3, {}, {}, 0), (CR3 | 1 << C_BIT, encryption(SME | SEV, most=0x8000001e), {}, 0),
    (CR3, encryption(0), {}, 0), (CR3, encryption(SME), {}, 0), (CR3 | 1 << C_BIT, encryption(SME), {}, 1),
    (CR3, encryption(SME | SEV), {SEV_STATUS: 0}, 0), (CR3 | 1 << C_BIT, encryption(SEV), {}, 1),
    (CR3, encryption(SEV), {SEV_STATUS: 7}, 1), (CR3, encryption(SEV), {SEV_STATUS: 6}, 0),
], ids=["no-leaf", "short", "neither", "sme-off", "sme", "both-off", "sev", "sev-by-msr", "sev-off"])
def test_encryption(paging, cr3, leaves, msrs, encrypted):
    """Memory that is encrypted is found, by registers that are there: of another MSR a read would fault."""
    assert paging(Translated(cr3, leaves, msrs)) == (CR4, PAT, encrypted)


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
NOT_SUPPORTED, NONE = -2, 2**64 - 1
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


# ---- riscv64: how the host translates ----

THEAD, SV39, MAEE = 0x5b7, 8 << 60 | 0x80123, 1 << 21


class Hart(Sbi):
    """Says what it is, and has T-Head's CSR only where that is said."""
    def __init__(self, satp, ids, **csrs):
        super().__init__()
        self.ids, self.csrs = ids, {"satp": satp, **csrs}

    def ecall(self, eid, fid, args):
        assert eid == BASE and fid in (4, 5, 6)
        return self.ids[fid - 4]

    def step_riscv64(self, cpu, mnemonic, text):
        if match := re.match(r"csrr (\w+),(\w+)", text):
            cpu.put(match[1], self.csrs[match[2]])      # KeyError: a trap
        else:
            super().step_riscv64(cpu, mnemonic, text)


@pytest.mark.only("riscv64")
@pytest.mark.parametrize("hart, level", [
    (Hart(SV39, [(0, 0x489), (0, 0), (0, 0)]), 0), (Hart(SV39, [(NOT_SUPPORTED, THEAD), (0, 0), (0, 0)]), 0),
    (Hart(SV39, [(0, THEAD), (0, 0x8d143000), (0, 0)]), 0), (Hart(SV39, [(0, THEAD), (0, 0), (0, 1)]), 0),
    (Hart(SV39, [(0, THEAD), (0, 0), (0, 0)], **{"0x5c0": 0xffdfffff}), 0),
    (Hart(SV39, [(0, THEAD), (0, 0), (0, 0)], **{"0x5c0": MAEE}), 1), (Hart(0, []), 0),
], ids=["sifive", "not-said", "later", "later-too", "switched-off", "on", "untranslated"])
def test_types_of_its_own(paging, hart, level):
    """Entries that T-Head's CPUs read as others do not are found, by a CSR that nobody else has."""
    assert paging(hart) == (hart.csrs["satp"], 0, level)
