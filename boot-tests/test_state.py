# SPDX-License-Identifier: BSD-2-Clause
"""The registers that outlive the jump: what the new kernel finds is what a cold boot would leave.

Called by: pytest. See state.py. The host turns bits of every register over that can be written, libkx
puts them back, and the payload's dump must equal that of a cold boot; without libkx's part the dirt
must be seen, by name.
"""
from pathlib import Path
import re
import subprocess

import pytest

from conftest import qemu10
import hop
import state

TOP = Path(__file__).resolve().parent.parent
QEMU10 = "qemu10"   # a word of a row's machine

# Beside hop.py's rows: CPUs with other registers.
MORE = [
    hop.Row("riscv64", "aia", "kx.paging=sv39", {"cpu": "max", "options": ("aia=aplic-imsic",),
                                                  QEMU10: True}),
    hop.Row("x86_64", "x2apic", "kx.paging=4level", {"cpu": "max", QEMU10: True}),
    hop.Row("x86_64", "intel", "kx.paging=4level", {"cpu": "max,-cx16,vendor=GenuineIntel"}),
    hop.Row("aarch64", "el2-newer", "kx.e2h=1 kx.paging=4k", {**hop.EL2, QEMU10: True}),
]
NAMES = ("4k-gic3", "4k-no-simd", "16k-vmap", "el2-off", "el2-4k", "e2h-4k", "e2h-off",
         "sv39", "sv39-vector", "bare", "4level", "la57", "no-la57")
WAYS = [row for row in hop.ROWS if row.name in NAMES] + MORE
# Fewest registers that the host must have made dirty, and what QEMU does not model.
LEAST = {"aarch64": 50, "riscv64": 25, "x86_64": 75}
UNMODELLED = {
    "aarch64": r"ACTLR_EL[12]|HACR_EL2|AMAIR_EL[12]|AFSR[01]_EL[12]|LORC_EL1|SMPRI_EL1|MDCCINT_EL1"
               "|HCRX_EL2",
    "riscv64": "hgeie|htinst",
    "x86_64": r"DEBUGCTL|K7_PERF_CT[LR]\d",
}
# What enter.S and trampoline.S set beside the registers that have the rule LATE
BY_TRAMPOLINE = {"aarch64": {"TPIDR_EL0"}, "riscv64": {"sie", "sip"}, "x86_64": {"DR7", "APIC_TPR"}}


def machine(way):
    """The row's machine as keywords of hop.run() and state.cold()."""
    words = dict(way.machine)
    if words.pop(QEMU10, False):
        words["prefix"] = qemu10()
    return hop.Row(way.arch, way.name, way.options, words)


def unexplained(row, before, after):
    return [(name, *map(hex_or_none, pair)) for name, *pair, why in
            state.differences(row, before, after) if not why]


def ruled(arch, rule):
    """A regular expression for the registers with this rule in registers.h."""
    table = (TOP / "arch" / arch / "registers.h").read_text()
    names = re.findall(rf"\b[A-Z]+\(([\w#]+), [^\n]*\), {rule}, \S+\)", table)
    assert names
    return "|".join(re.sub(r"##\w+(?:##)?", r"\\d+", name) for name in names)


def left_dirty(way, console):
    """Names of the registers that were dirtied, and that only kx_state_restore() puts back."""
    late = ruled(way.arch, "LATE" if "e2h" in way.name else r"(?:LATE|OWN\(\w+\))")
    return {name for name in state.dirt(console)[0] - BY_TRAMPOLINE[way.arch]
            if not re.fullmatch(late, name)}


def hex_or_none(value):
    return value if value is None else hex(value)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_as_cold_boot(arch, way, build, tmp_path):
    """Every register was made dirty, and is found as on a cold boot."""
    build("kx-payload.elf")
    row = machine(way)
    before = state.cold(row)
    after, report = state.warm(row, tmp_path, "kx.dirt=on")
    dirty, clean = state.dirt(report.result.console)
    assert len(dirty) >= LEAST[arch]
    assert [name for name in clean if not re.fullmatch(UNMODELLED[arch], name)] == []
    assert unexplained(row, before, after) == []
    assert set(before) == set(after) and len(after) >= len(dirty)


