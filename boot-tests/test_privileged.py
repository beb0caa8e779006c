# SPDX-License-Identifier: BSD-2-Clause
"""arch/<a>/cpus.c and writers.c against firmware, APICs and CPUs that answer late, wrongly or never.

Called by: pytest. Runs the library's machine code in an emulator: see privileged.py. No QEMU machine has
a local APIC that is busy, a profile buffer, or firmware that shares memory.
"""
from collections import defaultdict
import re
import struct

import pytest
import unicorn

from privileged import Cpu, CODE, DATA, DEVICE, END, STACK, link
import purgatory

RUNNING, FIRMWARE, NOT_BOOT = -96, -97, -101
TIMEOUT_TICKS = 1000
IDS, CULPRIT = DATA + 0x100, DATA + 0x80


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


@pytest.fixture
def linked(arch, build, need, tmp_path):
    need(f"{arch}-linux-gnu-ld", f"{arch}-linux-gnu-objdump")
    return link(arch, build("libkx.a"), tmp_path / "linked.elf", "kx_cpus_confirm", "kx_quiesce_cpu")


@pytest.fixture
def confirm(arch, linked):
    """confirm(model, [1, 2]): what kx_cpus_confirm() returns, and whom it names."""
    def run(model, ids, method=0, apic=DEVICE):
        cpu = Cpu(arch, linked, model)
        cpus = struct.pack("<QQQQI4xQQ", IDS, len(ids), 1_000_000, TIMEOUT_TICKS, method, 0, apic)
        cpu.uc.mem_write(DATA, cpus)
        cpu.uc.mem_write(IDS, struct.pack(f"<{len(ids)}Q", *ids))
        result = cpu.call("kx_cpus_confirm", DATA, CULPRIT)
        return result, struct.unpack("<Q", cpu.uc.mem_read(CULPRIT, 8))[0]
    return run


@pytest.fixture
def stop_writers(arch, linked):
    """stop_writers(model): what kx_quiesce_cpu() returns."""
    return lambda model: Cpu(arch, linked, model).call("kx_quiesce_cpu")


# ---- x86_64: INIT by the local APIC ----

BSP, X2, ON = 0x100, 0x400, 0x800
ICR_LOW, ICR_HIGH, PENDING, INIT = 0x300, 0x310, 0x1000, 0x4500
FOR_EVER = 1 << 60


class Pc(Model):
    """MSRs and CPUID leaves, and a local APIC that is busy for a number of looks at it."""
    def __init__(self, base=ON | BSP, busy=0, slow=0, leaves=None, msrs=None):
        super().__init__()
        self.msrs = {0x1b: base, **(msrs or {})}
        self.leaves = leaves or {}
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
        assert offset == ICR_LOW
        self.pending -= bool(self.pending)
        return PENDING if self.pending else 0

    def store(self, offset, value):
        assert not self.pending, "a register of a message that is still on its way"
        self.trace.append((offset, value))
        if offset == ICR_LOW:
            self.pending = self.slow


def sent(*ids):
    return [write for one in ids for write in ((ICR_HIGH, one << 24), (ICR_LOW, INIT))]


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("busy, slow", [(0, 0), (20, 0), (0, 20), (35, 47)])
def test_apic(confirm, busy, slow):
    """One INIT each, none before the message before it is delivered."""
    model = Pc(busy=busy, slow=slow)
    assert confirm(model, [1, 2, 0xff])[0] == 0
    assert model.trace == sent(1, 2, 0xff)
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
    (ON | BSP, 0, [1], FIRMWARE), (ON | BSP, DEVICE, [0x100], FIRMWARE),
], ids=["not-boot", "not-boot-x2", "disabled", "not-mapped", "beyond-8-bits"])
def test_apic_cannot(confirm, base, apic, ids, error):
    """What this APIC cannot send is not sent."""
    model = Pc(base)
    assert confirm(model, ids, apic=apic) == (error, ids[0])
    assert model.trace == []


