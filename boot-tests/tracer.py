# SPDX-License-Identifier: BSD-2-Clause
"""Every instruction that aarch64's control page and purgatory execute in a hop, one by one, out of QEMU's log.

Called by: test_trace.py, test_purgatory.py and bench.py. How much is read and written while MMU and caches are off is
seen here in one real hop; sequence.untranslated() follows all ways that there are.
"""
from dataclasses import dataclass
from pathlib import Path
import re
import tempfile

import hop
import sequence

PAGE = 4096
AT = r"^kx-host: jump through the control page at 0x(\w+), run at 0x(\w+)$"
PURGATORY = r"^kx-host: purgatory: \d+ bytes to (0x\w+),"
ACCESS = r"^(ld|st)|^dc "   # reads or writes memory, or works on a line of it
M, C = 1, 4                 # SCTLR: translation on; data caches on


@dataclass(frozen=True)
class Done:
    """An instruction that was executed: where, and its text as in sequence.Code."""
    pc: int
    text: str

    @property
    def accesses(self):
        return bool(re.search(ACCESS, self.text))

    @property
    def bytes(self):
        """That are read or written; none by work on lines."""
        if not re.match("ld|st", self.text):
            return 0
        mnemonic, register = self.text.split()[:2]
        if mnemonic[-1] in "bh":
            return {"b": 1, "h": 2}[mnemonic[-1]]
        return {"w": 4, "x": 8, "q": 16}[register[0]] * (2 if mnemonic in ("ldp", "stp") else 1)


@dataclass(frozen=True)
class Part:
    """What was executed from one write of SCTLR to the next. sctlr: None before the first."""
    sctlr: int | None
    done: tuple

    @property
    def accesses(self):
        return sum(done.accesses for done in self.done)

    @property
    def cached(self):
        return self.sctlr is not None and bool(self.sctlr & M and self.sctlr & C)


def log_of(row, image, what, where, **how):
    """What QEMU logs of one instruction after another at `where`: [(address, bytes)]."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        hop.run(row, image, timeout=400, until="^PAYLOAD=", **how, extra=[
            "-singlestep", "-d", what, "-D", log,
            "-dfilter", ",".join(f"{address:#x}+{size:#x}" for address, size in where)])
        return log.read_text()


def found(row, image, pattern, **how):
    """The addresses that a hop's console tells. Where things lie is the same each time."""
    first = hop.run(row, image, until="^PAYLOAD=", **how)
    at = re.search(pattern, first.result.console, re.M)
    if not at:
        raise RuntimeError(f"no hop: {first.result.console[-400:]}{first.result.stderr}")
    return [int(address, 16) for address in at.groups()]


def in_parts(row, image, done, **how):
    """What was executed, cut at each write of SCTLR."""
    writes = [i for i, one in enumerate(done) if one.text.startswith("msr sctlr_")]
    values = written(row, image, [done[i] for i in writes], **how)
    cuts = [0, *(i + 1 for i in writes), len(done)]
    return [Part(value, tuple(done[begin:end]))
            for value, begin, end in zip([None, *values], cuts, cuts[1:])]


def pcs(text):
    """Of what was executed. What is begun while QEMU has something else to do is stopped before its first
    instruction, and begun, and logged, again."""
    return [int(pc, 16) for pc in re.findall(r"^Trace \d+: \S+ \[\w+/(\w+)/.*\n(?!Stopped execution)", text, re.M)]


def hop_in_parts(row, image, elf):
    """All that is executed in the control page from the host's jump to the payload's first instruction."""
    code = sequence.Code(row.arch, elf)
    where = {(address, PAGE) for address in found(row, image, AT)}
    text = log_of(row, image, "exec,nochain", where)
    return in_parts(row, image, [Done(pc, code.text[pc % PAGE]) for pc in pcs(text)])


def purgatory_in_parts(row, image, elf):
    """All that purgatory executes, but the blocks' hashing itself, by kx_sha256_cpu_."""
    code = sequence.Code(row.arch, elf)
    base, = found(row, image, PURGATORY, purgatory="regions")
    rounds = code.symbols["kx_sha256_cpu_"]
    behind = min(at for at in code.symbols.values() if at > rounds)
    text = log_of(row, image, "exec,nochain",
                  [(base, rounds + 4), (base + behind, max(code.order) + 4 - behind)], purgatory="regions")
    done = [Done(pc - base, code.text[pc - base]) for pc in pcs(text)]
    return in_parts(row, image, done, purgatory="regions", base=base)


@dataclass(frozen=True)
class Touched:
    """What purgatory does with MMU or caches off, and with both on."""
    accesses: int       # loads and stores
    bytes: int          # of those
    lines: int          # of caches that it works on
    hashes: int         # calls that hash what lies in regions: kx_sha256_update()
    cached_lines: int
    cached_hashes: int


def touched(row, image, elf):
    """Of one hop."""
    parts = purgatory_in_parts(row, image, elf)
    update = sequence.Code(row.arch, elf).symbols["kx_sha256_update"]
    off, on = ([done for part in parts if part.cached == cached for done in part.done]
               for cached in (False, True))
    return Touched(sum(bool(done.bytes) for done in off), sum(done.bytes for done in off),
                   *(count for some in (off, on)
                     for count in (sum(done.text.startswith("dc ") for done in some),
                                   sum(done.pc == update for done in some))))


def written(row, image, writes, base=0, **how):
    """The values that these writes of SCTLR write."""
    text = log_of(row, image, "exec,cpu,nochain", {(base + write.pc, 4) for write in writes}, **how)
    values = {}
    for pc, registers in re.findall(r"^Trace \d+: \S+ \[\w+/(\w+)/.*\n((?:.*\n)*?)(?=Trace|\Z)", text, re.M):
        values[int(pc, 16) - base] = dict(re.findall(r"X(\d\d)=(\w{16})", registers))
    named = [int(re.search(r"x(\d+)$", write.text)[1]) for write in writes]
    return [int(values[write.pc][f"{number:02}"], 16) for write, number in zip(writes, named)]