CONTROL_WAYS = [row for row in WAYS if row.name in ("16k-vmap", "e2h-4k", "sv39", "4level")]


@pytest.mark.parametrize("way", CONTROL_WAYS, ids=str)
def test_dirt_is_seen(arch, way, build, tmp_path):
    """Negative control: without kx_state_restore() each register that was dirtied is seen dirty."""
    build("kx-payload.elf")
    before = state.cold(way)
    after, report = state.warm(way, tmp_path, "kx.dirt=on kx.state=leave")
    dirty = left_dirty(way, report.result.console)
    assert len(dirty) >= LEAST[arch] - 20
    assert dirty - {name for name, *_ in state.differences(way, before, after)} == set()


@pytest.mark.parametrize("way", CONTROL_WAYS, ids=str)
def test_without_snapshot(arch, way, build, tmp_path):
    """Then what has a constant gets it all the same, and only that is left which none is known for."""
    build("kx-payload.elf")
    after, _ = state.warm(way, tmp_path, "kx.dirt=on kx.state=unknown")
    left = {name for name, *_ in unexplained(way, state.cold(way), after)}
    known_at_entry = ruled(arch, r"(?:ENTRY|SELF|OWN\(ENTRY\))") + "|CPACR_EL1|CPTR_EL2|HCR_EL2|FAR_EL2"
    assert left and [name for name in left if not re.fullmatch(known_at_entry, name)] == []


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("way", [row for row in WAYS if row.name in ("4level", "la57")], ids=str)
def test_64_bit_entry(arch, way, build, tmp_path):
    """By the 64-bit boot protocol the payload finds the same, but for the tables that it is handed."""
    after, _ = state.warm(way, tmp_path, "kx.dirt=on", build("kx-payload.bin"))
    found = {name for name, *_ in unexplained(way, state.cold(way), after)}
    assert found <= {"CR3", "CR4"}
    assert after["CR4"] == (0x1020 if way.name == "la57" else 0x20)


# ---- the tables of registers ----

EXPAND = {
    "aarch64": ("#define REG(n, a, b, c, d, e, ...) @n S##a##_##b##_C##c##_C##d##_##e@\n"
                "#define GUEST(n, b, c, d, e, ...) @n S3_##b##_C##c##_C##d##_##e@\n"
                "KX_REGISTERS(REG, GUEST)\n", "mrs x0, {}"),
    "riscv64": ("#define REG(n, a, ...) @n a@\n#define INDIRECT(...)\nKX_REGISTERS(REG, INDIRECT)\n",
                "csrr a0, {}"),
    "x86_64": ("#define REG(n, ...) @n _@\n#define MSR(n, a, ...) @n a@\n#define APIC(...)\n"
               "KX_REGISTERS(REG, MSR, APIC)\n", None),
}
FIRST = {"aarch64": ".arch armv8.8-a+sve+sme+memtag+rng+profile+pauth\n",
         "riscv64": ".option arch, +h\n", "x86_64": ""}
# Names that binutils 2.40 does not know; checked by hand against the specifications.
UNKNOWN = {
    "aarch64": r"ID_AA64MMFR3_EL1|TCR2_EL\d|PIRE?0?_EL\d|POR_EL\d|GCS\w+",
    "riscv64": "srmcfg|sctrctl|sctrstatus|ssp|jvt",
}


def numbers(arch):
    """[(name, number as the assembler takes it)] of the registers in registers.h."""
    text = subprocess.run(["gcc", "-E", "-P", "-x", "c", "-", "-I", TOP / "arch" / arch], check=True,
                          input='#include "registers.h"\n' + EXPAND[arch][0], capture_output=True,
                          text=True).stdout
    return re.findall(r"@(\w+) (\w+)@", text)


