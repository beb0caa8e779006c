# SPDX-License-Identifier: BSD-2-Clause
"""Whoever is told to end ends soon, after everything that it has started, and leaves nothing in /tmp.

Called by: pytest. Of the tools those that have the most at work: compilers, an emulator, tests beside each other.
"""
import os
from pathlib import Path
import signal
import subprocess
import time

import pytest

TOP = Path(__file__).resolve().parent.parent
# Signal, command, and what is at work when it comes
TOOLS = {
    "mutate": (signal.SIGTERM, ["mutate.py", "--only", "lib/clock.c"], "cc1"),
    "inject": (signal.SIGINT, ["inject.py", "--arch", "riscv64"], "qemu-system-"),
    "check-faults": (signal.SIGTERM, ["check_faults.py"], "exec(eval("),
}
LIMIT_S = 300   # beside others, a tool is slow to begin and to end
pytestmark = pytest.mark.only("riscv64")


def session(leader):
    """The command lines of all processes of a session; those that have ended have none."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if int((path / "stat").read_text().rsplit(")", 1)[1].split()[3]) == leader:
                found.append((path / "cmdline").read_text().replace("\0", " "))
        except OSError:     # it has ended meanwhile
            pass
    return [line for line in found if line]


def wait_for(true):
    end = time.monotonic() + LIMIT_S
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    assert true()


@pytest.mark.parametrize("name", TOOLS)
def test_ends(name, arch, build, need, tmp_path):
    need("clang", "gcc", "make", f"qemu-system-{arch}")
    build("kx-host.bin")
    number, argv, word = TOOLS[name]
    process = subprocess.Popen(["/usr/bin/python3", f"boot-tests/{argv[0]}", *argv[1:]], cwd=TOP,
                               env={**os.environ, "TMPDIR": str(tmp_path)}, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               # whoever runs the tests in the background ignores it, and so would this
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        # Not what is still about to become that: it has not yet asked to end with its parent.
        wait_for(lambda: any(word in line and not line.startswith("setpriv") for line in session(process.pid)))
        process.send_signal(number)
        assert process.wait(LIMIT_S) == 130
        wait_for(lambda: session(process.pid) == [])
        assert [path for path in tmp_path.iterdir() if not path.name.startswith("pytest-of-")] == []
    finally:
        process.kill()
