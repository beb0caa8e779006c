# SPDX-License-Identifier: BSD-2-Clause
"""Barriers, TLB and cache operations: each is there, where it must be, on every path of the linked
code; and each, taken out of the source alone, is missed by the rules.

Called by: pytest. See sequence.py for how, and why no emulator can tell.
"""
from pathlib import Path
import re
import shutil
import subprocess

import pytest

from sequence import Code, ENTRY, LEFT, Rule, broken, untranslated

TOP = Path(__file__).resolve().parent.parent
# aarch64. dest is x21, end x25, cursor x20, CPACR or CPTR as found x28: see trampoline.S and walk.S.
DSB = "^dsb (nsh|ish|sy)"
READS = "^ld[rp]|^dc "
JUMPS_OUT = r"^br |" + LEFT


def at_level(el, tlbi):
    """What holds for one exception level, with its own registers and TLB operation."""
    return [
        Rule('Arm "TLB maintenance", "Context synchronization events": new tables are in force, and the '
             "old ones' entries gone, before anything is read through them, before translation is "
             "turned on, and before the code goes on elsewhere",
             rf"^msr ttbr0_{el}, x(?!zr)", ("^isb", f"^tlbi {tlbi}", DSB, "^isb"),
             rf"{READS}|^msr sctlr_{el}|{JUMPS_OUT}"),
        Rule('Arm "Context synchronization events": translation and caches are on before the first '
             "access that relies on it",
             rf"^msr sctlr_{el}", ("^isb",), rf"{READS}|{JUMPS_OUT}"),
        Rule('Arm "Using break-before-make": the lower half is closed before its tables change',
             rf"^msr tcr_{el}, x6", ("^isb",), rf"^msr ttbr0_{el}|{JUMPS_OUT}"),
        Rule('Arm "Synchronization of instruction and data accesses": what was cleaned is in memory, '
             "translation off, TLB and instruction cache empty and all that done, before the image",
             "<kx_untranslate_>", ("^dsb sy", f"^msr sctlr_{el}", "^isb", f"^tlbi {tlbi}", "^ic iallu",
                                   DSB, "^isb"), rf"^ldr x0, \[x13|{LEFT}"),
    ]


