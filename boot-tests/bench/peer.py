#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The peers' own code, taken out of what Debian ships, as an object to be linked beside libkx's.

Called by: the Makefile, for `make bench`. Nothing of it is kept in the tree. kexec's purgatory lies as
a relocatable file inside the program `kexec`, that of Linux for riscv64 inside the kernel.
"""
import argparse
from pathlib import Path
import re
import struct
import subprocess
import sys

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import fetch  # noqa: E402


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


def holder(arch):
    """The file in which the peer of an architecture lies."""
    return fetch.kernel(arch) if arch == "riscv64" else fetch.kexec_debian(arch)


def main():
    p = argparse.ArgumentParser(description="Write a peer's purgatory as an object file; its symbols "
                                            "begin with peer_.")
    p.add_argument("--arch", required=True, choices=fetch.ARCHES)
    p.add_argument("object", type=Path)
    args = p.parse_args()
    try:
        args.object.write_bytes(purgatory_inside(holder(args.arch)))
        subprocess.run([f"{args.arch}-linux-gnu-objcopy", "--prefix-symbols=peer_", args.object],
                       check=True)
    except (fetch.FetchError, OSError, subprocess.SubprocessError) as e:
        args.object.unlink(missing_ok=True)
        sys.exit(f"peer: {e}")


if __name__ == "__main__":
    main()