@pytest.mark.only("x86_64")
def test_x2apic(confirm):
    """By the MSR, any id, and not before what was stored is seen by others."""
    model = Pc(ON | X2 | BSP, busy=FOR_EVER)
    ids = [1, 0xff, 0x100, 0x12345678]
    assert confirm(model, ids, apic=0)[0] == 0
    assert model.trace == [step for one in ids
                           for step in ("mfence", "lfence", (0x830, one << 32 | INIT))]


# ---- x86_64: what CPUs and hypervisors write ----

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
def test_encryption(arch, build, tmp_path, cr3, leaves, msrs, encrypted):
    """Memory that is encrypted is found, by registers that are there: of another MSR a read would fault."""
    linked = link(arch, build("libkx.a"), tmp_path / "linked.elf", "kx_paging_read_")
    cpu = Cpu(arch, linked, Translated(cr3, leaves, msrs))
    cpu.call("kx_paging_read_", DATA)
    assert struct.unpack("<QQQ", cpu.uc.mem_read(DATA, 24)) == (CR4, PAT, encrypted)


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
def test_hygon_is_as_amd(arch, build, tmp_path):
    """The registers that are looked for, and those of a vendor that nothing is known of."""
    linked = link(arch, build("libkx.a"), tmp_path / "linked.elf", "kx_bank_open_")

    def bank(vendor):
        cpu = Cpu(arch, linked, Features(vendor))
        cpu.call("kx_bank_open_", DATA, 0)
        return bytes(cpu.uc.mem_read(DATA, 0x200))
    assert bank(HYGO) == bank(AUTH) != bank(OTHER)


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
        return run_until(cpu, cpu.code.symbols["kx_purgatory_main_"], "kx_kexec_enter32_", "kx_halt_")
    assert run(0) == "kx_kexec_enter32_"
    with pytest.raises(AssertionError):
        run(1)


# ---- x86_64: out of long mode, and back in ----

HANDOFF_ENTRY, HANDOFF_FLAGS, HANDOFF_OWN = 0x18, 0x48, 0xb0    # include/kx/abi.h
ENTER_4LEVEL, ENTER_GUARDED = 2, 4
IMAGE, WORDS_READ = 0x123456000, 77


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
    cpu.uc.emu_start(up, END, timeout=20_000_000)
    assert str(cpu.fault) == f"enters {IMAGE:#x}"


# ---- riscv64: SBI ----

HSM, BASE, STA, PMU, NACL, MPXY = 0x48534d, 0x10, 0x535441, 0x504d55, 0x4e41434c, 0x4d505859
NOT_SUPPORTED, FAILED, DENIED = -2, -1, -4
NONE = 2**64 - 1
SHMEM = {STA: 0, PMU: 7, NACL: 1, MPXY: 1}


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


@pytest.mark.only("riscv64")
def test_sbi(confirm):
    """Stopped at once, after a while of stopping, or never."""
    assert confirm(Sbi({7: [1], 3: [0] * 20 + [3] * 30 + [1]}), [7, 3])[0] == 0
    for state in 0, 2, 3, 4, 6:     # 4: suspended, which depends on memory
        model = Sbi({7: [1], 3: [state]})
        assert confirm(model, [7, 3]) == (RUNNING, 3)
        assert TIMEOUT_TICKS <= model.ticks < 1.1 * TIMEOUT_TICKS
    assert confirm(Sbi({7: [1]}), [7, 3]) == (FIRMWARE, 3)


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