PAGE_RULES = {
    "aarch64": [
        Rule('Arm "Synchronization of instruction and data accesses": the control page was written as '
             "data", ENTRY, ("^ic iallu", DSB, "^isb"), JUMPS_OUT),
        Rule('Arm "Context synchronization events": the vectors are in force before they are needed',
             r"^msr vbar_el., x(?!zr)", ("^isb",), f"{READS}|{JUMPS_OUT}|^mrs x6, sctlr"),
        Rule('Arm "Context synchronization events": SIMD is allowed before it is used',
             r"^msr (cpacr|cptr)_el., x4", ("^isb",), rf"\bq0\b|{LEFT}"),
        Rule("Linux booting.rst: what was stored goes to the point of coherency, line by line",
             r"^stp .*\[x21", ("^dc civac",), r"^add x21, x21, #0x40|\[x21, #\d+\]!|^ldr x23"),
        Rule("the same, where pages change places, of what was the destination ...", "^mov x0, x26",
             ("^dc civac", DSB), "^mov x0, x7|^ldr x23"),
        Rule("... and of what was the source", "^mov x0, x7", ("^dc civac", DSB),
             r"^ldr x23|^ldp x0, x1, \[x22\]"),
        Rule("the same, for lines shorter than a step of the copy",
             r"^b\.(cs|hs) .* falls", ("^dc civac", DSB), "^ldr x23"),
        Rule("the same, for runs that are in place: no run ends without it",
             "^add x25, x21", ("^dc civac",), "^ldr x23"),
        Rule("a list page is read, where the host wrote past the caches, after older lines are gone",
             "^cbz x29, .* falls", ("^dc civac", DSB), "^ldr x23"),
        Rule("a source likewise", "^cbnz x29, .* taken", ("^dc civac", DSB), "^ldp (x0|q0)"),
        Rule('Arm "HCR_EL2", E2H: what follows is of the regime that the new image will have, and so is '
             "the TLB that is emptied; and of guests nothing is left", "^msr hcr_el2",
             ("^isb", "^tlbi alle2", "^tlbi alle1", DSB, "^isb"), LEFT),
        Rule('Arm "Context synchronization events": the last of the registers are set before the first '
             "instruction of another", r"^msr (?!vbar|tpidr)\w+_el., (xzr|x28)", ("^isb",), LEFT),
        Rule("the counter is not read ahead of time", "<kx_stage_>", ("^isb",), "cntvct_el0"),
        Rule("the status record goes to the point of coherency",
             r"^strb w15, \[x0, #5\]", ("^dc civac", DSB), "^mov x30, x12"),
        Rule("what is to be read past the caches goes to the point of coherency",
             "^add x0, x13, #0x540", ("^dc civac",), "<kx_untranslate_>"),
    ],
    "riscv64": [
        Rule('Unpriv "Instruction-Fetch Fence": the control page was written as data',
             ENTRY, ("^fence.i",), "^csrw satp|^jr "),
        Rule('Priv "Supervisor Memory-Management Fence Instruction": no entry of the tables before',
             "^csrw satp", ("^sfence.vma",), r"^l[bhwd]u? |^s[bhwd] |^jr |" + LEFT),
        Rule('Priv "Supervisor Address Translation and Protection Register": nor is a table read, by the fetch '
             "behind the write, as it was before it was written", ENTRY, ("^sfence.vma",), "^csrw satp,a0"),
        Rule("the same, after a fault", "^mv t2,a0", ("^sfence.vma",), "^csrw satp,t2"),
        Rule('Unpriv "Instruction-Fetch Fence": the new image was written as data',
             r"^sd .*\(s3\)", ("^fence.i",), LEFT),
    ],
}
# From where the new image comes back to. The walk is the same; what kx_switch_ and kx_guard_ do, too.
RETURN_RULES = {
    "aarch64": [
        Rule('Arm "HCR_EL2", E2H: the tables of the copy are read by it', "^msr hcr_el2, x4", ("^isb",),
             "^msr "),
        Rule('Arm "Synchronization of instruction and data accesses": the old system was written as data',
             "^mov x29, #0x1", ("^ic iallu", DSB, "^isb"), "^msr ttbr1_el1, x4"),
    ],
    "riscv64": [
        Rule('Priv "Supervisor Memory-Management Fence Instruction": no entry of the tables before',
             "^csrw satp", ("^sfence.vma",), r"^l[bhwd]u? |^s[bhwd] |^jr |" + LEFT),
        Rule('Priv "Supervisor Address Translation and Protection Register": nor is a table read as it was '
             "before it was written ...", r"^sd .*\(s3\)", ("^sfence.vma",), "^csrw satp,a0"),
        Rule("... and neither is one of the host's, which the walk has put back", "^csrw satp,a0",
             ("^sfence.vma", "^sfence.vma"), "^csrw satp,a3"),
        Rule('Unpriv "Instruction-Fetch Fence": the old system was written as data',
             r"^sd .*\(s3\)", ("^fence.i",), "^csrw satp,a|^jr a"),
    ],
}
LEVELS = {"aarch64": {1: at_level("el1", "vmalle1"), 2: at_level("el2", "alle2")},
          "riscv64": {None: []}}


def park_at_level(el, tlbi):
    return [Rule('Arm "TLB maintenance", "Behavior of caches when the MMU is disabled": translation is off '
                 "and nothing of it left before the CPU looks at its slot",
                 rf"^msr sctlr_{el}", ("^isb", f"^tlbi {tlbi}", DSB, "^isb"), rf"^ldr|^str|{JUMPS_OUT}")]


