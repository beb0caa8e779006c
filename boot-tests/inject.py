# SPDX-License-Identifier: BSD-2-Clause
"""Faults injected at every instruction of the control page and of purgatory, in QEMU, and what came of it.

Called by: test_faults.py, `make inject`. The machine stops where the host enters libkx and is remembered
there; for each instruction it is put back, runs until that instruction is next, and has a fault injected:

  illegal  the instruction becomes one that no CPU has
  access   it becomes a load from an address where nothing is
  nmi      x86_64: a non-maskable interrupt comes before it
  second   control page: a jump to nowhere, in what tells of a first fault

An end is silent where no line names the stage, or the policy is not obeyed. Where the line names
another instruction than that the end is told elsewhere; where code tries what the CPU has, it goes on.
Not libkx's are the few instructions before its vectors are set, when they are the host's, and the few
after they have been put down, when the image has been as good as left.
"""
import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
import re
import struct
import sys
import tempfile
import time

from elftools.elf.elffile import ELFFile

import hop
import outside
import qemu
from sequence import Code

NOWHERE = 0x7000000000000
ILLEGAL = {"riscv64": bytes(4), "aarch64": bytes(4), "x86_64": bytes.fromhex("0f0b")}
# A load through a register, which gdb has number
LOAD = {"riscv64": (bytes.fromhex("83bf0f00"), 31), "aarch64": (bytes.fromhex("290140f9"), 9),
        "x86_64": (bytes.fromhex("488b00"), 0)}
KINDS = {"riscv64": ("illegal", "access"), "aarch64": ("illegal", "access"),
         "x86_64": ("illegal", "access", "nmi")}
# What puts the control page's vectors in force
GUARD = {"riscv64": "csrw stvec", "aarch64": "msr vbar_el", "x86_64": "lidt"}
# What puts them down
DROP = {"riscv64": "csrw stvec,ra", "aarch64": r"msr vbar_el\d, xzr",
        "x86_64": r"lidt .*\(%rsp\)|lidt -0x\w+\(%rip\)"}
LEAVE = r"l?retq?\b|blr? |jr |jalr "
STAGES = {"control": "enter|copy|jump", "purgatory": "verify|jump"}
HANDOFF_CONSOLE = 0x50
MEMORY = "256M"
SNAPSHOT = "entry"
TOLD_S = 3


HOW = ("told", "elsewhere", "went on", "host's", "left", "silent", "not reached")


@dataclass(frozen=True)
class End:
    """What came of one injection. `how`: one of HOW."""
    blob: str
    kind: str
    at: int         # offset in the blob
    how: str
    line: str = ""


def empty_qcow2(path, size=1 << 30, cluster=1 << 16):
    """A disk for snapshots. QEMU "Qcow2 Image File Format": header, refcounts, an L1 table, no data."""
    header = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 0, 0, 16, size, 0, size >> 29,
                         3 * cluster, cluster, 1, 0, 0, 0, 0, 0, 4, 104)
    parts = header, struct.pack(">Q", 2 * cluster), struct.pack(">4H", 1, 1, 1, 1), b""
    path.write_bytes(b"".join(part.ljust(cluster, b"\0") for part in parts))


def symbol(path, name):
    with path.open("rb") as file:
        return ELFFile(file).get_section_by_name(".symtab").get_symbol_by_name(name)[0]["st_value"]


