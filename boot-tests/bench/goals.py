# SPDX-License-Identifier: BSD-2-Clause
"""The goals G1 to G12, S1 and S2: what is asked of libkx, what was measured, and what bounds what is missed.

Called by: bench.py and test_bench.py. Peers, how each is measured and why: see the README's "Measure".
"""
from dataclasses import dataclass, field

KEXEC_SIZE = {"x86_64": 29688, "aarch64": 13648}    # purgatory.ro of kexec-tools 2.0.32


@dataclass
class Part:
    """One figure of a goal: `value` times or of what `words` say, asked to be `op` `asked`."""
    value: float
    words: str
    op: str
    asked: float

    def met(self, slack=1.0):
        """slack: the share of what is asked that is good enough."""
        if self.op == ">=":
            return self.value >= self.asked * slack
        return self.value <= self.asked / slack

    def __str__(self):
        return f"{show(self.value)} {self.words} ({self.op} {show(self.asked)})"


def show(value):
    if isinstance(value, int):
        return f"{int(value):,}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}"


@dataclass
class Goal:
    number: str
    what: str
    parts: list = field(default_factory=list)
    note: str = ""      # what belongs to the figures
    bound: str = ""     # what bounds it, by measurement; told where it is missed
    lacks: str = ""     # why it was not measured

    def missed(self, slack=1.0):
        return [part for part in self.parts if not part.met(slack)]

    @property
    def status(self):
        if not self.parts:
            return "skipped"
        return "missed" if self.missed() else "met"

    def lines(self):
        """For people: the first begins with the number."""
        text = "; ".join(map(str, self.parts)) or f"this machine lacks {self.lacks}"
        yield f"{self.number:<4}{self.status:<8} {self.what}: {text}"
        for word, more in (("note", self.note), ("lacks", self.parts and self.lacks),
                           ("bound", self.missed() and self.bound)):
            if more:
                yield f"{'':12} {word}: {more}"

    def json(self):
        return {"goal": self.number, "status": self.status, "what": self.what,
                "parts": [vars(part) | {"met": part.met()} for part in self.parts],
                "note": self.note, "bound": self.bound if self.missed() else "", "lacks": self.lacks}


OF_HASH = 0.94  # G5: speed of copy and hash, of the hash's

NATIVE = [("G1", "x86_64 SHA-256, one stream"), ("G2", "x86_64 digests of regions"),
          ("G3", "x86_64 scattered pages"), ("G4", "x86_64 runs of 2 MiB"),
          ("G5", "x86_64 copy and verify")]


def native_lacking(what):
    """All goals of x86_64's speed, for want of the machine."""
    return [Goal(number, words, lacks=what) for number, words in NATIVE]


def native(rounds, mib):
    """G1 to G5 from measure.Rounds."""
    goals = [Goal(number, words) for number, words in NATIVE]
    g1, g2, g3, g4, g5 = goals
    huge = rounds.huge >= 2 * mib << 20
    if rounds.method:
        g1.parts = [Part(rounds.faster("hash", "hash-peer"), "times kexec-tools'", ">=", 3.6),
                    Part(rounds.faster("hash", "hash-limit"), "of OpenSSL", ">=", 0.97)]
        g1.note = (f"{rounds.cycles('hash'):.3f} cycles a byte; sha256rnds2 takes 4 cycles, 32 in a "
                   "chain for a block: 2.000")
        g2.parts = [Part(rounds.faster("each", "hash-peer"), "times kexec-tools'", ">=", 6.3),
                    Part(rounds.cycles("each"), "cycles a byte", "<=", 1.18)]
        g2.bound = "of sha256rnds2 one can begin every 2 cycles: 1.000"
    else:
        g1.lacks = g2.lacks = g5.lacks = "SHA-NI"
    if not huge:
        g3.lacks = g4.lacks = g5.lacks = "huge pages for the memory that is copied"
    if huge:
        copies(g3, g4, rounds)
    if huge and rounds.method:
        both(g5, rounds)
    return goals


