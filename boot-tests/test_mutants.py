# SPDX-License-Identifier: BSD-2-Clause
"""Do the unit tests see it when a line of the planner or of a check is gone, or says the opposite?

Called by: pytest. A sample of the mutants, the tests of one architecture; `make mutants` tries them all,
on all of them.
"""
import os
from pathlib import Path
import re
import subprocess

import pytest

TOP = Path(__file__).resolve().parent.parent
SAMPLE = os.environ.get("MUTANTS") or "60"


@pytest.mark.long
@pytest.mark.only("riscv64")
def test_sample(arch, need):
    """At least 90 of 100 are seen; and fewer without the tests of the list, as a score must fall."""
    need("clang", "gcc", "make")
    done = subprocess.run(["/usr/bin/python3", "boot-tests/mutate.py", "--set", "planner", "--arch", arch,
                           "--sample", SAMPLE, "--without", "test_list"], cwd=TOP, capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    fallen, reached = (float(text) for text in re.findall(r"planner: .*score ([\d.]+) %", done.stdout))
    assert fallen < reached - 3
