# SPDX-License-Identifier: BSD-2-Clause
"""The library's own machine code, run on the build machine, with what only a CPU at its privilege level
can do in the hands of a test: special registers, firmware calls, counters, barriers, a device.

Called by: the `bare_cpu` of conftest.py, and tests of the blobs. Every other instruction is Unicorn's; these are
found by their disassembly, handed to a model (models.py) and stepped over. Nothing is compiled for it: it is what
ships.
"""
import re
import subprocess

from elftools.elf.elffile import ELFFile
import unicorn
from unicorn import arm64_const as arm, riscv_const as riscv, x86_const as x86

from sequence import Code

CODE, STACK, DATA, DEVICE, END = 0x100000, 0x400000, 0x500000, 0x600000, 0x700000

ARCH = {
    "x86_64": (unicorn.UC_ARCH_X86, unicorn.UC_MODE_64),
    "aarch64": (unicorn.UC_ARCH_ARM64, unicorn.UC_MODE_ARM),
    "riscv64": (unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV64),
}
SPECIAL = {
    "x86_64": r"rdmsr|wrmsr|cpuid|rdtsc|[ml]fence|mov %cr\d",
    "aarch64": r"mrs|msr|smc|hvc|isb|dsb|psb|tsb|dc|ic",
    "riscv64": r"ecall|rdtime|csrr|fence",
}
PC = {"x86_64": x86.UC_X86_REG_RIP, "aarch64": arm.UC_ARM64_REG_PC, "riscv64": riscv.UC_RISCV_REG_PC}
SP = {"x86_64": x86.UC_X86_REG_RSP, "aarch64": arm.UC_ARM64_REG_SP, "riscv64": riscv.UC_RISCV_REG_SP}
ARGS = {
    "x86_64": [x86.UC_X86_REG_RDI, x86.UC_X86_REG_RSI, x86.UC_X86_REG_RDX],
    "aarch64": [arm.UC_ARM64_REG_X0 + i for i in range(3)],
    "riscv64": [riscv.UC_RISCV_REG_A0 + i for i in range(3)],
}
RESULT = {"x86_64": x86.UC_X86_REG_RAX, "aarch64": arm.UC_ARM64_REG_X0, "riscv64": riscv.UC_RISCV_REG_A0}


def link(arch, library, out, *symbols):
    """The library's functions and what they call, linked where Cpu has its memory."""
    subprocess.run([f"{arch}-linux-gnu-ld", "-static", "-nostdlib", "-z", "noexecstack", "-N",
                    "--no-warn-rwx-segments", "-Ttext", hex(CODE), "-e", symbols[0],
                    *(f"-u{name}" for name in symbols), "-o", out, library], check=True)
    return out


class Cpu:
    """A CPU that runs functions of a linked file.

    model: what answers. Its method `step(cpu, text)` gets the text of each special instruction, as
    objdump prints it; get() and put() are its way to registers. Where the model has `load(offset)` and
    `store(offset, value)`, there is a device of one page at DEVICE.
    """
    def __init__(self, arch, path, model):
        self.arch, self.model = arch, model
        self.code = Code(arch, path)
        self.uc = unicorn.Uc(*ARCH[arch])
        self.fault = None      # what the model has raised: no exception gets through Unicorn
        self.uc.mem_map(CODE, 0x100000)
        self.uc.mem_map(STACK, 0x10000)
        self.uc.mem_map(DATA, 0x10000)
        self.uc.mem_map(END, 0x1000)
        with open(path, "rb") as file:
            for segment in ELFFile(file).iter_segments():
                if segment["p_type"] == "PT_LOAD" and not segment["p_vaddr"]:
                    self.uc.mem_map(0, CODE)    # a program of its own
                if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]:
                    self.uc.mem_write(segment["p_vaddr"], segment.data())
        self.special = {at: text for at, text in self.code.text.items()
                        if re.match(rf"({SPECIAL[arch]})\b", text)}
        self.uc.hook_add(unicorn.UC_HOOK_CODE, self.hook)
        if hasattr(model, "load"):
            self.uc.mmio_map(
                DEVICE, 0x1000, lambda uc, offset, size, _: self.ask(model.load, offset) or 0, None,
                lambda uc, offset, size, value, _: self.ask(model.store, offset, value), None)

    def ask(self, what, *args):
        try:
            return what(*args)
        except Exception as fault:
            self.fault = self.fault or fault
            self.uc.emu_stop()

    def hook(self, uc, at, size, _):
        if at not in self.special or self.fault:
            return
        self.ask(self.model.step, self, self.special[at])
        if not self.fault:
            uc.reg_write(PC[self.arch], self.code.next.get(at, at + size))

    def register(self, name):
        """The number by which Unicorn knows a register; 32-bit names are those of 64 bits."""
        if self.arch == "x86_64":
            return getattr(x86, f"UC_X86_REG_{name.upper()}")
        if self.arch == "riscv64":
            return getattr(riscv, f"UC_RISCV_REG_{name.upper()}")
        return getattr(arm, f"UC_ARM64_REG_{name.upper().replace('W', 'X')}")

    def get(self, name):
        return 0 if name in ("xzr", "wzr", "zero") else self.uc.reg_read(self.register(name))

    def put(self, name, value):
        self.uc.reg_write(self.register(name), value & 2**64 - 1)

    def call(self, symbol, *args):
        """Runs a function to its end; returns its int."""
        for register, value in zip(ARGS[self.arch], args):
            self.uc.reg_write(register, value)
        stack = STACK + 0xff00
        if self.arch == "x86_64":
            stack -= 8
            self.uc.mem_write(stack, END.to_bytes(8, "little"))
        else:
            self.put("x30" if self.arch == "aarch64" else "ra", END)
        self.uc.reg_write(SP[self.arch], stack)
        self.run(self.code.symbols[symbol])
        assert self.uc.reg_read(PC[self.arch]) == END, "it did not come to an end"
        value = self.uc.reg_read(RESULT[self.arch]) & 0xffffffff
        return value - (1 << 32) if value >> 31 else value

    def run(self, start):
        """Until the function has returned, or a hook says so; what the model has raised is raised."""
        self.uc.emu_start(start, END, timeout=120_000_000)
        if self.fault:
            raise self.fault

    def run_until(self, start, *ends):
        """Runs to one of these symbols; returns its name."""
        found, names = [], {self.code.symbols[name]: name for name in ends}

        def hook(uc, at, size, _):
            if at in names:
                found.append(names[at])
                uc.emu_stop()
        handle = self.uc.hook_add(unicorn.UC_HOOK_CODE, hook)
        try:
            self.run(start)
        finally:
            self.uc.hook_del(handle)
        return found[0] if found else None
