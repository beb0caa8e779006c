# SPDX-License-Identifier: BSD-2-Clause
"""What answers the instructions that privileged.py hands out: a PC's MSRs, CPUID and local APIC, RISC-V's
firmware, Arm's system registers. A test derives from one what it needs more.

Called by: test_confirm.py, test_writers.py, test_paging_code.py, test_state_code.py, test_blobs.py.
"""
import re


class Model:
    """Counts; answers nothing else. trace: what was executed, in order."""
    def __init__(self):
        self.ticks = 0
        self.trace = []

    def tick(self):
        self.ticks += 1
        return self.ticks

    def step(self, cpu, text):
        getattr(self, f"step_{cpu.arch}")(cpu, text.split()[0], text)


# ---- x86_64 ----

BSP, X2, ON = 0x100, 0x400, 0x800
ICR_LOW, ICR_HIGH, PENDING, INIT = 0x300, 0x310, 0x1000, 0x4500
APIC_ID, X2APIC_ID = 0x20, 0x802


class Pc(Model):
    """MSRs and CPUID leaves, and a local APIC that is busy for a number of looks at it; own: its id."""
    def __init__(self, base=ON | BSP, busy=0, slow=0, leaves=None, msrs=None, own=0):
        super().__init__()
        self.msrs = {0x1b: base, **({X2APIC_ID: own} if base & X2 else {}), **(msrs or {})}
        self.leaves, self.own = leaves or {}, own
        self.pending, self.slow = busy, slow

    def step_x86_64(self, cpu, mnemonic, text):
        if mnemonic == "rdtsc":
            cpu.put("rax", self.tick())
            cpu.put("rdx", 0)
        elif mnemonic == "rdmsr":
            value = self.msrs[cpu.get("rcx") & 0xffffffff]      # KeyError: a fault
            cpu.put("rax", value & 0xffffffff)
            cpu.put("rdx", value >> 32)
        elif mnemonic == "wrmsr":
            number = cpu.get("rcx") & 0xffffffff
            value = (cpu.get("rdx") & 0xffffffff) << 32 | cpu.get("rax") & 0xffffffff
            self.trace.append((number, value))
        elif mnemonic == "cpuid":
            leaf = self.leaves.get(cpu.get("rax") & 0xffffffff, (0, 0, 0, 0))
            for name, value in zip(("rax", "rbx", "rcx", "rdx"), leaf):
                cpu.put(name, value)
        else:
            self.trace.append(mnemonic)

    def load(self, offset):
        if offset == APIC_ID:
            return self.own << 24
        assert offset == ICR_LOW
        self.pending -= bool(self.pending)
        return PENDING if self.pending else 0

    def store(self, offset, value):
        assert not self.pending, "a register of a message that is still on its way"
        self.trace.append((offset, value))
        if offset == ICR_LOW:
            self.pending = self.slow


# ---- riscv64 ----

HSM, BASE = 0x48534d, 0x10


class Sbi(Model):
    """Firmware: states of harts, each a list of which the last stays; answers of the others."""
    def __init__(self, harts=None, answers=None):
        super().__init__()
        self.harts, self.answers = harts or {}, answers or {}

    def ecall(self, eid, fid, args):
        if eid == HSM and fid == 2:
            states = self.harts.get(args[0])
            if not states:
                return -3, 0
            return 0, states.pop(0) if len(states) > 1 else states[0]
        if eid == BASE and fid == 3:
            return 0, int(args[0] in self.answers)
        self.trace.append((eid, fid, *args))
        return self.answers[eid], 0

    def step_riscv64(self, cpu, mnemonic, text):
        if mnemonic == "rdtime":
            cpu.put(text.split()[1], self.tick())
        elif mnemonic == "ecall":
            args = [cpu.get(f"a{i}") for i in range(3)]
            error, value = self.ecall(cpu.get("a7"), cpu.get("a6"), args)
            cpu.put("a0", error)
            cpu.put("a1", value)


SDT = 1 << 24


class Ssdbltrp(Sbi):
    """CSRs that hold what is written; others are not there, and neither is what is no instruction here. Priv
    "Ssdbltrp": a trap sets sstatus.SDT, and while that is set the next one is firmware's."""
    def __init__(self, **csr):
        super().__init__(answers={})
        self.csr = {"sstatus": 0, "stvec": 0, **csr}

    def trap(self, cpu):
        assert not self.csr["sstatus"] & SDT, "a trap in a trap"
        self.csr["sstatus"] |= SDT
        cpu.code.next[cpu.get("pc")] = self.csr["stvec"]

    def step_riscv64(self, cpu, mnemonic, text):
        match = re.match(r"csr(r(?=[wsc ]|i))?([wsc]?)i? (.*)$", text)
        if not match:
            known = mnemonic in ("ecall", "rdtime") or "fence" in mnemonic
            return super().step_riscv64(cpu, mnemonic, text) if known else self.trap(cpu)
        reads, how, operands = match.groups()
        operands = operands.split(",")
        to = operands.pop(0) if reads else "zero"
        name, source = operands[0], operands[1] if how else "0"
        if name not in self.csr:
            return self.trap(cpu)
        value, old = int(source) if source.isdigit() else cpu.get(source), self.csr[name]
        self.csr[name] = {"": old, "w": value, "s": old | value, "c": old & ~value}[how]
        return to == "zero" or cpu.put(to, old)


# ---- aarch64 ----


class Arm(Model):
    """System registers by name; others read as zero."""
    def __init__(self, el, features, **registers):
        super().__init__()
        self.registers = {"currentel": el << 2, "id_aa64dfr0_el1": features, **registers}

    def step_aarch64(self, cpu, mnemonic, text):
        if mnemonic == "mrs":
            to, name = re.match(r"mrs (\w+), (\w+)", text).groups()
            cpu.put(to, self.registers.get(name, 0))
        else:
            self.trace.append(text)


class Sdei(Arm):
    """And firmware that answers some functions; others it does not know. It keeps x18 and up alone."""
    def __init__(self, el, **answers):
        super().__init__(el, 0)
        self.answers = {int(name[1:], 16): answer for name, answer in answers.items()}

    def step_aarch64(self, cpu, mnemonic, text):
        if mnemonic not in ("smc", "hvc"):
            super().step_aarch64(cpu, mnemonic, text)
            return
        function = cpu.get("x0") & 0xffffffff
        self.trace.append((mnemonic, function))
        cpu.put("x0", self.answers.get(function, -1))
        for i in range(1, 18):
            cpu.put(f"x{i}", 0xdead0000 + i)
