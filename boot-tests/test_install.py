# SPDX-License-Identifier: BSD-2-Clause
"""What `make install` leaves is enough to embed libkx, and the README shows code that compiles.

Called by: pytest.
"""
from pathlib import Path
import re
import subprocess

import pytest

from mistake import alone

TOP = Path(__file__).resolve().parent.parent
EMBED = TOP / "boot-tests/embed/embed.c"

# As firmware of each architecture is built; see README.
MACHINE = {"riscv64": ["-march=rv64imac", "-mabi=lp64", "-mcmodel=medany"],
           "aarch64": ["-mgeneral-regs-only"], "x86_64": ["-mgeneral-regs-only"]}
# GCC "Standards": what a freestanding program brings along, and firmware does
MEMSET = "void *memset(void *s, int c, unsigned long n) { char *p = s; while (n--) *p++ = c; return s; }"


@pytest.fixture
def root(arch, build, tmp_path):
    build("libkx.a")
    make(arch, tmp_path, "install")
    return tmp_path


def make(arch, root, target):
    with alone():   # what is installed is made first
        subprocess.run(["make", "-C", TOP, f"ARCH={arch}", f"DESTDIR={root}", "PREFIX=/usr", target], check=True,
                       capture_output=True, text=True)


def pkg_config(root, *words):
    return subprocess.run(["pkg-config", "--define-variable=prefix=/usr", *words, "libkx"], check=True,
                          capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "PKG_CONFIG_SYSROOT_DIR": str(root),
                               "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1", "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1",
                               "PKG_CONFIG_LIBDIR": f"{root}/usr/lib/pkgconfig"}).stdout.strip()


def test_files(root, arch):
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert {"usr/include/kx/abi.h", "usr/include/kx/kx.h",
            "usr/include/kx/purgatory.h", "usr/include/kx/quiesce.h", "usr/lib/libkx.a", "usr/lib/kx-sha256-small.o",
            "usr/lib/pkgconfig/libkx.pc", f"usr/share/kx/kx-trampoline-{arch}.bin",
            f"usr/share/kx/kx-trampoline-{arch}.h", f"usr/share/kx/kx-purgatory-{arch}.bin",
            f"usr/share/kx/purgatory-{arch}.ro", "usr/share/kx/LICENSE"} <= found


def test_uninstall(root, arch):
    """What is put there is what is removed, and nothing else."""
    other = root / "usr/share/kx/of-another"
    other.touch()
    make(arch, root, "uninstall")
    assert [path for path in root.rglob("*") if path.is_file()] == [other]
    other.unlink()
    make(arch, root, "uninstall")
    assert not other.parent.exists()


def test_version(root):
    """pkg-config has the headers' version, and says where the blobs are."""
    header = (root / "usr/include/kx/kx.h").read_text()
    numbers = (re.search(rf"^#define KX_VERSION_{name} (\d+)$", header, re.M)[1] for name in ("MAJOR", "MINOR"))
    assert pkg_config(root, "--modversion") == ".".join(numbers)
    assert pkg_config(root, "--variable=blobs") == "/usr/share/kx"


def test_array_is_the_blob(root, arch):
    blob = root / f"usr/share/kx/kx-trampoline-{arch}.bin"
    text = blob.with_suffix(".h").read_text()
    assert bytes(int(n, 16) for n in re.findall(r"0x(..),", text)) == blob.read_bytes()


def embed(root, arch, folder, *before):
    """Links the example as the README says, with these files before libkx; returns the program."""
    flags = pkg_config(root, "--cflags", "--libs").split()
    (folder / "memset.c").write_text(MEMSET)
    subprocess.run([f"{arch}-linux-gnu-gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O2",
                    "-ffreestanding", "-nostdlib", "-static", *MACHINE[arch], "-Wl,-e,boot_linux", EMBED,
                    folder / "memset.c", "-fno-tree-loop-distribute-patterns", "-o", folder / "embed", *before, *flags],
                   check=True)
    return folder / "embed"


def test_embed(root, arch, tmp_path):
    """The example compiles and links by pkg-config, and needs nothing but libkx."""
    embed(root, arch, tmp_path)


def size_of_hash(arch, program):
    sizes = subprocess.run([f"{arch}-linux-gnu-nm", "-S", program], check=True, capture_output=True, text=True).stdout
    size, = re.findall(r"^\w+ (\w+) \w kx_sha256_portable_$", sizes, re.M)
    return int(size, 16)


def test_small_hash(root, arch, tmp_path):
    """Named before libkx, the small hash in C stands for the fast one; nothing carries both."""
    small = root / "usr/lib/kx-sha256-small.o"
    assert pkg_config(root, "--variable=small").endswith("/usr/lib/kx-sha256-small.o")
    fast, little = embed(root, arch, tmp_path).stat().st_size, size_of_hash(arch, small)
    assert little < 1024 < size_of_hash(arch, tmp_path / "embed")
    assert size_of_hash(arch, embed(root, arch, tmp_path, small)) == little
    assert (tmp_path / "embed").stat().st_size < fast


def test_readme_shows_the_example():
    shown = re.findall(r"/\* README: begin \*/\n(.*?)/\* README: end \*/", EMBED.read_text(), re.S)
    assert len(shown) == 3
    for code in shown:
        assert code in (TOP / "README.md").read_text()
