#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The registers of the CPU that a new kernel finds: on a cold boot, and behind a jump, as a table.

Called by: `make state ARCH=...`, and test_state.py. The payload dumps them by kx_state_snapshot(), once
started by QEMU itself and once by the host through libkx.
"""
import argparse
from dataclasses import dataclass
from pathlib import Path
import re
import sys
import tempfile

import ending
import fetch
import hop
import qemu

PAYLOAD = {"riscv64": "kx-payload.bin", "aarch64": "kx-payload.bin", "x86_64": "kx-payload.elf"}
# Where QEMU itself puts the payload: behind the jump too, so that addresses can be compared.
BASE = {"riscv64": 0x80200000, "aarch64": 0x40200000, "x86_64": 0x200000}
WORDS = "kx.registers"


@dataclass(frozen=True)
class Allowed:
    """A register that may differ, and why; in the bits of `mask` alone."""
    names: str                  # a regular expression
    why: str
    mask: int = -1
    rows: str = ".*"            # ways in, by their names

    def covers(self, row, name, before, after):
        return bool(re.fullmatch(self.rows, str(row)) and re.fullmatch(self.names, name)
                    and None not in (before, after) and (before ^ after) & ~self.mask == 0)


# Every difference that there may be between a cold boot and a jump.
ALLOWED = [
    Allowed("SCTLR_EL1", "libkx writes the bits that ARMv8.0 has as RES1; QEMU resets others",
            0x30150038, "aarch64-(?!el2|e2h).*"),
    Allowed("SCTLR_EL2", "libkx writes the bits that ARMv8.0 has as RES1; QEMU resets none",
            0x30c50830, "aarch64-(el2|e2h).*"),
    Allowed("FAR_EL1", "the payload's first instructions keep x0 in it"),
    Allowed("TR", "a task register cannot be unloaded, and NMIs want a stack of their own",
            rows="x86_64.*"),
    Allowed("stval", "the payload's first instructions keep t0 in it"),
    Allowed("v?stimecmp", "~0 never comes; 0, which firmware leaves, is a timer that has expired"),
]


def registers(values):
    return {name[6:]: int(value, 16) for name, value in values.items() if name.startswith("STATE_")}


def parse(console):
    return dict(re.findall(r"^([A-Z][A-Za-z0-9_]*)=(.*)$", console, re.M))


def payload(row):
    """The file that both QEMU and the host can start."""
    return hop.BUILD / row.arch / PAYLOAD[row.arch]


def cold(row, **machine):
    """The registers on a cold boot of the machine of that row."""
    result = qemu.run(qemu.Machine(row.arch, **{**row.machine, **machine}),
                      payload(row), append=WORDS, timeout=120)
    if "PAYLOAD-DONE" not in result.console:
        raise RuntimeError(f"no cold boot: {result.console[-1000:]}{result.stderr}")
    return registers(parse(result.console))


def warm(row, folder, append="", kernel=None, **machine):
    """The registers behind a jump, and the report of it."""
    image = hop.image(row, Path(folder) / "payload.itb", kernel or payload(row), bootargs=WORDS)
    report = hop.run(row, image, f"kx.base={BASE[row.arch]:#x} {append}", **machine)
    if not report.arrived:
        raise RuntimeError(f"no arrival: {report.result.console[-2000:]}{report.result.stderr}")
    return registers(report.values), report


def differences(row, before, after, allowed=ALLOWED):
    """[(name, cold, warm, why or None)] of the registers that differ."""
    found = []
    for name in dict.fromkeys([*before, *after]):
        pair = before.get(name), after.get(name)
        if pair[0] != pair[1]:
            why = next((e.why for e in allowed if e.covers(row, name, *pair)), None)
            found.append((name, *pair, why))
    return found


def table(row, before, after, everything=False):
    """Lines for a person."""
    found = {name: why for name, _, _, why in differences(row, before, after)}
    yield f"{'register':20} {'cold boot':>18} {'behind the jump':>18}"
    for name in dict.fromkeys([*before, *after]):
        if name in found or everything:
            pair = [f"{v:#x}" if v is not None else "-" for v in (before.get(name), after.get(name))]
            verdict = "" if name not in found else found[name] or "DIFFERS"
            yield f"{name:20} {pair[0]:>18} {pair[1]:>18}  {verdict}".rstrip()
    yield f"{len(after)} registers, {len(found)} differ, {sum(not why for why in found.values())} " \
          "of them for no known reason"


def dirt(console):
    """Names of the registers that the host has left dirty, and of those that did not take it."""
    lines = re.findall(r"^kx-host: dirt: (\w+) (is|stays) ", console, re.M)
    return [{name for name, what in lines if what == wanted} for wanted in ("is", "stays")]


def main():
    p = argparse.ArgumentParser(description="Print the registers that a cold boot and a jump leave.")
    p.add_argument("--arch", required=True, choices=fetch.ARCHES)
    p.add_argument("--way", help="a row of hop.py's ROWS (default: the usual one)")
    p.add_argument("--append", default="", help="options for the host, as kx.dirt=on kx.state=leave")
    p.add_argument("--all", action="store_true", help="the registers that are the same, too")
    args = p.parse_args()
    try:
        row = hop.named(args.arch, args.way)
    except ValueError as e:
        p.error(e)
    with tempfile.TemporaryDirectory() as folder:
        before, (after, report) = cold(row), warm(row, folder, args.append)
    if "kx.dirt" in args.append:
        print("{} registers dirtied, {} did not take it".format(*map(len, dirt(report.result.console))))
    print(*table(row, before, after, args.all), sep="\n")
    sys.exit(any(not why for *_, why in differences(row, before, after)))


if __name__ == "__main__":
    with ending.in_good_order("state"):
        main()
