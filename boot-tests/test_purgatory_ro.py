# SPDX-License-Identifier: BSD-2-Clause
"""purgatory.ro by the rules of those who load it: kexec-tools and the kernel's kexec_file_load.

Called by: pytest. What they do is done here again, with pyelftools: Debian's kernels cannot be asked.
The blobs are built in every way that a distribution might, and stay what they are.
"""
from pathlib import Path
import struct
import subprocess

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection

import purgatory

TOP = Path(__file__).resolve().parent.parent
ALLOC, EXEC = 2, 4
MACHINE = {"x86_64": "EM_X86_64", "aarch64": "EM_AARCH64", "riscv64": "EM_RISCV"}

COMMON = {"sha256_regions": 256, "sha256_digest": 32, "skip_checks": 4}
KERNEL = {"purgatory_sha_regions": 256, "purgatory_sha256_digest": 32}
# Symbols that are written or read, with the size that the loader's structure has.
SIZES = {
    "x86_64": COMMON | KERNEL | {
        "reset_vga": 1, "serial_base": 2, "serial_baud": 4, "console_vga": 1, "console_serial": 1,
        "backup_src_start": 8, "backup_src_size": 8, "backup_start": 8, "panic_kernel": 1,
        "entry64_regs": 136, "entry32_regs": 36, "entry32_regs32": 36, "entry16_regs": 48,
        "entry16_debug_regs": 48, "entry16_debug_old_first32": 4, "stack_arg32_1": 4,
        "stack_arg32_2": 4, "cmdline_end": 8},
    "aarch64": COMMON | {"arm64_sink": 8, "arm64_kernel_entry": 8, "arm64_dtb_addr": 8},
    "riscv64": COMMON | KERNEL | {"riscv_kernel_entry": 8},
}
# Symbols of which the address is asked.
ADDRESSES = {
    "x86_64": ["purgatory_start", "stack_end", "entry16", "entry16_debug", "entry16_debug_pre32",
               "entry16_debug_first32", "stack_arg32_2"],
    "aarch64": ["purgatory_start"],
    "riscv64": ["purgatory_start"],
}


# What takes memory: one section. aarch64's tables have one without bytes beside it, or the file would be
# nearly eight times as large as the one that it replaces.
SECTIONS = {
    "x86_64": [(".text", "SHT_PROGBITS")],
    "aarch64": [(".text", "SHT_PROGBITS"), (".zeros", "SHT_NOBITS")],
    "riscv64": [(".text", "SHT_PROGBITS")],
}
# purgatory.ro of kexec-tools 2.0.32; for riscv64, where that has none, what is inside Debian's kernel
PEER_SIZE = {"x86_64": 29688, "aarch64": 13648, "riscv64": 34792}


