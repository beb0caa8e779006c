# SPDX-License-Identifier: BSD-2-Clause
"""The guests and the tools around them are sound: what a test through libkx may rely on.

Called by: pytest. QEMU boots the guests directly here, so that a failure is not libkx's.
"""
import hashlib
import io
import re
import shutil

import libfdt
import pytest

import boot
import fetch
import fit
import guest
import qemu


def test_direct_boot(arch, linux, tmp_path):
    """Kernel and initramfs reach the marker, run a test's own file and power off."""
    hello = (b"#!/bin/sh\necho hello from $0\n", 0o755)
    initrd = guest.initramfs(arch, tmp_path / "initramfs.gz", {"/test/hello": hello})
    result = qemu.run(qemu.Machine(arch, smp=2), linux, initrd,
                      guest.bootargs(arch, "kx.run=/test/hello"), timeout=240)
    assert boot.verdict(result, 240)[0] == 0, result.console[-2000:]
    for line in (r"KX-LINUX cpus=2", r"KX-LINUX cmdline=.*kx.run=.*", r"hello from /test/hello"):
        assert re.search(f"^{line}$", result.console, re.M), line


def test_panic_is_seen(arch, linux):
    """Without an initramfs Linux panics: the run ends at once, and the verdict names it."""
    result = qemu.run(qemu.Machine(arch), linux, None, guest.bootargs(arch), timeout=240)
    code, why = boot.verdict(result, 240)
    assert code == 3 and "Kernel panic" in why


def test_initramfs_is_reproducible(arch, linux, tmp_path):
    first, second = (guest.initramfs(arch, tmp_path / name, {"a/b": b"c"}) for name in "12")
    assert first.read_bytes() == second.read_bytes()


def test_run_until(need):
    """`until` ends a machine that goes on for ever; echo gets what it printed."""
    need("qemu-system-riscv64")  # its firmware prints on the serial console
    echo = io.StringIO()
    result = qemu.run(qemu.Machine("riscv64"), timeout=120, until=r"^OpenSBI v\d", echo=echo)
    assert result.matched and not result.timed_out and result.status is None
    assert echo.getvalue() == result.console and "OpenSBI" in result.console


def test_run_time_limit(arch, need):
    """A machine that does nothing is ended when time is up."""
    need(f"qemu-system-{arch}")
    result = qemu.run(qemu.Machine(arch, extra=["-S"]), timeout=0.5)
    assert result.timed_out and result.status is None and result.seconds < 60
    assert boot.verdict(result, 0.5)[0] == 124


def test_run_bad_option(arch, need):
    """QEMU's own failure is told apart from the guest's, with its words."""
    need(f"qemu-system-{arch}")
    result = qemu.run(qemu.Machine(arch, extra=["-no-such-option"]), timeout=120)
    code, why = boot.verdict(result, 120)
    assert code == 5 and "no-such-option" in why


@pytest.mark.parametrize("console, status, code", [
    ("KX-LINUX uname=Linux (none) 6.12 #1\nKX-LINUX-UP\n", 0, 0),
    ("KX-LINUX-UP\n", 1, 5),
    ("echo KX-LINUX-UP\n", 0, 1),
    ("kx: fit-hash: a part does not match\nKX-LINUX-UP\n", 0, 4),
    ("say kx: no\nKX-LINUX-UP\n", 0, 0),
    ("[    1.0] BUG: unable to handle page fault\nKX-LINUX-UP\n", 0, 3),
    ("[    1.0] DEBUG: fine\nKX-LINUX-UP\n", 0, 0),
])
def test_verdict(console, status, code):
    assert boot.verdict(qemu.Result(console, status, False, False, 1, ""), 120)[0] == code


@pytest.mark.parametrize("console, code", [
    ("[    1.0] Run /init as init process\n", 0),
    ("[    1.0] Run /sbin/init as init process\n", 0),
    ("KX-LINUX-UP\n", 0),
    ("[    1.0] Linux version 6.12\n", 1),
    ("[    1.0] Run /init as init process\n[    2.0] Kernel panic - not syncing: no\n", 3),
])
def test_verdict_of_another_initramfs(console, code):
    """Its /init need not say what ours says."""
    assert boot.verdict(qemu.Result(console, 0, False, False, 1, ""), 120, boot.INIT_RUNS)[0] == code


def test_fit(arch, need, tmp_path):
    """All that was asked for is in the image, with its digest, and quoting holds."""
    need("mkimage")
    words = 'console=ttyS0 a="b c" back\\slash'
    given = {"kernel": b"k" * 5001, "ramdisk": b"r" * 1002, "fdt": b"f" * 103}
    for name, content in given.items():
        (tmp_path / name).write_bytes(content)
    out = fit.build(tmp_path / "out put.itb", arch, *(tmp_path / name for name in given),
                    bootargs=words, load=0x180200000)
    tree = libfdt.FdtRo(out.read_bytes())

    def get(path, key):
        return bytes(tree.getprop(tree.path_offset(path), key))
    assert get("/configurations", "default") == b"linux\0"
    assert get("/configurations/linux", "bootargs") == words.encode() + b"\0"
    assert get("/images/kernel", "load") == (0x180200000).to_bytes(8, "big")
    for name, content in given.items():
        assert get("/configurations/linux", name) == name.encode() + b"\0"
        assert get(f"/images/{name}", "arch") == fit.ARCH[arch].encode() + b"\0"
        assert get(f"/images/{name}", "data") == content
        assert get(f"/images/{name}/hash-1", "algo") == b"sha256\0"
        assert get(f"/images/{name}/hash-1", "value") == hashlib.sha256(content).digest()


def test_unsigned_archive_is_refused(need, tmp_path, monkeypatch):
    """Negative control of the downloads: with a keyring that lacks the keys nothing is taken. Of the archive, what
    signs it is here, since libfdt came from there: the network may be gone by now."""
    need("apt-get", "dpkg-deb")
    fetch.libfdt()
    signed = sorted((fetch.cache() / "apt").glob(f"*/state/lists/*_dists_{fetch.GUEST_SUITE}_InRelease"))
    if signed:
        archive = tmp_path / "archive/dists" / fetch.GUEST_SUITE
        archive.mkdir(parents=True)
        shutil.copy(signed[0], archive / "InRelease")
        monkeypatch.setattr(fetch, "mirror", lambda: f"file:{tmp_path}/archive")
    monkeypatch.setenv("KX_CACHE", str(tmp_path))
    monkeypatch.setenv("KX_KEYRING", "/usr/share/keyrings/debian-archive-removed-keys.gpg")
    with pytest.raises(fetch.FetchError, match="NO_PUBKEY"):
        fetch.busybox("riscv64")
    assert not list(tmp_path.glob("*busybox*"))