# arch/<a>/park.S
PARK_RULES = {
    "aarch64": [
        Rule('Arm "Data Synchronization Barrier (DSB)": all that it did comes before it says that it waits',
             ENTRY, ("^dsb sy",), "^msr sctlr_|^str"),
        Rule('Arm "Synchronization of instruction and data accesses": the new kernel was written as data',
             "^cbnz x20, .* taken", ("^ic iallu", DSB, "^isb"), JUMPS_OUT),
    ],
    "riscv64": [
        Rule('Priv "Supervisor Memory-Management Fence Instruction": no entry of the tables before',
             "^csrw satp", ("^sfence.vma",), r"^ld |^sd |^jr "),
        Rule('Unpriv "Memory Ordering Instructions": all that it did comes before it says that it waits',
             ENTRY, ("^fence rw,w$",), "^sd "),
        Rule('Unpriv "Memory Ordering Instructions", "Instruction-Fetch Fence": what was written before '
             "the address is seen behind it, by loads and by fetch",
             "^beqz s1,.* falls", ("^fence r,rw", "^fence.i"), "^jr "),
    ],
}
PARK_LEVELS = {"aarch64": {1: park_at_level("el1", "vmalle1"), 2: park_at_level("el2", "alle2")},
               "riscv64": {None: []}}

# Functions of arch/<a>/cpu.c
FUNCTION_RULES = {
    "aarch64": {
        "kx_code_publish_": [
            Rule('Arm "Synchronization of instruction and data accesses": what was written as data is '
                 "in memory, and fetched from there",
                 ENTRY, ("^dsb sy", "^ic ialluis", "^dsb sy", "^isb"), LEFT),
            Rule("every line of it", r"^b\.\w+ .* taken", ("^dc civac",), "^add "),
        ],
        "kx_ticks_": [Rule("the counter is not read ahead of time", ENTRY, ("^isb",), "cntvct_el0")],
    },
    "riscv64": {
        "kx_code_publish_": [
            Rule('Unpriv "Memory Ordering Instructions": tables are there before they are walked',
                 ENTRY, ("^fence rw,rw",), LEFT),
        ],
    },
}


def purgatory_at_level(el, tlbi):
    return {
        "kx_purgatory_": [
            Rule('Arm "Synchronization of instruction and data accesses": purgatory was written as data; '
                 "its SCTLR is in force before anything is stored", ENTRY,
                 (f"^msr sctlr_{el}", "^isb", "^ic iallu", DSB, "^isb"), f"^st|{LEFT}"),
            Rule("what was written through caches is in memory before they are off", ENTRY,
                 ("<kx_mmu_off_>",), "^msr sctlr"),
            Rule('Arm "Context synchronization events": its vectors are in force before it goes on',
                 ENTRY, (f"^msr vbar_{el}", "^isb"), LEFT),
        ],
        "kx_mmu_on_": [
            Rule('Arm "TLB maintenance": tables are there before they are walked, in force, and the old '
                 "ones' entries gone, before translation is on; and on it is at the return", ENTRY,
                 ("^dsb sy", f"^msr ttbr0_{el}", "^isb", f"^tlbi {tlbi}", DSB, "^isb",
                  f"^msr sctlr_{el}", "^isb"), LEFT),
        ],
        "kx_mmu_off_": [
            Rule('Arm "The effects of disabling the data cache": what is dirty is in memory before; and '
                 "off it is at the return", r"^b\.eq .* falls",
                 ("^dc civac", "^dsb sy", f"^msr sctlr_{el}", "^isb"), LEFT),
        ],
        "kx_jump_": [
            Rule('Arm "Synchronization of instruction and data accesses": the image was written as data; '
                 "all system registers are set before its first instruction", ENTRY,
                 ("<kx_mmu_off_>", f"^msr ttbr0_{el}, xzr", "^dsb sy", "^ic iallu", DSB, "^isb"), LEFT),
        ],
        "kx_back_": [
            Rule("kx/abi.h: the data cache is off, what purgatory has written is in memory", ENTRY,
                 ("<kx_mmu_off_>",), LEFT),
        ],
    }


