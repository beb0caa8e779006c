# SPDX-License-Identifier: BSD-2-Clause
"""What the new kernel finds is what a cold boot would leave: seen from outside.

Called by: pytest. See outside.py. As test_state.py, but nothing of the guest's is believed, and
devices are looked at too; each difference that there may be has its reason below, and no other is.
"""
import re

import pytest

import hop
import outside
import state
from state import Allowed
import test_quiesce
import test_state

WAYS = [row for row in test_state.WAYS if row.name in (
    "4k-gic3", "16k-vmap", "el2-off", "e2h-4k", "el2-newer", "sv39", "sv39-vector", "aia", "4level",
    "la57", "x2apic", "intel")]

# Every difference that there may be at the payload's first instruction.
OF_MACHINE = [
    Allowed(r"timer/0 cpu_(ticks|clock)_offset", "time since the machine was switched on"),
    Allowed(r"(pl031|goldfish_rtc)/0 tick_offset(_vmstate)?|mc146818rtc/0 .*", "another time of day"),
    Allowed(r"pl011/0 int_level", "the host has printed; the interrupt is masked", 0x20),
    Allowed(r"PCIHost/0 config_reg|ioapic/0 ioregsel", "an index register: its user sets it first"),
    Allowed(r"i8254/0 .*time", "when the timer of the firmware will tick"),
    Allowed(r"i8254/0 channels\[2\]\..*|pcspk/0 dummy_refresh_clock",
            "the host has measured time by it"),
    Allowed(r"i8259/0 (last_)?irr", "the timer of the firmware has ticked while interrupts were off", 1),
    Allowed(r"cpu_common/0 interrupt_request", "... and waits", 0x12, "x86_64.*"),
    Allowed(r"\S+/ich9_ahci/0 ahci\..*_addr", "the firmware's, in any order"),
    Allowed(r"\S+/ich9_ahci/0 parent_obj.config\[0\]|\S+/ich9_smb/0 dev.config\[0\]",
            "kx_quiesce() has turned bus mastering and interrupts off", 0x0404 << 8 * (256 - 6)),
]
OF_CPU = [
    Allowed(r"gdb (x\d+|[astr]\d+|r[a-ds]\w|[rs]i|tp|fp|ra|sp|r\d+)", "test_payload.py has them"),
    Allowed(r"cpu/0 env\.(xregs|gpr|regs)\[\d+\]", "the same"),
    Allowed(r"gdb (v|z|q|d)\d+|cpu/0 \S*(vfp.zregs|env.vreg)\S*", "the copy goes through them"),
    Allowed(r"gdb cpsr|cpu/0 cpsr", "N, Z, C, V", 0xf << 28),
    Allowed(r"gdb eflags|cpu/0 env.eflags", "the firmware's parity", 4),
    Allowed(r"gdb SCTLR|cpu/0 S3_0_C1_C0_0", "see state.py", 0x30150038, "aarch64-(?!el2|e2h).*"),
    Allowed(r"gdb SCTLR_EL2|cpu/0 S3_4_C1_C0_0|cpu/0 cpreg_40200000200f0820", "see state.py",
            0x30c50830, "aarch64-(el2|e2h).*"),
    Allowed(r"cpu/0 env.exception.syndrome", "the emulator's scratch"),
    Allowed(r"gdb [cs]s|gdb [d-g]s|cpu/0 env.segs\[\d\].selector", "a table of libkx's own", 0x18),
    Allowed(r"cpu/0 env.segs\[1\].flags", "the same: accessed", 0x100),
    Allowed(r"cpu/0 env.(gdt.(base|limit)|[il]dt.limit)", "the same"),
    Allowed(r"cpu/0 env.tr\.\w+", "a task register cannot be unloaded; NMIs wanted a stack of their own"),
    Allowed(r"apic/0 (initial_count_load_time|count_shift)",
            "QEMU resets the timer's divider to another value than the register's"),
    Allowed(r"gdb v?stimecmp|cpu/0 (cpu/hyper\.)?env.v?stimecmp",
            "~0 never comes; 0 is a timer that has expired"),
    Allowed(r"cpu/0 cpu/hyper.env.hstatus", "VSXL, which reads as set even where it is not", 3 << 32),
    Allowed(r"gdb m(epc|cause|tval)|cpu/0 env.m(epc|cause|tval)", "the firmware's last trap"),
    Allowed(r"gdb mie|cpu/0 env.mie", "the firmware's timer, set to never", 0x80),
    Allowed(r"gdb (m?cycle|m?instret|time|seed)", "counts or is drawn while it is read"),
]


