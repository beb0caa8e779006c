# SPDX-License-Identifier: BSD-2-Clause
"""Linux to Linux by kexec-tools, with libkx's purgatory in it: QEMU boots Debian's kernel, which
loads itself again and enters it.

Called by: the tests.
"""
from dataclasses import dataclass, field
from functools import cache
import io
import mmap
from pathlib import Path
import re

import guest
import qemu

BUILD = Path(__file__).resolve().parent.parent / "build"

# What kexec -l needs on each. -c: by kexec_load(), with kexec's own purgatory, not the kernel's.
# aarch64: with all memory to choose from, kexec_load of Linux 6.12 takes 8 s for 512 MiB.
OPTIONS = {"riscv64": "-c", "aarch64": "-c,--mem-min=0x50000000,--serial=ttyAMA0",
           "x86_64": "-c,--console-serial"}
NEXT = "kx.second"      # the word by which the second kernel is told from the first
LOADED = "KX-KEXEC-LOADED"
MEMORY_MIB = 512


@dataclass(frozen=True)
class Row:
    """A way in which the first kernel can stand."""
    arch: str
    name: str
    sign: str                                       # what the console shows only then
    words: str = ""                                 # for the first kernel
    machine: dict = field(default_factory=dict)     # for qemu.Machine
    hash: str = "in C"                              # how purgatory does it on that CPU
    qemu10: bool = False                            # 7.2 has no such CPU

    def __str__(self):
        return f"{self.arch}-{self.name}"


CPU = "by instructions"
ROWS = [
    Row("riscv64", "sv39", "KX-KEXEC mode=sv39", "no4lvl"),
    Row("riscv64", "sv48", "KX-KEXEC mode=sv48", "no5lvl", {"cpu": "rv64,zknh=true"}, CPU),
    Row("riscv64", "sv57", "KX-KEXEC mode=sv57", "", {"cpu": "rv64,v=true,zvknha=true"},
        "by vectors", qemu10=True),
    Row("riscv64", "smp2", "KX-LINUX cpus=2", "", {"smp": 2}),
    Row("aarch64", "el1", "CPU: All CPU\\(s\\) started at EL1", "", {}, CPU),
    Row("aarch64", "el2", "CPU: All CPU\\(s\\) started at EL2", "", {"virtualization": True}, CPU),
    Row("aarch64", "smp2", "KX-LINUX cpus=2", "", {"smp": 2}, CPU),
    Row("aarch64", "el2-smp2", "KX-LINUX cpus=2", "", {"smp": 2, "virtualization": True}, CPU),
    Row("x86_64", "4level", "KX-KEXEC mode=", "", {"la57": False}),
    Row("x86_64", "5level", "KX-KEXEC mode=la57", "", {"cpu": "max", "la57": True}, CPU, qemu10=True),
    Row("x86_64", "smp2", "KX-LINUX cpus=2", "", {"smp": 2}),
]


@dataclass(frozen=True)
class Second:
    """What kexec loads, and its command line."""
    kernel: Path
    initramfs: Path
    words: str


@cache
def linux(arch):
    """The same kernel again."""
    initramfs = guest.initramfs(arch, BUILD / arch / "kexec-boot/second.gz")
    return Second(guest.kernel(arch), initramfs, guest.bootargs(arch, NEXT))


@cache
def initramfs(arch, kexec, second):
    """Path of the initramfs of the first Linux, with all that kexec needs in it."""
    # Beside the other: tests that load something else may run at the same time.
    out = second.initramfs.with_name(f"first-{kexec.name}-{second.kernel.name}.gz")
    return guest.initramfs(arch, out, {
        "kexec": (kexec, 0o755),
        "kexec.sh": (Path(__file__).with_name("kexec.sh"), 0o755),
        "kernel": second.kernel,
        "initramfs": second.initramfs,
    }, level=0)


class Damage(io.StringIO):
    """Flips one bit of the loaded initramfs, in the guest's memory, when the guest says LOADED."""
    def __init__(self, memory, content):
        super().__init__()
        self.memory = memory
        page = len(content) // 8192 * 4096     # pages lie anywhere, but each in one piece
        self.needle = content[page + 1000:page + 1064]
        self.places = []

    def write(self, text):
        super().write(text)
        if not self.places and LOADED in self.getvalue():
            with open(self.memory, "r+b") as file, mmap.mmap(file.fileno(), 0) as ram:
                at = ram.find(self.needle)
                while at >= 0:
                    self.places.append(at)
                    at = ram.find(self.needle, at + 1)
                # At once: the guest goes on as soon as it sees the one in the file.
                for at in self.places:
                    if ram[at:at + len(self.needle)] == self.needle:
                        ram[at] ^= 0x10
        return len(text)


def run(row, kexec, options="", damage=None, until=None, timeout=400, prefix=None, second=None):
    """From the first kernel's start to the second's end. damage: a folder for the guest's memory,
    which is then damaged between kexec -l and -e; until: what the second kernel will not get past;
    second: a Second, if it is not the same Linux again."""
    second = second or linux(row.arch)
    first = initramfs(row.arch, kexec, second)
    bootargs = guest.bootargs(row.arch, "kx.run=/kexec.sh", row.words,
                              "kx.kexec=" + ",".join(filter(None, [OPTIONS[row.arch], options])),
                              "kx.next=" + second.words.replace(" ", ","))
    extra, echo = [], None
    if damage:
        memory = damage / "memory"
        extra = ["-object", f"memory-backend-file,id=ram,size={MEMORY_MIB}M,mem-path={memory},share=on",
                 "-machine", "memory-backend=ram"]
        bootargs += " kx.wait"
        echo = Damage(memory, second.initramfs.read_bytes())
    try:
        machine = qemu.Machine(row.arch, memory=f"{MEMORY_MIB}M", extra=extra, prefix=prefix,
                               **row.machine)
        result = qemu.run(machine, guest.kernel(row.arch), first, bootargs, timeout=timeout, grace=0.5,
                          until=f"{until or '^kx: .*'}|^KX-KEXEC-FAILED", echo=echo)
    finally:
        if damage:
            memory.unlink(missing_ok=True)
    assert not damage or echo.places, "nothing to damage was found\n" + result.console[-2000:]
    return result


def after_load(result):
    """What was printed when the first kernel had been left, or was about to be."""
    return re.split(f"^{LOADED}$", result.console, maxsplit=1, flags=re.M)[-1]
