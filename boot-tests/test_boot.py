# SPDX-License-Identifier: BSD-2-Clause
"""A real Linux through the host and the trampoline, by the very command that `make boot` runs.

Called by: pytest.
"""
from pathlib import Path
import re
import subprocess
import sys

import pytest

import hop

BOOT = Path(__file__).with_name("boot.py")


def boot(arch, *words):
    return subprocess.run([sys.executable, BOOT, "--arch", arch, "--host", hop.host(arch), *words],
                          capture_output=True, text=True, errors="replace", timeout=200)


@pytest.mark.parametrize("smp", [1, 4])
@pytest.mark.usefixtures("linux")
def test_linux(arch, smp):
    done = boot(arch, "--smp", str(smp), "--append", f"kx.seed={smp}")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert re.search(f"^KX-LINUX cpus={smp}$", done.stdout, re.M)
    assert re.search(r"^kx-host: scattered: \d{3,} pieces", done.stdout, re.M)


@pytest.mark.usefixtures("linux")
def test_no_marker(arch):
    """Linux without a way to user space: the command fails and says why."""
    done = boot(arch, "--bootargs", "rdinit=/none root=/dev/none")
    assert done.returncode == 3 and "Kernel panic" in done.stderr


@pytest.mark.usefixtures("linux")
def test_host_fault(arch):
    """The host refuses: the command fails at once and repeats the refusal."""
    done = boot(arch, "--append", "kx.refuse=misaligned")
    assert done.returncode == 4 and "misaligned" in done.stderr


@pytest.mark.usefixtures("linux")
def test_time_limit(arch):
    done = boot(arch, "--timeout", "0.4")
    assert done.returncode == 124