TIME, SSE, FWFT = 0x54494d45, 0x535345, 0x46574654
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
def test_sbi_stops(arch, build, need, tmp_path):
    """Timer, events and counters stop, but for the two that a cold boot leaves counting; and what firmware
    does otherwise since the host has asked for it is as from reset on."""
    need(f"{arch}-linux-gnu-ld", f"{arch}-linux-gnu-objdump")
    linked = link(arch, build("libkx.a"), tmp_path / "linked.elf", "kx_state_restore")
    for there in [], [TIME], [PMU], [FWFT], [TIME, SSE, FWFT, PMU]:
        model = Counters(answers={eid: 0 for eid in there})
        Cpu(arch, linked, model).call("kx_state_restore", 0)
        expected = [(TIME, 0, NONE, 0, 0)] * (TIME in there) + [(SSE, 9, 0, 0, 0)] * (SSE in there)
        expected += [(FWFT, 0, feature, 0, 0) for feature in range(4) if FWFT in there]
        if PMU in there:
            expected += [(PMU, STOP, i, 1, RESET) if i in (1, 3, 4) else (PMU, START, i, 1, 0)
                         for i in range(5)]
        assert model.trace == expected


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
def test_types_of_its_own(arch, build, tmp_path, hart, level):
    """Entries that T-Head's CPUs read as others do not are found, by a CSR that nobody else has."""
    linked = link(arch, build("libkx.a"), tmp_path / "linked.elf", "kx_paging_read_")
    cpu = Cpu(arch, linked, hart)
    cpu.call("kx_paging_read_", DATA)
    assert struct.unpack("<QQQ", cpu.uc.mem_read(DATA, 24)) == (hart.csrs["satp"], 0, level)


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


# ---- aarch64: what the CPU writes ----

SPE, FILTER, TRBE = 1 << 32, 1 << 40, 1 << 44
PRIVATE = 0x10      # the buffer belongs to a higher exception level


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


def run_until(cpu, start, *ends):
    """Runs from one symbol to one of others, whose name it returns; what a fault of Unicorn's says, raised."""
    found = []
    ends = {cpu.code.symbols[name]: name for name in ends}

    def hook(uc, at, size, _):
        if at in ends:
            found.append(ends[at])
            uc.emu_stop()
    cpu.uc.hook_add(unicorn.UC_HOOK_CODE, hook)
    cpu.uc.emu_start(start, END, timeout=20_000_000)
    if cpu.fault:
        raise cpu.fault
    return found[0] if found else None


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("el", [1, 2])
def test_purgatory_and_indirect_permissions(arch, build, el):
    """Linux leaves TCR2.PIE on at kexec, where there is FEAT_S1PIE: it is off before purgatory's own
    tables are read, as these have permissions where an index into PIR would be. Without TCR2 it is not
    touched, as that would be undefined."""
    for features in 0, TCRX, TCRX | 1 << 8:
        model = Purgatory(el, 0, s3_0_c0_c7_3=features)
        assert run_until(Cpu(arch, build("kx-purgatory.elf"), model), 0, "kx_purgatory_main_")
        assert [text for text in model.trace if "_c2_c0_3" in text] == [TCR2[el]] * bool(features)


@pytest.mark.only("aarch64")
def test_purgatory_fault_in_a_trap(arch, build):
    """A trap whose first store faults, as with all data read-only: it comes again once, and halts."""
    model = Purgatory(1, 0, s3_0_c0_c7_3=0, tpidr_el0=0x1234)
    cpu = Cpu(arch, build("kx-purgatory.elf"), model)
    run_until(cpu, 0, "kx_purgatory_main_")
    vector = 0x200
    assert run_until(cpu, vector, "kx_purgatory_trap_") == "kx_purgatory_trap_"
    data = struct.unpack("<I", cpu.uc.mem_read(purgatory.OFFSET + 12, 4))[0] + 0xfff & -0x1000    # behind the file
    cpu.uc.mem_protect(data, CODE - data, unicorn.UC_PROT_READ)
    with pytest.raises(unicorn.UcError):
        run_until(cpu, vector, "kx_purgatory_trap_")
    assert run_until(cpu, vector, "kx_purgatory_trap_", "kx_halt_") == "kx_halt_"
