# SPDX-License-Identifier: BSD-2-Clause
"""A real Linux through the host, the trampoline and purgatory, by the very command that `make boot` runs.

Called by: pytest.
"""
import os
from pathlib import Path
import pty
import re
import select
import subprocess
import sys
import time

import pytest

import guest
import hop

BOOT = Path(__file__).with_name("boot.py")


def boot(arch, *words):
    return subprocess.run([sys.executable, BOOT, "--arch", arch, "--host", hop.host(arch), "--timeout", "400", *words],
                          capture_output=True, text=True, errors="replace", timeout=600)


VERIFIED = r"""^kx-purgatory: 3 regions, \d{8,} bytes, SHA-256 .*
(?:kx-purgatory: hashed \d+ of \d+ MiB
)*kx-purgatory: the image is intact, seen in \d+ ms$"""


def stages(arch):
    """aarch64 alone has caches to clean behind purgatory."""
    names = ("quiesce", "enter", "copy", "jump", "verify", *(["clean"] if arch == "aarch64" else []))
    return "".join(rf"^{name} +\d+\.\d{{3}} ms +\d+\.\d %\n" for name in names) + \
        rf"^all +\d+\.\d{{3}} ms\n^boot: {arch}: "


def check_linux(arch, done, smp):
    """It was verified before it ran, and runs on all processors; the last words say what took how long."""
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    verified, up = (re.search(line, done.stdout, re.M)
                    for line in (VERIFIED, f"^KX-LINUX cpus={smp}$"))
    assert verified and up and verified.end() < up.start(), done.stdout[-2000:]
    assert re.search(stages(arch), done.stdout, re.M), done.stdout[-2000:]


@pytest.mark.parametrize("smp", [1, 4])
def test_linux(arch, smp, linux, tmp_path):
    """As it comes; and with a kernel and an initramfs that are given."""
    given = [] if smp == 1 else ["--kernel", linux, "--initrd", guest.initramfs(arch, tmp_path / "initramfs")]
    done = boot(arch, "--smp", str(smp), "--append", f"kx.seed={smp}", *given)
    check_linux(arch, done, smp)
    assert re.search(r"^kx-host: scattered: \d{3,} pieces", done.stdout, re.M)


@pytest.mark.only("riscv64")
@pytest.mark.parametrize("paging", ["sv48", "sv57"])
@pytest.mark.usefixtures("linux")
def test_linux_riscv64_paging(arch, paging):
    done = boot(arch, "--smp", "2", "--append", f"kx.paging={paging}")
    check_linux(arch, done, 2)
    assert f"kx-host: riscv64, {paging}," in done.stdout


@pytest.mark.usefixtures("linux")
def test_linux_damaged(arch, build):
    """A byte of the kernel: it is not entered, what is to be fallen back to is, and the command fails."""
    done = boot(arch, "--fallback", build("kx-payload.bin"), "--append",
                "kx.corrupt=byte0 kx.policy=fallback")
    assert done.returncode == 4 and "kx: purgatory: digest: " in done.stderr
    assert re.search(r"^kx-purgatory: region 0, ", done.stdout, re.M)
    assert "Linux version" not in done.stdout and "PAYLOAD-DONE" in done.stdout, done.stdout[-2000:]


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("smp", [1, 2])
@pytest.mark.parametrize("e2h", [0, 1])
@pytest.mark.usefixtures("linux")
def test_linux_at_el2(arch, e2h, smp):
    done = boot(arch, "--smp", str(smp), "--append", f"kx.e2h={e2h}",
                "--qemu-option=-M virtualization=on,gic-version=3 -cpu max,pauth-impdef=on")
    check_linux(arch, done, smp)
    assert re.search(f"^kx-host: EL2, E2H {e2h},", done.stdout, re.M)
    assert "CPU: All CPU(s) started at EL2" in done.stdout


@pytest.mark.usefixtures("linux")
def test_no_marker(arch):
    """Linux without a way to user space: the command fails and says why."""
    done = boot(arch, "--bootargs", "rdinit=/none root=/dev/none")
    assert done.returncode == 3 and "Kernel panic" in done.stderr


@pytest.mark.parametrize("append, why", [("kx.refuse=misaligned", "misaligned"),
                                         ("kx.seed=2 kx.pageing=sv48", "kx: option: there is no kx.pageing")])
@pytest.mark.usefixtures("linux")
def test_host_fault(arch, append, why):
    """The host refuses, or does not know what is asked: the command fails at once and repeats why."""
    done = boot(arch, "--append", append)
    assert done.returncode == 4 and why in done.stderr


@pytest.mark.usefixtures("linux")
def test_no_kernel(arch):
    """What is given in the place of Debian's files is named when it is not there, or no kernel."""
    for what in ("--kernel", "--initrd"):
        done = boot(arch, what, "/no/such/file")
        assert done.returncode == 2 and f"{what}: no such file: /no/such/file" in done.stderr
    done = boot(arch, "--kernel", __file__)
    assert done.returncode == 4 and "kx: image-unknown: " in done.stderr


@pytest.mark.parametrize("smp", ["0", "-1", "two"])
def test_no_processors(arch, smp):
    """No number of processors is told as that, at once."""
    done = boot(arch, f"--smp={smp}")
    assert done.returncode == 2 and "--smp: " in done.stderr and smp in done.stderr and not done.stdout


def test_make_boot(arch):
    """What README tells to say to make arrives."""
    words = {"KERNEL": "a b", "INITRD": "c", "BOOTARGS": "-d e", "APPEND": "f g", "SMP": "2", "SHELL_ON": "1"}
    said = subprocess.run(["make", "-n", "boot", f"ARCH={arch}", *(f"{name}={word}" for name, word in words.items())],
                          cwd=BOOT.parent.parent, capture_output=True, text=True, check=True).stdout
    for option in ('--kernel "a b"', '--initrd "c"', '--bootargs="-d e"', '--append "f g"', "--smp 2", "--shell"):
        assert option in said


@pytest.mark.usefixtures("linux")
def test_time_limit(arch):
    done = boot(arch, "--timeout", "0.4")
    assert done.returncode == 124


@pytest.mark.usefixtures("linux")
def test_shell(arch):
    """`make boot SHELL_ON=1`, at a terminal: a shell that answers, and ends when told."""
    terminal, other = pty.openpty()
    shell = subprocess.Popen([sys.executable, BOOT, "--arch", arch, "--host", hop.host(arch),
                              "--shell"], stdin=other, stdout=other, stderr=other,
                             start_new_session=True)
    os.close(other)
    try:
        console = talk(terminal, rb"~ # ", b"echo sum=$((40 + 2))\n")
        console += talk(terminal, rb"sum=42", b"exit\n")
        console += talk(terminal, rb"reached user space", b"")
        assert shell.wait(120) == 0, console[-2000:]
    finally:
        shell.kill()
        os.close(terminal)


def talk(terminal, until, answer, seconds=240):
    """Reads until a pattern comes, then answers."""
    seen, end = b"", time.monotonic() + seconds
    while not re.search(until, seen):
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        assert ready, f"no {until!r} in: {seen[-2000:]!r}"
        seen += os.read(terminal, 65536)
    os.write(terminal, answer)
    return seen


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("append", ["kx.paging=la57", "kx.paging=identity"])
@pytest.mark.usefixtures("linux")
def test_linux_x86_paging(arch, append):
    """5-level paging goes on to the kernel; an identity-mapped host is what firmware is."""
    done = boot(arch, "--smp", "2", "--append", append)
    check_linux(arch, done, 2)
    assert f"kx-host: x86_64, {append.removeprefix('kx.paging=')}," in done.stdout
