# SPDX-License-Identifier: BSD-2-Clause
"""Everything that must not be done is refused by name, with the host still alive.

Called by: pytest.
"""
import re
import struct

import pytest

import hop

# In the order of boot-tests/host/refuse.c.
PLANNER = ["misaligned", "wraps", "segment-size", "segment-overlap", "outside-ram", "reserved",
           "dest-over-arena", "dest-over-list", "dest-over-tables", "dest-over-control",
           "source-over-arena", "dest-over-cpu", "dest-over-writer", "source-over-writer",
           "arena-small", "list-flag", "list-order", "list-loop", "list-unterminated",
           "list-dest-twice", "list-source-lost", "list-pair"]


@pytest.fixture
def ramdisk(tmp_path):
    path = tmp_path / "ramdisk"
    path.write_bytes(b"ramdisk" * 3000)
    return path


def test_planner(row, image):
    """Each refusal, provoked on the real payload, has its own name."""
    report = hop.run(row, image, "kx.refuse=all")
    assert report.refusals == PLANNER
    assert report.result.console.count("kx-host: still alive") == len(PLANNER)
    assert report.alive and not report.arrived


@pytest.mark.parametrize("name", ["misaligned", "list-loop"])
def test_one(row, image, name):
    assert hop.run(row, image, f"kx.refuse={name}").refusals == [name]


def refused(report, name):
    """The host said so in its words and ended by itself; the payload never ran."""
    return report.refusals == [name] and not report.arrived and not report.result.timed_out


@pytest.mark.only("riscv64", "aarch64")  # on x86_64 libkx stops them itself: see test_payload.py
def test_running_cpu(row, image):
    """A CPU that does not stop: named, and no jump."""
    report = hop.run(row, image, "kx.cpus=park", smp=2)
    assert refused(report, "cpu-running") and report.alive
    assert re.search(r"^kx: cpu-running: .*; cpu \d+$", report.result.console, re.M)


def test_stopped_cpus(row, image):
    """Its control: the same machine with every CPU stopped goes on."""
    assert hop.run(row, image, smp=2).arrived


# A word of the host's command line, and what is said of it
MISTAKES = [
    ("paging=off", "there is no paging, but kx.paging "),
    ("kx.pageing=off", "there is no kx.pageing, but kx.paging "),
    ("kx.paging=sv93", "kx.paging=sv93: it is one of "),
    ("kx.paging=", "kx.paging=: it is one of "),
    ("kx.policy=pray", "kx.policy=pray: it is one of halt reset fallback return\n"),
    ("kx.policy=reset,", "kx.policy=reset,: it is one of halt reset "),
    ("kx.dry=off", "kx.dry=off: it is one of on same blind\n"),
    ("kx.corrupt", "kx.corrupt: it is one of byte byte0 "),
    ("kx.refuse=wrap", "kx.refuse=wrap: it is one of all misaligned wraps "),
    ("kx.seed=7x", "kx.seed=7x: that is no number\n"),
    ("kx.seed=18446744073709551616", "kx.seed=18446744073709551616: that is no number\n"),
]
# What only others have
FOREIGN = {"riscv64": [("kx.e2h=0", "there is no kx.e2h, "), ("kx.crash=nmi", "kx.crash=nmi: it is one of ")],
           "aarch64": [("kx.apic=x2", "there is no kx.apic, "), ("kx.paging=sv39", "kx.paging=sv39: it is one of 4k ")],
           "x86_64": [("kx.e2h=1", "there is no kx.e2h, "), ("kx.crash=race", "kx.crash=race: it is one of ")]}


def test_mistyped(row, image):
    """What the host is asked and does not know it says, with what there is, before it does anything."""
    for word, said in MISTAKES + FOREIGN[row.arch]:
        report = hop.run(row, image, word)
        assert refused(report, "option"), report.result.console
        assert f"kx: option: {said}" in report.result.console
        assert "kx-host: payload" not in report.result.console


def test_largest_number(row, image):
    """... and the largest number there is it takes."""
    assert hop.run(row, image, "kx.seed=18446744073709551615").arrived


def patched(image, offset_of, change):
    """A copy of the FIT image with the bytes at a place changed."""
    data = bytearray(image.read_bytes())
    at = data.index(offset_of)
    data[at:at + len(change)] = change
    out = image.with_name("patched.itb")
    out.write_bytes(data)
    return out


