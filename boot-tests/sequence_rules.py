# SPDX-License-Identifier: BSD-2-Clause
"""What barriers, TLB and cache operations are there for: the rules that the code of each routine must keep.

Called by: test_sequence.py.
"""
from sequence import ENTRY, LEFT, Rule

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
                                   DSB, "^isb"), rf"^ldr w27, \[x19|{LEFT}"),
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
             "^mov x26, x21", ("^dc civac",), "^ldr x23"),
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
        Rule("and is read after older lines are gone: purgatory writes it past the caches", "^mov x12, x30",
             ("^dc civac", DSB), r"^ldrb w2, \[x0|^str"),
        Rule('Arm "Mismatched memory attributes": nothing of it is dirty when a fault is written past the caches',
             "^mov x5, x30", ("^dc civac", DSB), "^str"),
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
# What stands in that page for walk.S in a dry run
PROBE_RULES = [
    Rule("a list page is read, where the host wrote past the caches, after older lines are gone",
         "^cbz x29, .* falls", ("^dc civac", DSB), "^ldr x23"),
    Rule('Arm "SError interrupt exceptions": a read that comes to a bad end late is told while these vectors are in '
         "force", r"^ldr x0, \[x2[12]\]", ("^dsb sy", "^isb"), "^mov x0, #0x0"),
]
PROBE = ("kx_walk_", "kx_clean_", "kx_landing_", "kx_answer_")
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
             r"^sd .*\(s3\)", ("^fence.i",), "^csrw satp,a|^jr t2"),
    ],
}
# x86_64 keeps caches and fetch coherent, and switches tables by the write of CR3 alone.
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
             "^beqz t2,.* falls", ("^fence r,rw", "^fence.i"), "^jr "),
    ],
}
PARK_LEVELS = {"aarch64": {1: park_at_level("el1", "vmalle1"), 2: park_at_level("el2", "alle2")},
               "riscv64": {None: []}}

# Names that newer disassemblers know
HFENCE_GVMA, HFENCE_VVMA = r"^(hfence\.gvma|\.word 0x62000073)", r"^(hfence\.vvma|\.word 0x22000073)"
TSB = "^(tsb csync|hint #0x12)"
# Of kx_code_publish_() and kx_ticks_(), wherever they are compiled to
PUBLISH_RULES = {
    "aarch64": [
        Rule('Arm "Synchronization of instruction and data accesses": what was written as data is '
             "in memory, and fetched from there",
             ENTRY, ("^dsb sy", "^ic ialluis", "^dsb sy", "^isb"), LEFT),
        Rule("every line of it", r"^b\.\w+ .* taken", ("^dc civac",), "^add "),
    ],
    "riscv64": [
        Rule('Unpriv "Memory Ordering Instructions": tables are there before they are walked',
             ENTRY, ("^fence rw,rw",), LEFT),
    ],
}
TICKS_RULES = [Rule("the counter is not read ahead of time", after, ("^isb",), "cntvct_el0")
               for after in (ENTRY, "^bl |cntvct_el0")]
