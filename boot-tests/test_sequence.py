# SPDX-License-Identifier: BSD-2-Clause
"""Barriers, TLB and cache operations: each is there, where it must be, on every path of the linked
code; and each, taken out alone, is missed by the rules.

Called by: pytest. See sequence.py for how, and why no emulator can tell.
"""
from dataclasses import dataclass, field
from pathlib import Path
import re

import pytest

from sequence import Code, broken, untranslated
from sequence_rules import (FUNCTION_RULES, HFENCE_GVMA, HFENCE_VVMA, LEVELS, PAGE_RULES, PARK_LEVELS, PARK_RULES,
                            PROBE, PROBE_RULES, PURGATORY_INTO, PURGATORY_RULES, RETURN_RULES, SECTION, TICKS_RULES)

TOP = Path(__file__).resolve().parent.parent

# An instruction that is one of those operations, or calls for one
OPERATION = {
    "aarch64": r"^(dsb|isb|dmb|tlbi|ic|dc|psb|tsb|hint #0x1[12])\b|^bl .*<kx_(clean|drop|mmu_off|flush)_>",
    "riscv64": rf"^(fence(\.i)?(?! w,unknown)|sfence\.vma)\b|{HFENCE_GVMA}|{HFENCE_VVMA}",
    "x86_64": r"^([slm]fence|wbinvd)\b",
}
# In a source: what becomes such an instruction
IN_SOURCE = re.compile(r'^\s*(?:\d+:\s*)?(dsb|isb|dmb|tlbi|ic|dc|fence(\.i)?|sfence\.vma|[slm]fence|wbinvd)\b|'
                       r'"(dsb|isb|dmb|tlbi|ic|dc|fence(\.i)?|sfence\.vma|[slm]fence|wbinvd)\b', re.M)
# All that is in the control page, or in purgatory
LINKED = ("enter", "trampoline", "return", "walk", "probe", "list", "fault", "purgatory", "machine", "park")


@dataclass(eq=False)
class Look:
    """Code, the rules that it must keep, and of which functions operations are taken out, if not of all."""
    code: Code
    claims: list = field(default_factory=list)  # (rule, where from, more of broken())
    functions: tuple = ()

    def add(self, rules, start, **more):
        self.claims += [(rule, self.code.symbols[start], more) for rule in rules]
        return self

    def faults(self):
        found = [broken(self.code, rule, start, **more) for rule, start, more in self.claims]
        return [fault for fault in found if fault]

    def misses(self, at):
        """The rules that break when nothing is done at `at`. What is not in its steps, nor calls them, one does not
        need."""
        text, code = self.code.text[at], self.code.without(at)
        return {rule for rule, start, more in self.claims
                if (text.startswith("bl ") or any(re.search(step, text) for step in rule.steps))
                and broken(code, rule, start, **more)}

    def function(self, at):
        return max((start, name) for name, start in self.code.symbols.items() if start <= at)[1]

    def operations(self):
        return [at for at in self.code.order if re.search(OPERATION[self.code.arch], self.code.text[at])
                and (not self.functions or self.function(at) in self.functions)]


def page_look(arch, path):
    """The control page, and where its indirect jumps go."""
    code = Code(arch, path)
    fault, links = code.symbols["kx_fault_"], {}
    for at in code.order:
        if code.jumps(at)[0].target is None:
            if at < code.symbols["kx_trampoline_"]:
                links[at] = code.symbols["kx_trampoline_"]
            elif at > fault:        # to the physical address of what follows
                links[at] = code.next.get(at)
    return Look(code), links


def look_at_all(arch, build):
    """All code in a build folder that there are rules for."""
    if arch in LEVELS:
        page, links = page_look(arch, build / "kx-trampoline.elf")
        for world, level in LEVELS[arch].items():
            page.add(PAGE_RULES[arch] + level, "kx_enter_", world=world, links=links)
            page.add(RETURN_RULES[arch] + level, "kx_return_", world=world, links=links)
        yield page
    if arch == "aarch64":
        yield Look(Code(arch, build / "kx-probe.elf"), functions=PROBE).add(PROBE_RULES, "kx_walk_", into=PROBE)
    if arch in PARK_RULES:
        park = Look(Code(arch, build / f"arch/{arch}/park.o", "-j", ".text.park"))
        for world, level in PARK_LEVELS[arch].items():
            park.add(PARK_RULES[arch] + level, "kx_park_code_", world=world)
        yield park
    for place, rules in FUNCTION_RULES[arch].items():
        source, function = place.split()
        code = Code(arch, build / f"arch/{arch}/{source}.o", "-j", SECTION.get(source, f".text.{function}"))
        links = code.next if source == "call" else None     # the host waits behind the jump
        yield Look(code).add(rules, function, into=(), links=links)
    purgatory = Look(Code(arch, build / "kx-purgatory.elf"))
    for world, functions in PURGATORY_RULES.get(arch, {}).items():
        for name, rules in functions.items():
            purgatory.add(rules, name, world=world, into=PURGATORY_INTO)
    for name in {purgatory.function(at) for at in purgatory.code.order if "cntvct_el0" in purgatory.code.text[at]}:
        purgatory.add(TICKS_RULES, name, into=())
    yield purgatory


@pytest.fixture
def looks(arch, build):
    for name in "kx-trampoline.elf", "kx-probe.elf", "kx-purgatory.elf", "libkx.a":
        build(name)
    return list(look_at_all(arch, TOP / "build" / arch))


def test_rules_hold(looks):
    assert [fault for look in looks for fault in look.faults()] == []


def test_every_operation_is_missed(arch, looks):
    """Each barrier, TLB and cache operation that the linked code has, done nothing in its place, breaks a rule; and
    each rule can be broken."""
    unseen, count, rules = [], 0, {rule for look in looks for rule, _, _ in look.claims}
    for look in looks:
        for at in look.operations():
            count += 1
            missed = look.misses(at)
            if not missed:
                unseen.append(f"{look.function(at)}+{at:#x}: {look.code.text[at]}")
            rules -= missed
    print(f"{count} taken out, one at a time")
    assert not unseen
    assert not rules
    assert count >= {"aarch64": 100, "riscv64": 20, "x86_64": 6}[arch]


def test_no_source_is_forgotten(arch):
    """What has such an operation is in one of the files that are looked at."""
    known = {*LINKED, *(place.split()[0] for place in FUNCTION_RULES[arch])}
    found = {path.stem for path in (TOP / "arch" / arch).iterdir() if IN_SOURCE.search(path.read_text())}
    assert found <= known


@pytest.mark.only("aarch64")
def test_no_bulk_work_after_translation(arch, build):
    """With MMU and caches off nothing is read or written, and the jump is near."""
    build("kx-trampoline.elf")
    off = untranslated(TOP / "build" / arch / "kx-trampoline.elf")
    assert not off.accesses and 0 < off.instructions <= 64, off