# Functions of purgatory, by the exception level
PURGATORY_RULES = {
    "aarch64": {
        1: purgatory_at_level("el1", "vmalle1"), 2: purgatory_at_level("el2", "alle2"),
        None: {
            "kx_flush_": [
                Rule('Arm "Data cache maintenance": done at the return', ENTRY, ("^dc civac", "^dsb sy"),
                     LEFT),
                Rule("every line of it", r"^b\.\w+ .* taken", ("^dc civac",), "^add "),
            ],
            # Purgatory is compiled as a whole: kx_region_open_() and kx_region_close_() are in here,
            "kx_purgatory_hash_": [
                Rule("what purgatory wrote past the caches is not hidden by older lines", ENTRY,
                     ("^dc civac", "^dsb sy"), "<kx_mmu_on_>"),
                Rule("Linux booting.rst: what was hashed is what is read past the caches", "<kx_mmu_on_>$",
                     ("<kx_flush_>", "^dc civac", "^dsb sy", "<kx_mmu_off_>"), LEFT),
            ],
            # and kx_vector_open_() and kx_vector_close_() in here.
            "kx_purgatory_main_": [
                Rule('Arm "Context synchronization events": SIMD is allowed before it is used, and not '
                     "afterwards", "^msr (cpacr_el1|cptr_el2)", ("^isb",), f"^bl |{LEFT}"),
            ],
        },
    },
    "riscv64": {
        None: {
            "kx_purgatory_": [
                Rule('Priv "Supervisor Memory-Management Fence Instruction": no entry of the tables '
                     "before", ENTRY, ("^csrw satp,zero", "^sfence.vma"),
                     f"^[ls]d |<kx_purgatory_main_>|{LEFT}"),
            ],
            "kx_jump_": [
                Rule('Unpriv "Instruction-Fetch Fence": the image was written as data', ENTRY,
                     ("^fence.i",), LEFT),
            ],
        },
    },
}
PURGATORY_INTO = {"kx_mmu_on_", "kx_mmu_off_", "kx_flush_", "kx_forget_"}

# A line that is one of those operations, or calls for one; in C, in the text of an asm statement
OPERATION = {
    ".S": re.compile(r"^(?:\d+:)?\s*(?P<it>(dsb|isb|dmb|tlbi|ic|dc|fence(\.i)?|sfence\.vma)\b.*|"
                     r"bl\s+kx_(clean|mmu_off)_\b.*)$"),
    ".c": re.compile(r'(?P<it>(?<=")(dsb|isb|dmb|tlbi|ic|dc|fence(\.i)?|sfence\.vma)\b[^"\\]*|'
                     r"(?<=\\n\\t)isb|\bkx_(flush|mmu_off)_\((?!void|uint64_t from).*(?=;))"),
}
SOURCES = ("enter.S", "trampoline.S", "return.S", "walk.S", "list.inc", "fault.S", "park.S", "cpu.c", "purgatory.S",
           "machine.c")


def page_code(arch, build):
    code = Code(arch, build / "kx-trampoline.elf")
    fault, links = code.symbols["kx_fault_"], {}
    for at in code.order:
        if code.jumps(at)[0].target is None:
            if at < code.symbols["kx_trampoline_"]:
                links[at] = code.symbols["kx_trampoline_"]
            elif at > fault:        # to the physical address of what follows
                links[at] = code.next.get(at)
    return code, links


