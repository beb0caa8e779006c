#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots Linux, Debian's or one's own, through libkx: the test host starts in QEMU and jumps to it.

Called by: `make boot ARCH=...`, which has built the host before.
"""
import argparse
from pathlib import Path
import re
import shlex
import shutil
import sys
import tempfile

import ending
import fetch
import fit
import guest
import hop
import qemu
import timeline

BUILD = Path(__file__).resolve().parent.parent / "build"

# What ends a run: who has halted says no more; after the others a machine ends by itself, or it hangs
HOST_FAULT = r"^kx: .*"
PANIC = r"^.*(?:Kernel panic|\bOops\b|\bBUG:).*"
ENDS = {hop.END: 0.5, HOST_FAULT: 30, PANIC: 30}
# What shows that user space is there: our /init's line; where the initramfs is another's, the kernel's will do
UP = f"^{guest.UP}$"
INIT_RUNS = rf"{UP}|Run /\S+ as init process$"

EXIT = """exit status:
  0    Linux reached user space and powered the machine off
  1    QEMU ended, but Linux never reached user space
  3    Linux panicked, or had an oops or a BUG
  4    the host or purgatory reported a fault
  5    QEMU failed or could not be started
  6    the guest's kernel or initramfs, or a program, could not be had
  124  time was up
  130  interrupted"""


def verdict(result, timeout, shows_up=UP):
    """The exit status for a run, and one line that says why."""
    for code, pattern in ((4, HOST_FAULT), (3, PANIC)):
        fault = re.search(pattern, result.console, re.M)
        if fault:
            return code, fault[0].strip()
    up = re.search(shows_up, result.console, re.M)
    where = "after" if up else "before"
    if result.timed_out:
        return 124, f"no end after {timeout:g} s, {where} Linux reached user space"
    if result.status != 0:
        why = result.stderr.splitlines()[-1:] or ["it said nothing"]
        return 5, f"QEMU ended with status {result.status} {where} Linux reached user space: {why[0]}"
    if not up:
        also = "" if shows_up == UP else ", nor of the kernel's that it runs /init (told to be quiet, it says nothing)"
        return 1, f"QEMU ended before Linux reached user space: no line {guest.UP}{also}"
    release = re.search(r"\bLinux version (\S+)", result.console)
    return 0, f"Linux {release[1] if release else '?'} reached user space"


def boot(args):
    """Runs boot_in() with the images in a folder of this run's own: others may run at the same time."""
    for program in ("mkimage", f"qemu-system-{args.arch}"):
        if not shutil.which(program):
            raise fetch.FetchError(f"{program} is not installed: `make deps` installs what is needed")
    (BUILD / args.arch).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="boot-", dir=BUILD / args.arch) as out:
        return boot_in(Path(out), args)


def boot_in(out, args):
    """Builds the image, runs it, and returns verdict()'s pair."""
    bootargs = guest.bootargs(args.arch, *args.bootargs, *(["kx.shell"] if args.shell else []))
    image = fit.build(out / "linux.itb", args.arch, args.kernel or guest.kernel(args.arch),
                      args.initrd or guest.initramfs(args.arch, out / "initramfs.cpio.gz"),
                      fallback=args.fallback, bootargs=bootargs)
    with timeline.memory() as ram:
        machine = qemu.Machine(args.arch, smp=args.smp, ram=None if args.shell else ram,
                               extra=args.qemu_option)
        if args.shell:
            result = qemu.interact(machine, args.host, image, args.append)
        else:
            result = qemu.run(machine, args.host, image, args.append, timeout=args.timeout,
                              until=ENDS, echo=sys.stdout)
        stages = [] if args.shell else timeline.stages(args.arch, ram, result.console)
    if result.console and not result.console.endswith("\n"):
        print()
    if stages:
        print(*timeline.lines(stages), sep="\n")
    return verdict(result, args.timeout, INIT_RUNS if args.initrd else UP)


def main():
    p = argparse.ArgumentParser(description="Boot Linux through libkx in QEMU.",
                                epilog=EXIT, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--arch", required=True, choices=fetch.ARCHES)
    p.add_argument("--host", required=True, type=Path, help="the built host image")
    p.add_argument("--fallback", type=Path, help="a kernel for kx.policy=fallback")
    p.add_argument("--kernel", type=Path, help="an uncompressed Image, a bzImage, or an ELF file (default: Debian's)")
    p.add_argument("--initrd", type=Path, help="(default: busybox, and an /init that powers off)")
    p.add_argument("--append", help="options for the host")
    p.add_argument("--bootargs", action="append", default=[], metavar="WORDS",
                   help="more for Linux's command line; may be given again")
    p.add_argument("--smp", type=int, default=1, metavar="N", help="processors (default: 1)")
    p.add_argument("--shell", action="store_true", help="a shell on this terminal; no time limit")
    p.add_argument("--timeout", type=float, default=120, metavar="SECONDS", help="(default: 120)")
    p.add_argument("--qemu-option", action="extend", type=shlex.split, default=[], metavar="WORDS",
                   help="more for QEMU, as --qemu-option='-d int'; may be given again")
    args = p.parse_args()
    for name in ("host", "fallback", "kernel", "initrd"):
        file = getattr(args, name)
        if file and not file.is_file():
            p.error(f"--{name}: no such file: {file}")
    if args.smp < 1: # QEMU takes 0 for one
        p.error(f"--smp: {args.smp} is no number of processors")
    sys.stdout.reconfigure(errors="replace")
    ending.be_told()
    try:
        code, why = boot(args)
    except fetch.FetchError as e:
        code, why = 6, str(e)
    except (OSError, RuntimeError) as e:
        code, why = 5, str(e)
    except KeyboardInterrupt:
        code, why = 130, "interrupted"
    print(f"boot: {args.arch}: {why}", file=sys.stderr if code else sys.stdout)
    sys.exit(code)


if __name__ == "__main__":
    main()
