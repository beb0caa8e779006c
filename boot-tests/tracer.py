# SPDX-License-Identifier: BSD-2-Clause
"""Every instruction that aarch64's control page executes in a hop, one by one, out of QEMU's log.

Called by: test_trace.py and bench.py. How much is read and written while MMU and caches are off is
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


@dataclass(frozen=True)
class Part:
    """What was executed from one write of SCTLR to the next. sctlr: None before the first."""
    sctlr: int | None
    done: tuple

    @property
    def accesses(self):
        return sum(done.accesses for done in self.done)


def log_of(row, image, what, where):
    """What QEMU logs of one instruction after another at `where`: [(address, bytes)]."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        hop.run(row, image, timeout=120, until="^PAYLOAD=", extra=[
            "-singlestep", "-d", what, "-D", log,
            "-dfilter", ",".join(f"{address:#x}+{size:#x}" for address, size in where)])
        return log.read_text()


def hop_in_parts(row, image, elf):
    """All that is executed in the control page from the host's jump to the payload's first instruction."""
    code = sequence.Code(row.arch, elf)
    # Where the page lies is the same each time.
    first = hop.run(row, image, until="^PAYLOAD=")
    at = re.search(AT, first.result.console, re.M)
    if not at:
        raise RuntimeError(f"no hop: {first.result.console[-400:]}{first.result.stderr}")
    text = log_of(row, image, "exec,nochain", {(int(address, 16), PAGE) for address in at.groups()})
    done = [Done(int(pc, 16), code.text[int(pc, 16) % PAGE])
            for pc in re.findall(r"^Trace \d+: \S+ \[\w+/(\w+)/", text, re.M)]
    writes = [i for i, one in enumerate(done) if one.text.startswith("msr sctlr_")]
    values = written(row, image, [done[i] for i in writes])
    cuts = [0, *(i + 1 for i in writes), len(done)]
    return [Part(value, tuple(done[begin:end]))
            for value, begin, end in zip([None, *values], cuts, cuts[1:])]


def written(row, image, writes):
    """The values that these writes of SCTLR write."""
    text = log_of(row, image, "exec,cpu,nochain", {(write.pc, 4) for write in writes})
    values = {}
    for pc, registers in re.findall(r"^Trace \d+: \S+ \[\w+/(\w+)/.*\n((?:.*\n)*?)(?=Trace|\Z)", text, re.M):
        values[int(pc, 16)] = dict(re.findall(r"X(\d\d)=(\w{16})", registers))
    named = [int(re.search(r"x(\d+)$", write.text)[1]) for write in writes]
    return [int(values[write.pc][f"{number:02}"], 16) for write, number in zip(writes, named)]