class Stand:
    """A machine that stands before kx_enter_, or at purgatory's first byte, again and again."""

    def __init__(self, row, folder, words="", bootargs="kx.stay", kernel="kx-payload.bin"):
        self.row, self.build = row, hop.BUILD / row.arch
        empty_qcow2(folder / "snapshots")
        image = hop.image(row, folder / "payload.itb", self.build / kernel, bootargs=bootargs)
        self.page_va = self.entered_at(image, words)
        self.machine = qemu.Machine(row.arch, **{**row.machine, "memory": MEMORY, "reboot": True})
        self.machine.extra = [*self.machine.extra, "-S", "-gdb", "chardev:gdb", "-chardev",
                              f"socket,path={folder}/gdb,server=on,wait=off,id=gdb", "-drive",
                              f"if=none,format=qcow2,file={folder}/snapshots"]
        self.watched = qemu.Watched(self.machine, folder, hop.host(row.arch), initrd=image,
                                    append=f"{row.options} {words}")
        self.folder, self.mute = folder, False
        self.code = {"control": Code(row.arch, self.build / "kx-trampoline.elf"),
                     "purgatory": Code(row.arch, self.build / "kx-purgatory.elf")}

    def entered_at(self, image, words):
        """Where the page is that kx_enter_ runs in: in the host's text, or, where nothing is translated,
        the control page itself. It lies at the same place in every hop."""
        if not re.search(r"kx.paging=(bare|off)", self.row.options):
            return symbol(self.build / "kx-host.elf", "kx_trampoline_page_")
        said = r"through the control page at (0x\w+)"
        tried = hop.run(self.row, image, words, purgatory="regions", until=said, memory=MEMORY)
        return int(re.search(said, tried.result.console)[1], 16)

    def __enter__(self):
        self.watched.__enter__()
        self.gdb = outside.Gdb(self.folder / "gdb")
        self.gdb.run_to(self.page_va + self.code["control"].symbols["kx_enter_"], 1)
        found = {name: re.search(pattern, self.watched.console()) for name, pattern in (
            ("control", r"through the control page at (0x\w+)"),
            ("purgatory", r"kx-host: purgatory: \d+ bytes to (0x\w+)"))}
        self.pa = {name: match and int(match[1], 16) for name, match in found.items()}
        self.guarded = self.first_guarded()
        self.left = {blob: left(code) for blob, code in self.code.items()}
        self.remember()
        return self

    def first_guarded(self):
        """Offset of the first instruction at which the vectors are the control page's."""
        code = self.code["control"]
        set_at = next(at for at in code.order if at >= code.symbols["kx_enter_"]
                      and re.match(GUARD[self.row.arch], code.text[at]))
        return code.next[set_at]

    def __exit__(self, *why):
        self.watched.__exit__(*why)

    def remember(self):
        assert self.watched.monitor(f"savevm {SNAPSHOT}") == ""

    def go_to(self, blob, at):
        """Stops where the instruction is next. False: it was not reached."""
        self.watched.monitor(f"loadvm {SNAPSHOT}")
        code = self.code["control"]
        here = self.pa[blob]
        if blob == "control" and at < code.symbols["kx_trampoline_"]:
            here = self.page_va
        return self.next_is(here + at)

    def next_is(self, address):
        self.gdb.ask(f"Z1,{address:x},4")
        stopped = self.run(r"PAYLOAD-DONE|^kx: |halted$", 2)
        self.gdb.ask(f"z1,{address:x},4")
        return stopped

    def run(self, end, limit):
        """Goes on until a breakpoint is met, the console shows `end`, or time is up. Was one met?"""
        self.seen = len(self.watched.console())
        self.gdb.socket.sendall(b"$c#63")
        until = time.monotonic() + limit
        stop = re.compile(rb"\$T(\w\w)[^#]*#..")
        self.gdb.socket.settimeout(0.005)
        asked = False
        while True:
            try:
                self.gdb.rest += self.gdb.socket.recv(65536)
            except TimeoutError:
                pass
            if met := stop.search(self.gdb.rest):
                break
            if not asked and (re.search(end, self.console(), re.M) or time.monotonic() > until):
                self.gdb.socket.sendall(b"\x03")
                asked = True
        self.gdb.rest = b""
        self.gdb.socket.sendall(b"+")
        self.gdb.socket.settimeout(outside.LIMIT_S)
        return met[1] == b"05" and not asked

    def console(self):
        return self.watched.console()[self.seen:]

    def write(self, address, data):
        assert self.gdb.ask(f"M{address:x},{len(data):x}:{data.hex()}") == b"OK"

    def plant(self, address, kind):
        """Injects the fault at the instruction that is next."""
        load, register = LOAD[self.row.arch]
        if kind == "nmi":
            self.watched.monitor("nmi")
            return
        code = load if kind == "access" else ILLEGAL[self.row.arch]
        was = bytes.fromhex(self.gdb.ask(f"m{address:x},{len(code):x}").decode())
        self.write(address, code)
        if kind == "access":
            self.gdb.ask(f"P{register:x}={NOWHERE.to_bytes(8, 'little').hex()}")
        self.gdb.go("s")    # into the vector; what it needs may be this very code
        self.write(address, was)

    def inject(self, blob, at, kind):
        if blob == "control" and at < self.guarded:
            return End(blob, kind, at, "host's")    # whose vectors may well end QEMU
        if not self.go_to(blob, at):
            return End(blob, kind, at, "not reached")
        pc = int.from_bytes(bytes.fromhex(self.gdb.ask(f"p{self.pc_number():x}").decode()), "little")
        if self.mute:
            self.deafen()
        self.plant(pc, kind)
        self.run(r"^kx-(trampoline|purgatory): halted$", TOLD_S)
        line = re.search(r"^kx: (purgatory: )?fault: .*$", self.console(), re.M)
        if "PAYLOAD-DONE" in self.console() and "kx-host: " not in self.console():
            return End(blob, kind, at, "went on")
        if not line and at in self.left[blob]:
            return End(blob, kind, at, "left")
        if not line or "halted" not in self.console():
            return End(blob, kind, at, "silent", self.console()[-200:])
        return End(blob, kind, at, self.told(line[0], blob, at, kind), line[0])

    def deafen(self):
        """Takes the console of the handoff away, for a negative control."""
        self.write(self.pa["control"] + HANDOFF_CONSOLE, bytes(4))

    def pc_number(self):
        return next(number for number, name in self.gdb.names.items() if name in ("pc", "rip"))

    def told(self, line, blob, at, kind):
        """Does the line name the stage, and this very instruction?"""
        found = re.search(r"fault: (?:trampoline )?(\w+) cause=0x\w+ pc=(\w+)\+0x(\w+) ", line)
        if not found or not re.fullmatch(STAGES[blob] + "|jump", found[1]):
            return "silent"
        pc = (self.pa[found[2]] + int(found[3], 16)) & ~(-1 << 64)
        return "told" if kind == "nmi" or pc == self.pa[blob] + at else "elsewhere"

    def inject_second(self, at):
        """A fault in what tells of a fault: the policy is obeyed all the same."""
        code = self.code["control"]
        first = code.symbols["kx_walk_"]
        if not self.go_to("control", first):
            return End("control", "second", at, "not reached")
        self.plant(self.pa["control"] + first, "illegal")
        if not self.next_is(self.pa["control"] + at):
            return End("control", "second", at, "not reached")
        self.gdb.ask(f"P{self.pc_number():x}={NOWHERE.to_bytes(8, 'little').hex()}")
        self.run(r"^kx-trampoline: halted$", TOLD_S)
        return End("control", "second", at, "told" if "halted" in self.console() else "silent",
                   self.console()[-200:])


