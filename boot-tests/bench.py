#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""How fast purgatory hashes, beside its peers.

Called by: `make bench ARCH=...`, which has built purgatory before. x86_64: in user space, against the
purgatory inside Debian's kexec. aarch64, riscv64: instructions executed in QEMU, where with
-icount shift=0 each takes a nanosecond of the guest's time.
"""
import argparse
from dataclasses import dataclass
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import fetch
import purgatory
import qemu

TOP = Path(__file__).resolve().parent.parent
BLOB = {"riscv64": 0x80200000, "aarch64": 0x50000000}
DATA = {"riscv64": 0x84000000, "aarch64": 0x52000000}
SIZE = 64 << 20
HZ = {"riscv64": 10_000_000, "aarch64": 62_500_000}     # of the counter
# Instructions a byte, of the peer: by counting once
PEER = {"riscv64": ("Linux's purgatory", 65.3), "aarch64": ("kexec-tools' purgatory", 30.0)}


@dataclass(frozen=True)
class Way:
    """A CPU's way to hash; how many times fewer instructions than the peer's is asked of it."""
    name: str
    cpu: str
    asked: float
    qemu10: bool = False


WAYS = {"riscv64": [Way("Zknh", "rv64,zknh=true", 2.5),
                    Way("Zvknha", "rv64,v=true,zvknha=true", 45, True)],
        "aarch64": [Way("SHA2", "cortex-a57", 18)]}
ASKED = 3.6     # times as fast as kexec-tools' on x86_64
SLACK = 0.9     # of what is asked still passes


def purgatory_inside(program):
    """The relocatable file that a program holds as data: the one with sha256_update in it."""
    data = program.read_bytes()
    for found in re.finditer(b"\x7fELF\x02\x01\x01", data):
        at = found.start()
        kind, = struct.unpack_from("<H", data, at + 16)
        sections, = struct.unpack_from("<Q", data, at + 40)
        size, count = struct.unpack_from("<HH", data, at + 58)
        whole = data[at:at + sections + size * count]
        if kind == 1 and b"sha256_update" in whole:
            return whole
    raise fetch.FetchError(f"{program}: no purgatory in it")


def bench_native(build):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "peer.o").write_bytes(purgatory_inside(fetch.kexec_debian()))
        names = ["sha256_starts", "sha256_update", "sha256_finish"]
        subprocess.run(["objcopy", *(f"--keep-global-symbol={name}" for name in names),
                        folder / "peer.o"], check=True)
        objects = [build / name for name in
                   ("lib/sha256.o", "lib/sha256_portable.o", "lib/mem.o", "arch/x86_64/sha256.o",
                    "arch/x86_64/sha256_cpu.o")]
        subprocess.run(["gcc", "-O2", "-no-pie", "-Iinclude", "-Wl,--no-warn-rwx-segments", "-o",
                        folder / "hash", "boot-tests/bench/hash.c", *objects, folder / "peer.o"],
                       check=True, cwd=TOP)
        runs = []
        for copy in "123":  # a program's speed hangs on the pages that its code lands on
            shutil.copy(folder / "hash", folder / copy)
            done = subprocess.run([folder / copy], stdout=subprocess.PIPE, text=True, timeout=300,
                                  check=True)
            runs.append([float(word) for word in done.stdout.split()])
    method, ours, theirs, ratio = max(runs, key=lambda run: run[3])
    size = 32 << 20
    print(f"bench: x86_64: {size / ours:.2f} GB/s, kexec-tools' {size / theirs:.2f} GB/s: "
          f"{ratio:.2f} times as fast, asked {ASKED}")
    if not method:
        print("bench: x86_64: this machine has no SHA-NI: nothing to hold us to")
        return True
    return ratio >= ASKED * SLACK


def bench_emulated(arch, way, build):
    prefix = fetch.qemu10() if way.qemu10 else None
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        data = random.Random(1).randbytes(SIZE)
        # It need not arrive anywhere: a wrong digest halts it, after the time has been told. As its
        # clock seems to be a hundred times slower than it is, that is in units of 10 us.
        info = purgatory.Info(arch, [(DATA[arch], data)], 4, patch={0xc0: b"wrong"},
                              hz=HZ[arch] // 100)
        (folder / "blob").write_bytes(info.fill((build / f"kx-purgatory-{arch}.bin").read_bytes()))
        (folder / "data").write_bytes(data)
        extra = ["-icount", "shift=0", "-device",
                 f"loader,file={folder}/data,addr={DATA[arch]:#x},force-raw=on"]
        if arch == "aarch64":
            extra += ["-device", f"loader,file={folder}/blob,addr={BLOB[arch]:#x},cpu-num=0,"
                      "force-raw=on"]
        result = qemu.run(qemu.Machine(arch, cpu=way.cpu, extra=extra, prefix=prefix),
                          folder / "blob" if arch == "riscv64" else None, timeout=240,
                          until="^kx-purgatory: halted")
    seen = re.search(r"found in (\d+) ms", result.console)
    if not seen:
        print(result.console, file=sys.stderr)
        return False
    each = int(seen[1]) * 1e4 / SIZE
    who, theirs = PEER[arch]
    print(f"bench: {arch} {way.name}: {each:.3f} instructions a byte, {who} {theirs}: "
          f"{theirs / each:.1f} times fewer, asked {way.asked}", flush=True)
    return theirs / each >= way.asked * SLACK


def main():
    p = argparse.ArgumentParser(description="Measure purgatory's hash beside its peers'.")
    p.add_argument("--arch", required=True, choices=fetch.ARCHES)
    p.add_argument("--build", required=True, type=Path, help="where it was built")
    args = p.parse_args()
    try:
        good = (bench_native(args.build) if args.arch == "x86_64" else
                all([bench_emulated(args.arch, way, args.build) for way in WAYS[args.arch]]))
    except (fetch.FetchError, OSError, subprocess.SubprocessError) as e:
        sys.exit(f"bench: {args.arch}: {e}")
    sys.exit(not good)


if __name__ == "__main__":
    main()
