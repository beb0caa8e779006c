# SPDX-License-Identifier: BSD-2-Clause
"""Purgatory in QEMU: its info as a host fills it in, include/kx/abi.h in Python; and what stands before
and behind it, boot-tests/purgatory/.

Called by: the tests of purgatory.
"""
from dataclasses import dataclass, field
import hashlib
from pathlib import Path
import struct
import subprocess

from elftools.elf.elffile import ELFFile

OFFSET, SIZE, REGIONS = 0x400, 0x400, 16
MAGIC, VERSION = 0x4750584b, 2
SKIP_CHECKS, EACH_REGION, HALVES = 1, 2, 4
HALT, RESET, FALLBACK = 1, 2, 3
NONE, UART8250, UART8250_IO, PL011, SBI_DBCN, SBI_PUTCHAR, SINK, VGA = range(8)

# The consoles of QEMU's machines: kind, stride, base, length
CONSOLE = {"riscv64": (SBI_PUTCHAR, 0, 0, 0), "aarch64": (PL011, 0, 0x9000000, 0x1000),
           "x86_64": (UART8250_IO, 1, 0x3f8, 8)}


def sha256(data):
    return hashlib.sha256(data).digest()


def halves(data):
    """kx_sha256_halves()"""
    half = len(data) // 128 * 64
    return sha256(sha256(data[:half]) + sha256(data[half:]))


@dataclass
class Info:
    """Where each part lies and what is in it; digests are of that, unless given."""
    arch: str
    regions: list                       # (address, bytes)
    entry: int
    args: tuple = (0, 0, 0, 0)
    flags: int = 0
    policy: int = HALT
    hz: int = 0
    console: tuple | None = None
    fallback: int = 0
    fallback_args: tuple = (0, 0, 0, 0)
    words: tuple = (0, 0, 0, 0, 0, 0)   # the architecture's own
    count: int | None = None
    patch: dict = field(default_factory=dict)   # offset -> bytes, to damage it

    def fill(self, blob):
        """The blob with this in it."""
        blob = bytearray(blob)
        magic, version, memsz, filesz = struct.unpack_from("<IIII", blob, OFFSET)
        machine = struct.unpack_from("<I", blob, OFFSET + 0x1c)[0]
        assert (magic, version, filesz) == (MAGIC, VERSION, len(blob)), "not a purgatory"
        digest = sha256(b"".join(data for _, data in self.regions))
        digest_of = halves if self.flags & HALVES else sha256
        count = len(self.regions) if self.count is None else self.count
        info = struct.pack("<IIIIIIIIQIIQQQ4QQ4Q6Q32s4Q", magic, version, memsz, filesz,
                           self.flags, self.policy, count, machine, self.hz,
                           *(self.console or CONSOLE[self.arch]), self.entry, *self.args,
                           self.fallback, *self.fallback_args, *self.words, digest, 0, 0, 0, 0)
        info += b"".join(struct.pack("<QQ", pa, len(data)) for pa, data in self.regions)
        info = info.ljust(0x200, b"\0")
        info += b"".join(digest_of(data) for _, data in self.regions)
        blob[OFFSET:OFFSET + SIZE] = info.ljust(SIZE, b"\0")
        for at, data in self.patch.items():
            blob[OFFSET + at:OFFSET + at + len(data)] = data
        return bytes(blob)


HERE = Path(__file__).resolve().parent
GCC = {"x86_64": "x86_64-linux-gnu-gcc", "aarch64": "aarch64-linux-gnu-gcc",
       "riscv64": "riscv64-linux-gnu-gcc"}
# Where the stub is linked, and where it expects purgatory
LINK = {"riscv64": 0x80200000, "aarch64": 0x40200000, "x86_64": 0x1000000}
BLOB = {"riscv64": 0x82000000, "aarch64": 0x50000000, "x86_64": 0x2000000}


class Stub:
    """boot-tests/purgatory/<name>.S, built into a folder: an ELF file for QEMU to start."""

    def __init__(self, arch, folder, name=None, **defines):
        self.path = folder / "stub.elf"
        subprocess.run([GCC[arch], "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none",
                        "-Wl,-z,noexecstack", "-Wl,--nmagic", f"-Wl,-Ttext={LINK[arch]:#x}",
                        *(f"-D{word}={value}" for word, value in defines.items()), "-o", self.path,
                        HERE / f"purgatory/{name or arch}.S"], check=True, timeout=60)

    def landing(self):
        """The new image: its address and its bytes."""
        with open(self.path, "rb") as file:
            elf = ELFFile(file)
            at, end = (elf.get_section_by_name(".symtab").get_symbol_by_name(name)[0]["st_value"]
                       for name in ("landing", "landing_end"))
            text = elf.get_section_by_name(".text")
            return at, text.data()[at - text["sh_addr"]:end - text["sh_addr"]]
