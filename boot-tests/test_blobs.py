# SPDX-License-Identifier: BSD-2-Clause
"""The blobs on CPUs, and entered from kernels, that QEMU does not have: in memory that is encrypted, with indirect
permissions left on, in VMX operation, with a fault in a trap, with traps in traps that go to firmware, and with
registers that 32-bit mode has not kept.

Called by: pytest. The linked blobs in an emulator: see privileged.py.
"""
import re
import struct

import pytest
import unicorn

from models import Arm, Model, Pc, Ssdbltrp
from privileged import CODE, Cpu, DATA, STACK
import purgatory

HANDOFF_CONTROL, HANDOFF_ENTRY, HANDOFF_FLAGS, HANDOFF_OWN = 0x08, 0x18, 0x48, 0xb0    # include/kx/abi.h
IMAGE = 0x123456000

# ---- x86_64: purgatory.ro in a guest whose memory is encrypted ----

HYPERVISOR_LEAVES = 0x40000000


class Encrypted(Pc):
    """Has neither ports nor the leaves of a hypervisor."""
    def step_x86_64(self, cpu, mnemonic, text):
        assert mnemonic not in ("in", "out"), "a port"
        assert mnemonic != "cpuid" or cpu.get("rax") & 0xffffffff < HYPERVISOR_LEAVES
        if mnemonic in ("cpuid", "rdtsc"):
            super().step_x86_64(cpu, mnemonic, text)


@pytest.mark.only("x86_64")
def test_no_console_no_ports(arch, build):
    """From its main function to the jump: a clock that nobody reads is not measured. With a console it is."""
    def run(console):
        cpu = Cpu(arch, build("purgatory-ro.elf"), Encrypted())
        cpu.special = {at: text for at, text in cpu.code.text.items()
                       if re.match(r"(cpuid|rdtsc|in|out)\b|mov +%cr", text)}
        cpu.uc.mem_write(cpu.code.symbols["skip_checks"], b"\1")
        cpu.uc.mem_write(cpu.code.symbols["console_serial"], bytes([console]))
        cpu.put("rsp", STACK + 0xff00)
        cpu.put("rdi", STACK + 0xf000)
        return cpu.run_until(cpu.code.symbols["kx_purgatory_main_"], "kx_kexec_enter32_", "kx_halt_")
    assert run(0) == "kx_kexec_enter32_"
    with pytest.raises(AssertionError):
        run(1)


# ---- x86_64: a host in VMX operation ----

CR4_PAE, CR4_MCE, CR4_PGE, CR4_VMXE = 0x20, 0x40, 0x80, 0x2000
GENERAL_PROTECTION, VECTORS, VECTOR_SIZE = 13, 0x1c0, 12    # arch/x86_64/cpu.h: KX_CONTROL_VECTOR


class Vmx(Model):
    """SDM 3C "Restrictions on VMX Operation": CR4.VMXE stays."""
    def step_x86_64(self, cpu, mnemonic, text):
        if text == "mov %cr4,%rax":
            cpu.put("rax", CR4_PAE | CR4_PGE | CR4_VMXE)
            return
        assert text == "mov %rax,%cr4" and cpu.get("rax") & CR4_VMXE, text
        raise EOFError(f"goes on with {cpu.get('rax'):#x}")


@pytest.mark.only("x86_64")
def test_fault_in_vmx_operation(arch, build):
    """The fault that kx_enter_ takes there, as it clears all of CR4, is told: it is not taken again on the way."""
    cpu = Cpu(arch, build("kx-trampoline.elf"), Vmx())
    cpu.special = {at: text for at, text in cpu.code.text.items() if re.match("mov .*%cr", text)}
    cpu.uc.mem_write(HANDOFF_CONTROL, struct.pack("<Q", IMAGE))     # the page runs elsewhere: in the host
    cpu.put("rsp", DATA + 0xf00)
    with pytest.raises(EOFError, match=f"with {CR4_PAE | CR4_MCE | CR4_VMXE:#x}$"):
        cpu.run(VECTORS + GENERAL_PROTECTION * VECTOR_SIZE)


# ---- x86_64: out of long mode, and back in ----

ENTER_4LEVEL, ENTER_GUARDED = 2, 4
WORDS_READ = 77


class Narrow(Model):
    """32-bit mode leaves of registers what SDM 1 "General-Purpose Registers in 64-Bit Mode" promises: the
    lower halves of eight. Descriptor tables and segments are not there."""
    def step_x86_64(self, cpu, mnemonic, text):
        if mnemonic != "lretq":
            return
        if self.trace:
            raise EOFError(f"enters {int.from_bytes(cpu.uc.mem_read(cpu.get('rsp'), 8), 'little'):#x}")
        assert cpu.get("rsi") == cpu.code.next[cpu.get("rip")]
        for name in "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp":
            cpu.put(name, cpu.get(name) & 0xffffffff | 0xbad << 32)
        for i in range(8, 16):
            cpu.put(f"r{i}", 0xbad << 32 | 0xbad)
        self.trace.append(text)