def copies(g3, g4, rounds):
    g3.parts = [Part(rounds.faster("copy-pages", "copy-pages-peer"), "times Linux 6.12's loop", ">=",
                     2.2),
                Part(rounds.faster("copy-pages", "copy-pages-plain"), "times `rep movsq`", ">=", 1.35),
                Part(rounds.faster("copy-pages", "copy-limit"), "of a sequential copy", ">=", 0.62)]
    g3.bound = (f"{rounds.rate('copy-pages'):.1f} GB/s; prefetching stops at each page's end, and each "
                "page costs a walk of the tables, the hypervisor's too: sequential pages go at "
                f"{rounds.rate('copy-runs'):.1f} by the same loop")
    g4.parts = [Part(rounds.faster("copy-runs", "copy-pages-peer"),
                     "times Linux 6.12's loop on pages as its allocator scatters them", ">=", 2.8),
                Part(rounds.faster("copy-runs", "copy-limit"), "of a sequential copy", ">=", 0.85)]
    g4.note = (f"on the same runs Linux's loop does {rounds.rate('copy-runs-peer'):.1f} GB/s, ours "
               f"{rounds.faster('copy-runs', 'copy-runs-peer'):.2f} times that, a sequential copy "
               f"{rounds.faster('copy-limit', 'copy-runs-peer'):.2f} times")
    g4.bound = f"{rounds.rate('copy-runs'):.1f} GB/s; a sequential copy {rounds.rate('copy-limit'):.1f}"


def both(g5, rounds):
    g5.parts = [Part(rounds.faster("both", "both-peer"), "times Linux 6.12's and kexec-tools'", ">=",
                     3.6),
                Part(rounds.faster("both-each", "both-peer"), "with digests of regions", ">=", 5.5),
                Part(rounds.faster("both", "both-hash-alone"), "of the hash alone", ">=", OF_HASH)]
    needed = rounds.rate("both-hash-alone") * OF_HASH / (1 - OF_HASH)
    g5.bound = (f"beside the hash at {rounds.rate('both-hash-alone'):.2f} GB/s the copy takes its time, at "
                f"{rounds.beside('both', 'both-hash-alone'):.1f}; {OF_HASH} asks for {needed:.1f}, and memory does "
                f"{rounds.rate('copy-runs'):.1f} in runs of 2 MiB and {rounds.rate('copy-limit'):.1f} in sequence: "
                f"a sequential copy in place of ours has {rounds.faster('both-limit', 'both-hash-alone'):.3f}")


def aarch64(counts, off, traced="", purgatory=None):
    """G6 to G8 from measure.counts() and sequence.untranslated(); of a trace what it says in words, and
    tracer.touched()."""
    hashed, copied = counts["hash-cpu"], counts["copy"]
    verified = []
    if purgatory:
        verified = [Part(purgatory.hashes, "times that purgatory hashes so", "<=", 0)]
        traced += (f"; in purgatory {purgatory.accesses:,} with them off, {purgatory.bytes:,} bytes: its tables, "
                   f"data and console; what it hashes it reads, and its {purgatory.cached_lines:,} lines it "
                   "cleans, with both on")
    return [
        Goal("G6", "aarch64 hash", [
            Part(counts["hash-peer"] / hashed, "times fewer instructions than kexec-tools'", ">=", 18.0),
            Part(hashed, "instructions a byte", "<=", 1.60)]),
        Goal("G7", "aarch64 copy with cache maintenance", [
            Part(copied / counts["copy-peer"], "of Linux's instructions", "<=", 0.45),
            Part(copied, "a byte", "<=", 0.115)]),
        Goal("G8", "aarch64 with MMU or caches off", [
            Part(off.accesses, "loads and stores on any way", "<=", 0),
            Part(off.instructions, "instructions until the jump", "<=", 64), *verified], note=traced),
    ]


def riscv64(counts, newer):
    """G9 and G10; newer: counts on a CPU with Zvknha, or a string that says why there are none."""
    g9 = Goal("G9", "riscv64 hash", [
        Part(counts["hash-peer"] / counts["hash-cpu"],
             "times fewer instructions than Linux's with Zknh", ">=", 3.0),
        Part(counts["hash-cpu"], "a byte", "<=", 21.5)])
    if isinstance(newer, str):
        g9.lacks = newer
    else:
        g9.parts += [Part(newer["hash-peer"] / newer["hash-vector"], "times with Zvknha", ">=", 45.0),
                     Part(newer["hash-vector"], "a byte", "<=", 1.45)]
    g10 = Goal("G10", "riscv64 copy", [
        Part(counts["copy-peer"] / counts["copy"], "times fewer instructions than Linux's", ">=", 2.8),
        Part(counts["copy"], "a byte", "<=", 0.315)])
    if isinstance(newer, str):
        g10.lacks = newer
    else:
        g10.parts += [Part(newer["copy-peer"] / newer["copy"], "times with V, 128 bits", ">=", 12.0),
                      Part(newer["copy"], "a byte", "<=", 0.075)]
    return [g9, g10]


