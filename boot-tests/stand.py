# SPDX-License-Identifier: BSD-2-Clause
"""A machine in QEMU that is put back, again and again, to where it was remembered.

Called by: inject.py. QEMU's snapshots put back CPU, devices and memory; its gdb stub stops at an
instruction, changes what is there, and steps; its log says which instructions have been executed.
"""
import re
import struct
import time

from elftools.elf.elffile import ELFFile

import hop
import outside
import purgatory
import qemu
from sequence import Code
from test_purgatory_ro import Loaded

MEMORY = "128M"
LOADED = {"riscv64": 0x80200000, "aarch64": 0x40200000}     # where QEMU puts the host
START, HERE = "start", "here"   # snapshots
PC = {"riscv64": "pc", "aarch64": "pc", "x86_64": "rip"}
# The first instruction of all; aarch64: the image goes elsewhere
RESET = {"riscv64": 0x1000, "aarch64": 0x40000000, "x86_64": 0xfff0}
ELSEWHERE = {"aarch64": " kx.base=0x42000000"}
PAGE = {"control": "kx-trampoline.elf", "probe": "kx-probe.elf"}


def empty_qcow2(path, size=1 << 30, cluster=1 << 16):
    """A disk for snapshots. QEMU "Qcow2 Image File Format": header, refcounts, an L1 table, no data."""
    header = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 0, 0, 16, size, 0, size >> 29,
                         3 * cluster, cluster, 1, 0, 0, 0, 0, 0, 4, 104)
    parts = header, struct.pack(">Q", 2 * cluster), struct.pack(">4H", 1, 1, 1, 1), b""
    path.write_bytes(b"".join(part.ljust(cluster, b"\0") for part in parts))


def symbol(path, name):
    with path.open("rb") as file:
        return ELFFile(file).get_section_by_name(".symtab").get_symbol_by_name(name)[0]["st_value"]


def read_code(arch, path):
    """The instructions of a linked file; of x86_64 some are of 32-bit mode."""
    code = Code(arch, path)
    low = code.symbols.get("kx_protected_")
    if not low:
        return code
    high = min(at for name, at in code.symbols.items() if at > low and name != "kx_levels_")
    narrow = Code(arch, path, "-Mi386", f"--start-address={low}", f"--stop-address={high}")
    code.text = {at: text for at, text in code.text.items() if not low <= at < high} | narrow.text
    code.order = sorted(code.text)
    return code


