#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the fuzz targets start from: corpus/<name>.hex, an input a line, and a few made here by hand.

Called by: test_fuzz.py, and people: `corpus.py collect NAME FOLDER` puts what a long run has left in
FOLDER into the tree, after `fuzz_NAME -set_cover_merge=1 FOLDER FOUND` has thinned it out.
"""
import argparse
from pathlib import Path
import struct

CORPUS = Path(__file__).resolve().parent / "corpus"
MOST = 8192  # bytes of a corpus in the tree


def linux_image(magic):
    return struct.pack("<8xQQQ24xI4x", 0x80000, 0x100000, 0, magic)


def elf():
    """Two loads and a PVH note."""
    loads = [(1, 0xf8, 0x1000f8, 0x1000f8, 8, 0x2000), (1, 0x100, 0x105100, 0x105100, 8, 8),
             (4, 0xe8, 0, 0, 20, 20)]
    headers = b"".join(struct.pack("<IIQQQQQQ", kind, 0, offset, va, pa, filesz, memsz, 1)
                       for kind, offset, va, pa, filesz, memsz in loads)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, 0x1000f8, 64, 0, 0, 64,
                         56, len(loads), 0, 0, 0)
    note = struct.pack("<III4sI", 4, 4, 18, b"Xen", 0x1000f8)
    return (header + headers + note).ljust(0x108, b"\x90")


def bzimage():
    image = bytearray(1024 + 32)
    image[0x1f1] = 1
    struct.pack_into("<I", image, 0x1f4, 2)
    struct.pack_into("<HHIH", image, 0x1fe, 0xaa55, 0x66eb, 0x53726448, 0x20c)
    image[0x211] = image[0x234] = 1
    struct.pack_into("<I", image, 0x230, 0x200000)
    struct.pack_into("<H", image, 0x236, 1)
    struct.pack_into("<QI", image, 0x258, 0x1000000, 0x100000)
    return bytes(image)


def tree(node, strings=None):
    """A flattened device tree of {name: bytes or node}; a list of pairs is a node that has a name twice."""
    names, top = {} if strings is None else strings, strings is None
    block = b""
    for name, value in node if isinstance(node, list) else node.items():
        if isinstance(value, (dict, list)):
            text = name.encode() + b"\0"
            block += struct.pack(">I", 1) + text + bytes(-len(text) % 4) + tree(value, names)
        else:
            at = names.setdefault(name, sum(len(other) + 1 for other in names))
            block += struct.pack(">III", 3, len(value), at) + value + bytes(-len(value) % 4)
    block += struct.pack(">I", 2)
    if not top:
        return block
    block = struct.pack(">II", 1, 0) + block + struct.pack(">I", 9)
    text = b"".join(name.encode() + b"\0" for name in names)
    reserve = struct.pack(">QQQQ", 0x80000000, 0x1000, 0, 0)
    end = 40 + len(reserve) + len(block)
    return struct.pack(">10I", 0xd00dfeed, end + len(text), 40 + len(reserve), end, 40, 17, 16, 0,
                       len(text), len(block)) + reserve + block + text


def fit():
    def part(data):
        return {"data": data, "hash-1": {"algo": b"sha256\0", "value": bytes(32)}}
    return tree({
        "images": {"kernel": part(b"kernel"), "fdt": part(tree({"chosen": {}})), "disk": part(b"disk")},
        "configurations": {"default": b"linux\0", "linux": {
            "kernel": b"kernel\0", "fdt": b"fdt\0", "ramdisk": b"disk\0", "fallback": b"kernel\0",
            "bootargs": b"quiet\0"}}})


def fdt(more=()):
    """What QEMU hands over, and in /chosen what there is more of."""
    def cells(*numbers):
        return struct.pack(f">{len(numbers)}I", *numbers)
    two = {"#address-cells": cells(2), "#size-cells": cells(2)}
    return tree({
        **two,
        "chosen": [("bootargs", b"kx.seed=1\0"), ("linux,initrd-start", cells(0x84000000)),
                   ("linux,initrd-end", cells(0, 0x85000000)), ("rng-seed", bytes(8)), *more],
        "memory@80000000": {"device_type": b"memory\0", "reg": cells(0, 0x80000000, 0, 0x8000000)},
        "memory@10000": {"device_type": b"memory\0", "reg": cells(0, 0x10000, 0, 0x1000)},
        "reserved-memory": {**two, "sbi": {"reg": cells(0, 0x80000000, 0, 0x40000)}},
        "cpus": {"#address-cells": cells(1), "#size-cells": cells(0), "timebase-frequency": cells(10**7),
                 "cpu@0": {"device_type": b"cpu\0", "reg": cells(0), "status": b"okay\0",
                           "riscv,isa": b"rv64imac\0"},
                 "cpu@1": {"device_type": b"cpu\0", "reg": cells(1)}},
        "uart@9000000": {"compatible": b"arm,pl011\0", "reg": cells(0, 0x9000000, 0, 0x1000),
                         "reg-shift": cells(2)}})


def cut_fdt():
    """One whose strings lie in front, and that ends in the midst of a property: nothing behind it can be read."""
    names, block = b"reg\0compatible\0\0", struct.pack(">I4xIII6s", 1, 3, 8, 0, b"reg" * 2)
    at = 56 + len(names)
    head = 0xd00dfeed, at + len(block), at, 56, 40, 17, 16, 0, len(names), len(block)
    return struct.pack(">10I16x", *head) + names + block


def two_pages():
    """The laboratory of fuzz_list.c, and a list of words as it reads them: two pages, each to its place."""
    destination, source, done, indirection = 1, 8, 4, 2
    words = [(indirection, 0), (destination, 40), (source, 20), (destination, 41), (source, 21), (done, 0)]
    return bytes(8) + b"".join(struct.pack(">HB", *word) for word in words)


def by_hand(name):
    if name == "image":
        return [linux_image(0x05435352), linux_image(0x644d5241), elf(), bzimage()]
    return {"fit": [fit()], "fdt": [fdt(), fdt([("linux,initrd-end", bytes(8))]), cut_fdt()],
            "list": [two_pages()], "status": [bytes(66)]}.get(name, [])


def inputs(name):
    """All inputs of a target."""
    path = CORPUS / f"{name}.hex"
    lines = path.read_text().split() if path.exists() else []
    return by_hand(name) + [bytes.fromhex(line) for line in lines]


def near(name):
    """Those that are a step from what the planted mistakes of test_fuzz.py let pass."""
    made = {"fdt": cut_fdt, "fit": fit, "image": elf, "list": two_pages}
    return [made[name]()] if name in made else inputs(name)


def expand(name, folder, which=inputs):
    for i, data in enumerate(which(name)):
        (Path(folder) / f"{i:03}").write_bytes(data)


def collect(name, folder):
    """Smallest first, until it is enough."""
    lines, size = [], 0
    found = sorted((path.read_bytes() for path in Path(folder).iterdir()), key=lambda one: (len(one), one))
    for data in found:
        size += len(data)
        if data and size <= MOST and data not in by_hand(name):
            lines.append(data.hex() + "\n")
    CORPUS.mkdir(exist_ok=True)
    (CORPUS / f"{name}.hex").write_text("".join(lines))


def main():
    p = argparse.ArgumentParser(description="The corpora of the fuzz targets.")
    p.add_argument("what", choices=["expand", "collect"])
    p.add_argument("name", help="list, image, fit, ...")
    p.add_argument("folder")
    args = p.parse_args()
    (expand if args.what == "expand" else collect)(args.name, args.folder)


if __name__ == "__main__":
    main()
