#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mutation score: each line and condition of the planner and the checks, of purgatory and its kin, and of what
makes a machine quiet, deleted or inverted in turn, must make a unit test fail.

Called by: `make mutants`, check_faults.py, test_mutants.py, and people (--only lib/memory.c).

All mutants are compiled at once (mutator.py); the unit tests are built from that, and run once for each
number, which they find in the environment. Which mutants cannot be told from the original by any test is in
mutants.txt, each with its reason.
"""
import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import math
import os
from pathlib import Path
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import ending
import fetch
from mutator import Mutator

TOP = Path(__file__).resolve().parent.parent


def sources(*patterns):
    return sorted(str(path.relative_to(TOP)) for name in patterns
                  for path in (TOP / "lib").glob(name))


# Of purgatory, what the unit tests are linked without, as one of its two forms is. Nor are there mutants of
# lib/tool/ (a program; see test_status.py) and of lib/quiesce/mmio.c and no_ports.c (window.c).
NOT_LINKED = ("flat.c", "kexec.c", "no_policy.c", "no_halves.c")


@dataclass(frozen=True)
class Set:
    """Sources, and the unit tests that are to see their mutants."""
    sources: list
    tests: str          # their folder
    programs: str       # folder of what they become, under build/<arch>
    chooser: str        # a source that is in all of them
    more: tuple = ()    # programs that are no test_*.c
    arches: tuple = tuple(fetch.ARCHES)    # whose tests are run; what one lets live the next is tried on


TESTS = "boot-tests/unit"
SETS = {
    "planner": Set(["lib/range.h", "lib/segment.h", "lib/image/image.h", "lib/arena.c", "lib/memory.c", "lib/mem.c",
                    "lib/error.c", "lib/segment.c", "lib/control.c", "lib/crash.c", "lib/dry_run.c",
                    *sources("list*.c", "image/*.c")],
                   TESTS, "unit", "fake.c", ("property-list",)),
    "purgatory": Set([*(name for name in sources("purgatory/*.c") if Path(name).name not in NOT_LINKED),
                      *sources("console/*.[ch]", "sha256*.c", "sha256_round.h", "status*.c", "state.c", "cpus.c",
                               "park.c", "clock.c", "table.c")],
                     TESTS, "unit", "fake.c"),
    "quiesce": Set([name for name in sources("quiesce/*.c") if Path(name).name not in ("mmio.c", "no_ports.c")],
                   f"{TESTS}/quiesce", "unit-quiesce", "rig.c", arches=("riscv64",)), # nothing of arch/ in it
}
EQUIVALENT = TOP / "boot-tests/mutants.txt"
ROUNDS = 500   # of the property test
ASKED = 90      # per cent

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
    flags = "-std=c11 -O1 -g0 -D_GNU_SOURCE -w"
    done = ending.run(["make", "-j2", f"ARCH={arch}", "LLVM=", f"HOSTCFLAGS={flags}",
                       *(str(unit / name) for name in names)], cwd=folder)
    if done.returncode:
        raise RuntimeError(f"{arch}: the tests do not build\n{done.stdout}{done.stderr}")
    return [[str(folder / unit / name), *([str(ROUNDS)] if name in chosen.more else [])]
            for name in names]


RUNNING = set()     # processes: tests


@dataclass(eq=False)
class Test:
    """One test of a program."""
    argv: list
    name: str
    spent: float = 0.0  # seconds of CPU time, without a mutant
    met: bytes = b""    # for each mutant: does its code run at all?

    def __str__(self):
        return f"{Path(self.argv[0]).name} {self.name}"

    def run(self, number, seconds, **more):
        """Did it pass, and in how much CPU time? That is what is limited: a busy machine makes no mutant a
        loop without end."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.alarm(600)
        env = {**os.environ, "KX_MUTANT": str(number), "KX_TEST": self.name, **more,
               "UBSAN_OPTIONS": "symbolize=0", "CMOCKA_MESSAGE_OUTPUT": "TAP",
               "ASAN_OPTIONS": "detect_leaks=0:symbolize=0:allocator_may_return_null=1"}
        process = subprocess.Popen(self.argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   preexec_fn=limit)
        RUNNING.add(process)
        _, status, used = os.wait4(process.pid, 0)
        RUNNING.discard(process)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode == 0, used.ru_utime

    def passes(self, number):
        return self.run(number, 1 + math.floor(4 * self.spent))[0]

    def measure(self):
        path = f"{self.argv[0]}.{self.name.strip('*')}.met"
        good, self.spent = self.run(0, 60, KX_MUTANTS_MET=path)
        if not good:
            raise RuntimeError(f"{self} fails without a mutant")
        self.met = Path(path).read_bytes()
        return self