# Functions of the library, by the object that they are in
SECTION = {"call": ".text", "crash": ".text", "walk": ".text.walk"}
FUNCTION_RULES = {
    "aarch64": {
        "cpu kx_code_publish_": PUBLISH_RULES["aarch64"],
        "cpu kx_ticks_": TICKS_RULES,
        "io kx_io_barrier_": [Rule('Arm "Memory barriers": of all kinds', ENTRY, ("^dsb sy",), LEFT)],
        "io kx_io_publish_": [
            Rule("every line of what a device is to read", r"^b\.\w+ .* taken", ("^dc civac",), "^add "),
            Rule("it is in memory at the return", ENTRY, ("^dsb sy",), LEFT),
        ],
        "call kx_call_": [
            Rule('Arm "Context synchronization events": SIMD is allowed before it is used ...',
                 "^msr (cpacr_el1|cptr_el2), x14", ("^isb",), rf"\bd8\b|{LEFT}"),
            Rule("... and as it was before anything else runs", "^msr (cpacr_el1|cptr_el2), x13", ("^isb",),
                 rf"^mrs x14, id|^ldp x18|{JUMPS_OUT}"),
            Rule("kx_return_ reads past the caches: what it will want is in memory", "^stp x11, x6, ",
                 ("^dc civac", "^dsb sy"), JUMPS_OUT),
            Rule("the host's memory types and vectors are in force before its translation is", "^msr mair_",
                 ("^isb",), "^msr sctlr_"),
            Rule("its translation is before it goes on", "^msr sctlr_", ("^isb",), rf"^mrs x14, id|{LEFT}"),
        ],
        "crash kx_crash_enter": [
            Rule('M. Fischer\'s mutual exclusion by time: the wait begins when the number is stored',
                 r"^str x1, \[x19", ("^dsb sy",), "^ldr x6"),
            Rule('Arm "Context synchronization events": the vectors are in force before they are needed',
                 "^msr vbar_", ("^isb",), rf"^bl |{LEFT}"),
        ],
        "writers kx_writers_stop_": [
            Rule('Arm "Synchronization and Statistical Profiling": profiles have stopped and are written before their '
                 "buffer is closed", "^msr pmscr_el", ("^isb", "^psb csync", DSB), "^msr pmblimitr_el"),
            Rule("and closed it is", "^msr pmblimitr_el", ("^isb",), LEFT),
            Rule('Arm "Trace synchronization": tracing is forbidden before what there is gets written',
                 "^msr trfcr_el", ("^isb",), rf"{TSB}|{LEFT}"),
            Rule("it is written before the buffer is closed", "^mrs .*trbidr_el", (TSB, DSB), "^msr trblimitr_el"),
            Rule("and closed it is", "^msr trblimitr_el", ("^isb",), LEFT),
        ],
        "state kx_bank_open_": [Rule("registers are allowed before the first access", "^msr (cpacr_el1|cptr_el2)",
                                     ("^isb",), LEFT)],
        "state kx_bank_stop_": [Rule("what is stopped has stopped at the return", ENTRY, ("^isb",), LEFT)],
        "state kx_bank_close_": [Rule("all that was written is in force before interrupts are let in",
                                      "^msr (cpacr_el1|cptr_el2)", ("^isb",), f"^msr daif|{LEFT}")],
    },
    "riscv64": {
        "cpu kx_code_publish_": PUBLISH_RULES["riscv64"],
        "io kx_io_barrier_": [Rule('Unpriv "Memory Ordering Instructions": of all kinds', ENTRY, ("^fence$",), LEFT)],
        "io kx_io_publish_": [Rule('Unpriv "Memory Ordering Instructions": of all kinds', ENTRY, ("^fence$",), LEFT)],
        "state kx_bank_close_": [
            Rule('Priv "Hypervisor Memory-Management Fence Instructions": hgatp has been written ...', ENTRY,
                 (HFENCE_GVMA,), HFENCE_VVMA),
            Rule("... and vsatp", HFENCE_GVMA, (HFENCE_VVMA,), f"^csrw stvec|{LEFT}"),
        ],
    },
    "x86_64": {
        "walk kx_walk_": [
            Rule('SDM "Caching of Temporal vs. Non-Temporal Data": what was stored past the caches is in memory '
                 "before what follows, unless the list is refused",
                 "^movnti ", (r"^sfence|^mov \$0x\w+,%eax",), "^ret"),
        ],
        "io kx_io_barrier_": [Rule('SDM "Memory Ordering": of all kinds', ENTRY, ("^mfence",), LEFT)],
        "cpus kx_cpu_stopped_": [
            Rule('SDM "MSR Access in x2APIC Mode": it is no barrier', ENTRY, ("^mfence", "^lfence"), "^wrmsr"),
        ],
        "state kx_bank_write_": [
            Rule('SDM "MTRR Considerations in MP Systems": what is cached is in memory before types change ...',
                 r"^mov %r\w+,%cr0", ("^wbinvd",), "^wrmsr"),
            Rule("... and after, before caches are on again", "^wrmsr", ("^wbinvd",), r"^mov %r\w+,%cr0"),
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
            # Purgatory is compiled as a whole: kx_code_publish_() is in here,
            "seal": PUBLISH_RULES["aarch64"],
            # kx_region_open_() and kx_region_close_() in here,
            "verify": [
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
            "seal": PUBLISH_RULES["riscv64"],   # kx_code_publish_()
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
