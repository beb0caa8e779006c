# SPDX-License-Identifier: BSD-2-Clause
"""Coverage-guided fuzzing, for a while: whatever is read that others have written.

Called by: pytest. FUZZ_S=600 in the environment makes each target run for so many seconds (`make check
FUZZ_S=600`). The targets are boot-tests/fuzz/fuzz_*.c; an input that makes one fail is left in build/found.
"""
import os
from pathlib import Path
import re
import subprocess
import sys

import pytest

import mistake
from mistake import Mistake

TOP = Path(__file__).resolve().parent.parent
FUZZ = TOP / "boot-tests/fuzz"
FOUND = TOP / "build/found"
SECONDS = os.environ.get("FUZZ_S")
SEED = 0 if SECONDS else 1  # a long run draws anew; the short one begins alike for everybody
SHORT = {"purgatory": 15000}    # inputs, of a few seconds; on a busy machine no fewer
USUAL = 400000
NAMES = sorted(path.stem.removeprefix("fuzz_") for path in FUZZ.glob("fuzz_*.c"))
sys.path.insert(0, str(FUZZ))
import corpus  # noqa: E402

RUNS = 3000000

# Checks that are taken away, for each target; and of a digest in halves, the bytes that are in neither.
PLANTED = {
    "list": [Mistake("lib/list_check.c", "if (bits(proof->written, bit_of(memory, step->dest_pa), step->pages, SET))",
                     "if (0)")],
    "image": [Mistake("lib/image/elf64.c", "if (!kx_in_file_(offset, filesz, elf->size))", "if (0)")],
    "purgatory": [Mistake("lib/purgatory/check.c", "if (kx_wraps_(region.pa, region.size))", "if (0)"),
                  Mistake("lib/purgatory/halves.c", "return 2 * half;", "return region->size;")],
    "fit": [Mistake("boot-tests/host/fit.c", "if (!fault && fit->fdt.size && !tree_is_sound", "if (0 && "
                    "!tree_is_sound")],
    "status": [Mistake("lib/status_read.c", "if (status.sum != kx_status_sum(&status) || ", "if (")],
    "fdt": [Mistake("lib/purgatory/fdt.c", "if (walk->at > walk->end)", "if (0)")],
}
pytestmark = pytest.mark.only("x86_64")  # nothing of it differs from one to the other


@pytest.fixture
def target(arch, need):
    """target("list"): what make calls it."""
    need("clang", "gcc", "make")
    return lambda name: f"build/{arch}/fuzz/fuzz_{name}"


def fuzz(program, name, folder, found, limit, which=corpus.inputs):
    """Runs a target on its corpus and on what it makes of that."""
    inputs = folder / "inputs"
    inputs.mkdir()
    found.mkdir(exist_ok=True, parents=True)
    corpus.expand(name, inputs, which)
    return subprocess.run([program, inputs, limit, "-timeout=100", f"-seed={SEED}", "-print_final_stats=1",
                           f"-artifact_prefix={found}/{name}-"], capture_output=True, text=True, cwd=TOP)


@pytest.mark.parametrize("name", NAMES)
def test_fuzz(target, arch, name, tmp_path):
    """Nothing is found, and the search does get somewhere."""
    mistake.make(arch, target(name))
    asked = 1000 if SECONDS else SHORT.get(name, USUAL)
    done = fuzz(target(name), name, tmp_path, FOUND, f"-max_total_time={SECONDS}" if SECONDS else f"-runs={asked}")
    assert done.returncode == 0, done.stderr[-4000:]
    runs = int(re.search(r"number_of_executed_units: (\d+)", done.stderr)[1])
    print(f"fuzz: {name}: {runs} inputs, nothing found")
    assert runs >= asked


@pytest.mark.parametrize("name, planted", [(name, one) for name, some in PLANTED.items() for one in some],
                         ids=lambda value: value if isinstance(value, str) else Path(value.file).stem)
def test_planted(target, arch, name, planted, tmp_path):
    """Negative control: without a check, an input is found that should have met it. Tens of thousands are tried
    until then, from one that is near; it does not matter in what time."""
    program = mistake.build(arch, target(name), planted, tmp_path)
    done = fuzz(program, name, tmp_path, tmp_path / "found", f"-runs={RUNS}", corpus.near)
    assert done.returncode and re.search(r"ERROR: |runtime error", done.stderr), done.stderr[-2000:]
