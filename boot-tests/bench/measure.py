# SPDX-License-Identifier: BSD-2-Clause
"""What bench.py and test_bench.py know after running the programs of this folder.

Native measures are rounds in time, compared within each round; counts are exact.
"""
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "boot-tests"))
import fetch  # noqa: E402
import qemu   # noqa: E402

MIB = 1 << 20
# Which CPU counts what. Zvknha is not in QEMU 7.2: QEMU 10, fetched.
CPUS = {"aarch64": {"": ("cortex-a57", False)},
        "riscv64": {"": ("rv64,zknh=true", False), "zvknha": ("rv64,v=true,zvknha=true", True)}}


def median(values):
    values = sorted(values)
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


class Lacking(Exception):
    """Something that this machine has not got, in words for a person."""


class Rounds:
    """Time for a byte, of each measure in each round of one run."""
    def __init__(self, output):
        self.ns = {}
        for what, size, ns in re.findall(r"^([a-z-]+) (\d+) (\d+)$", output, re.M):
            self.ns.setdefault(what, []).append(int(ns) / max(int(size), 1))
        self.huge = int(re.search(r"^huge=(\d+)", output, re.M)[1])
        self.method = int(re.search(r"^method=(\d+)", output, re.M)[1])

    def faster(self, ours, theirs):
        """How many times as fast as theirs: the median over the rounds."""
        return median([b / a for a, b in zip(self.ns[ours], self.ns[theirs])])

    def cycles(self, what):
        """Cycles for a byte, by a chain of additions in the same round."""
        return median([a / b for a, b in zip(self.ns[what], self.ns["cycle"])])

    def beside(self, whole, part):
        """GB/s of what a measure does beside one that is a part of it."""
        return 1 / median([a - b for a, b in zip(self.ns[whole], self.ns[part])])

    def rate(self, what):
        """GB/s"""
        return 1 / median(self.ns[what])


def native(build, rounds, mib, copies=1):
    """Rounds of the program `native`. A program's speed can hang on the pages that its code lands on: of
    several copies of the file the one counts in which the peer's hash did best."""
    if not Path("/proc/cpuinfo").exists() or "x86_64" not in subprocess.check_output(
            ["uname", "-m"], text=True):
        raise Lacking("an x86_64 machine to run on")
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for copy in range(copies):
            program = Path(folder) / str(copy)
            shutil.copy(build / "bench/native", program)
            done = subprocess.run([program, str(rounds), str(mib)], capture_output=True, text=True,
                                  timeout=600)
            if done.returncode:
                raise RuntimeError(done.stderr.strip() or f"native: status {done.returncode}")
            runs.append(Rounds(done.stdout))
    return min(runs, key=lambda run: median(run.ns["hash-peer"]))


def counts(arch, build, which=""):
    """{measure: instructions a byte}, exact, and the console they were read from; None: CPU lacks it."""
    cpu, newer = CPUS[arch][which]
    machine = qemu.Machine(arch, cpu=cpu, prefix=fetch.qemu10() if newer else None,
                           extra=["-icount", "shift=0"])
    result = qemu.run(machine, build / "bench/count.elf", timeout=400, until="^count done|^kx: ")
    if not re.search("^count done", result.console, re.M):
        raise RuntimeError(f"count: {result.console[-400:]}{result.stderr}")
    found = {what: None for what in re.findall(r"^count (\S+) lacks", result.console, re.M)}
    for what, size, number in re.findall(r"^count (\S+) (\d+) (\d+)", result.console, re.M):
        found[what] = int(number) / int(size)
    return found


def scaling(build, size, run):
    """One plan: a dictionary."""
    out = subprocess.run([build / "bench/scaling", str(size), str(run)], check=True, timeout=300,
                         stdout=subprocess.PIPE, text=True).stdout.split()
    return dict(zip(["bytes", "runs", "words", "list_pages", "arena", "build_ns", "check_ns"],
                    map(int, out[1:])))


def used(arch, build):
    """Bytes of the control page up to the end of its code."""
    symbols = subprocess.run([f"{arch}-linux-gnu-nm", build / "kx-trampoline.elf"], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    return int(re.search(r"^([0-9a-f]+) . kx_page_used_$", symbols, re.M)[1], 16)


# What lies in purgatory, by section and by source, the first that matches
CONTENTS = [("info", r"^\.head\.(info|rest)"), ("entry, jump and traps", r"^\.head "),
            ("messages", r"^\.rodata\S* .*lto"), ("hashes", r"/sha256"), ("consoles", r"/console|/clock"),
            ("tables", r"/(idmap|table|memory|arena)\."), ("CPU and machine", r"arch/\w+/"),
            ("checks", r"/check\."), ("faults, policies and record", r"/(fault|policy|record|status\w*)\."),
            ("the run", "")]


def sources(arch, elf, addresses):
    """The source that each of these addresses is from, inlined or not."""
    lines = subprocess.run([f"{arch}-linux-gnu-addr2line", "-e", elf], check=True,
                           stdout=subprocess.PIPE, text=True,
                           input="".join(f"{at:x}\n" for at in addresses)).stdout
    return [line.rsplit(":", 1)[0] for line in lines.splitlines()]


def contents(arch, build):
    """{what: bytes} of the flat purgatory, by the linker's map; where it compiled, by the lines."""
    whole = (build / f"kx-purgatory-{arch}.bin").stat().st_size
    text = (build / "kx-purgatory.map").read_text()
    text = text[text.index("\n.purgatory.text"):text.index("\n.purgatory.bss")]
    found = dict.fromkeys([what for what, _ in CONTENTS], 0)
    rows = [(int(at, 16), int(size, 16), name, path) for name, at, size, path in
            re.findall(r"^ (\.\S+)\s+0x(\w+)\s+0x(\w+) (\S+)$", text, re.M) if int(size, 16)]
    # What was merged is listed where the next begins, with the size that it had before
    for (at, size, name, path), (after, *_) in zip(rows, rows[1:] + [(whole,)]):
        size = min(size, after - at)
        by_line = ".lto" in path and name.startswith(".text")
        for source in (sources(arch, build / "kx-purgatory.elf", range(at, at + size)) if by_line
                       else [path] * size):
            found[next(what for what, pattern in CONTENTS if re.search(pattern, f"{name} {source}"))] += 1
    return found | {"gaps": whole - sum(found.values())}
