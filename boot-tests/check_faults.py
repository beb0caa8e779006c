#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The tests that try faults, and those of the tests themselves, as a whole; what they count at the end.

Called by: `make check-faults`, when everything is built. Half an hour on two cores: faults at every instruction
of both blobs, every access of the trampoline over many random lists, every mutant. Exits 0 when no end was
silent, no access was one too many, each that was planted was caught, the mutation score is as asked, and
every test has passed.
"""
import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
import re
import subprocess
import sys
import time

import ending
import fetch
import mutate

TOP = Path(__file__).resolve().parent.parent
TESTS = [f"boot-tests/test_{name}.py" for name in ("faults", "status", "kick", "return", "fuzz", "hall", "hops")]
SETS = 10000    # of random segments, each walk audited
PLANTED = 2000


@dataclass
class Part:
    """A command, and what came of it."""
    name: str
    argv: list
    output: str = ""
    status: int | None = None
    process: subprocess.Popen | None = None

    def run(self):
        began = time.monotonic()
        print(f"check-faults: {self.name}: begins", flush=True)
        self.process = subprocess.Popen(self.argv, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, errors="replace")
        self.output = self.process.communicate()[0]
        self.status = self.process.returncode
        last = (self.output.strip().splitlines() or [""])[-1]
        if self.status:
            print(self.output[-4000:])
        print(f"check-faults: {self.name}: {time.monotonic() - began:.0f} s, exit {self.status}: {last}", flush=True)
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()


def python(*words):
    return [sys.executable, *(str(word) for word in words)]


def injections(step):
    return [Part(f"injected faults, {arch}", python("boot-tests/inject.py", "--arch", arch, "--step", step))
            for arch in fetch.ARCHES]


def audit(arch, *words):
    return Part(f"audit, {arch}, {words[-1]}", [f"build/{arch}/unit/property-code", *map(str, words)])


def number(pattern, text):
    found = re.findall(pattern, text, re.M)
    return float(found[-1]) if found else None


@dataclass
class Counts:
    """None: a part has not come to its end."""
    silent: int | None
    violations: int | None
    caught: bool            # what was planted
    score: float | None
    passed: bool            # every test and every set of mutants

    def lines(self):
        yield f"silent ends: {'unknown' if self.silent is None else self.silent}"
        yield f"violations: {'unknown' if self.violations is None else self.violations}" + \
              ("" if self.caught else ", but what was planted was not caught")
        yield f"mutation score: {'unknown' if self.score is None else f'{self.score:.1f} %'}"

    def good(self):
        return self.silent == self.violations == 0 and self.caught and self.passed and \
            self.score is not None and self.score >= mutate.ASKED


def total(numbers):
    numbers = list(numbers)
    return None if None in numbers else int(sum(numbers))


def silent_ends(part):
    """Of one run of inject.py, which has a line for each."""
    return len(re.findall(r"^silent: ", part.output, re.M)) if part.status in (0, 1) else None


def count(tests, injected, audited, planted, mutants):
    """Parts that have been run -> Counts."""
    return Counts(
        silent=total(silent_ends(part) for part in injected),
        violations=total(number(r" (\d+) violations$", part.output) for part in audited),
        caught=all(part.status == 0 and number(r" (\d+) planted", part.output) for part in planted),
        score=number(r"mutation score: ([\d.]+) %", mutants.output),
        passed=all(part.status == 0 for part in (tests, mutants, *injected, *audited)))


def main():
    p = argparse.ArgumentParser(description="Everything about faults, and what it counts.")
    p.add_argument("--step", type=int, default=1, help="inject at every n-th instruction alone")
    p.add_argument("--sets", type=int, default=SETS, help="audited, on each architecture")
    p.add_argument("--sample", type=int, help="so many mutants of each set alone")
    args = p.parse_args()
    sample = ["--sample", args.sample] if args.sample else []
    tests = Part("tests", python("-m", "pytest", "-q", "-n", 2, *(f"--arch={arch}" for arch in fetch.ARCHES), *TESTS))
    injected = injections(args.step)
    audited = [audit(arch, args.sets, 1, "audit") for arch in fetch.ARCHES]
    planted = [audit(arch, PLANTED, 1, "plant") for arch in fetch.ARCHES]
    mutants = Part("mutants", python("boot-tests/mutate.py", *sample))
    stages = [tests], [*injected, *audited, *planted], [mutants]
    try:
        for stage in stages:
            pool = ThreadPoolExecutor(2)
            try:
                list(pool.map(Part.run, stage))
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
    except KeyboardInterrupt:
        for part in [part for stage in stages for part in stage]:
            part.stop()
        raise
    counts = count(tests, injected, audited, planted, mutants)
    print(*counts.lines(), sep="\n")
    sys.exit(not counts.good())


if __name__ == "__main__":
    with ending.in_good_order("check-faults"):
        main()
