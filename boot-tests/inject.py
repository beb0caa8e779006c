# SPDX-License-Identifier: BSD-2-Clause
"""Faults injected at every instruction of the control page, of purgatory, of the way back into the host, of the
page of a dry run, of the way from a system that dies, and of purgatory.ro, in QEMU, and what came of it.

Called by: test_faults.py, `make inject`. What a scene executes is what QEMU's log says. At each instruction
that no scene before it has had, the machine is put back, runs until that instruction is next, and has a
fault injected:

  illegal  the instruction becomes one that no CPU has
  access   it becomes a load from an address where nothing is
  async    what the code has not asked for: x86_64: an NMI, by QEMU; aarch64: an SError, unless the CPU
           holds them back there; riscv64, where nothing of the kind exists: an interrupt, as if it were not
           masked. The last two are made by hand, as no such thing can be asked of QEMU: the registers
           become what the CPU would make them, and the vector is next.

An end is told where a line names the stage, and the policy is obeyed; in a dry run, where it comes back to the host
as an error. If another instruction is named it is told elsewhere. Where code tries what the CPU has, and where a
system dies, it goes on: the new image is entered all the same.
Not libkx's are the windows: the few instructions before its vectors are in force, and the few after they have been
put down. A fault in what tells of a first one is told where the policy is obeyed all the same.
"""
import argparse
from bisect import bisect
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
import re
import sys
import tempfile

import ending
import fetch
import hop
from scenes import (CRASH, ENTER, GUARDED, HANDOFF, IN_INFO, INFO, KINDS, RETURN, WITH_CRASH, WRAPPED, Scene, scenes,
                    there_and_back)
from stand import PAGE, PC, RESET, Stand, Wrapped

NOWHERE = 0x7000000000000
ILLEGAL = {"riscv64": bytes(4), "aarch64": bytes(4), "x86_64": bytes.fromhex("0f0b")}
# A load, and the register that it goes by
LOAD = {"riscv64": (bytes.fromhex("83bf0f00"), "t6"), "aarch64": (bytes.fromhex("290140f9"), "x9"),
        "x86_64": (bytes.fromhex("488b00"), "rax")}
NOP = {"riscv64": bytes.fromhex("13000000"), "aarch64": bytes.fromhex("1f2003d5"), "x86_64": b"\x90"}
LOAD_32 = bytes.fromhex("8b00"), "rax"      # of x86_64's 32-bit mode, and where nothing is for it
NOWHERE_32 = 0xe0000000
# What puts libkx's vectors in force, and what puts them down
GUARD = {"riscv64": "csrw stvec,t0", "aarch64": r"msr vbar_el\d, x[0-9]", "x86_64": "lidt "}
DROP = {"riscv64": "csrw stvec,ra", "aarch64": r"msr vbar_el\d, xzr",
        "x86_64": r"lidt .*\(%[re]sp\)|lidt -0x\w+\(%rip\)"}
MODE = "mov %eax,%cr0"  # of x86_64's kx_levels_, which ends long mode and begins it again
FAULT_CPU = 1           # KX_FAULT_CPU of a status record
AGAIN = "call .*<kx_gates_>"    # of a dry run, which has been there
PAGE_STAGES = "enter|copy|jump|return"
STAGES = {blob: PAGE_STAGES for blob in ("control", "probe", "call", "crash")} | {
    "purgatory": "verify|jump", "wrapped": "verify|jump"}
BEHIND_DRY = "status_quiesce", "dry_again"  # the host, if the way is clear, and if it is not
NOT_OURS, PUT_DOWN, NO_GATES = "the host's vectors", "behind its vectors", "out of long mode"
MISSED = "missed"       # executed once, for it took long, but not again
HOW = "told", "elsewhere", "went on", "masked", "window", "silent"
LINE = re.compile(r"^kx: (purgatory: )?fault: (?:trampoline )?(\w+) cause=0x\w+ pc=(\w+)\+0x(\w+) .*$", re.M)
# Of a dry run, when it has come back
DRY = re.compile(rf"^kx-host: dry run: dry-\w+: .*; (?:{PAGE_STAGES}), .*\n"
                 r"kx-host: dry run: at (\w+)\+0x(\w+)$", re.M)
