# SPDX-License-Identifier: BSD-2-Clause
"""libkx is as fast as its goals say, or nearly, and planning grows with runs, not with pages.

Called by: pytest. What is compared and how: bench.py and bench/. Times are compared within a round, and
never as such: this machine may be doing something else, so a ratio may fall short, but not each time.
"""
from pathlib import Path
import subprocess
import sys

import pytest

from conftest import missing
from mistake import alone
import sequence

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "boot-tests/bench"))
import fetch    # noqa: E402
import goals    # noqa: E402
import measure  # noqa: E402

SLACK = 0.9     # of what a goal asks for
ROUNDS, MIB, TRIES = 5, 128, 12
EXACT_RUNS = 3


@pytest.fixture
def programs(arch, need):
    """The folder with what make has built for measuring."""
    need("make", "gcc", f"{arch}-linux-gnu-gcc")
    with alone():
        done = subprocess.run(["make", f"ARCH={arch}", "LLVM=", "bench-programs"], cwd=TOP,
                              capture_output=True, text=True)
    if "fetch:" in done.stderr or "peer:" in done.stderr:
        missing(f"no peer: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return TOP / "build" / arch


def short_of(found):
    """What is missed by more than the slack."""
    return {f"{goal.number}: {part.words}" for goal in found for part in goal.missed(SLACK)}


def judge(found, short=None):
    """Fails if a goal is missed by more than the slack; says what could not be measured."""
    print(*(line for goal in found for line in goal.lines()), sep="\n")
    assert not (short_of(found) if short is None else short)
    if not any(goal.parts for goal in found):
        pytest.skip(f"this machine lacks {', '.join({goal.lacks for goal in found})}")


@pytest.mark.only("x86_64")
def test_time(programs):
    short = None    # in every try; which of them the noise hits is chance
    try:
        for _ in range(TRIES):
            found = goals.native(measure.native(programs, ROUNDS, MIB), MIB)
            short = short_of(found) if short is None else short & short_of(found)
            if not short:
                break
    except measure.Lacking as e:
        pytest.skip(f"this machine lacks {e}")
    judge(found, short)


@pytest.mark.only("x86_64")
def test_gate_sees_slow_code(programs):
    """Negative control: with the peers' loops in the place of ours no goal of speed is met."""
    try:
        rounds = measure.native(programs, 3, MIB)
    except measure.Lacking as e:
        pytest.skip(f"this machine lacks {e}")
    for ours, theirs in (("hash", "hash-peer"), ("each", "hash-peer"), ("copy-pages", "copy-pages-peer"),
                         ("copy-runs", "copy-runs-peer"), ("both", "both-peer"),
                         ("both-each", "both-peer")):
        rounds.ns[ours] = rounds.ns[theirs]
    found = goals.native(rounds, MIB)
    judge(found, short=())  # of which there is one at least
    assert all(goal.missed(SLACK) for goal in found if goal.parts)


@pytest.mark.only("aarch64", "riscv64")
def test_instructions(arch, programs, need):
    """Counts are exact, the same each time, and no greater than what is asked."""
    need(f"qemu-system-{arch}")
    runs = [measure.counts(arch, programs) for _ in range(EXACT_RUNS)]
    assert runs[0] == runs[1] == runs[2]
    assert goals.counted_in_c(arch, runs[0]).status == "met"
    if arch == "aarch64":
        judge(goals.aarch64(runs[0], sequence.untranslated(programs / "kx-trampoline.elf")))
        return
    try:
        newer = [measure.counts(arch, programs, "zvknha") for _ in range(EXACT_RUNS)]
    except fetch.FetchError as e:
        missing(f"no QEMU 10: {e}")
    assert newer[0] == newer[1] == newer[2]
    judge(goals.riscv64(runs[0], newer[0]))


@pytest.mark.only("aarch64", "riscv64")
def test_gate_sees_long_code(arch, programs, need):
    """Negative control: with the peers' loops in the place of ours no goal of length is met."""
    need(f"qemu-system-{arch}")
    counts = measure.counts(arch, programs)
    counts |= {"hash-cpu": counts["hash-peer"], "copy": counts["copy-peer"], "hash-c": counts["hash-peer"] + 1}
    off = sequence.Untranslated(65, 1)
    found = goals.aarch64(counts, off) if arch == "aarch64" else goals.riscv64(counts, "nothing")
    assert all(goal.missed(SLACK) for goal in found)
    assert goals.counted_in_c(arch, counts).status == "missed"


@pytest.mark.only("x86_64")     # the planner is the same C everywhere, and this machine can run it
def test_list_is_small(programs):
    for size in (1 << 20, 1 << 24, 1 << 28, goals.GIB, 16 * goals.GIB, 64 * goals.GIB):
        for run in (4096, 1 << 16, 1 << 19, 1 << 21, size):
            if size // run > 1 << 17 or size < run:
                continue
            plan = measure.scaling(programs, size, run)
            assert plan["words"] <= goals.words_most(plan), plan
    assert measure.scaling(programs, 64 * goals.GIB, 1 << 19)["list_pages"] == goals.LIST_PAGES


@pytest.mark.only("x86_64")
def test_planning_is_linear_in_runs(programs):
    """From 4 GiB to 64 GiB in runs of 512 KiB: sixteen times the runs."""
    small, large = (measure.scaling(programs, size * goals.GIB, 1 << 19) for size in (4, 64))
    growth = large["runs"] / small["runs"]
    assert large["build_ns"] < goals.LINEAR * growth * small["build_ns"], (small, large)
    assert large["check_ns"] < goals.LINEAR * growth * small["check_ns"], (small, large)


@pytest.mark.only("x86_64")
def test_planning_does_not_count_pages(programs):
    """As many runs, of one page or of 128: the time is that of the runs."""
    short, long = (measure.scaling(programs, (1 << 17) * run, run) for run in (4096, 1 << 19))
    assert short["runs"] == long["runs"] and long["bytes"] == 128 * short["bytes"]
    assert long["build_ns"] < goals.LINEAR * short["build_ns"], (short, long)
    assert long["check_ns"] < goals.LINEAR * short["check_ns"], (short, long)
