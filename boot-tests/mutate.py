#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mutation score: each line and condition of the planner and the checks, or of what makes a machine
quiet, deleted or inverted in turn, must make a unit test fail.

Called by: `make mutants`, test_mutants.py, and people (--only lib/memory.c).

All mutants are compiled at once: Clang says where the statements and conditions are, and each becomes
`KX_MUTANT(n) ? mutated : original`; the unit tests are built from that, and run once for each n, which
they find in the environment. Which mutants cannot be told from the original by any test is in
mutants.txt, each with its reason.
"""
import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import json
import math
import os
from pathlib import Path
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile

import fetch

TOP = Path(__file__).resolve().parent.parent
def sources(*patterns):
    return sorted(str(path.relative_to(TOP)) for name in patterns
                  for path in (TOP / "lib").glob(name))


@dataclass(frozen=True)
class Set:
    """Sources, and the unit tests that are to see their mutants."""
    sources: list
    tests: str          # their folder
    programs: str       # folder of what they become, under build/<arch>
    chooser: str        # a source that is in all of them
    more: tuple = ()    # programs that are no test_*.c


TESTS = "boot-tests/unit"
SETS = {
    "planner": Set(["lib/range.h", "lib/segment.h", "lib/image/image.h", "lib/arena.c", "lib/memory.c",
                    "lib/segment.c", "lib/control.c", "lib/purgatory/check.c",
                    *sources("list*.c", "image/*.c")],
                   TESTS, "unit", "fake.c", ("property-list",)),
    "quiesce": Set([name for name in sources("quiesce/*.c") if name != "lib/quiesce/mmio.c"],
                   f"{TESTS}/quiesce", "unit-quiesce", "rig.c"),
}
EQUIVALENT = TOP / "boot-tests/mutants.txt"
ROUNDS = 500   # of the property test
ASKED = 90      # per cent

PRELUDE = """
extern unsigned int kx_mutant_;
extern unsigned char kx_mutants_met_[];
#define KX_MUTANT(n) (kx_mutants_met_[n] = 1, kx_mutant_ == (n))
"""
CHOOSE = """
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#define MUTANTS %d
unsigned int kx_mutant_;
unsigned char kx_mutants_met_[MUTANTS];
__attribute__((weak)) void cmocka_set_test_filter(const char *pattern);
__attribute__((constructor)) static void choose_mutant(void)
{
	const char *number = getenv("KX_MUTANT"), *test = getenv("KX_TEST");

	kx_mutant_ = number ? (unsigned int)atoi(number) : 0;
	if (test && cmocka_set_test_filter)
		cmocka_set_test_filter(test);
}
__attribute__((destructor)) static void tell_mutants_met(void)
{
	const char *path = getenv("KX_MUTANTS_MET");

	if (path && write(open(path, O_WRONLY | O_CREAT, 0600), kx_mutants_met_, MUTANTS) != MUTANTS)
		_exit(1);
}
"""


@dataclass
class Mutant:
    number: int
    file: str
    function: str
    what: str               # "delete", "invert", ...
    text: str               # of the source, what is mutated
    which: int = 1          # of several that read the same
    met: bool = False       # does any test run that code?
    killer: str = ""        # the test that has seen it

    def __str__(self):
        which = f" #{self.which}" if self.which > 1 else ""
        return f"{self.file} {self.function}: {self.what}: {self.text}{which}"


# ---- from source to mutants ----

class Mutator:
    """Renders a source file with all of its mutants."""
    BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
    ARITHMETIC = {"+": "-", "-": "+", "&": "|", "|": "&", "<<": ">>", ">>": "<<"}

    def __init__(self, file, includes, mutants):
        self.file, self.mutants, self.function = file, mutants, ""
        self.bytes = (TOP / file).read_bytes()
        argv = ["clang", "-x", "c", "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only", "-w", *includes,
                "-Xclang", "-ast-dump=json", file]
        done = subprocess.run(argv, cwd=TOP, capture_output=True, text=True, check=True)
        self.tree = json.loads(done.stdout)

    def text(self, begin, end):
        return self.bytes[begin:end].decode()

    def mutant(self, what, begin, end):
        """A new mutant of that stretch; the condition that it is the one being tried."""
        text = " ".join(self.text(begin, end).split())
        one = Mutant(len(self.mutants) + 1, self.file, self.function, what, text)
        one.which += sum((one.file, one.function, one.what, one.text) ==
                         (two.file, two.function, two.what, two.text) for two in self.mutants)
        self.mutants.append(one)
        return f"KX_MUTANT({one.number})"

    @staticmethod
    def place(where):
        """Offset and end of a token; where a macro is expanded: of its name."""
        where = where.get("expansionLoc", where)
        if "offset" not in where or "includedFrom" in where:
            return None
        return where["offset"], where["offset"] + where["tokLen"]

    def span(self, node):
        """First and last byte of a node; None: it has no text of its own."""
        first = self.place(node.get("range", {}).get("begin", {}))
        last = self.place(node.get("range", {}).get("end", {}))
        if not first or not last or first[0] >= last[1]:
            return None
        end = last[1]
        if "expansionLoc" in node["range"]["end"] and self.text(end, end + 1) == "(":
            end = self.closing(end)     # what a macro is given is the macro's
        return first[0], end

    def closing(self, at):
        """Behind the parenthesis that closes the one at `at`."""
        depth = 0
        while True:
            depth += {b"(": 1, b")": -1}.get(self.bytes[at:at + 1], 0)
            at += 1
            if not depth:
                return at

    def render(self):
        """The whole file, mutants and all."""
        functions = [node for node in self.tree["inner"] if node["kind"] == "FunctionDecl"
                     and self.span(node) and self.body(node)]
        out, at = [], 0
        for node in functions:
            body = self.body(node)
            begin, end = self.span(body)
            self.function = node["name"]
            out += [self.text(at, begin), self.block(body, last=True)]
            at = end
        return PRELUDE + "".join(out) + self.text(at, len(self.bytes))

    @staticmethod
    def body(function):
        return next((kid for kid in function.get("inner", []) if kid["kind"] == "CompoundStmt"), None)

    def between(self, node, render_kid):
        """The text of a node, with that of its children by render_kid(index, child)."""
        begin, end = self.span(node)
        kids = [(self.span(kid), i, kid) for i, kid in enumerate(node.get("inner", []))
                if kid.get("kind") and self.span(kid)]
        out, at = [], begin
        for (first, last), i, kid in sorted(kids, key=lambda kid: kid[0]):
            if first < at or last > end:
                continue
            out += [self.text(at, first), render_kid(i, kid)]
            at = last
        return "".join(out) + self.text(at, end)

    # ---- statements ----

    def block(self, node, last=False):
        count = len(node.get("inner", []))
        return self.between(node, lambda i, kid: self.statement(kid, last and i == count - 1))

    def statement(self, node, last=False, alone=False):
        """last: of its function. alone: all that an `if` guards, without an `else`."""
        kind = node["kind"]
        if kind == "CompoundStmt":
            return self.block(node, last)
        if kind == "DeclStmt":
            return self.between(node, lambda i, kid: self.declaration(kid))
        if kind == "IfStmt":
            lonely = not node.get("hasElse")
            return self.between(node, lambda i, kid: self.condition(kid, self.chooses(node)) if i == 0
                                else self.statement(kid, last, lonely))
        if kind == "WhileStmt":
            return self.between(node, lambda i, kid: self.condition(kid) if i == 0 else
                                self.statement(kid))
        if kind == "DoStmt":
            return self.between(node, lambda i, kid: self.statement(kid) if i == 0 else
                                self.condition(kid))
        if kind == "ForStmt":
            return self.between(node, self.part_of_for)
        if kind == "SwitchStmt":
            return self.between(node, lambda i, kid: self.expression(kid) if i == 0 else
                                self.statement(kid))
        if kind in ("CaseStmt", "DefaultStmt"):
            most = len(node["inner"]) - 1
            return self.between(node, lambda i, kid: self.statement(kid) if i == most else
                                self.text(*self.span(kid)))
        if kind == "ReturnStmt":
            return self.leave(node, last, alone)
        if kind in ("BreakStmt", "ContinueStmt"):
            return self.without(node, self.text(*self.span(node)), alone)
        if kind == "NullStmt":
            return self.text(*self.span(node))
        begin, end = self.span(node)
        return f"{self.mutant('delete', begin, end)} ? (void)0 : (void)({self.expression(node)})"

    def part_of_for(self, index, node):
        if node["kind"] == "DeclStmt":
            return self.statement(node)
        if index == 2:
            return self.condition(node)
        return self.statement(node)

    def without(self, node, text, alone):
        """A jump that may be left out; where it is alone, inverting the `if` is as good."""
        if alone:
            return text
        return f"if ({self.mutant('delete', *self.span(node))}) ; else {text}"

    def leave(self, node, last, alone):
        if not node.get("inner"):
            return self.without(node, "return", alone)
        value = node["inner"][0]
        inner = self.expression(value)
        if not last:
            return self.without(node, f"return {inner}", alone)
        if not self.is_scalar(value):
            return f"return {inner}"
        begin, end = self.span(value)
        other = 1 if self.text(begin, end) == "0" else 0
        return f"return {self.mutant(f'return {other}', begin, end)} ? {other} : ({inner})"

    def declaration(self, node):
        """`int x = value;` -> 0; the fields of an initialiser likewise."""
        value = node.get("inner", [None])[0]
        if node["kind"] != "VarDecl" or not value or not node.get("init") or \
                node.get("storageClass") == "static" or not self.span(value):
            return self.text(*self.span(node))
        begin, end = self.span(node)
        first, last = self.span(value)
        return self.text(begin, first) + self.initial(value) + self.text(last, end)

    def initial(self, node):
        if node["kind"] == "InitListExpr":
            return self.between(node, lambda i, kid: self.initial(kid))
        inner, (begin, end) = self.expression(node), self.span(node)
        if not self.is_scalar(node) or self.text(begin, end) in ("0", "NULL"):
            return inner
        return f"({self.mutant('zero', begin, end)} ? 0 : ({inner}))"

    # ---- expressions ----

    def chooses(self, node):
        """`a < b ? a : b`, `if (a < b) b = a`: where both are the same, it does not matter which."""
        kids = [kid for kid in node.get("inner", []) if kid.get("kind")]
        if node["kind"] == "IfStmt" and not node.get("hasElse"):
            test, arms = kids[0], kids[1].get("inner", [])
            if kids[1].get("opcode") != "=":
                return False
        else:
            test, arms = kids[0], kids[1:]
        if test.get("opcode") not in self.BOUNDARY:
            return False
        texts = [{self.text(*self.span(kid)) for kid in some if self.span(kid)}
                 for some in (test["inner"], arms)]
        return texts[0] == texts[1]

    def condition(self, node, chooses=False):
        """chooses: either way where its two sides are equal."""
        inner = self.expression(node, True, chooses)
        return f"{self.mutant('invert', *self.span(node))} != !!({inner})"

    @staticmethod
    def type_of(node):
        return node.get("type", {}).get("desugaredQualType") or node["type"]["qualType"]

    def is_scalar(self, node):
        kind = self.type_of(node)
        return kind.endswith("*") or not re.search(r"struct|union|\[|\(", kind)

    def expression(self, node, whole=False, chooses=False):
        """whole: all of a condition, which is inverted already. chooses: see condition()."""
        kind, span = node["kind"], self.span(node)
        macro = "expansionLoc" in node["range"]["begin"] and \
            self.place(node["range"]["begin"]) == self.place(node["range"]["end"])
        if macro or kind == "UnaryExprOrTypeTraitExpr" or not node.get("inner"):
            return self.text(*span)
        if kind in ("ParenExpr", "ImplicitCastExpr"):
            return self.between(node, lambda i, kid: self.expression(kid, whole, chooses))
        if kind == "ConditionalOperator":
            return self.between(node, lambda i, kid: self.condition(kid, self.chooses(node)) if i == 0
                                else self.expression(kid))
        if kind == "BinaryOperator" and len(node["inner"]) == 2:
            return self.binary(node, whole, chooses)
        if kind == "UnaryOperator" and node["opcode"] == "!" and not whole:
            inner = self.between(node, lambda i, kid: self.expression(kid, True))
            return f"({self.mutant('invert', *span)} != ({inner}))"
        return self.between(node, lambda i, kid: self.expression(kid))

    def binary(self, node, whole, chooses):
        op, (begin, end) = node["opcode"], self.span(node)
        spans = [self.span(kid) for kid in node["inner"]]
        if not spans[0] or not spans[1] or spans[0][1] > spans[1][0]:
            return self.text(begin, end)
        if op in ("&&", "||"):
            return self.between(node, lambda i, kid: self.operand(op, kid))
        left, right = (self.expression(kid) for kid in node["inner"])
        plain = f"({left}) {op} ({right})"
        if op in self.BOUNDARY and not chooses:
            name = self.mutant("boundary", begin, end)
            plain = f"({name} ? ({left}) {self.BOUNDARY[op]} ({right}) : {plain})"
        if op in (*self.BOUNDARY, "==", "!="):
            return plain if whole else f"({self.mutant('invert', begin, end)} != ({plain}))"
        if op in self.ARITHMETIC and "*" not in self.type_of(node) + self.type_of(node["inner"][0]):
            name = self.mutant(f"{op} -> {self.ARITHMETIC[op]}", begin, end)
            return f"({name} ? ({left}) {self.ARITHMETIC[op]} ({right}) : {plain})"
        return self.text(begin, spans[0][0]) + left + self.text(spans[0][1], spans[1][0]) + right

    def operand(self, op, node):
        """One side of && or || left out; of a chain, one of its members."""
        inner = node
        while inner["kind"] in ("ParenExpr", "ImplicitCastExpr"):
            inner = inner["inner"][0]
        if inner.get("opcode") == op:
            return self.expression(node, True)
        text, name = self.expression(node, True), self.mutant("drop", *self.span(node))
        return f"({name} || ({text}))" if op == "&&" else f"(!{name} && ({text}))"


# ---- from mutants to programs ----

def make_tree(folder, chosen, mutants):
    """Fills a folder with the sources, the mutated ones in the place of the plain."""
    includes = re.search(r"^INCLUDES := (.*)", (TOP / "Makefile").read_text(), re.M)[1]
    includes = includes.replace("$(ARCH)", "riscv64").split()
    for name in ("Makefile", "toolchain.mk", "include", "arch", "linker"):
        (folder / name).symlink_to(TOP / name)
    shutil.copytree(TOP / "lib", folder / "lib")
    for source in chosen.sources:
        (folder / source).write_text(Mutator(source, includes, mutants).render())
    (folder / "boot-tests").mkdir()
    for path in (TOP / "boot-tests").iterdir():
        if path.name != "unit":
            (folder / "boot-tests" / path.name).symlink_to(path)
    shutil.copytree(TOP / TESTS, folder / TESTS)
    with open(folder / chosen.tests / chosen.chooser, "a") as chooser:
        chooser.write(CHOOSE % (len(mutants) + 1))


def build(folder, chosen, arch):
    """Builds the tests of one architecture; returns their command lines."""
    unit = Path("build") / arch / chosen.programs
    names = sorted(path.stem for path in (folder / chosen.tests).glob("test_*.c"))
    names += chosen.more
    flags = "-std=c11 -O2 -g1 -D_GNU_SOURCE -w"
    done = subprocess.run(["make", "-j2", f"ARCH={arch}", "LLVM=", f"HOSTCFLAGS={flags}",
                           *(str(unit / name) for name in names)], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"mutate: {arch}: the tests do not build\n{done.stdout}{done.stderr}")
    return [[str(folder / unit / name), *([str(ROUNDS)] if name in chosen.more else [])]
            for name in names]


@dataclass
class Test:
    """One test of a program."""
    argv: list
    name: str
    spent: float = 0.0  # seconds of CPU time, without a mutant
    met: bytes = b""    # for each mutant: does its code run at all?

    def passes(self, number, **more):
        """The time is CPU time: a busy machine makes no mutant a loop without end."""
        def limit():
            seconds = 1 + math.floor(4 * self.spent)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        env = {**os.environ, "KX_MUTANT": str(number), "KX_TEST": self.name, **more,
               "UBSAN_OPTIONS": "symbolize=0", "CMOCKA_MESSAGE_OUTPUT": "TAP",
               "ASAN_OPTIONS": "detect_leaks=0:symbolize=0:allocator_may_return_null=1"}
        return subprocess.run(self.argv, env=env, stdout=subprocess.DEVNULL, timeout=600,
                              stderr=subprocess.DEVNULL, preexec_fn=limit).returncode == 0

    def measure(self):
        before, path = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, self.argv[0] + ".met"
        self.spent = 60
        if not self.passes(0, KX_MUTANTS_MET=path):
            sys.exit(f"mutate: {self.argv[0]} {self.name}: fails without a mutant")
        self.spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        self.met = Path(path).read_bytes()
        return self


def tests_of(chosen, argv):
    """The tests of a program, measured; a property test is one."""
    source = TOP / chosen.tests / (Path(argv[0]).name + ".c")
    names = re.findall(r"\b(?:\w+_)?TEST\((\w+)\)|cmocka_unit_test\((\w+)\)", source.read_text()) \
        if source.exists() else [("*", "")]
    return [Test(argv, one or other).measure() for one, other in names if "name" not in (one, other)]


def hunt(mutants, tests, jobs):
    """Runs tests on mutants until one fails: the quick tests first, and only those that meet it.
    Returns the mutants that none has seen."""
    tests = sorted(tests, key=lambda test: test.spent)

    def lives(mutant):
        for test in tests:
            if test.met[mutant.number]:
                mutant.met = True
                if not test.passes(mutant.number):
                    mutant.killer = f"{Path(test.argv[0]).name} {test.name}"
                    return False
        return True
    with ThreadPoolExecutor(jobs) as pool:
        return [one for one, alive in zip(mutants, pool.map(lives, mutants)) if alive]


def score(count, left):
    return 100 * (count - left) / max(1, count)


def read_equivalent(files):
    """{mutant: reason}. A reason, indented, is that of all the mutants right above it."""
    found, waiting = {}, []
    for line in EQUIVALENT.read_text().splitlines():
        if line.startswith("lib/"):
            if waiting and found[waiting[0]]:
                waiting = []
            waiting.append(line)
            found[line] = ""
        elif line.startswith("    "):
            for name in waiting:
                found[name] += line.strip() + " "
    return {name: reason for name, reason in found.items() if name.split()[0] in files}


def report(args, chosen, left, stale):
    if args.verbose:
        for one in chosen:
            print(f"mutants: {one}: {one.killer or 'LIVES'}")
    for one in left:
        print(f"mutants: {'lives' if one.met else 'not met'}: {one}")
    for name in sorted(stale):
        print(f"mutants: mutants.txt: no such mutant, or no reason: {name}")


def main():
    p = argparse.ArgumentParser(description="Mutation score of the unit tests.")
    p.add_argument("--set", choices=SETS, default="planner", help="of sources and tests")
    p.add_argument("--arch", action="append", choices=fetch.ARCHES, help="tests of these alone; what "
                   "one lets live the next is tried on (default: all)")
    p.add_argument("--only", action="append", help="mutants of this file alone")
    p.add_argument("--sample", type=int, help="so many mutants, drawn by --seed")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--without", help="then again, as if there were no tests of this name in the last "
                   "architecture: how far does the score fall?")
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--verbose", action="store_true", help="who killed whom")
    args = p.parse_args()

    of_set, mutants, tests = SETS[args.set], [], []
    equivalent = read_equivalent(of_set.sources)
    with tempfile.TemporaryDirectory(prefix="kx-mutants-") as folder:
        folder = Path(folder)
        make_tree(folder, of_set, mutants)
        stale = set(equivalent) - {str(mutant) for mutant in mutants}
        stale |= {name for name, reason in equivalent.items() if not reason}
        chosen = [one for one in mutants if (not args.only or one.file in args.only)
                  and str(one) not in equivalent]
        if args.sample:
            chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
        left = chosen
        for arch in args.arch or fetch.ARCHES:
            if left:
                tests = [test for argv in build(folder, of_set, arch)
                         for test in tests_of(of_set, argv)]
                left = hunt(left, tests, args.jobs)
        report(args, chosen, left, stale)
        if args.without:
            fewer = [test for test in tests if not Path(test.argv[0]).name.startswith(args.without)]
            missed = hunt(chosen, fewer, args.jobs)
            print(f"mutants: without {args.without}*: score {score(len(chosen), len(missed)):.1f} %")
    reached = score(len(chosen), len(left))
    print(f"mutants: {len(mutants)} in {len(of_set.sources)} files, {len(equivalent)} of them equivalent, "
          f"{len(chosen)} tried, {len(left)} live: score {reached:.1f} %, asked {ASKED} %")
    sys.exit(reached < ASKED or bool(stale and not args.sample))


if __name__ == "__main__":
    main()