POLICIES = {"halt": "halted", "reset": "reset", "fallback": "fallback at", "return": "back to the old"}
TOLD_S, WINDOW_S, SILENT_S = 2, 0.3, 60
SLOW_S = 0.03           # to get to a place: it pays to remember it
# Few, and each is unlike the others: of these a sample has all
WHOLE = "kx_call_", "kx_crash_enter", "kx_crash_vectors_"


def drops(blob, code, at):
    """Are vectors put down there? Purgatory of x86_64 does so where a return is next."""
    text = code.text[at]
    return re.match(DROP[code.arch], text) or (
        blob in ("purgatory", "wrapped") and text.startswith("lidt ") and code.text.get(code.next.get(at)) == "ret")


@dataclass(frozen=True)
class Place:
    """An instruction at the place where it is executed."""
    blob: str
    at: int         # offset in the blob; for `call`, in the host
    address: int
    window: str     # why a fault there need not be libkx's to tell, or ""
    second: bool    # in what tells of a fault


@dataclass(frozen=True)
class End:
    """What came of one injection. `how`: one of HOW."""
    scene: Scene
    place: Place
    kind: str
    how: str
    line: str = ""


def instructions(stand, blob):
    """Offsets of the instructions of a blob, without the words and tables among them."""
    code = stand.code[blob]
    if blob in PAGE:
        symbols = sorted((at, name) for name, at in code.symbols.items())
        ends = {name: after for (_, name), (after, _) in zip(symbols, symbols[1:])}
        spans = [(code.symbols["kx_enter_"], code.symbols["kx_page_used_"])]
        data = [(code.symbols[name], ends[name]) for name in ("kx_words_", "kx_gdt_") if name in ends]
    elif blob == "wrapped":
        text = re.findall(r"^ \.(?:text\S*|head)\s+(0x\w+)\s+(0x\w+) \S+\.o$",
                          (stand.build / "purgatory-ro.map").read_text(), re.M)
        spans = [(int(at, 16), int(at, 16) + int(size, 16)) for at, size in text]
        ways = [code.symbols[name] for name in ("kx_kexec_enter_tools_", "entry16") if name in code.symbols]
        spans, data = spans + ([tuple(ways)] if ways else []), []
    elif blob == "purgatory":
        text = re.findall(r"^ \.(?:text\S*|head\S*)\s+(0x\w+)\s+(0x\w+) \S+\.o$",
                          (stand.build / "kx-purgatory.map").read_text(), re.M)
        spans = [(int(at, 16), int(at, 16) + int(size, 16)) for at, size in text]
        data = [(INFO, 2 * INFO)]
    else:
        leave = next(at for at in code.order if re.match(r"jr |br |jmp \*", code.text[at]))
        end = next(at for at in code.order if at > leave and re.match("retq?$", code.text[at]))
        spans, data = [(leave + 1, end + 1)], []    # where kx_return_ goes
    return [at for at in code.order if any(low <= at < high for low, high in spans)
            and not any(low <= at < high for low, high in data)
            and not re.match(r"int3|udf|(c\.)?unimp|\.\w+ 0x0+$", code.text[at])]