class Stand:
    """`with Stand(...) as stand`: a machine whose host is about to enter libkx."""

    def __init__(self, row, folder, kernel, words="", fallback=""):
        self.row, self.arch, self.folder = row, row.arch, folder
        self.stops, self.seen, self.snapshot, self.before = set(), 0, START, ""
        self.fresh, self.moved = False, True    # is all as it was remembered? Has it run since?
        self.build = hop.BUILD / row.arch
        image = hop.image(row, folder / "payload.itb", kernel, bootargs="kx.stay",
                          fallback=self.build / fallback if fallback else None)
        words += ELSEWHERE.get(row.arch, "")
        self.purgatory = "purgatory"
        self.page = "probe" if "kx.dry" in words else "control"     # what the control page holds
        self.page_va = self.entered_at(image, words)
        machine = qemu.Machine(row.arch, **{**row.machine, "memory": MEMORY, "reboot": True})
        self.watched = qemu.Watched(self.with_gdb(machine), folder, hop.host(row.arch), initrd=image,
                                    append=f"{row.options} {words}")
        self.code = {blob: read_code(row.arch, self.build / name) for blob, name in (
            (self.page, PAGE[self.page]), ("purgatory", "kx-purgatory.elf"))}
        self.code["call"] = Code(row.arch, self.build / "kx-host.elf", "--disassemble=kx_call_")
        if "kx.crash" in words:
            self.code["crash"] = Code(row.arch, self.build / "kx-host.elf")

    def with_gdb(self, machine):
        """Stopped before its first instruction, with a disk for snapshots."""
        empty_qcow2(self.folder / "snapshots")
        machine.extra = [*machine.extra, "-S", "-gdb", "chardev:gdb", "-chardev",
                         f"socket,path={self.folder}/gdb,server=on,wait=off,id=gdb", "-drive",
                         f"if=none,format=qcow2,file={self.folder}/snapshots"]
        return machine

    def entered_at(self, image, words):
        """Where the page is that kx_enter_ runs in: in the host's text, as it is linked, or as it says itself.
        It lies at the same place in every hop."""
        if not re.search(r"kx.paging=(bare|off|identity|lower)|kx.e2h=0", self.row.options):
            return symbol(self.build / "kx-host.elf", "kx_trampoline_page_")
        said = r"through the control page at .*, run at (0x\w+)"
        tried = hop.run(self.row, image, words, purgatory="regions", until=said + "$", memory=MEMORY)
        return int(re.search(said, tried.result.console)[1], 16)

    def __enter__(self):
        self.watched.__enter__()
        try:
            self.prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def prepare(self):
        self.connect()
        moved = self.page_va - symbol(self.build / "kx-host.elf", "kx_trampoline_page_")
        if re.search("kx.paging=(bare|off)", self.row.options):     # nothing is translated
            moved = LOADED[self.arch] - symbol(self.build / "kx-host.elf", "image_start")
        begin = self.page_va + self.code[self.page].symbols["kx_enter_"]
        if "crash" in self.code:
            begin = (moved + self.code["crash"].symbols["kx_crash_enter"]) % (1 << 64)
        self.gdb.run_to(begin, 1)
        found = {name: re.search(pattern, self.watched.console()) for name, pattern in (
            (self.page, r"through the control page at (0x\w+)"),
            ("purgatory", r"kx-host: purgatory: \d+ bytes to (0x\w+)"))}
        self.pa = {name: match and int(match[1], 16) for name, match in found.items()}
        self.pa["memory"] = 0
        self.pa["call"] = self.pa["crash"] = moved % (1 << 64)
        self.start_here()

    def connect(self):
        self.gdb = outside.Gdb(self.folder / "gdb")
        self.number = {name: number for number, name in reversed(self.gdb.names.items())}

    def start_here(self):
        self.one_by_one = "singlestep" if "singlestep" in self.watched.monitor("help singlestep") else (
            "one-insn-per-tb")
        assert self.watched.monitor(f"savevm {START}") == ""

    def host(self, name):
        """Where a function of the host is."""
        return (self.pa["call"] + symbol(self.build / "kx-host.elf", name)) % (1 << 64)

    def __exit__(self, *why):
        self.watched.__exit__(*why)

    # ---- the machine as a whole ----

    def begin(self):
        """Anew, to where the host enters libkx."""
        for address in self.stops:
            self.gdb.ask(f"z1,{address:x},4")
        self.stops, self.snapshot, self.fresh, self.before = set(), START, False, ""
        self.back()
        self.stop_at(RESET[self.arch] | (0xffff0000 if self.arch == "x86_64" else 0))

    def remember(self):
        assert self.watched.monitor(f"savevm {HERE}") == ""
        self.snapshot, self.fresh, self.before = HERE, True, ""

    def back(self):
        """To where it was remembered."""
        if not self.fresh:
            if not self.moved:
                self.step()     # or QEMU 7.2 does not survive
            self.watched.monitor(f"loadvm {self.snapshot}")
            self.moved = False
        self.fresh = True
        self.seen = self.watched.logs[0].stat().st_size

    def console(self):
        """What was printed since it was last put back; that on the way to there is part of it."""
        with self.watched.logs[0].open("rb") as log:
            log.seek(self.seen)
            return self.before + log.read().decode(errors="replace").replace("\r", "")

    def stop_at(self, *addresses):
        """Breakpoints that stay."""
        for address in set(addresses) - self.stops:
            assert self.gdb.ask(f"Z1,{address:x},4") == b"OK"
            self.stops.add(address)

    def run(self, limit):
        """Goes on until a breakpoint is met: its address. None: time is up."""
        self.fresh, self.moved = False, True
        self.gdb.socket.sendall(b"$c#63")
        until = time.monotonic() + limit
        while (left := until - time.monotonic()) > 0:
            if self.stopped(left):
                return self.register(PC[self.arch])
        self.gdb.socket.sendall(b"\x03")
        while not self.stopped(outside.LIMIT_S):
            pass
        return None

    def stopped(self, limit):
        """Has it, within this time?"""
        self.gdb.socket.settimeout(limit)
        try:
            self.gdb.rest += self.gdb.socket.recv(65536)
        except TimeoutError:
            return False
        finally:
            self.gdb.socket.settimeout(outside.LIMIT_S)
        if not re.search(rb"\$T(\w\w)[^#]*#..", self.gdb.rest):
            return False
        self.gdb.rest = b""
        self.gdb.socket.sendall(b"+")
        return True

    def step(self):
        self.fresh, self.moved = False, True
        self.gdb.go("s")

    def go_to(self, address, slow=None):
        """From where it was remembered on, until this instruction is next. Is it? If that takes longer than
        `slow` seconds it is remembered there."""
        self.back()
        start = time.monotonic()
        if self.register(PC[self.arch]) != address:
            if self.pass_to(address) != address:
                return False
        if slow and time.monotonic() - start > slow:
            said = self.console()
            self.remember()
            self.before = said
        return True

    def pass_to(self, address, limit=outside.LIMIT_S):
        """On to this instruction; returns where it has stopped, as run()."""
        if address in self.stops:
            return self.run(limit)
        self.gdb.ask(f"Z1,{address:x},4")   # QEMU would keep it twice
        stopped = self.run(limit)
        self.gdb.ask(f"z1,{address:x},4")
        return stopped

    def executed(self, limit=outside.LIMIT_S):
        """Addresses of all instructions that are executed from here to a breakpoint, in the order of
        their first time."""
        log = self.folder / "executed"
        self.back()
        for line in (f"logfile {log}", f"{self.one_by_one} on", "log in_asm"):  # each is a block, translated once
            self.watched.monitor(line)
        end = self.run(limit)
        self.watched.monitor("log none")
        self.watched.monitor(f"{self.one_by_one} off")
        self.watched.monitor(f"logfile {log}.off")
        assert end, self.console()
        found = re.findall(r"^IN:.*\n(?:Priv:.*\n)?0x([0-9a-f]+): ", log.read_text(errors="replace"), re.M)
        log.unlink()
        return list(dict.fromkeys(int(address, 16) for address in found)), end

    # ---- what is there where it stands ----

    def register(self, name):
        return int.from_bytes(bytes.fromhex(self.gdb.ask(f"p{self.number[name]:x}").decode()), "little")

    def set(self, name, value, size=8):
        answer = self.gdb.ask(f"P{self.number[name]:x}={value.to_bytes(size, 'little').hex()}")
        assert answer == b"OK", (name, answer)

    def read(self, address, size):
        return bytes.fromhex(self.gdb.ask(f"m{address:x},{size:x}").decode())

    def write(self, address, data):
        self.fresh = False
        assert self.gdb.ask(f"M{address:x},{len(data):x}:{data.hex()}") == b"OK"

    def write_physical(self, address, data):
        assert self.gdb.ask("Qqemu.PhyMemMode:1") == b"OK"
        self.write(address, data)
        assert self.gdb.ask("Qqemu.PhyMemMode:0") == b"OK"