def left(code):
    """Offsets of what runs when the vectors have been put down: up to the jump to the image."""
    found = set()
    for at in code.order:
        if re.match(DROP[code.arch], code.text[at]):
            while at := code.next.get(at):
                found.add(at)
                if re.match(LEAVE, code.text[at]):
                    break
    return found


def at_each(stand, blob, places):
    """Every kind at each of these, but what is not reached is tried once."""
    for at in places:
        for kind in KINDS[stand.row.arch]:
            end = stand.inject(blob, at, kind)
            yield end
            if end.how == "not reached":
                break


def ends(stand, step=1, blobs=("control", "purgatory")):
    """Injects at every step-th instruction. Yields End."""
    page = stand.code["control"]
    places = [at for at in page.order if page.symbols["kx_enter_"] <= at < page.symbols["kx_page_used_"]]
    if "control" in blobs:
        yield from at_each(stand, "control", places[::step])
        handler = [at for at in places if at >= page.symbols["kx_fault_"]]
        for at in handler[::step]:
            yield stand.inject_second(at)
    if "purgatory" in blobs and stand.pa["purgatory"]:
        code = stand.code["purgatory"]
        assert stand.go_to("purgatory", 0)
        stand.remember()
        yield from at_each(stand, "purgatory", code.order[::step])


def table(found):
    """{(blob, kind): Counter of ends} as lines."""
    counts = {}
    for end in found:
        counts.setdefault((end.blob, end.kind), Counter())[end.how] += 1
    yield " " * 22 + "".join(f"{how:>12}" for how in HOW)
    for (blob, kind), count in sorted(counts.items()):
        yield f"{blob:<12}{kind:<10}" + "".join(f"{count[how]:>12}" for how in HOW)


def main():
    p = argparse.ArgumentParser(description="Inject faults at every instruction; print what came of it.",
                                epilog="exit status: 1 if an end was silent")
    p.add_argument("--arch", required=True, choices=sorted(KINDS))
    p.add_argument("--way", help="a row of hop.py's ROWS (default: the usual one)")
    p.add_argument("--step", type=int, default=1, help="at every n-th instruction (default: 1)")
    p.add_argument("--blob", action="append", choices=("control", "purgatory"))
    args = p.parse_args()
    row = next((row for row in hop.ROWS if row.arch == args.arch and row.name == args.way),
               hop.usual(args.arch))
    with tempfile.TemporaryDirectory() as folder, Stand(row, Path(folder)) as stand:
        found = list(ends(stand, args.step, args.blob or ("control", "purgatory")))
    print(*table(found), sep="\n")
    for end in found:
        if end.how == "silent":
            print(f"silent: {end.blob}+{end.at:#x} {end.kind}: {end.line!r}")
    sys.exit(any(end.how == "silent" for end in found))


if __name__ == "__main__":
    main()