class Injector:
    """A scene on a Stand: what it executes, and what becomes of faults there."""

    def __init__(self, scene, stand):
        self.scene, self.stand, self.arch = scene, stand, stand.arch
        self.dry = stand.page == "probe"
        self.known = {blob: set(instructions(stand, blob)) for blob in stand.code if blob != "crash"}
        self.arrived, self.waits = set(), set()
        self.record = 0

    def prepare(self):
        """Goes to the start of the scene. Where it is to end is marked."""
        stand, scene = self.stand, self.scene
        stand.begin()
        self.find_ends()
        if scene.start != ENTER:
            assert stand.go_to(self.guarded() if scene.start == GUARDED else
                               stand.pa[scene.start[0]] + stand.code[scene.start[0]].symbols[scene.start[1]])
            stand.remember()
        stand.stop_at(*self.arrived, *self.waits)
        stand.back()
        for blob, at, data in scene.poke:
            stand.write_physical(stand.pa[blob] + at, data)
        if scene.first:
            self.plant(stand.register(PC[self.arch]), scene.first)
        if scene.poke or scene.first:
            stand.remember()

    def guarded(self):
        """Of kx_enter_, still where the host runs it, what comes when its vectors are in force."""
        page = self.stand.code[self.stand.page]
        return self.stand.page_va + next(page.next[at] for at in page.order if at >= page.symbols["kx_enter_"]
                                         and re.match(GUARD[self.arch], page.text[at]))

    def find_ends(self):
        """The loops that wait for ever, the new image, the host behind kx_call_."""
        stand = self.stand
        if stand.purgatory == "wrapped":
            halt = stand.pa["wrapped"] + stand.code["wrapped"].symbols["kx_halt_"]
            self.waits = {halt + (1 if self.arch == "x86_64" else 0)}
            self.arrived = {stand.entry}
            return
        page, blob = stand.code[stand.page], stand.code["purgatory"]
        self.waits = {stand.pa[stand.page] + at for at in page.order if re.match("wfi|hlt", page.text[at])}
        self.arrived = {(stand.pa["call"] + max(self.known["call"])) % (1 << 64)}
        handoff = stand.watched.memory(stand.pa[stand.page], 0x100)
        entry = int.from_bytes(handoff[HANDOFF["entry"]:][:8], "little")
        self.record = int.from_bytes(handoff[HANDOFF["status"]:][:8], "little")
        if self.dry:
            self.arrived = {stand.host(name) for name in BEHIND_DRY}
        elif stand.pa["purgatory"] == entry:
            assert stand.go_to(entry), stand.console()
            self.waits.add(entry + blob.symbols["kx_halt_"] + (1 if self.arch == "x86_64" else 0))
            info = stand.watched.memory(entry + INFO, 0x100)
            self.arrived |= {int.from_bytes(info[IN_INFO[name]:][:8], "little") for name in ("entry", "fallback")}
            self.arrived -= {0}
        else:
            self.arrived.add(entry)

    # ---- which instructions ----

    def places(self):
        """All that the scene executes of the blobs, in the order of their first time."""
        stand = self.stand
        executed, self.end = stand.executed()
        self.natural = stand.console()
        if self.scene.start == CRASH:
            self.known["crash"] = self.functions(executed)
        window, second = self.scene.start in (ENTER, RETURN, CRASH, WRAPPED) and NOT_OURS or "", False
        if self.scene.first:
            window, second = "", True
        symbols = stand.code[stand.page].symbols
        tells = self.tells(symbols)
        found = []
        for address in executed:
            blob, at = self.where(address)
            if at not in self.known.get(blob, ()):
                continue
            second = second or (blob == stand.page and at in tells)
            found.append(Place(blob, at, address, window, second))
            text = stand.code[blob].text[at]
            if self.dry and symbols["kx_walk_"] <= at < symbols["kx_landing_"]:
                second = False      # answered
            if re.match(GUARD[self.arch], text) and blob == "call":
                window = NOT_OURS
            elif drops(blob, stand.code[blob], at):
                window = PUT_DOWN
            elif re.match(GUARD[self.arch], text) or self.dry and re.match(AGAIN, text):
                window = ""
                if blob == stand.page and self.scene.blobs == WITH_CRASH:
                    break       # from here on it is as on any hop
            elif re.match(MODE, text) and symbols.get("kx_levels_", at) < at and window in ("", NO_GATES):
                window = "" if window else NO_GATES
        return [place for place in found if place.blob in self.scene.blobs]

    def functions(self, executed):
        """The instructions of the host's functions that any of these belongs to."""
        code = self.stand.code["crash"]
        symbols = sorted(code.symbols.values())
        met = {symbols[bisect(symbols, at) - 1] for blob, at in map(self.where, executed) if blob == "crash"}
        return {at for at in code.order if symbols[bisect(symbols, at) - 1] in met}

    def tells(self, symbols):
        """Offsets in the control page of what tells of a fault; in a dry run of what answers one, too."""
        fault = symbols["kx_fault_"]
        found = [range(fault, min(at for at in symbols.values() if at > symbols.get("kx_tell_", fault)))]
        if self.dry:
            found.append(range(symbols["kx_answer_"], symbols["kx_page_used_"]))
        return {at for part in found for at in part}

    def where(self, address):
        """(blob, offset)"""
        pa, page = self.stand.pa, self.stand.page
        for blob, base, size in ((page, self.stand.page_va, 4096), (page, pa[page], 4096),
                                 (self.stand.purgatory, pa[self.stand.purgatory], 1 << 16)):
            if base is not None and base <= address < base + size:
                return blob, address - base
        return "crash" if self.scene.start == CRASH else "call", (address - pa["call"]) % (1 << 64)

    # ---- faults ----

    def plant(self, pc, kind):
        """Injects the fault at the instruction that is next. False: the CPU would hold it back, or has none."""
        stand = self.stand
        if kind == "async":
            return {"x86_64": self.nmi, "aarch64": self.serror, "riscv64": self.interrupt}[self.arch](pc)
        load, register = LOAD[self.arch]
        where = NOWHERE
        if self.narrow():
            (load, register), where = LOAD_32, NOWHERE_32
            if kind == "access" and "Unmapped" not in stand.watched.monitor(f"gva2gpa {where:#x}"):
                return False
        code = load if kind == "access" else ILLEGAL[self.arch]
        was = stand.read(pc, len(code))
        pa = int(stand.watched.monitor(f"gva2gpa {pc:#x}").split()[-1], 16)    # riscv64's firmware has other addresses
        stand.write(pc, code)
        if kind == "access":
            stand.set(register, where)
        # Into the vector, and to its first instruction where firmware comes before, which looks at the code
        vector = stand.register("stvec") & ~3 if self.arch == "riscv64" else pc
        if vector != pc:
            stand.pass_to(vector)
        else:
            stand.step()
        stand.write_physical(pa, was)   # what it needs may be this very code
        return True

    def narrow(self):
        """Is the CPU in 32-bit mode?"""
        return self.arch == "x86_64" and "CS32" in self.stand.watched.monitor("info registers")

    def nmi(self, _):
        self.stand.fresh = False
        self.stand.watched.monitor("nmi")
        return True

    def interrupt(self, pc):
        """Priv "Supervisor Trap Vector Base Address Register", "Supervisor Status Register"."""
        stand = self.stand
        status = stand.register("sstatus")
        stand.set("sepc", pc)
        stand.set("scause", 1 << 63 | 1)
        stand.set("stval", 0)
        stand.set("sstatus", status & ~0x22 | 0x100 | (status & 2) << 4)
        stand.set("pc", stand.register("stvec") & ~3)
        return True

    def serror(self, pc):
        """Arm "AArch64.TakeException". Not where PSTATE.A is set."""
        stand = self.stand
        pstate = stand.register("cpsr")
        if pstate & 0x100:
            return False
        el2, x0 = 0x40000 if pstate & 8 else 0, stand.register("x0")

        def execute(code, value):
            stand.set("x0", value)
            stand.write(pc, code.to_bytes(4, "little"))
            stand.step()
            stand.set("pc", pc)
            return stand.register("x0")

        was = stand.read(pc, 4)
        vbar = execute(0xd538c000 | el2, 0)             # mrs x0, vbar_elN
        for code, value in ((0xd5185200, 0xbf000000), (0xd5184020, pc), (0xd5184000, pstate)):
            execute(code | el2, value)                  # msr esr, elr, spsr
        stand.write(pc, was)
        stand.set("x0", x0)
        stand.set("cpsr", pstate | 0x3c0, 4)
        stand.set("pc", vbar + (0x380 if pstate & 1 else 0x180))
        return True

    # ---- ends ----

    def inject(self, place, kind):
        """Returns End; silence is believed when it has lasted."""
        end = self.try_once(place, kind, TOLD_S)
        return self.try_once(place, kind, SILENT_S) if end.how == "silent" else end

    def try_once(self, place, kind, limit):
        stand = self.stand
        if place.window == NOT_OURS:
            return End(self.scene, place, kind, "window", NOT_OURS)     # they may well end QEMU
        if not stand.go_to(place.address, SLOW_S):
            return End(self.scene, place, kind, MISSED)
        if not self.plant(place.address, kind):
            return End(self.scene, place, kind, "masked")
        stopped = stand.run(WINDOW_S if place.window else limit)
        how, line = self.judge(place, kind, stopped, stand.console())
        if how in ("silent", "went on") and place.window:
            how, line = "window", place.window
        return End(self.scene, place, kind, how, line)

    def judge(self, place, kind, stopped, console):
        """How it ended, and the line."""
        back = self.dry and stopped in self.arrived and DRY.search(console)
        on = stopped == self.end and words(console) == words(self.natural)
        if place.second and not (self.dry and on):
            return ("told" if back or self.obeyed("halt" if self.dry else self.scene.policy, stopped)
                    else "silent"), console[-300:]
        if self.scene.mute:
            return self.recorded(place, kind, stopped)
        line = LINE.search(console)
        if not line and on:
            return "went on", ""
        if back:
            here = kind == "async" or self.names(self.stand.page, int(back[2], 16), place)
            return ("told" if here else "elsewhere"), back[0]
        if not line or not re.fullmatch(STAGES[place.blob] + "|jump", line[2]):
            return "silent", f"{stopped and hex(stopped)} {console[-300:]}"
        policy = self.scene.policy
        if not line[1] and policy != "reset":
            policy = "halt"     # the control page has no other
        if not re.search(POLICIES[policy], console) or not self.obeyed(policy, stopped):
            return "silent", f"{stopped and hex(stopped)} {console[-300:]}"
        blob = self.stand.purgatory if line[1] else self.stand.page
        here = kind == "async" or self.names(blob, int(line[4], 16), place)
        return ("told" if here else "elsewhere"), line[0]

    def obeyed(self, policy, stopped):
        return stopped in {"halt": self.waits, "reset": {RESET[self.arch]}}.get(policy, self.arrived)

    def recorded(self, place, kind, stopped):
        """By the status record: the fault, and the instruction."""
        record = self.stand.watched.memory(self.record, 64)
        pc = int.from_bytes(record[0x10:0x18], "little")
        if record[6] != FAULT_CPU or stopped not in self.waits:
            return "silent", record.hex()
        blob = self.stand.page if pc >> 63 else "purgatory"
        return ("told" if kind == "async" or self.names(blob, pc, place) else "elsewhere"), record.hex()

    def names(self, blob, offset, place):
        """Is it this very instruction?"""
        stand = self.stand
        bases = [stand.pa[blob]] + ([stand.page_va] if blob == stand.page else [])
        return any((base + offset - place.address) % (1 << 64) == 0 for base in bases)