@pytest.mark.only("x86_64")
def test_levels_change(arch, build):
    """From 5-level paging to an image above 4 GiB that wants 4: what is needed behind 32-bit mode has not
    gone through it in a register."""
    model = Narrow()
    cpu = Cpu(arch, build("kx-trampoline.elf"), model)
    cpu.special = {at: text for at, text in cpu.code.text.items()
                   if re.match(r"lretq|l[gi]dt|mov %eax,%[d-gs]s", text)}
    for offset, value in ((HANDOFF_ENTRY, IMAGE), (HANDOFF_FLAGS, ENTER_4LEVEL | ENTER_GUARDED),
                          (HANDOFF_OWN, DATA)):
        cpu.uc.mem_write(offset, struct.pack("<Q", value))
    up = max(at for at, text in cpu.code.text.items()
             if text.startswith("lea") and text.endswith("%rsi") and at < cpu.code.symbols["kx_levels_"])
    for name, value in ("rbx", IMAGE), ("rbp", 0), ("r14", DATA), ("r15", WORDS_READ), ("rsp", DATA + 0x1000):
        cpu.put(name, value)
    with pytest.raises(EOFError, match=f"enters {IMAGE:#x}$"):
        cpu.run(up)


# ---- riscv64: harts on which a trap in a trap is firmware's ----


@pytest.mark.only("riscv64")
@pytest.mark.parametrize("name", ["kx-purgatory.elf", "purgatory-ro.elf"])
def test_probe_traps_twice(arch, build, name):
    """Neither vectors nor Zknh: purgatory finds out by a trap for each, and none is in another."""
    model = Ssdbltrp(stvec=0x40)
    cpu = Cpu(arch, build(name), model)
    start = cpu.code.symbols["kx_probe_"]
    cpu.special = {at: text for at, text in cpu.code.text.items()
                   if start <= at < cpu.code.symbols["kx_jump_"] and re.match(r"csr|\.|v|sha|rev8", text)}
    assert cpu.call("kx_probe_") == 0
    assert model.csr == {"sstatus": 0, "stvec": 0x40}


# ---- aarch64: purgatory, entered from kernels and on CPUs that QEMU does not have ----

TCRX, TCR2 = 1, {1: "msr s3_0_c2_c0_3, xzr", 2: "msr s3_4_c2_c0_3, xzr"}


class Purgatory(Arm):
    """What it does before the first line of C."""
    def step_aarch64(self, cpu, mnemonic, text):
        if match := re.match(r"msr (\w+), (x\d+)$", text):
            self.registers[match[1]] = cpu.get(match[2])
        elif match := re.match(r"msr (tpidr\w+), xzr$", text):
            self.registers[match[1]] = 0
        super().step_aarch64(cpu, mnemonic, text)


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("el", [1, 2])
def test_purgatory_and_indirect_permissions(arch, build, el):
    """Linux leaves TCR2.PIE on at kexec, where there is FEAT_S1PIE: it is off before purgatory's own
    tables are read, as these have permissions where an index into PIR would be. Without TCR2 it is not
    touched, as that would be undefined."""
    for features in 0, TCRX, TCRX | 1 << 8:
        model = Purgatory(el, 0, s3_0_c0_c7_3=features)
        assert Cpu(arch, build("kx-purgatory.elf"), model).run_until(0, "kx_purgatory_main_")
        assert [text for text in model.trace if "_c2_c0_3" in text] == [TCR2[el]] * bool(features)


@pytest.mark.only("aarch64")
def test_purgatory_fault_in_a_trap(arch, build):
    """A trap whose first store faults, as with all data read-only: it comes again once, and halts."""
    model = Purgatory(1, 0, s3_0_c0_c7_3=0, tpidr_el0=0x1234)
    cpu = Cpu(arch, build("kx-purgatory.elf"), model)
    cpu.run_until(0, "kx_purgatory_main_")
    vector = 0x200
    assert cpu.run_until(vector, "kx_purgatory_trap_") == "kx_purgatory_trap_"
    data = struct.unpack("<I", cpu.uc.mem_read(purgatory.OFFSET + 12, 4))[0] + 0xfff & -0x1000    # behind the file
    cpu.uc.mem_protect(data, CODE - data, unicorn.UC_PROT_READ)
    with pytest.raises(unicorn.UcError):
        cpu.run_until(vector, "kx_purgatory_trap_")
    assert cpu.run_until(vector, "kx_purgatory_trap_", "kx_halt_") == "kx_halt_"


class Lines(Arm):
    """Remembers which lines were cleaned; ctr_el0: log2 of the words in one."""
    def __init__(self, size):
        super().__init__(1, 0, ctr_el0=(size.bit_length() - 3) << 16)
        self.size, self.clean = size, set()

    def step_aarch64(self, cpu, mnemonic, text):
        super().step_aarch64(cpu, mnemonic, text)
        if match := re.match(r"dc civac, (x\d+)$", text):
            self.clean.add(cpu.get(match[1]) // self.size)


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("size", [16, 64, 2048])
def test_purgatory_cleans_every_line(arch, build, size):
    """Of a region that begins or ends anywhere: the new kernel reads all of it past the caches."""
    for start, end in ((DATA, DATA + 1), (DATA + size - 1, DATA + size + 1), (DATA + size // 2, DATA + 3 * size // 2),
                       (DATA + size // 2, DATA + 4 * size), (DATA + 3, DATA + 3 + 5 * size)):
        model = Lines(size)
        cpu = Cpu(arch, build("kx-purgatory.elf"), model)
        cpu.call("kx_flush_", start, end)
        assert model.clean >= set(range(start // size, (end - 1) // size + 1))
