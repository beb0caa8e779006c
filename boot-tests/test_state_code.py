# SPDX-License-Identifier: BSD-2-Clause
"""What kx_state_restore() leaves alone on a CPU that is not the one of the snapshot.

Called by: pytest. Runs the library's machine code in an emulator: see privileged.py. QEMU's APICs keep the
bit that this is about whatever is written to them; others do not.
"""
from collections import defaultdict
import re

import pytest

from models import BSP, ON, Pc, X2
from privileged import Cpu, DATA, link

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
def test_boot_cpu_stays(arch, build, need, tmp_path, taken, here, after):
    """SDM "IA32_APIC_BASE": an INIT takes a CPU with the BSP flag to firmware, and with it the machine. The mode
    is the snapshot's, the flag this CPU's."""
    need(f"{arch}-linux-gnu-ld", f"{arch}-linux-gnu-objdump")
    linked = link(arch, build("libkx.a"), tmp_path / "linked.elf", "kx_state_snapshot", "kx_state_restore")
    model = Keeper(AT | taken)
    cpu = Cpu(arch, linked, model)
    cpu.special |= {at: text for at, text in cpu.code.text.items() if re.match(r"mov (%\w+,)?%[cd]r\d", text)}
    cpu.call("kx_state_snapshot", DATA)
    model.msrs[APIC_BASE] = AT | here
    cpu.call("kx_state_restore", DATA)
    assert model.msrs[APIC_BASE] == AT | after