def tests_of(chosen, argv):
    """The tests of a program; a property test is one."""
    source = TOP / chosen.tests / (Path(argv[0]).name + ".c")
    names = re.findall(r"\b(?:\w+_)?TEST\((\w+)\)|cmocka_unit_test(?:_\w+)?\((\w+)", source.read_text()) \
        if source.exists() else [("*", "")]
    return [Test(argv, one or other) for one, other in names if "name" not in (one, other)]


def in_parallel(jobs, work, items, say=None):
    """[work(item)]; an interrupt leaves what has not begun, and ends what runs."""
    done, shown, pool = [], time.monotonic(), ThreadPoolExecutor(jobs)
    try:
        for result in pool.map(work, items):
            done.append(result)
            if say and time.monotonic() > shown + 10:
                shown = time.monotonic()
                print(f"mutants: {say}: {len(done)} of {len(items)}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(RUNNING):
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return done


QUICK_S = 0.3


def hunt(mutants, tests, jobs, say=None):
    """Runs tests on mutants until one fails: first what has seen others of that function, then the quick ones,
    and only those that meet it. Returns the mutants that none has seen."""
    tests = sorted(tests, key=lambda test: test.spent)
    seers = {}

    def lives(mutant):
        known = seers.setdefault((mutant.file, mutant.function), [])
        for test in [*known, *(test for test in tests if test not in known)]:
            if test.met[mutant.number]:
                mutant.met = True
                if not test.passes(mutant.number):
                    mutant.killer = str(test)
                    if test.spent < QUICK_S and test not in known:
                        known.append(test)
                    return False
        return True
    return [one for one, alive in zip(mutants, in_parallel(jobs, lives, mutants, say)) if alive]


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


def try_set(args, name, folder):
    """Prints the set's line. Returns how many mutants were tried and how many live, and whether mutants.txt
    is right."""
    of_set, mutants, tests = SETS[name], [], []
    equivalent = read_equivalent(of_set.sources)
    make_tree(folder, of_set, mutants)
    stale = set(equivalent) - {str(mutant) for mutant in mutants}
    stale |= {one for one, reason in equivalent.items() if not reason}
    chosen = [one for one in mutants if (not args.only or one.file in args.only)
              and str(one) not in equivalent]
    if args.sample:
        chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
    left = chosen
    for arch in args.arch or of_set.arches:
        if left:
            say = f"{name}: {arch}"
            print(f"mutants: {say}: building", file=sys.stderr, flush=True)
            programs = build(folder, of_set, arch)
            tests = in_parallel(args.jobs, Test.measure,
                                [test for argv in programs for test in tests_of(of_set, argv)])
            left = hunt(left, tests, args.jobs, say)
    report(args, chosen, left, stale)
    if args.without:
        fewer = [test for test in tests if not Path(test.argv[0]).name.startswith(args.without)]
        missed = hunt(chosen, fewer, args.jobs)
        print(f"mutants: {name}: without {args.without}*: score {score(len(chosen), len(missed)):.1f} %")
    print(f"mutants: {name}: {len(mutants)} in {len(of_set.sources)} files, {len(equivalent)} of them equivalent, "
          f"{len(chosen)} tried, {len(left)} live: score {score(len(chosen), len(left)):.1f} %", flush=True)
    return len(chosen), len(left), not stale


def main():
    p = argparse.ArgumentParser(description="Mutation score of the unit tests.")
    p.add_argument("--set", action="append", choices=SETS, help="of sources and tests (default: all)")
    p.add_argument("--arch", action="append", choices=fetch.ARCHES, help="tests of these alone; what "
                   "one lets live the next is tried on (default: all, where they differ)")
    p.add_argument("--only", action="append", help="mutants of this file alone")
    p.add_argument("--sample", type=int, help="so many mutants of each set, drawn by --seed")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--without", help="then again, as if there were no tests of this name in the last "
                   "architecture: how far does the score fall?")
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--verbose", action="store_true", help="who killed whom")
    args = p.parse_args()
    names = [name for name in args.set or SETS
             if not args.only or set(args.only) & set(SETS[name].sources)]
    results = []
    try:
        for name in names:
            with tempfile.TemporaryDirectory(prefix="kx-mutants-") as folder:
                results.append(try_set(args, name, Path(folder)))
    except RuntimeError as error:
        sys.exit(f"mutate: {error}")
    tried, live = (sum(result[i] for result in results) for i in (0, 1))
    low = any(score(*result[:2]) < ASKED for result in results)
    print(f"mutants: {tried} tried, {live} live: mutation score: {score(tried, live):.1f} %, "
          f"of each set asked {ASKED} %")
    sys.exit(low or (not args.sample and not all(right for *_, right in results)))


if __name__ == "__main__":
    with ending.in_good_order("mutate"):
        main()