def test_fit_hash(row, image):
    assert refused(hop.run(row, patched(image, b"ramdiskramdisk", b"R")), "fit-hash")


def test_fit_format(row, kernel):
    assert refused(hop.run(row, kernel), "fit-format")


def test_fit_truncated(row, image):
    short = image.with_name("short.itb")
    short.write_bytes(image.read_bytes()[:-8192])
    assert refused(hop.run(row, short), "fit-truncated")


def test_no_payload(row, arch):
    assert refused(hop.run(row, None), "no-payload")


def with_kernel(row, tmp_path, kernel):
    path = tmp_path / "kernel"
    path.write_bytes(kernel)
    return hop.image(row, tmp_path / "kernel.itb", path)


def image_header(magic, image_size=0x10000, text_offset=0, flags=0):
    """Linux's 64-byte header for riscv and arm64."""
    return struct.pack("<8xQQQ24s", text_offset, image_size, flags, b"") + magic + bytes(4)


MAGIC = {"riscv64": b"RSC\x05", "aarch64": b"ARM\x64"}


@pytest.mark.parametrize("name, kernel", [
    ("image-unknown", lambda own, other: bytes(4096)),
    ("image-truncated", lambda own, other: image_header(own)[:60]),
    ("image-header", lambda own, other: image_header(own, image_size=0)),
    ("image-header", lambda own, other: image_header(own, text_offset=8)),
    ("image-header", lambda own, other: image_header(own, image_size=2**64 - 1)),
    ("image-endian", lambda own, other: image_header(own, flags=1)),
    ("image-arch", lambda own, other: image_header(other)),
], ids=["unknown", "truncated", "no-size", "odd-offset", "huge", "big-endian", "other-arch"])
def test_image(row, tmp_path, arch, name, kernel):
    own = MAGIC.get(arch, MAGIC["riscv64"])
    other = MAGIC["aarch64" if arch == "riscv64" else "riscv64"]
    report = hop.run(row, with_kernel(row, tmp_path, kernel(own, other)))
    assert refused(report, name), report.result.console[-800:]


def test_memory_is_short(row, image):
    """A kernel that asks for more than there is."""
    report = hop.run(row, image, "kx.base=0xfffffffff000")
    assert refused(report, "no-room")


@pytest.mark.only("x86_64")
def test_paging_mode(row, image):
    """The host asks for a translation mode that the CPU does not have."""
    assert refused(hop.run(row, image, "kx.paging=la57", la57=False), "paging-mode")


def field(at, size, value):
    """A change to a kernel file, for test_x86_image."""
    return lambda data: data[:at] + value.to_bytes(size, "little") + data[at + size:]


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("file, name, change", [
    ("kx-payload.bin", "image-header", field(0x206, 2, 0x20b)),
    ("kx-payload.bin", "image-header", field(0x211, 1, 0)),
    ("kx-payload.bin", "image-header", field(0x230, 4, 0x300000)),
    ("kx-payload.bin", "image-header", field(0x260, 4, 4096)),
    ("kx-payload.bin", "image-truncated", lambda data: data[:0x800]),
    ("kx-payload.elf", "image-endian", field(5, 1, 2)),
    ("kx-payload.elf", "image-header", field(16, 2, 3)),
    ("kx-payload.elf", "image-arch", field(18, 2, 243)),
    ("kx-payload.elf", "image-unknown", field(18, 2, 3)),
    ("kx-payload.elf", "image-header", field(54, 2, 32)),
    ("kx-payload.elf", "image-truncated", lambda data: data[:0x1800]),
    ("kx-payload.elf", "image-header", lambda data: data.replace(b"Xen\0\0\0\x20", b"Xen\0\0\0\x10")),
], ids=["old", "zimage", "alignment", "init-size", "bzimage-cut", "big-endian", "relocatable",
        "other-arch", "unknown-arch", "phentsize", "elf-cut", "entry-outside"])
def test_x86_image(row, build, tmp_path, file, name, change):
    kernel = change(build(file).read_bytes())
    report = hop.run(row, with_kernel(row, tmp_path, kernel))
    assert refused(report, name), report.result.console[-800:]