def words(console):
    """What was said, without numbers, how it goes on, and by what it hashes."""
    return re.sub(r"\d+|SHA-256 .*|.*: hashed .*\n", "", console)


class Tally:
    """What has been executed, and what came of each injection there."""

    def __init__(self, arch, step=1, kinds=KINDS):
        self.arch, self.step, self.kinds = arch, step, kinds
        self.ends, self.done, self.code, self.symbols = [], set(), {}, {}

    def run(self, chosen, say=lambda words: None):
        """All of these scenes; those that can share a machine do."""
        for machine in dict.fromkeys(scene.machine for scene in chosen):
            mine = [scene for scene in chosen if scene.machine == machine]
            with stand_for(self.arch, mine[0]) as stand:
                for scene in mine:
                    say(self.play(scene, stand))
        return self

    def play(self, scene, stand):
        """Injects at every step-th instruction that no scene before has had. Returns it in words."""
        injector = Injector(scene, stand)
        injector.prepare()
        places = injector.places()
        for blob, known in injector.known.items():
            self.code.setdefault(blob, sorted(known))
            self.symbols.setdefault(blob, {name: at for name, at in stand.code[blob].symbols.items()
                                           if blob != "crash" or at in known})
        keys = {place: (place.blob, place.at, place.address == stand.pa[place.blob] + place.at,
                        place.second and scene.start == GUARDED, place.second,
                        scene.start in (RETURN, CRASH) and scene.start)
                for place in places}
        new = [place for place in places if keys[place] not in self.done]
        self.done |= set(keys.values())
        chosen = {*new[::self.step], *(places[::scene.sample * self.step] if scene.sample else ()),
                  *(place for place in new if scene.blobs == WITH_CRASH and place.blob in PAGE
                    or self.symbol(place.blob, place.at) in WHOLE)}
        # In their order: the machine is remembered on the way
        found = [injector.inject(place, kind) for place in places if place in chosen
                 for kind in self.kinds if kind in scene.kinds]
        self.done -= {keys[end.place] for end in found if end.how == MISSED}
        found = [end for end in found if end.how != MISSED]
        self.ends += found
        counts = Counter(end.how for end in found)
        return (f"{scene.name}: {len(new)} of {len(places)} instructions are new: "
                + ", ".join(f"{counts[how]} {how}" for how in HOW if counts[how]))

    def symbol(self, blob, at):
        return max((start, name) for name, start in self.symbols[blob].items() if start <= at)[1]

    def reached(self, blob):
        return {at for name, at, *_ in self.done if name == blob}

    def never(self):
        """{blob: {symbol: how many instructions no scene has executed}}"""
        return {blob: Counter(self.symbol(blob, at) for at in code if at not in self.reached(blob))
                for blob, code in self.code.items()}

    def table(self):
        """By symbol: instructions, how many were reached, and what came of it; then by kind."""
        yield f"{self.arch:<36}{'instrs':>8}{'reached':>8}" + "".join(f"{how:>10}" for how in HOW)
        for blob, code in self.code.items():
            for name in dict.fromkeys(self.symbol(blob, at) for at in code):
                mine = {at for at in code if self.symbol(blob, at) == name}
                counts = Counter(end.how for end in self.ends if end.place.blob == blob and end.place.at in mine)
                yield (f"{blob:<10}{name:<26}{len(mine):>8}{len(self.reached(blob) & mine):>8}"
                       + "".join(f"{counts[how] or '':>10}" for how in HOW))
        for blob in self.code:
            for kind in self.kinds:
                counts = Counter(end.how for end in self.ends if (end.place.blob, end.kind) == (blob, kind))
                yield f"{blob:<10}{kind:<42}" + "".join(f"{counts[how]:>10}" for how in HOW)

    def windows(self):
        """{(why, blob, symbol): how many instructions}, where libkx's vectors are not in force."""
        found = {(end.line, end.place.blob, end.place.at) for end in self.ends if end.how == "window"}
        return Counter((why, blob, self.symbol(blob, at)) for why, blob, at in sorted(found))

    def summary(self):
        """One line, for who collects such."""
        parts = []
        for blob in self.code:
            counts = Counter(end.how for end in self.ends if end.place.blob == blob)
            told = counts["told"] + counts["elsewhere"]
            parts.append(f"{blob} {told}/{told + counts['silent']} told")
        counts = Counter(end.how for end in self.ends)
        parts += [f"{how} {counts[how]}" for how in ("went on", "masked", "window")]
        never = sum(sum(names.values()) for names in self.never().values())
        return f"inject: {self.arch}: {', '.join(parts)}, never reached {never}, silent {counts['silent']}"

    def report(self):
        """All of it, as lines."""
        yield from self.table()
        for (why, blob, name), count in self.windows().items():
            yield f"window: {why}: {count} of {blob} {name}"
        for blob, names in self.never().items():
            if names:
                yield f"never reached: {blob}: " + ", ".join(f"{name} {count}" for name, count in names.items())
        for end in self.ends:
            if end.how in ("elsewhere", "silent"):
                yield (f"{end.how}: {end.scene.name}: {end.place.blob}+{end.place.at:#x} "
                       f"{self.symbol(end.place.blob, end.place.at)} {end.kind}: {end.line!r}")
        yield self.summary()


