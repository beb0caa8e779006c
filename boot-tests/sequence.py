# SPDX-License-Identifier: BSD-2-Clause
"""Every order in which the instructions of a routine can be executed, and rules that they must keep.

Called by: test_sequence.py, and whoever looks at linked code. No emulator models caches, TLBs that hold on
to old entries or fetch ahead of a barrier: that the barriers are there, in the right places, can only be seen
in the code itself.
The code that is looked at is the linked one, disassembled; all its paths are followed.
"""
import copy
from dataclasses import dataclass
from functools import cache
import re
import subprocess

ENTRY, LEFT = "<the entry>", "<the end>"


@dataclass(frozen=True)
class Rule:
    """After what matches `after`, what matches `steps` must come, in this order, before `before`.

    All are regular expressions over the text of an instruction; see Code. `words`: the rule for a
    person, with its source.
    """
    words: str
    after: str
    steps: tuple
    before: str


@dataclass(frozen=True)
class Jump:
    """Where an instruction can go on: its own text where that depends on how it branches."""
    text: str
    target: int | None      # None: wherever the caller is, or out of the code
    calls: bool = False


class Code:
    """The instructions of a linked file.

    The text of an instruction is its mnemonic and operands as objdump prints them, with a single blank
    between; a conditional branch has ` taken` or ` falls` behind. Before the first of a function comes
    the text `<name>`.
    """
    def __init__(self, arch, path, *flags):
        lines = subprocess.run([f"{arch}-linux-gnu-objdump", "-d", "--no-show-raw-insn", *flags, path],
                               check=True, capture_output=True, text=True).stdout.splitlines()
        self.arch, self.text, self.symbols = arch, {}, {}
        for line in lines:
            if symbol := re.match(r"([0-9a-f]+) <(\w[\w.]*)>:$", line):
                self.symbols[symbol[2]] = int(symbol[1], 16)
            elif code := re.match(r" *([0-9a-f]+):\t(\S.*)$", line):
                words = re.split(r"//| # ", code[2])[0]
                self.text[int(code[1], 16)] = " ".join(words.split())
        self.order = sorted(self.text)
        self.next = dict(zip(self.order, self.order[1:]))
        self.name = {at: f"<{name}>" for name, at in self.symbols.items()}
        self.ways = {}

    def without(self, at):
        """The same, and nothing is done at `at`."""
        other = copy.copy(self)
        other.text = {**self.text, at: "nop"}
        return other

    def jumps(self, at):
        """All ways on from the instruction at `at`."""
        key = at, self.text[at]
        if key not in self.ways:
            self.ways[key] = self.ways_on(*key)
        return self.ways[key]

    def ways_on(self, at, text):
        target = re.search(r"\b([0-9a-f]+) <", text)
        target = int(target[1], 16) if target else None
        kind = BRANCH[self.arch](text.split()[0])
        if kind == "call":
            return [Jump(text, target, True)]
        if kind in ("jump", "leave"):
            return [Jump(text, target)]
        if kind == "branch":
            return [Jump(f"{text} taken", target), Jump(f"{text} falls", self.next[at])]
        return [Jump(text, self.next.get(at))]


def branch_aarch64(mnemonic):
    if mnemonic in ("bl", "blr"):
        return "call"
    if mnemonic in ("br", "ret"):
        return "leave"
    if mnemonic == "b":
        return "jump"
    return "branch" if re.match(r"b\.|cbn?z$|tbn?z$", mnemonic) else None


def branch_riscv64(mnemonic):
    if mnemonic in ("jal", "jalr"):
        return "call"
    if mnemonic in ("jr", "ret"):
        return "leave"
    if mnemonic == "j":
        return "jump"
    return "branch" if re.match(r"b(eq|ne|lt|ge|gt|le)", mnemonic) else None


def branch_x86_64(mnemonic):
    if mnemonic.startswith("call"):
        return "call"
    if re.match(r"l?i?ret", mnemonic):
        return "leave"
    if re.match(r"l?jmp", mnemonic):
        return "jump"
    return "branch" if re.match(r"j|loop", mnemonic) else None


BRANCH = {"aarch64": branch_aarch64, "riscv64": branch_riscv64, "x86_64": branch_x86_64}


def world_allows(world, before, text):
    """aarch64: is this way of branching one for the exception level of `world`? x4 is CurrentEL, or
    whatever it has just been read into."""
    if world is None:
        return True
    if before == "cmp x4, #0x8":
        return text.endswith("taken") == ((world == 2) == text.startswith("b.eq "))
    if before.lower().endswith(", currentel") and text.startswith("tbz "):
        return text.endswith("taken") == (world == 1)
    return True


def walk(code, start, step, state, world=None, links=None, into=None):
    """Follows all paths from `start`; step(state, text) -> the next state, None to end this path.

    links: {address of an indirect jump: where it goes}, for those that do not leave. into: names of the
    functions that are followed, if not all; a call of another is an instruction, and a jump to it the end.
    """
    todo, seen = [(start, (), "", state)], set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        at, callers, before, state = node
        if at in code.name:
            state = step(state, code.name[at])
        for jump in code.jumps(at):
            if not world_allows(world, before, jump.text):
                continue
            then = step(state, jump.text)
            target, stack = jump.target, callers
            known = into is None or code.name.get(target, "<>")[1:-1] in into
            if jump.calls and not known:
                target = code.next[at]
            elif target in code.name and not known:
                target = None
            elif jump.calls:
                stack = callers + (code.next[at],)
            elif target is None and callers:
                target, stack = callers[-1], callers[:-1]
            elif target is None:
                target = links and links.get(at)
            if then is None:
                continue
            if target is None:
                step(then, LEFT)
            else:
                todo.append((target, stack, code.text[at], then))


@cache
def matches(pattern, text):
    return re.search(pattern, text) is not None


def broken(code, rule, start, world=None, links=None, into=None):
    """The first place where a rule is broken, in words, or None. Else as walk()."""
    found = []

    def step(state, text):
        if state is not None and state >= 0:
            if matches(rule.before, text):
                found.append(f"{rule.words}: no {rule.steps[state]!r} before {text!r}")
                return None
            if matches(rule.steps[state], text):
                state += 1
        if matches(rule.after, text):
            state = 1 if matches(rule.steps[0], text) else 0
        return -1 if state == len(rule.steps) else state

    state = 0 if rule.after == ENTRY else -1
    walk(code, start, step, state, world, links, into)
    return found[0] if found else None


@dataclass(frozen=True)
class Untranslated:
    """What aarch64 does between the end of translation and the jump, at most on any path."""
    instructions: int
    accesses: int           # loads, stores and cache operations by address


def untranslated(page):
    """Of the linked control page: from the last SCTLR with M = 0 to the first instruction of another."""
    code = Code("aarch64", page)
    last = next(at for at in code.order if re.match("bl .*<kx_untranslate_>", code.text[at]))
    ends = []

    def step(state, text):
        count, accesses = state
        if text == LEFT:
            ends.append(state)
        elif count or "msr sctlr_" in text:
            return count + 1, accesses + bool(re.search(r"^(ld|st)|^dc ", text))
        return state

    walk(code, last, step, (0, 0))
    return Untranslated(max(count for count, _ in ends), max(accesses for _, accesses in ends))
