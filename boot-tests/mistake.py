# SPDX-License-Identifier: BSD-2-Clause
"""A program of the build machine, built with a mistake in it: what a test must not let pass. And how tests that
run beside each other build.

Called by: test_fuzz.py, test_hall.py; those that call make in this tree.
"""
from contextlib import contextmanager
from dataclasses import dataclass
import fcntl
from pathlib import Path
import shlex
import subprocess

TOP = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Mistake:
    """In a file, what is right, and what stands there instead."""
    file: str
    right: str
    wrong: str


@contextmanager
def alone():
    """One at a time: two that make the same file would each read what the other has half written."""
    (TOP / "build").mkdir(exist_ok=True)
    with open(TOP / "build/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(arch, *words):
    """What make prints."""
    with alone():
        done = subprocess.run(["make", f"ARCH={arch}", "LLVM=", *words], cwd=TOP, capture_output=True,
                              text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def changed(text, mistake):
    assert text.count(mistake.right) == 1, f"{mistake.file}: not once: {mistake.right}"
    return text.replace(mistake.right, mistake.wrong)


def build(arch, program, mistake, folder):
    """Compiles the one file again, by make's own commands, and links; returns the program's path."""
    make(arch, program)
    source, new, out = folder / "mistake.c", folder / "mistake.o", folder / "program"
    source.write_text(changed((TOP / mistake.file).read_text(), mistake))
    # Headers beside the file are found there still.
    place = ["-I", str((TOP / mistake.file).parent)]
    for line in make(arch, "-n", "V=1", "-W", mistake.file, program).splitlines():
        argv = shlex.split(line)
        if mistake.file in argv:
            old = argv[argv.index("-o") + 1]
            argv[argv.index("-o") + 1:] = [str(new), *place, str(source)]
        elif program in argv:
            # An archive has the right one: it is not asked for what is there already.
            objects = [str(new) if word == old else word for word in argv]
            at = next((i for i, word in enumerate(objects) if word.endswith(".a")), len(objects))
            argv = objects if str(new) in objects else [*objects[:at], str(new), *objects[at:]]
            argv[argv.index("-o") + 1] = str(out)
        else:
            continue
        subprocess.run(argv, cwd=TOP, check=True)
    return out
