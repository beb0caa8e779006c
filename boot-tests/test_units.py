# SPDX-License-Identifier: BSD-2-Clause
"""The unit and property tests in C, programs of the build machine: see boot-tests/unit/.

Called by: pytest. Builds them by make; the sources are those of the library, but for what only the
machine itself can do.
"""
import hashlib
import os
from pathlib import Path
import re
import subprocess

import pytest

from conftest import missing
import fetch
from mistake import alone

TOP = Path(__file__).resolve().parent.parent
UNIT = TOP / "boot-tests/unit"
SETS = int(os.environ.get("SETS", 100000))
# In the CPU emulator a set takes fifteen times as long: there so many are those of all architectures together,
# and no set is tried on two of them.
SHARE = {"list": 1, "code": len(fetch.ARCHES)}


@pytest.fixture
def program(arch, need):
    """program("test_list"): its path, built."""
    need("make", "gcc")

    def make(name):
        path = Path("build") / arch / "unit" / name
        with alone():
            done = subprocess.run(["make", f"ARCH={arch}", "LLVM=", str(path)], cwd=TOP,
                                  capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return TOP / path
    return make


def run(*argv, timeout=1200):
    return subprocess.run([str(word) for word in argv], cwd=TOP, capture_output=True, text=True,
                          timeout=timeout, env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"))


@pytest.mark.parametrize("name", sorted(path.stem for path in UNIT.glob("test_*.c")))
def test_unit(program, name):
    """Every test of a program is run, and passes or says why it does not apply."""
    done = run(program(name))
    written = set(re.findall(r"\b(?:cmocka_unit_|info_|lab_|seal_)?test(?:_setup_teardown)?\((\w+)",
                             (UNIT / f"{name}.c").read_text(), re.I)) - {"name"}
    seen = set(re.findall(r"^ok \d+ - (\w+)|^not ok \d+ # SKIP (\w+)", done.stdout, re.M))
    failed = re.findall(r"^not ok \d+ - (\w+)", done.stdout, re.M)
    assert done.returncode == 0 and not failed, done.stdout + done.stderr
    assert {one or other for one, other in seen} == written


def test_sha256_against_python(program):
    """Digests of many sizes in odd chunks are those of another implementation."""
    path = program("test_sha256")
    for size in [0, 1, 55, 56, 63, 64, 65, 119, 120, 4095, 4096, 100003, 1 << 20]:
        data = bytes((i * 0x9e3779b1 & 0xffffffff) >> 24 for i in range(size))
        for chunks in (1, 3, 17):
            done = run(path, size, chunks)
            assert done.stdout.strip() == hashlib.sha256(data).hexdigest(), (size, chunks)


def number_of(what, text):
    return int(re.search(rf"(\d+) {what}", text)[1])


@pytest.fixture
def property_of(program):
    """property_of("list"): the property test with the walker in C; "code": the one that ships."""
    def make(walker):
        if walker != "list" and not Path("/usr/include/unicorn/unicorn.h").exists():
            missing("libunicorn-dev is not installed (boot-tests/fetch.py deps)")
        return program(f"property-{walker}")
    return make


@pytest.mark.long
@pytest.mark.parametrize("walker", ["list", "code"])
def test_property(property_of, arch, walker):
    """Random segment sets: memory ends up as plain copying would have left it."""
    sets = SETS // SHARE[walker] + 1
    done = run(property_of(walker), sets, 1 + SETS * list(fetch.ARCHES).index(arch))
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert number_of("walked", done.stdout) > 0.8 * sets
    if walker == "code":
        assert number_of("accesses audited", done.stdout) > 1000 * sets
        assert number_of("status records", done.stdout) > 0.02 * sets


@pytest.mark.long
def test_round_trips(property_of):
    """There and back a thousand times, with random lists: every byte and every register as before."""
    path = property_of("return")
    done = run(path, 1000)
    print(done.stdout)
    assert done.returncode == 0 and "round trips: 1000, " in done.stdout, done.stdout + done.stderr
    for lose in 1, 2:   # negative controls: each loss is seen
        done = run(path, 50, 1, lose)
        assert done.returncode == 0 and ", 50 losses seen" in done.stdout, done.stdout


def test_planted_violations(property_of):
    """Negative control: stores, loads and jumps that nobody asked for are seen, and bad words named."""
    done = run(property_of("code"), 2000, 1, "plant")
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert number_of("planted", done.stdout) > 1000
