# SPDX-License-Identifier: BSD-2-Clause
"""One hop: the host starts in QEMU, libkx puts a payload in place, the payload reports.

Called by: the tests.
"""
from dataclasses import dataclass, field
import hashlib
from pathlib import Path
import re

import fit
import qemu

BUILD = Path(__file__).resolve().parent.parent / "build"
HOST = {"riscv64": "kx-host.bin", "aarch64": "kx-host.bin", "x86_64": "kx-host.elf"}

RAM = {"riscv64": 0x80000000, "aarch64": 0x40000000, "x86_64": 0}   # where QEMU's begins


@dataclass(frozen=True)
class Row:
    """A way in which a host can stand before the jump."""
    arch: str
    name: str
    options: str = ""                               # for the host
    machine: dict = field(default_factory=dict)     # for qemu.Machine

    def __str__(self):
        return f"{self.arch}-{self.name}"


# aarch64: `max` has every granule, 52 bits and E2H; EL2 is there with virtualization=on only.
MAX = {"cpu": "max,pauth-impdef=on"}
EL2 = {**MAX, "virtualization": True, "gic": 3}
NO_SIMD = {"cpu": "cortex-a57,vfp=off,neon=off"}

# Every way in which libkx is to be entered. The first of an architecture is its usual one.
ROWS = [
    Row("riscv64", "sv39", "kx.paging=sv39"),
    Row("riscv64", "sv39-vmap", "kx.paging=sv39 kx.control=vmap"),
    Row("riscv64", "sv48", "kx.paging=sv48"),
    Row("riscv64", "sv48-vmap", "kx.paging=sv48 kx.control=vmap"),
    Row("riscv64", "sv57", "kx.paging=sv57"),
    Row("riscv64", "sv57-vmap", "kx.paging=sv57 kx.control=vmap"),
    Row("riscv64", "bare", "kx.paging=bare"),
    Row("riscv64", "sv39-vector", "kx.paging=sv39", {"cpu": "rv64,v=true,vlen=256"}),
    Row("aarch64", "4k", "kx.paging=4k"),
    Row("aarch64", "4k-vmap", "kx.paging=4k kx.control=vmap"),
    Row("aarch64", "64k", "kx.paging=64k"),
    Row("aarch64", "lower", "kx.paging=lower"),
    Row("aarch64", "lower-vmap", "kx.paging=lower kx.control=vmap"),
    Row("aarch64", "identity", "kx.paging=identity"),
    Row("aarch64", "identity-vmap", "kx.paging=identity kx.control=vmap"),
    Row("aarch64", "off", "kx.paging=off"),
    Row("aarch64", "4k-gic3", "kx.paging=4k", {"gic": 3}),
    Row("aarch64", "4k-no-simd", "kx.paging=4k", NO_SIMD),
    Row("aarch64", "16k-vmap", "kx.paging=16k kx.control=vmap", MAX),
    Row("aarch64", "52", "kx.paging=52", MAX),
    Row("aarch64", "el2-4k", "kx.e2h=0 kx.paging=4k", EL2),
    Row("aarch64", "el2-16k-vmap", "kx.e2h=0 kx.paging=16k kx.control=vmap", EL2),
    Row("aarch64", "el2-64k-vmap", "kx.e2h=0 kx.paging=64k kx.control=vmap", EL2),
    Row("aarch64", "el2-52", "kx.e2h=0 kx.paging=52", EL2),
    Row("aarch64", "el2-identity", "kx.e2h=0 kx.paging=identity", EL2),
    Row("aarch64", "el2-off", "kx.e2h=0 kx.paging=off", EL2),
    Row("aarch64", "e2h-4k", "kx.e2h=1 kx.paging=4k", EL2),
    Row("aarch64", "e2h-16k", "kx.e2h=1 kx.paging=16k", EL2),
    Row("aarch64", "e2h-64k-vmap", "kx.e2h=1 kx.paging=64k kx.control=vmap", EL2),
    Row("aarch64", "e2h-52", "kx.e2h=1 kx.paging=52", EL2),
    Row("aarch64", "e2h-lower", "kx.e2h=1 kx.paging=lower", EL2),
    Row("aarch64", "e2h-off", "kx.e2h=1 kx.paging=off", EL2),
    Row("x86_64", "4level", "kx.paging=4level"),
    Row("x86_64", "4level-vmap", "kx.paging=4level kx.control=vmap"),
    Row("x86_64", "la57", "kx.paging=la57"),
    Row("x86_64", "la57-vmap", "kx.paging=la57 kx.control=vmap"),
    Row("x86_64", "identity", "kx.paging=identity"),
    Row("x86_64", "no-la57", "kx.paging=4level", {"la57": False}),
]


def usual(arch):
    """The usual row of an architecture."""
    return next(row for row in ROWS if row.arch == arch)


def named(arch, name):
    """The row of that name; without one the usual."""
    found = {row.name: row for row in ROWS if row.arch == arch}
    if name and name not in found:
        raise ValueError(f"{arch} has no way {name}, but: {' '.join(found)}")
    return found[name] if name else usual(arch)


@dataclass
class Report:
    """What a hop printed."""
    result: qemu.Result
    values: dict            # the payload's KEY=VALUE lines
    refusals: list          # names in the host's `kx: <name>: <what>` lines

    def number(self, key):
        return int(self.values[key], 16)

    @property
    def arrived(self):
        return "PAYLOAD-DONE" in self.result.console and self.result.status == 0

    @property
    def verified(self):
        """Purgatory has found the payload as it should be, before that ran."""
        return bool(re.search(r"^kx-purgatory: the image is intact, seen in \d+ ms$.*^PAYLOAD=",
                              self.result.console, re.M | re.S))

    @property
    def alive(self):
        return "kx-host: still alive" in self.result.console and self.result.status == 0


def host(arch):
    return BUILD / arch / HOST[arch]


def loaded(arch, kernel):
    """The bytes of a flat kernel file that end up in memory."""
    data = kernel.read_bytes()
    return data[(data[0x1f1] + 1) * 512:] if arch == "x86_64" else data


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


# Half a second later it is ended: who has halted says no more, and enters nothing.
END = r"^kx-(?:trampoline|purgatory): halted$"


def run(row, image, append="", *, purgatory="off", smp=1, timeout=120, until=END, **machine):
    """Starts the host with a FIT image (or any other file) as its payload."""
    words = f"{row.options} kx.purgatory={purgatory} {append}".strip()
    result = qemu.run(qemu.Machine(row.arch, smp=smp, **{**row.machine, **machine}),
                      host(row.arch), image, words, timeout=timeout,
                      until=until, grace=0.5)
    values = dict(re.findall(r"^([A-Z][A-Za-z0-9_]*)=(.*)$", result.console, re.M))
    refusals = re.findall(r"^kx: ([a-z0-9-]+): ", result.console, re.M)
    return Report(result, values, refusals)


def image(row, out, kernel, ramdisk=None, bootargs="kx.test", fallback=None):
    return fit.build(out, row.arch, kernel, ramdisk, fallback=fallback, bootargs=bootargs)
