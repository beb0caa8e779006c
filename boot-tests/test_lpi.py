# SPDX-License-Identifier: BSD-2-Clause
"""Memory that hardware goes on using: the LPI tables of GICv3, from Linux to Linux.

Called by: pytest. Linux leaves its redistributors on when it enters another kernel. kexec-tools puts
the next Linux over their table of properties; that Linux finds them on, takes the table for its own
because it lies in memory that is reserved (for its own image), and fills it with 0xc2. The same hop
through the host and libkx is safe twice over: the tables are no destination, and they are stopped.
"""
import re

import pytest

import fit
import guest
import hop
import kexec_run

# Two CPUs: with one, the part of the second kernel that is lost is not needed at once.
ROW = kexec_run.Row("aarch64", "lpi", "", "", {"smp": 2, "virtualization": True, "gic": 3})
TABLE = r"GICv3: using LPI property table @(0x\w+)"
WRITTEN = r"^kx-host: written by hardware: (\d+) bytes at (0x\w+)$"

pytestmark = pytest.mark.only("aarch64")


@pytest.fixture
def kexec(build, linux):
    return build("kexec")


@pytest.fixture
def chain(arch, kexec, build, tmp_path):
    """chain("kx.seed=1", kernel): Linux, then by kexec our host with these options, then by libkx
    that kernel."""
    def run(options, kernel):
        bootargs = guest.bootargs(arch, kexec_run.NEXT, "earlycon")
        payload = fit.build(tmp_path / "next.itb", arch, kernel, kexec_run.linux(arch).initramfs,
                            bootargs=bootargs)
        host = kexec_run.Second(build(hop.HOST[arch]), payload, options)
        return kexec_run.run(ROW, kexec, second=host)
    return run


def numbers(pattern, console):
    return [tuple(int(one, 0) for one in found) for found in re.findall(pattern, console, re.M)]


def test_stock_kexec(kexec):
    """Negative control: kexec-tools alone, its choice of addresses its own. The image arrives whole;
    then Linux overwrites itself."""
    second = kexec_run.linux("aarch64")
    second = kexec_run.Second(second.kernel, second.initramfs, second.words + " earlycon")
    result = kexec_run.run(ROW, kexec, "--mem-min=0x0", second=second, until="^.*Kernel panic")
    after = kexec_run.after_load(result)
    assert "the image is intact" in after, result.console[-3000:]
    assert re.search("Code: .*c2c2c2c2", after) and "Kernel panic" in after, after[-3000:]
    first, again = re.findall(TABLE, result.console)
    assert first == again


def check_linux(result):
    assert result.status == 0 and not result.timed_out, result.console[-3000:]
    assert re.search(f"^{guest.UP}$", kexec_run.after_load(result), re.M), result.console[-3000:]
    assert kexec_run.after_load(result).count("KX-LINUX cpus=2\n") == 1


def kernel_at(result):
    """Where the host has put the second kernel, (from, to)."""
    at, size = re.search(r"^kx-host: kernel: \d+ bytes to (0x\w+), (\d+) of memory", result.console,
                         re.M).groups()
    return int(at, 16), int(at, 16) + int(size)


def check_clear(result):
    """The host has found the first Linux's tables, and kept clear of them."""
    table = int(re.search(TABLE, result.console)[1], 16)
    written = numbers(WRITTEN, result.console)
    assert len(written) == 3 and table in [at for _, at in written]     # and one for each CPU
    start, end = kernel_at(result)
    assert all(at + size <= start or end <= at for size, at in written)
    return table


def test_stopped(chain, linux):
    """Through libkx, with everything stopped: the second Linux finds the redistributors off."""
    result = chain("kx.base=0x41e00000", linux)
    check_clear(result)
    check_linux(result)
    assert "kx-host: quiesce: writers" in result.console
    assert "Using preallocated" not in result.console


def test_kept_clear(chain, linux):
    """The same with nothing stopped, as where EnableLPIs is sticky: tables that nothing was put over,
    and that the device tree says are reserved, serve the second Linux as they are."""
    result = chain("kx.base=0x41e00000 kx.quiesce=reserve", linux)
    table = check_clear(result)
    check_linux(result)
    after = kexec_run.after_load(result)
    assert "GICv3: Using preallocated redistributor tables" in after
    assert int(re.search(TABLE, after)[1], 16) == table


def test_refused(chain, build):
    """A plan that covers those tables is refused by name, with the host alive."""
    result = chain("kx.refuse=dest-over-writer", build("kx-payload.bin"))
    assert numbers(WRITTEN, result.console)
    assert re.findall(r"^kx: ([a-z-]+): ", result.console, re.M) == ["dest-over-writer"]
    assert "kx-host: refusals: 1 named, 0 not" in result.console