def align(value, to):
    return -(-value // to) * to


class Loaded:
    """A relocatable file as both loaders take it: what they refuse is an assertion here."""

    def __init__(self, path, arch, at):
        self.elf = ELFFile(open(path, "rb"))
        head = self.elf.header
        assert head.e_type == "ET_REL" and head.e_machine == MACHINE[arch]
        assert self.elf.elfclass == 64 and self.elf.little_endian and head.e_shentsize == 64
        sections = [s for s in self.elf.iter_sections() if s["sh_flags"] & ALLOC]
        for section in self.elf.iter_sections():
            assert not isinstance(section, RelocationSection), "relocations"
            assert section["sh_type"] != "SHT_NOTE" and "eh_frame" not in section.name
        # Packed in the order of their headers, those with bytes first; sh_addralign may not be 0.
        data = [s for s in sections if s["sh_type"] != "SHT_NOBITS"]
        zeros = [s for s in sections if s["sh_type"] == "SHT_NOBITS"]
        assert all(s["sh_addralign"] >= 1 for s in sections)
        assert max(s["sh_addralign"] for s in sections) <= 4096
        self.base, end, self.address = at, at, {}
        for section in data:
            end = align(end, section["sh_addralign"])
            self.address[self.index(section)] = end
            end += section["sh_size"]
        self.file_end = end
        end = align(end, max([s["sh_addralign"] for s in zeros], default=1))
        for section in zeros:
            end = align(end, section["sh_addralign"])
            self.address[self.index(section)] = end
            end += section["sh_size"]
        self.end = end
        self.memory = bytearray(end - at)
        for section in data:
            start = self.address[self.index(section)] - at
            self.memory[start:start + section["sh_size"]] = section.data()
        self.executable = [s for s in sections if s["sh_flags"] & EXEC and s["sh_size"]]

    def index(self, section):
        return next(i for i, s in enumerate(self.elf.iter_sections()) if s.name == section.name)

    def symbol(self, name):
        table = self.elf.get_section_by_name(".symtab")
        assert table["sh_entsize"] == 24
        found = [s for s in table.iter_symbols() if s.name == name]
        assert len(found) == 1, name
        assert found[0]["st_info"]["bind"] == "STB_GLOBAL", name
        assert isinstance(found[0]["st_shndx"], int), f"{name} is in no section"
        return found[0]

    def where(self, name):
        symbol = self.symbol(name)
        return self.address[symbol["st_shndx"]] + symbol["st_value"]

    def set(self, name, value):
        symbol = self.symbol(name)
        assert symbol["st_size"] == len(value), name
        section = self.elf.get_section(symbol["st_shndx"])
        assert section["sh_type"] != "SHT_NOBITS", name
        start = self.where(name) - self.base
        self.memory[start:start + len(value)] = value

    def get(self, name, size):
        assert self.symbol(name)["st_size"] == size, name
        start = self.where(name) - self.base
        return bytes(self.memory[start:start + size])


def undefined(elf):
    table = elf.get_section_by_name(".symtab")
    return [s.name for s in table.iter_symbols() if s.name and s["st_shndx"] == "SHN_UNDEF"]


@pytest.mark.parametrize("at", [0x3000, 0x7ff00000, 0x280000000], ids=hex)
def test_loads(arch, build, at):
    """At any page, above 4 GiB too: what is set is where purgatory reads it, and the rest is untouched."""
    ro = Loaded(build("purgatory.ro"), arch, at)
    assert not undefined(ro.elf)
    assert len(ro.executable) == 1 and ro.elf.header.e_entry == 0
    assert ro.where("purgatory_start") == at
    linked = build("purgatory-ro.bin").read_bytes()
    before = bytes(ro.memory)
    assert before[:len(linked)] == linked and not any(before[len(linked):])
    spans = []
    for i, (name, size) in enumerate(SIZES[arch].items()):
        if name.startswith("purgatory_sha") and arch == "riscv64":
            continue  # the same bytes by another name
        if name == "entry32_regs32":
            continue
        ro.set(name, bytes([i + 1]) * size)
        spans.append((ro.where(name), size))
    spans.sort()
    assert all(a + size <= b for (a, size), (b, _) in zip(spans, spans[1:]))
    for i, (name, size) in enumerate(SIZES[arch].items()):
        if name.startswith("purgatory_sha") and arch == "riscv64" or name == "entry32_regs32":
            continue
        assert ro.get(name, size) == bytes([i + 1]) * size
    for name in ADDRESSES[arch]:
        assert at <= ro.where(name) <= ro.end


def test_runs_where_it_was_linked(arch, build):
    """The zeros follow the bytes as in the link, or purgatory's stack would be elsewhere."""
    ro = Loaded(build("purgatory.ro"), arch, 0)
    elf = ELFFile(open(build("purgatory-ro.elf"), "rb"))
    linked = {s.name: s["st_value"] for s in elf.get_section_by_name(".symtab").iter_symbols()}
    assert ro.end == linked["kx_purgatory_end_"]
    assert linked["kx_purgatory_data_"] % 4096 == 0     # stack and variables: no page of the code's
    assert linked["kx_purgatory_file_"] <= linked["kx_purgatory_data_"]
    if arch == "x86_64":
        assert ro.where("stack_end") == linked["kx_purgatory_stack_"]


def check_sections(arch, elf):
    found = [(s.name, s["sh_type"]) for s in elf.iter_sections() if s["sh_flags"] & ALLOC]
    assert found == SECTIONS[arch]


def test_sections(arch, build):
    check_sections(arch, Loaded(build("purgatory.ro"), arch, 0).elf)


def test_size(arch, build):
    """Smaller than what it replaces."""
    size = build("purgatory.ro").stat().st_size
    assert size < PEER_SIZE[arch]


def test_memsz(arch, build):
    blob = build(f"kx-purgatory-{arch}.bin").read_bytes()
    magic, version, memsz, filesz = struct.unpack_from("<IIII", blob, purgatory.OFFSET)
    assert (magic, version, filesz) == (purgatory.MAGIC, purgatory.VERSION, len(blob))
    assert memsz % 4096 == 0 and memsz > len(blob)


GCC = {"x86_64": "x86_64-linux-gnu-gcc", "aarch64": "aarch64-linux-gnu-gcc",
       "riscv64": "riscv64-linux-gnu-gcc"}
# What a compiler may do of itself, and what a builder may ask for; of that, -O is heard by the hashes alone, as
# the rest of purgatory is compiled small
WAYS = [("", "-O3"),
        ("-fPIE -fstack-protector-strong -fcf-protection -D_FORTIFY_SOURCE=3 "
         "-fasynchronous-unwind-tables -fcommon", "-O2"),
        pytest.param("", "-O3 -march=x86-64-v3", marks=pytest.mark.only("x86_64"))]


@pytest.mark.parametrize("llvm", ["", "1"], ids=["gcc", "clang"])
@pytest.mark.parametrize("defaults, flags", WAYS)
def test_built_in_every_way(arch, need, tmp_path, defaults, flags, llvm):
    """No relocation, nothing undefined, one section of code, however it is compiled."""
    if arch != "x86_64":
        defaults = defaults.replace("-fcf-protection", "")
    compiler = f"clang --target={arch}-linux-gnu" if llvm else GCC[arch]
    need("make", compiler.split()[0])
    done = subprocess.run(["make", f"ARCH={arch}", f"LLVM={llvm}", f"BUILD={tmp_path}",
                           f"CC={compiler} {defaults}", f"CFLAGS={flags}", "purgatory"], cwd=TOP,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stderr, done.stderr
    for name in ("kx-purgatory.elf", "purgatory-ro.elf"):
        elf = ELFFile(open(tmp_path / name, "rb"))
        assert not undefined(elf)
        assert not any(s["sh_size"] for s in elf.iter_sections()
                       if isinstance(s, RelocationSection))
        code = [s.name for s in elf.iter_sections()
                if s["sh_flags"] & ALLOC and s["sh_flags"] & EXEC and s["sh_size"]]
        assert code == [".purgatory.text"]
    check_sections(arch, Loaded(tmp_path / "purgatory.ro", arch, 0x280000000).elf)


def test_undefined_symbol_is_seen(need, tmp_path):
    """Negative control: a call to what is not there does not link."""
    need("make", "gcc")
    argv = ["make", "ARCH=riscv64", f"BUILD={tmp_path}", "purgatory"]
    done = subprocess.run(argv + ["CFLAGS=-O2 -Dkx_halt_=nobody_has_this"], cwd=TOP,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode != 0 and "nobody_has_this" in done.stdout + done.stderr