ENTRY = {"riscv64": "riscv_kernel_entry", "aarch64": "arm64_kernel_entry", "x86_64": "entry64_regs"}


class Wrapped(Stand):
    """A machine that is about to enter purgatory.ro, its symbols set as kexec's loaders do that. There is no control
    page: what is said to be its place is nobody's."""

    def __init__(self, row, folder, symbols):
        self.row, self.arch, self.folder = row, row.arch, folder
        self.stops, self.seen, self.snapshot, self.before = set(), 0, START, ""
        self.fresh, self.moved = False, True
        self.build = hop.BUILD / row.arch
        self.purgatory, self.page, self.page_va = "wrapped", "control", 0
        self.code = {"control": read_code(row.arch, self.build / "kx-trampoline.elf"),
                     "wrapped": Code(row.arch, self.build / "purgatory-ro.elf")}
        stub = purgatory.Stub(row.arch, folder)
        self.entry, image = stub.landing()
        ro = Loaded(self.build / "purgatory.ro", row.arch, purgatory.BLOB[row.arch])
        ro.set("sha256_regions", struct.pack("<QQ", self.entry, len(image)).ljust(256, b"\0"))
        ro.set("sha256_digest", purgatory.sha256(image))
        ro.set(ENTRY[row.arch], struct.pack("<Q", self.entry).rjust(ro.symbol(ENTRY[row.arch])["st_size"], b"\0"))
        for name, value in symbols:
            ro.set(name, value.to_bytes(ro.symbol(name)["st_size"], "little"))
        (folder / "ro").write_bytes(ro.memory)
        machine = qemu.Machine(row.arch, memory="512M", reboot=True, extra=[
            "-device", f"loader,file={folder}/ro,addr={ro.base:#x},force-raw=on"])
        self.pa = {"wrapped": ro.base, "control": 0, "call": 0, "memory": 0}
        self.watched = qemu.Watched(self.with_gdb(machine), folder, stub.path)

    def prepare(self):
        self.connect()
        self.gdb.run_to(self.pa["wrapped"], 1)
        self.start_here()
