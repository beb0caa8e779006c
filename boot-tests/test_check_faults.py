# SPDX-License-Identifier: BSD-2-Clause
"""What `make check-faults` ends with: three lines, and success only when all is as it should be.

Called by: pytest. The parts themselves are run by it, not here.
"""
import pytest

from check_faults import count, Part
from mutate import ASKED

SET = "property: assembly walker, seed 1: 10 sets, 9 walked (1 pages), {} planted; 3 accesses audited, {} violations\n"


def part(output, status=0):
    return Part("some", [], output, status)


def counts(injected="inject: riscv64: silent 0\n", found=0, planted=7, score=95.0, **status):
    """As if two architectures had been through it."""
    return count(part("3 passed", status.get("tests", 0)),
                 [part("inject: aarch64: silent 0\n"), part(injected, status.get("inject", 0))],
                 [part(SET.format(0, 0)), part(SET.format(0, found), bool(found))],
                 [part(SET.format(planted, 0), status.get("plant", 0))],
                 part(f"mutants: planner: score 91.0 %\nmutants: 9 tried, 1 live: mutation score: {score} %, asked",
                      int(score < ASKED)))


def test_good():
    good = counts()
    assert list(good.lines()) == ["silent ends: 0", "violations: 0", "mutation score: 95.0 %"]
    assert good.good()


@pytest.mark.parametrize("bad, line", [
    ({"injected": "silent: control+0x4 nmi: ''\nsilent: control+0x8 nmi: ''\n", "inject": 1}, "silent ends: 2"),
    ({"inject": 2}, "silent ends: unknown"),
    ({"found": 3}, "violations: 3"),
    ({"planted": 0}, "violations: 0, but what was planted was not caught"),
    ({"plant": 1}, "violations: 0, but what was planted was not caught"),
    ({"score": 89.9}, "mutation score: 89.9 %"),
    ({"tests": 1}, "silent ends: 0"),
], ids=str)
def test_bad(bad, line):
    found = counts(**bad)
    assert line in found.lines() and not found.good()