def faults(arch, build):
    """What is wrong with the code in a build folder, in words."""
    code, links = page_code(arch, build)
    found = [broken(code, rule, code.symbols["kx_enter_"], world, links)
             for world, level in LEVELS[arch].items() for rule in PAGE_RULES[arch] + level]
    found += [broken(code, rule, code.symbols["kx_return_"], world, links)
              for world, level in LEVELS[arch].items() for rule in RETURN_RULES[arch] + level]
    code = Code(arch, build / f"arch/{arch}/park.o", "-j", ".text.park")
    found += [broken(code, rule, code.symbols["kx_park_code_"], world)
              for world, level in PARK_LEVELS[arch].items() for rule in PARK_RULES[arch] + level]
    for name, rules in FUNCTION_RULES[arch].items():
        code = Code(arch, build / f"arch/{arch}/cpu.o", "-j", f".text.{name}")
        found += [broken(code, rule, code.symbols[name]) for rule in rules]
    code = Code(arch, build / "kx-purgatory.elf")
    found += [broken(code, rule, code.symbols[name], world, into=PURGATORY_INTO)
              for world, functions in PURGATORY_RULES[arch].items()
              for name, rules in functions.items() for rule in rules]
    return [fault for fault in found if fault]


@pytest.fixture
def tree(arch, need, tmp_path):
    """A copy of the sources in which arch/<a> may be changed; tree() builds and returns the folder."""
    need("make", f"{arch}-linux-gnu-gcc", f"{arch}-linux-gnu-objdump")
    for name in "Makefile", "toolchain.mk", "include", "lib", "linker", "boot-tests":
        (tmp_path / name).symlink_to(TOP / name)
    (tmp_path / "arch").mkdir()
    for shared in (TOP / "arch").glob("*.*"):
        shutil.copy(shared, tmp_path / "arch")
    shutil.copytree(TOP / "arch" / arch, tmp_path / "arch" / arch)

    def make():
        build = Path("build") / arch
        files = ["kx-trampoline.elf", "kx-purgatory.elf", f"arch/{arch}/cpu.o", f"arch/{arch}/park.o"]
        done = subprocess.run(["make", f"ARCH={arch}", "LLVM=", "WARNINGS=", *(build / f for f in files)],
                              cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return tmp_path / build
    make.source = tmp_path / "arch" / arch
    return make


# x86_64 keeps caches and fetch coherent, and switches tables by the write of CR3 alone; and what the order
# of its other steps is to be, an emulator knows: see test_purgatory_ways.py.
ruled = pytest.mark.only(*PAGE_RULES)


@ruled
def test_rules_hold(arch, build):
    build("kx-trampoline.elf"), build("kx-purgatory.elf")
    assert not faults(arch, TOP / "build" / arch)


def mutants(path):
    """The text of a source without each of its operations in turn, and which it was."""
    text = path.read_text()
    pattern = OPERATION[".c" if path.suffix == ".c" else ".S"]
    at = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        for found in pattern.finditer(line.rstrip("\n")):
            start, end = at + found.start("it"), at + found.end("it")
            without = "" if path.suffix != ".c" else "(void)0" if "(" in found["it"] else "nop"
            yield f"{path.name}:{number}: {found['it']}", text[:start] + without + text[end:]
        at += len(line)


@ruled
def test_every_operation_is_missed(arch, tree):
    """Each barrier, TLB and cache operation, deleted from the source alone, breaks a rule."""
    deleted, unseen = 0, []
    for name in SOURCES:
        path = tree.source / name
        whole = path.read_text()
        for which, text in mutants(path):
            path.write_text(text)
            deleted += 1
            if not faults(arch, tree()):
                unseen.append(which)
        path.write_text(whole)
    assert not faults(arch, tree())
    print(f"{deleted} deleted, one at a time")
    assert not unseen
    assert deleted >= {"aarch64": 70, "riscv64": 15}[arch]


@pytest.mark.only("aarch64")
def test_no_bulk_work_after_translation(arch, build):
    """With MMU and caches off nothing is read or written, and the jump is near."""
    build("kx-trampoline.elf")
    off = untranslated(TOP / "build" / arch / "kx-trampoline.elf")
    assert not off.accesses and 0 < off.instructions <= 64, off