PEERS = {"x86_64": "kexec-tools'", "aarch64": "kexec-tools'", "riscv64": "Linux's"}


def in_c(arch, faster, small, note=""):
    """For CPUs without instructions for it. faster, small: purgatory.ro's and the flat one's speed, as a multiple of
    the peer's."""
    return Goal("S2", f"{arch} SHA-256 in C", [Part(faster, f"times {PEERS[arch]}", ">=", 1.0)],
                note=f"{note}; the flat purgatory, which is small: {show(small)} times")


def counted_in_c(arch, counts):
    """S2 from measure.counts()"""
    ours, small, peer = (counts[what] for what in ("hash-c", "hash-c-small", "hash-peer"))
    return in_c(arch, peer / ours, peer / small, f"{ours:.1f} instructions a byte")


def timed_in_c(rounds):
    """S2 from measure.Rounds"""
    return in_c("x86_64", rounds.faster("hash-c", "hash-peer"), rounds.faster("hash-c-small", "hash-peer"),
                f"{rounds.cycles('hash-c'):.2f} cycles a byte")


GIB = 1 << 30
RUN_MAX = 512 << 10     # bytes that a word of a list moves, at most
WORD_NS = 1000          # that planning and proving may take for each word
LIST_PAGES = 257        # that a list may take for 64 GiB in runs of RUN_MAX
# Growth by more than this a word is no straight line any more; caches account for the most of it.
LINEAR = 4


def words_most(plan):
    """A word for each run and for each 512 KiB, one to go on at the end of each page, two more."""
    words = plan["runs"] + plan["bytes"] // RUN_MAX + 2
    return words + words // 511 + 1


def scaling(plans):
    """How planning grows: plans as of measure.scaling()."""
    def took(plan):
        return (plan["build_ns"] + plan["check_ns"]) / plan["words"]

    def plan_of(size, run):
        return next(plan for plan in plans if plan["bytes"] == size and plan["runs"] == size // run)

    small, large, pages = plan_of(4 * GIB, RUN_MAX), plan_of(64 * GIB, RUN_MAX), plan_of(GIB // 2, 4096)
    return Goal("S1", "planning, 1 MiB to 64 GiB", [
        Part(max(plan["words"] / words_most(plan) for plan in plans),
             "of a word for each run, each 512 KiB and each page of the list", "<=", 1.0),
        Part(large["list_pages"], "pages of list for 64 GiB in runs of 512 KiB", "<=", LIST_PAGES),
        Part(max(map(took, plans)), "ns for each word, planned and proved", "<=", WORD_NS),
        Part(took(large) / took(small), "times as long for each at 64 GiB as at 4 GiB", "<=", LINEAR),
        Part(took(large) / took(pages), "times as long with 128 times the pages in as many runs", "<=",
             LINEAR)])


def sizes(page, blob, wrapped, contents):
    """G11 and G12: {arch: bytes} of the control page in use, of the flat purgatory and of purgatory.ro.

    contents: {arch: {what: bytes}} of the flat purgatory.
    """
    g11 = Goal("G11", "control page: handoff, trampoline, vectors",
               [Part(size, f"bytes, {arch}", "<=", 4096) for arch, size in page.items()])
    g12 = Goal("G12", "purgatory: all hashes and consoles",
               [Part(size, f"bytes, {arch}", "<=", 8192) for arch, size in blob.items()] +
               [Part(size, f"purgatory.ro, {arch}", "<=", KEXEC_SIZE[arch] - 1)
                for arch, size in wrapped.items() if arch in KEXEC_SIZE],
               bound="; ".join(f"{arch}: " + ", ".join(f"{what} {size:,}" for what, size in parts.items()
                                                       if size)
                               for arch, parts in contents.items()))
    return [g11, g12]