def unexplained(row, before, after, allowed=(*OF_MACHINE, *OF_CPU)):
    return [(name, *map(test_state.hex_or_none, pair)) for name, *pair, why in
            state.differences(row, before, after, allowed) if not why]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_as_cold_boot(arch, way, build, tmp_path):
    """Every register was made dirty; all of the machine is as on a cold boot."""
    build("kx-payload.elf")
    row = test_state.machine(way)
    before = outside.cold(row, tmp_path)
    after, console = outside.warm(row, tmp_path, "kx.dirt=on")
    assert len(state.dirt(console)[0]) >= test_state.LEAST[arch]
    assert unexplained(row, before, after) == []
    assert len(before) >= 900 and set(before) == set(after)


def names(row, everything):
    """{a register's name in registers.h: its name here}, as far as both name it."""
    if row.arch == "aarch64":
        both = {name: f"cpu/0 {number}" for name, number in test_state.numbers(row.arch)}
    elif row.arch == "riscv64":
        both = {name: f"gdb {name}" for name, _ in test_state.numbers(row.arch)}
    else:   # "DR7" is "env.dr[7]"
        plain = {re.sub(r"\W|_", "", name[10:]): name for name in everything
                 if name.startswith("cpu/0 env.")}
        both = {name: plain.get(name.replace("_", "").lower())
                for name, _ in test_state.numbers(row.arch)}
    return {name: other for name, other in both.items() if other in everything}


UNSAVED = r"PMEVCNTR\d+_EL0|PMCCNTR_EL0"   # QEMU saves the events that there have been instead


@pytest.mark.parametrize("way", test_state.CONTROL_WAYS, ids=str)
def test_dirt_is_seen(arch, way, build, tmp_path):
    """Negative control: without kx_state_restore() what was dirtied is seen dirty, by name."""
    build("kx-payload.elf")
    before = outside.cold(way, tmp_path)
    after, console = outside.warm(way, tmp_path, "kx.dirt=on kx.state=leave")
    both = names(way, before)
    dirty = {both[name] for name in test_state.left_dirty(way, console)
             if name in both and not re.fullmatch(UNSAVED, name)}
    assert len(dirty) >= 15
    assert dirty - {name for name, *_ in state.differences(way, before, after)} == set()


# ---- devices ----

DEVICE_WAYS = [way for way in test_quiesce.MACHINES
               if str(way) in ("aarch64-smmuv3", "x86_64-intel")]
OF_DEVICES = [
    *OF_MACHINE,
    Allowed(r"\S+/(ohci|edu)/0 .*", "the devices that wrote: reset is not what stops them"),
    Allowed(r"smmuv3/0 (strtab_base(_cfg)?|(cmd|event)q\.(base|log2size))",
            "where tables and queues were: nothing follows it while CR0 is 0"),
    Allowed(r"smmuv3/0 cmdq.(prod|cons)", "the same: as many commands as were carried out"),
    Allowed(r"iommu-intel/0 (root|intr_root|intr_size|iq|iq_size|iq_last_desc_type)",
            "where tables and queues were: nothing follows it while GSTS has no enable"),
    Allowed(r"iommu-intel/0 iq_(head|tail)", "the same"),
    Allowed(r"iommu-intel/0 csr\[(3[345]|12[89]|13\d|14[5-7]|18[4-7])\]", "the same, as bytes"),
    Allowed(r"iommu-intel/0 csr\[31\]", "GSTS: tables have once been set: RTPS, IRTPS", 0x41),
]
ENABLED = {"smmuv3/0 cr[0]", "smmuv3/0 cr0ack", "iommu-intel/0 dmar_enabled",
           "iommu-intel/0 qi_enabled", "iommu-intel/0 intr_enabled"}


def devices(way, tmp_path, quiesce):
    """What is left of the devices, behind a host that used them all: [(name, cold, warm)]."""
    row = hop.usual(way.arch)
    machine = {**row.machine, "options": way.options,
               "extra": [*way.extra, *test_quiesce.DEVICES]}
    if way.qemu10:
        machine["prefix"] = test_quiesce.qemu10()
    row = hop.Row(way.arch, way.name, row.options, machine)
    before = outside.cold(row, tmp_path)
    after, _ = outside.warm(row, tmp_path, f"kx.dma=on kx.quiesce={quiesce}")
    return [found for found in unexplained(row, before, after, OF_DEVICES)
            if not found[0].startswith(("gdb ", "cpu/", "cpu_common/", "apic/"))]


@pytest.mark.parametrize("way", DEVICE_WAYS, ids=str)
def test_devices(arch, way, build, tmp_path):
    """IOMMU, interrupt controllers and timers are as on a cold boot."""
    build("kx-payload.elf")
    assert devices(way, tmp_path, "full") == []


@pytest.mark.parametrize("way", DEVICE_WAYS, ids=str)
def test_devices_left_on(arch, way, build, tmp_path):
    """Negative control: without kx_quiesce() the IOMMU is seen on."""
    build("kx-payload.elf")
    found = {name for name, *_ in devices(way, tmp_path, "none")}
    of_way = {name for name in ENABLED if ("smmu" in name) == (arch == "aarch64")}
    assert of_way <= found
