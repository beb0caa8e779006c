#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""How fast and how small libkx is, beside its peers and beside the limits: the goals G1 to G12.

Called by: `make bench`, which has built what is run here. x86_64 is timed on this machine, in rounds in
which each has its turn; aarch64 and riscv64 by counting instructions in QEMU, exactly. Writes a table for
people, build/bench.json for machines, and build/timeline.svg, a picture of where the time of a hop goes.
"""
import argparse
import json
from pathlib import Path
import random
import subprocess
import sys
import tempfile

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "boot-tests/bench"))
import ending    # noqa: E402
import fetch     # noqa: E402
import goals     # noqa: E402
import hop       # noqa: E402
import measure   # noqa: E402
import sequence  # noqa: E402
import timeline  # noqa: E402
import tracer    # noqa: E402

ROUNDS, COPIES, MIB = 9, 3, 512
# 1 MiB to 64 GiB in runs of 512 KiB; then as many runs, shorter or longer; then one run
PLANS = [(1 << 20, 1 << 19), (1 << 24, 1 << 19), (1 << 28, 1 << 19), (1 << 32, 1 << 19),
         (1 << 36, 1 << 19), (1 << 29, 1 << 12), (1 << 33, 1 << 16), (1 << 36, 1 << 36)]
# The hop that is drawn: MiB that are carried along, and CPUs that can hash; QEMU 10 where 7.2's cannot
CARRIED = 8
HASHERS = {"riscv64": ("rv64,zknh=true", False), "aarch64": (None, False), "x86_64": ("max,-cx16", True)}


def build_of(arch):
    return TOP / "build" / arch


def machine():
    """What the times were taken on."""
    words = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        words.setdefault(key.strip(), value.strip())
    flags = words.get("flags", "").split()
    return {"cpu": words.get("model name", "unknown"), "family": words.get("cpu family", ""),
            "model": words.get("model", ""),
            "has": [flag for flag in ("sha_ni", "erms", "fsrm", "hypervisor") if flag in flags]}


def time_x86_64(report):
    try:
        rounds = measure.native(build_of("x86_64"), ROUNDS, MIB, COPIES)
    except measure.Lacking as e:
        return goals.native_lacking(str(e))
    report["native"] = {what: {"ns_per_byte": measure.median(ns), "rounds": ns}
                        for what, ns in rounds.ns.items()}
    report["GB/s"] = {what: rounds.rate(what) for what in rounds.ns if what != "cycle"}
    return [*goals.native(rounds, MIB), goals.timed_in_c(rounds)]


def count_riscv64(report):
    build = build_of("riscv64")
    counts = report.setdefault("instructions", {})["riscv64"] = measure.counts("riscv64", build)
    try:
        newer = measure.counts("riscv64", build, "zvknha")
        report["instructions"]["riscv64, Zvknha"] = newer
    except (KeyError, fetch.FetchError) as e:
        newer = f"an emulator with Zvknha: {e}"
    return [*goals.riscv64(counts, newer), goals.counted_in_c("riscv64", counts)]


def count_aarch64(report):
    build = build_of("aarch64")
    counts = report.setdefault("instructions", {})["aarch64"] = measure.counts("aarch64", build)
    page = build / "kx-trampoline.elf"
    return [*goals.aarch64(counts, sequence.untranslated(page), *traced(build, page)),
            goals.counted_in_c("aarch64", counts)]


def traced(build, page):
    """What a hop does in aarch64's control page, in words, and in purgatory."""
    row = hop.usual("aarch64")
    with tempfile.TemporaryDirectory() as folder:
        image = hop.image(row, Path(folder) / "hop.itb", build / "kx-payload.bin")
        _, walk, after = tracer.hop_in_parts(row, image, page)
        purgatory = tracer.touched(row, image, build / "kx-purgatory.elf")
    return (f"by trace of a hop: {walk.accesses:,} loads and stores with both on, then {after.accesses} in "
            f"{len(after.done)} instructions", purgatory)


def weigh(arches, report):
    page = {arch: measure.used(arch, build_of(arch)) for arch in arches}
    blob = {arch: (build_of(arch) / f"kx-purgatory-{arch}.bin").stat().st_size for arch in arches}
    wrapped = {arch: (build_of(arch) / "purgatory.ro").stat().st_size for arch in arches}
    contents = {arch: measure.contents(arch, build_of(arch)) for arch in arches}
    report["bytes"] = {"control page": page, "purgatory": blob, "purgatory.ro": wrapped,
                       "in purgatory": contents}
    return goals.sizes(page, blob, wrapped, contents)