def assemble(arch, folder, lines):
    """The bytes of each instruction, in hexadecimal; None for one that the assembler does not know."""
    source, out, code = folder / "lines.s", folder / "lines.o", folder / "lines.bin"
    unknown = set()
    while True:
        kept = (line if n not in unknown else "" for n, line in enumerate(lines))
        source.write_text(FIRST[arch] + "".join(f"l{n}: {line}\n" for n, line in enumerate(kept)))
        done = subprocess.run([f"{arch}-linux-gnu-as", "-o", out, source], capture_output=True,
                              text=True)
        if not done.returncode:
            break
        first = len(FIRST[arch].splitlines()) + 1
        wrong = {int(n) - first for n in re.findall(r":(\d+): Error", done.stderr)}
        assert wrong - unknown, done.stderr
        unknown |= wrong
    subprocess.run([f"{arch}-linux-gnu-objcopy", "-O", "binary", "-j", ".text", out, code], check=True)
    table = subprocess.run([f"{arch}-linux-gnu-nm", out], capture_output=True, text=True, check=True)
    at = [int(value, 16) for value, n in sorted(
        re.findall(r"^(\w+) \w l(\d+)$", table.stdout, re.M), key=lambda found: int(found[1]))]
    parts = zip(at, [*at[1:], None])
    return [None if n in unknown else code.read_bytes()[start:end].hex()
            for n, (start, end) in enumerate(parts)]


def disagreements(arch, folder, pairs):
    """Of pairs of instructions (by name, by number): those that the assembler has another number for,
    and the names that it does not know."""
    named, numbered = ([*assemble(arch, folder, column)] for column in zip(*pairs))
    assert None not in numbered
    return ([pair for pair, one, other in zip(pairs, named, numbered) if one not in (None, other)],
            [pair[0] for pair, one in zip(pairs, named) if one is None])


@pytest.mark.only("aarch64", "riscv64")
def test_encodings(arch, need, tmp_path):
    """Each register's number is the one that the assembler has for its name."""
    need("gcc", f"{arch}-linux-gnu-as")
    pairs = [tuple(EXPAND[arch][1].format(word) for word in row) for row in numbers(arch)]
    wrong, unknown = disagreements(arch, tmp_path, pairs)
    assert len(pairs) >= 50 and wrong == []
    assert [name for name in unknown if not re.search(rf"\b({UNKNOWN[arch]})$", name)] == []


# Registers and instructions that code names by number: C and, on aarch64, defines
IN_CODE = {
    "aarch64": [(r'#define (\w+_EL\d)\s+"?(S\d\w+)"?', "mrs x0, {}"),
                (r"#define (\w+_EL\d)\s+NUMBER\((\d), (\d), (\d+), (\d+), (\d)\)", "mrs x0, {}"),
                (r'#define ([PT]SB)_CSYNC\s.*"(hint #\d+)"', "{}")],
    "riscv64": [(r'"(\.word [^"\\]+)[^/\n]*/\* (hfence\.\w+)', "{}")],
    "x86_64": [(r'"(\.byte [^"]+)"[^/\n]*/\* (\w+)', "{}")],
}
LEAST_IN_CODE = {"aarch64": 20, "riscv64": 2, "x86_64": 3}


def test_numbers_in_code(arch, need, tmp_path):
    """Beside the tables too, a number is the one that the assembler has for the name beside it."""
    need(f"{arch}-linux-gnu-as")
    text = "\n".join(path.read_text() for path in sorted((TOP / "arch" / arch).glob("*.[cS]")))
    pairs = []
    for pattern, instruction in IN_CODE[arch]:
        for name, number, *more in re.findall(pattern, text):
            if more:
                number = "S{}_{}_C{}_C{}_{}".format(number, *more)
            elif number.startswith("hint"):
                name += " csync"
            elif name.startswith("."):
                name, number = number, name
            pairs.append((instruction.format(name), instruction.format(number)))
    wrong, unknown = disagreements(arch, tmp_path, pairs)
    assert len(pairs) >= LEAST_IN_CODE[arch] and wrong == []
    assert [name for name in unknown if not re.search(rf"\b({UNKNOWN.get(arch)})$", name)] == []
