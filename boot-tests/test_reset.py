# SPDX-License-Identifier: BSD-2-Clause
"""Policy `reset`: a warm one, which leaves memory and so the status record alone, is asked for before a cold one.

Called by: pytest. The blobs' own machine code in an emulator, with firmware that knows the one, both or neither;
that machines start again and read the record is test_status.py's and test_verified.py's.
"""
import re

import pytest

from privileged import Cpu, DATA, END
import purgatory

HANDOFF = {"policy": 0xd0, "psci": 0xd4}    # include/kx/abi.h
INFO = {"policy": 0x14, "regions": 0x18, "hz": 0x20, "psci": 0x90}
BY_LEVEL, HVC, SMC = 0, 1, 2
RESET = 2
TOO_MANY = 17
# Functions and their arguments; PSCI "SYSTEM_RESET2", "SYSTEM_RESET"; SBI "System Reset Extension"
WARM = {"riscv64": (0x53525354, 0, 2, 1), "aarch64": (0xc4000012, 0, 0)}
COLD = {"riscv64": (0x53525354, 0, 1, 1), "aarch64": (0x84000009, 0, 0)}
PORTS = [(0xcf9, 2), (0xcf9, 6), (0x64, 0xfe), "lidt", "int3"]


class Over(Exception):
    """The machine is reset, or it waits for ever."""


class Machine:
    """Firmware that knows some of the resets; without any the CPU waits in the end."""
    def __init__(self, *known, el=1):
        self.known, self.el, self.asked, self.how = known, el, [], set()

    def step(self, cpu, text):
        words = text.split()
        if words[0] in ("wfi", "hlt"):
            raise Over("waits")
        getattr(self, f"step_{cpu.arch}")(cpu, words[0], text)

    def ask(self, *call):
        self.asked.append(call)
        if call in self.known:
            raise Over("is reset")

    def step_riscv64(self, cpu, mnemonic, text):
        if mnemonic == "ecall":
            self.ask(*(cpu.get(name) for name in ("a7", "a6", "a0", "a1")))
            cpu.put("a0", -2)
        elif mnemonic == "rdtime":
            cpu.put(text.split()[1], 0)

    def step_aarch64(self, cpu, mnemonic, text):
        if match := re.match(r"mrs\s+(\w+), currentel", text):
            cpu.put(match[1], self.el << 2)
        elif match := re.match(r"mrs\s+(\w+), id_aa64mmfr0_el1", text):
            cpu.put(match[1], 5)
        elif mnemonic == "mrs":
            cpu.put(text.split()[1].rstrip(","), 0)
        elif mnemonic in ("smc", "hvc"):
            self.how.add(mnemonic)
            self.ask(*(cpu.get(f"x{i}") for i in range(3)))
            for i in range(18):
                cpu.put(f"x{i}", 0xdead0000 + i)
            cpu.put("x0", -1)

    def step_x86_64(self, cpu, mnemonic, text):
        if match := re.match(r"out\s+%al,(?:\$(0x\w+)|\(%dx\))", text):
            port = int(match[1], 16) if match[1] else cpu.get("rdx") & 0xffff
            self.asked.append((port, cpu.get("rax") & 0xff))
        elif mnemonic in ("lidt", "int3") and self.asked:
            self.asked.append(mnemonic)
            if mnemonic == "int3":
                raise Over("shuts down")


SPECIAL = {"riscv64": r"ecall|wfi|rdtime", "aarch64": r"mrs|msr|smc|hvc|wfi|isb|dsb|dc|ic|tlbi",
           "x86_64": r"in |out |hlt|int3|lidt|mov %\w+,%cr\d|mov %cr\d"}


def run(arch, path, machine, start, fields):
    """From there, with these fields of what the blob is given, to the end."""
    cpu = Cpu(arch, path, machine)
    cpu.special = {at: text for at, text in cpu.code.text.items() if re.match(SPECIAL[arch], text)}
    for offset, value, size in fields:
        cpu.uc.mem_write(offset, value.to_bytes(size, "little"))
    for name, value in {"riscv64": {"s0": 0, "s11": DATA, "s9": 3}, "aarch64": {"x19": 0, "x13": DATA, "x15": 3},
                        "x86_64": {"rbp": 0, "r14": DATA, "r12": 3, "rsp": DATA + 0xff0}}[arch].items():
        cpu.put(name, value)
    cpu.uc.emu_start(cpu.code.symbols[start], END, timeout=120_000_000)
    assert isinstance(cpu.fault, Over), (cpu.fault, machine.asked)
    return str(cpu.fault)


@pytest.fixture(params=["control", "purgatory"])
def fail(request, arch, build):
    """fail(machine, psci): what comes of a fault on the way, and of an image that purgatory refuses."""
    def control(machine, psci=BY_LEVEL):
        return run(arch, build("kx-trampoline.elf"), machine, "kx_tell_", [
            (HANDOFF["policy"], RESET, 4), (HANDOFF["psci"], psci, 4)])

    def verify(machine, psci=BY_LEVEL):
        at = purgatory.OFFSET
        return run(arch, build("kx-purgatory.elf"), machine, "kx_purgatory_", [
            (at + INFO["policy"], RESET, 4), (at + INFO["hz"], 1000, 8),
            (at + INFO["regions"], TOO_MANY, 4), (at + INFO["psci"], psci, 8)])
    return control if request.param == "control" else verify


@pytest.mark.only("riscv64", "aarch64")
def test_order(fail, arch):
    """The warm one first; the cold one where the firmware says that it has no other; then it waits."""
    warm, cold = WARM[arch], COLD[arch]
    for known, asked, end in (((warm, cold), [warm], "is reset"), ((cold,), [warm, cold], "is reset"),
                              ((), [warm, cold], "waits")):
        machine = Machine(*known)
        assert fail(machine) == end
        assert machine.asked == asked


@pytest.mark.only("aarch64")
def test_conduit(fail):
    """Both by the call that the handoff and the info want."""
    for psci, el, how in ((BY_LEVEL, 1, "hvc"), (BY_LEVEL, 2, "smc"), (HVC, 2, "hvc"), (SMC, 1, "smc")):
        machine = Machine(el=el)
        fail(machine, psci)
        assert len(machine.asked) == 2 and machine.how == {how}


@pytest.mark.only("x86_64")
def test_ports(fail):
    """Every way that there is leaves memory its power: bit 3 of port 0xcf9 is clear."""
    machine = Machine()
    assert fail(machine) == "shuts down"
    assert machine.asked == PORTS
