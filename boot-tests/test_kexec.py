# SPDX-License-Identifier: BSD-2-Clause
"""kexec-tools with libkx's purgatory takes Debian's Linux to Debian's Linux.

Called by: pytest; `make check-kexec` runs these alone.
"""
import re

import pytest

from conftest import qemu10
import guest
import kexec_run

START = r"^kx-purgatory: (\d+) regions, (\d+) bytes, SHA-256 (.*)$"
INTACT = r"^kx-purgatory: the image is intact, seen in \d+ ms$"
SKIPPED = r"^kx-purgatory: checks skipped, as was asked for$"
DIGEST = r"^kx-purgatory: {} +([0-9a-f]{{64}})$"
SECOND = rf"Kernel command line: .* {kexec_run.NEXT}\b"


@pytest.fixture
def kexec(build, linux):
    return build("kexec")


@pytest.fixture
def row(arch):
    """The usual row of the architecture under test."""
    return next(row for row in kexec_run.ROWS if row.arch == arch)


def seen(pattern, result):
    """Where `pattern` is on the console after the load; the last words of the run if nowhere."""
    match = re.search(pattern, kexec_run.after_load(result), re.M)
    assert match, f"no line {pattern}\n{result.console[-3000:]}{result.stderr}"
    return match


def check_second(result):
    """The second Linux has reached its marker, as the second, and powered the machine off."""
    assert result.status == 0 and not result.timed_out, result.console[-3000:]
    assert result.console.count(kexec_run.LOADED) == 1
    second = seen(rf"^KX-LINUX cmdline=.* {kexec_run.NEXT}$", result)
    assert seen(f"^{guest.UP}$", result).start() > second.start()


@pytest.mark.parametrize("way", kexec_run.ROWS, ids=str)
def test_linux_to_linux(arch, way, kexec):
    """Our purgatory verifies what kexec has loaded, and the second Linux runs in the same state."""
    result = kexec_run.run(way, kexec, prefix=qemu10() if way.qemu10 else None)
    intact = seen(INTACT, result)
    regions, size, how = seen(START, result).groups()
    assert how == way.hash
    assert int(regions) >= 3 and int(size) > guest.kernel(arch).stat().st_size
    assert intact.start() < seen(SECOND, result).start()
    check_second(result)
    assert re.search(f"{way.sign}$", result.console, re.M), way.sign
    assert f"KX-LINUX cpus={way.machine.get('smp', 1)}\n" in kexec_run.after_load(result)


def test_skip_checks(row, kexec):
    """kexec -i: nothing is hashed, and purgatory says so."""
    result = kexec_run.run(row, kexec, "-i")
    seen(SKIPPED, result)
    check_second(result)


def test_damage_stops_it(row, kexec, tmp_path):
    """One bit of the loaded image flips: purgatory says what it expected and found, and halts."""
    result = kexec_run.run(row, kexec, damage=tmp_path, until="^kx-purgatory: halted$")
    seen(r"^kx: purgatory: digest: ", result)
    seen(r"^kx-purgatory: region 0, \d+ bytes at 0x\w+$", result)
    expected, actual = (seen(DIGEST.format(which), result)[1] for which in ("expected", "actual"))
    assert expected != actual
    seen(r"^kx-purgatory: damaged, found in \d+ ms\nkx-purgatory: halted$", result)
    assert not re.search(SECOND, kexec_run.after_load(result))


def test_damage_unchecked(row, kexec, tmp_path):
    """Negative control: the same damage with kexec -i gets through."""
    result = kexec_run.run(row, kexec, "-i", damage=tmp_path, until=SECOND)
    assert seen(SKIPPED, result).start() < seen(SECOND, result).start()


def test_ours_is_in_it(build):
    """The kexec of these tests has our purgatory.ro in it, and no other."""
    kexec = build("kexec").read_bytes()
    assert kexec.count(build("purgatory.ro").read_bytes()) == 1
