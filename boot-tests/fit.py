#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Builds a FIT image, the form in which the test host is given its new kernel.

Called by: boot.py, the tests, and people.

Each image has a sha256 hash node. The one configuration, which is the default, names kernel,
ramdisk and fdt, and has two properties of our own. `bootargs` is the new kernel's command line. (FIT
has no property for it; the usual way, a /chosen in the fdt, fails where the host passes its own fdt
on.) `fallback` names a second kernel, which purgatory enters when the first one is damaged.
"""
import argparse
import os
from pathlib import Path
import subprocess
import sys
import tempfile

ARCH = {"riscv64": "riscv", "aarch64": "arm64", "x86_64": "x86_64"}  # as FIT says them


def quote(text):
    """A string of the device tree source language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def image(name, properties):
    """One node under /images; its data is the file `name` beside the .its."""
    lines = "".join(f"\t\t\t{key} = {value};\n" for key, value in properties.items())
    return (f"\t\t{name} {{\n{lines}\t\t\tdata = /incbin/({quote(name)});\n"
            '\t\t\thash-1 { algo = "sha256"; };\n\t\t};\n')


def build(out, arch, kernel, ramdisk=None, fdt=None, fallback=None, *, bootargs="", load=None,
          entry=None):
    """Writes the FIT to `out` and returns that path.

    kernel, ramdisk, fdt, fallback: files, taken as they are. load, entry: physical addresses, for a kernel
    that does not itself say where it goes.
    """
    common = {"arch": quote(ARCH[arch]), "compression": quote("none")}
    linux = {"type": quote("kernel"), "os": quote("linux"), **common}
    for key, value in (("load", load), ("entry", entry)):
        if value is not None:
            linux[key] = f"/bits/ 64 <{value:#x}>"
    images = {
        "kernel": (kernel, linux),
        "ramdisk": (ramdisk, {"type": quote("ramdisk"), "os": quote("linux"), **common}),
        "fdt": (fdt, {"type": quote("flat_dt"), **common}),
        "fallback": (fallback, {"type": quote("kernel"), "os": quote("linux"), **common}),
    }
    images = {name: one for name, one in images.items() if one[0]}
    nodes = "".join(image(name, properties) for name, (_, properties) in images.items())
    config = "".join(f'\t\t\t{name} = {quote(name)};\n' for name in images)
    its = (f'/dts-v1/;\n/ {{\n\tdescription = "libkx test image";\n\t#address-cells = <2>;\n'
           f'\timages {{\n{nodes}\t}};\n\tconfigurations {{\n\t\tdefault = "linux";\n'
           f'\t\tlinux {{\n{config}\t\t\tbootargs = {quote(bootargs)};\n\t\t}};\n\t}};\n}};\n')

    out = Path(out).absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    # mkimage hands the names to a shell: in a folder of our own they are all plain words.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".fit-") as folder:
        for name, (file, _) in images.items():
            (Path(folder) / name).symlink_to(Path(file).resolve(strict=True))
        (Path(folder) / "image.its").write_text(its)
        done = subprocess.run(["mkimage", "-f", "image.its", "image.itb"], cwd=folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"SOURCE_DATE_EPOCH": "0", **os.environ})
        if done.returncode:
            words = done.stdout.partition("Usage:")[0].strip()
            raise RuntimeError(f"mkimage: exit status {done.returncode}: {words}")
        (Path(folder) / "image.itb").rename(out)
    return out


def main():
    address = lambda text: int(text, 0)
    p = argparse.ArgumentParser(description="Build a FIT image for the test host.")
    p.add_argument("--arch", required=True, choices=ARCH)
    p.add_argument("--kernel", required=True, type=Path)
    p.add_argument("--ramdisk", type=Path)
    p.add_argument("--fdt", type=Path)
    p.add_argument("--fallback", type=Path, help="a kernel for when the other is damaged")
    p.add_argument("--bootargs", default="", help="the new kernel's command line")
    p.add_argument("--load", type=address, help="physical address of the kernel")
    p.add_argument("--entry", type=address, help="physical address at which it is entered")
    p.add_argument("-o", "--out", required=True, type=Path)
    args = vars(p.parse_args())
    try:
        print(build(args.pop("out"), args.pop("arch"), args.pop("kernel"), **args))
    except (OSError, RuntimeError) as e:
        sys.exit(f"fit: {e}")


if __name__ == "__main__":
    main()