@contextmanager
def stand_for(arch, scene):
    """The machine of a scene."""
    row = hop.named(arch, scene.way)
    if scene.cpu:
        row = hop.Row(arch, scene.cpu, row.options, {"cpu": scene.cpu, "prefix": fetch.qemu10()})
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        if scene.start == WRAPPED:
            with Wrapped(row, folder, scene.symbols) as stand:
                yield stand
            return
        kernel = hop.BUILD / arch / scene.kernel
        if scene.kernel == "narrow":
            kernel = folder / "narrow"
            data = bytearray((hop.BUILD / arch / "kx-payload.bin").read_bytes())
            data[0x236] &= ~0x20    # XLF_5LEVEL
            kernel.write_bytes(data)
        with Stand(row, folder, kernel, scene.words, scene.fallback) as stand:
            yield stand


def main():
    p = argparse.ArgumentParser(description="Inject faults at every instruction; print what came of it.",
                                epilog="exit status: 1 if an end was silent")
    p.add_argument("--arch", required=True, choices=sorted(PC))
    p.add_argument("--step", type=int, default=1, help="at every n-th instruction (default: 1)")
    p.add_argument("--way", help="a row of hop.py's ROWS, there and back, and nothing else")
    p.add_argument("--scene", action="append", help="these alone")
    args = p.parse_args()
    try:
        hop.named(args.arch, args.way)
    except ValueError as e:
        p.error(e)
    chosen = there_and_back(args.way) if args.way else [
        scene for scene in scenes(args.arch) if not args.scene or scene.name in args.scene]
    if not chosen:
        p.error(f"no such scene; there are: {', '.join(scene.name for scene in scenes(args.arch))}")
    tally = Tally(args.arch, args.step).run(chosen, lambda words: print(words, flush=True))
    print(*tally.report(), sep="\n")
    sys.exit(any(end.how == "silent" for end in tally.ends))


if __name__ == "__main__":
    with ending.in_good_order("inject"):
        main()
