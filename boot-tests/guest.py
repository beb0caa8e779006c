# SPDX-License-Identifier: BSD-2-Clause
"""Linux as a guest: Debian's kernel and an initramfs of busybox, init.sh and a test's own files.

Called by: boot.py and the tests.
"""
import gzip
from pathlib import Path
import stat
import tempfile

import fetch

CONSOLE = {"riscv64": "ttyS0", "aarch64": "ttyAMA0", "x86_64": "ttyS0"}
# x86_64: on a busy machine QEMU's timer interrupts come so late that Linux gives the timer up.
MORE = {"x86_64": ["no_timer_check"]}
UP = "KX-LINUX-UP"  # the line by which init.sh says that user space is there


def bootargs(arch, *more):
    """The kernel's command line; a panic or an oops ends the run at once instead of hanging."""
    return " ".join([f"console={CONSOLE[arch]}", "oops=panic", "panic=-1",
                     *MORE.get(arch, []), *more])


def kernel(arch):
    """Path of Debian's kernel: an Image (riscv64, aarch64) or a bzImage (x86_64)."""
    return fetch.kernel(arch)


def initramfs(arch, out, files=None, level=1):
    """Writes the initramfs to `out` and returns that path.

    files: path in the guest -> content, or (content, mode); content is bytes or a Path to read.
    level: how hard to compress it; 0: not, which is quicker for the guest to unpack.
    The same input gives the same bytes.
    """
    tree = {
        "bin/busybox": (fetch.busybox(arch), 0o755),
        "bin/sh": (b"busybox", stat.S_IFLNK | 0o777),
        "init": (Path(__file__).with_name("init.sh"), 0o755),
        # The kernel opens it for /init before anything is mounted.
        "dev/console": (b"", stat.S_IFCHR | 0o600),
        **{name: (b"", stat.S_IFDIR | 0o755) for name in ("dev", "proc", "sys", "tmp", "root")},
    }
    for name, entry in (files or {}).items():
        name = name.strip("/")
        tree[name] = entry if isinstance(entry, tuple) else (entry, 0o644)
        for folder in list(Path(name).parents)[:-1]:
            tree.setdefault(str(folder), (b"", stat.S_IFDIR | 0o755))
    tree.setdefault("bin", (b"", stat.S_IFDIR | 0o755))

    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    # Sorted by name, so that a folder comes before what is in it.
    image = b"".join(newc(i, name, *entry) for i, (name, entry) in enumerate(sorted(tree.items()), 1))
    with tempfile.NamedTemporaryFile(dir=out.parent, delete=False) as new:
        new.write(gzip.compress(image + newc(0, "TRAILER!!!", b"", 0), level, mtime=0))
    return Path(new.name).rename(out)  # whole or not there, also when two runs write it


def newc(ino, name, content, mode):
    """One record of a cpio archive, Linux "initramfs buffer format". The one device is 5:1."""
    data = content.read_bytes() if isinstance(content, Path) else content
    if mode and not stat.S_IFMT(mode):
        mode |= stat.S_IFREG
    major, minor = (5, 1) if stat.S_ISCHR(mode) else (0, 0)
    path = name.encode() + b"\0"
    # ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
    head = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(path), 0)
    record = b"070701" + b"".join(b"%08x" % word for word in head) + path
    return pad4(record) + pad4(data)


def pad4(data):
    return data + bytes(-len(data) % 4)
