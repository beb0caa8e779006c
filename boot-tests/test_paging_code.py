# SPDX-License-Identifier: BSD-2-Clause
"""kx_paging_read_() on CPUs that QEMU does not have: memory that is encrypted, entries of tables with bits of a
vendor's own.

Called by: pytest. The library's machine code in an emulator: see privileged.py.
"""
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


# ---- x86_64: AMD's SME and SEV ----

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


# ---- riscv64: T-Head's MAEE ----

NOT_SUPPORTED = -2
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