def time_hop(arch):
    """The stages of a hop in QEMU, at a nanosecond for an instruction."""
    cpu, newer = HASHERS[arch]
    row = hop.usual(arch)
    with tempfile.TemporaryDirectory() as folder, timeline.memory() as ram:
        ramdisk = Path(folder) / "ramdisk"
        ramdisk.write_bytes(random.Random(arch).randbytes(CARRIED << 20))
        image = hop.image(row, Path(folder) / "hop.itb", build_of(arch) / "kx-payload.bin", ramdisk)
        report = hop.run(row, image, purgatory="regions", timeout=300, until="^PAYLOAD=", cpu=cpu, ram=ram,
                         prefix=fetch.qemu10() if newer else None, extra=["-icount", "shift=0"])
        found = timeline.stages(arch, ram, report.result.console)
    if not found:
        raise RuntimeError(f"{arch}: no hop: {report.result.console[-400:]}{report.result.stderr}")
    return found


def draw(arches, report, path):
    hops = [(arch, time_hop(arch)) for arch in arches]
    report["hop, ms"] = {arch: {stage.name: stage.ms for stage in stages} for arch, stages in hops}
    title = f"A hop with {CARRIED} MiB in QEMU, a nanosecond for an instruction"
    path.write_text("\n".join(timeline.draw(title, hops)) + "\n")


def scale(report):
    report["scaling"] = [measure.scaling(build_of("x86_64"), *plan) for plan in PLANS]
    return [goals.scaling(report["scaling"])]


MEASURE = {"x86_64": time_x86_64, "aarch64": count_aarch64, "riscv64": count_riscv64}


def tables(report):
    """What was measured beside the goals, as lines."""
    if "GB/s" in report:
        yield f"\nx86_64, GB/s, medians of {ROUNDS} rounds on {report['machine']['cpu']}"
        yield from (f"  {what:<20}{rate:8.2f}" for what, rate in report["GB/s"].items())
    for arch, counts in report.get("instructions", {}).items():
        yield f"\n{arch}, instructions a byte"
        yield from (f"  {what:<20}{count:8.3f}" for what, count in counts.items() if count)
    for arch, stages in report.get("hop, ms", {}).items():
        yield f"\n{arch}, a hop with {CARRIED} MiB in QEMU, a nanosecond for an instruction"
        yield from (f"  {line}" for line in
                    timeline.lines([timeline.Stage(*stage) for stage in stages.items()]))
    if "scaling" in report:
        yield "\nplanning, bytes       runs     words  pages         us  us, proof"
        yield from (f"{plan['bytes']:>15}{plan['runs']:>11}{plan['words']:>10}{plan['list_pages']:>7}"
                    f"{plan['build_ns'] / 1e3:>11.1f}{plan['check_ns'] / 1e3:>11.1f}"
                    for plan in report["scaling"])


def bench(arches):
    """The goals and everything that was measured."""
    report = {"machine": machine()}
    found = [goal for arch in arches for goal in MEASURE[arch](report)]
    if "x86_64" in arches:
        found += scale(report)
    found += weigh(arches, report)
    found.sort(key=lambda goal: (goal.number[0], int(goal.number[1:])))
    report["goals"] = [goal.json() for goal in found]
    return found, report


def main():
    p = argparse.ArgumentParser(description="Measure libkx beside its peers: the goals G1 to G12.")
    p.add_argument("--arch", action="append", choices=fetch.ARCHES,
                   help="measure this one; may be given again (default: all)")
    p.add_argument("--json", type=Path, default=TOP / "build/bench.json", help="all figures go there")
    p.add_argument("--svg", type=Path, default=TOP / "build/timeline.svg", help="the picture goes there")
    args = p.parse_args()
    arches = args.arch or list(fetch.ARCHES)
    try:
        found, report = bench(arches)
        draw(arches, report, args.svg)
    except (fetch.FetchError, RuntimeError, OSError, subprocess.SubprocessError) as e:
        sys.exit(f"bench: {e}")
    for lines in [goal.lines() for goal in found] + [tables(report)]:
        print(*lines, sep="\n")
    args.json.write_text(json.dumps(report, indent=1) + "\n")
    print(f"\nall of it: {args.json}\nthe hop, drawn: {args.svg}")


if __name__ == "__main__":
    with ending.in_good_order("bench"):
        main()
