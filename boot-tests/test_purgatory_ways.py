# SPDX-License-Identifier: BSD-2-Clause
"""x86_64: purgatory.ro in QEMU: every way out of it, and what else kexec-tools' options ask of it.

Called by: pytest. The file is placed and its symbols are set as the loaders do that; purgatory/x86_64_ro.S
enters it. Where it goes lies a `hlt`, with all registers as purgatory left them: QEMU tells those, and what
memory and devices hold.
"""
import hashlib
import random
import re
import struct

import pytest

import purgatory
import qemu
from test_purgatory_ro import Loaded

pytestmark = pytest.mark.only("x86_64")

ORDERS, LOW = 0x3000000, 0x10000                # as in x86_64_ro.S
IMAGE = 0x4000000                               # a region that is verified, and begins with the `hlt`
HALT = b"\xf4\xeb\xfd"                          # hlt; jmp to it: in 16, 32 and 64 bits
STACK = 0x5000000                               # of whoever enters purgatory: the control page
DATA = HALT + random.Random(3).randbytes(30000)
NAMES64 = "rax rbx rcx rdx rsi rdi rsp rbp r8 r9 r10 r11 r12 r13 r14 r15".split()
KERNEL64 = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split()
NAMES32 = "eax ebx ecx edx esi edi esp ebp".split()


def values(names, bits):
    draw = random.Random(bits)
    return {name: draw.getrandbits(bits) | 1 for name in names}


def u64(value):
    return struct.pack("<Q", value)


def u32(*numbers):
    return struct.pack(f"<{len(numbers)}I", *numbers)


class Ro(Loaded):
    """purgatory.ro at its place, with a digest over IMAGE; `set` takes what is to be elsewhere."""

    def __init__(self, path, at, by_kernel=False):
        super().__init__(path, "x86_64", at)
        names = ("purgatory_sha_regions", "purgatory_sha256_digest") if by_kernel else (
            "sha256_regions", "sha256_digest")
        self.set(names[0], struct.pack("<QQ", IMAGE, len(DATA)).ljust(256, b"\0"))
        self.set(names[1], hashlib.sha256(DATA).digest())


class Machine(qemu.Watched):
    """A machine in which purgatory has been, or still is."""

    def registers(self):
        """By their names; segments as (selector, base, limit, flags)."""
        text = self.monitor("info registers")
        found = {name.lower(): int(value, 16)
                 for name, value in re.findall(r"\b([A-Z][A-Z0-9]+) *=([0-9a-f]{8,16})\b", text)}
        for name, words in re.findall(r"^([CDEFGS]S) =((?:[0-9a-f]+ ){3}[0-9a-f]+)", text, re.M):
            found[name.lower()] = tuple(int(word, 16) for word in words.split())
        found["halted"] = "HLT=1" in text
        return found

    def at_rest(self, linear):
        """The registers once the CPU has halted there."""
        def there():
            now = self.registers()
            at = now["cs"][1] + now.get("rip", now.get("eip"))
            return now["halted"] and at == linear + 1 and now
        return self.until(there)

    def port(self, port):
        return int(self.monitor(f"i /b {port:#x}").split("=")[1], 16)

    def indexed(self, port, index):
        self.monitor(f"o /b {port:#x} {index:#x}")
        return self.port(port + 1)

    def line(self, pattern, port=0):
        return self.until(lambda: re.search(pattern, self.console(port), re.M))


@pytest.fixture
def enter(build, need, tmp_path):
    """enter(ro, ...): a Machine, to be used with `with`, that enters purgatory."""
    need("qemu-system-x86_64", purgatory.GCC["x86_64"])
    stub = purgatory.Stub("x86_64", tmp_path, "x86_64_ro")

    def go(ro, parts=(), rsp=STACK + 4096, spoil=(0, 0), data=DATA, extra=(), ports=1, memory="512M"):
        orders = struct.pack("<QQQQ", ro.base, rsp, *spoil)
        argv = list(extra)
        for i, (at, what) in enumerate([(ro.base, ro.memory), (IMAGE, data), (ORDERS, orders), *parts]):
            if at < 1 << 20:
                at += ORDERS
            (tmp_path / f"part{i}").write_bytes(what)
            argv += ["-device", f"loader,file={tmp_path}/part{i},addr={at:#x},force-raw=on"]
        return Machine(qemu.Machine("x86_64", memory=memory, extra=argv), tmp_path, stub.path, ports)
    return go


@pytest.fixture
def purgatory_ro(build):
    def make(at=0x2000000, **kwargs):
        return Ro(build("purgatory.ro"), at, **kwargs)
    return make


def set64(ro, names=NAMES64, rip=IMAGE):
    regs = values(names, 64)
    ro.set("entry64_regs", b"".join(u64(regs[name]) for name in names) + u64(rip))
    return regs


@pytest.mark.parametrize("by_kernel, names", [(False, NAMES64), (True, KERNEL64)],
                         ids=["tools", "kernel"])
@pytest.mark.parametrize("at", [0x3000 + LOW, 0x2000000, 0x130000000], ids=hex)
def test_entry64(purgatory_ro, enter, at, by_kernel, names):
    """All registers, in the order of whoever loaded it; above 4 GiB too."""
    ro = purgatory_ro(at, by_kernel=by_kernel)
    regs = set64(ro, names)
    with enter(ro, memory="8G" if at > 1 << 32 else "512M") as machine:
        now = machine.at_rest(IMAGE)
        assert {name: now[name] for name in regs} == regs
        assert now["cr0"] >> 31 and now["efer"] & 0x400
        assert now["cs"][0] == 0x10 and now["ds"][0] == now["ss"][0] == 0x18
        assert by_kernel or "the image is intact" in machine.console()


@pytest.mark.parametrize("by_kernel", [False, True], ids=["tools", "kernel"])
def test_damage_stops_it(purgatory_ro, enter, by_kernel):
    """Negative control of all the others: one bit, and the image is not entered."""
    ro = purgatory_ro(by_kernel=by_kernel)
    set64(ro)
    ro.set("console_serial", b"\1")
    with enter(ro, data=DATA[:-1] + bytes([DATA[-1] ^ 4])) as machine:
        machine.line("^kx-purgatory: halted")
        assert "kx: purgatory: digest: " in machine.console()
        now = machine.until(lambda: (now := machine.registers())["halted"] and now)
        assert ro.base <= now["rip"] < ro.end


def test_skip_checks(purgatory_ro, enter):
    ro = purgatory_ro()
    regs = set64(ro)
    ro.set("skip_checks", u32(1))
    with enter(ro, data=DATA[:-1] + bytes([DATA[-1] ^ 4])) as machine:
        assert machine.at_rest(IMAGE)["r9"] == regs["r9"]
        assert "checks skipped" in machine.console()


def test_entry32(purgatory_ro, enter):
    """Flat segments, paging off, and every register the image's."""
    ro = purgatory_ro()
    regs = values(NAMES32, 32)
    ro.set("entry32_regs", u32(*(regs[name] for name in NAMES32), IMAGE))
    with enter(ro) as machine:
        now = machine.at_rest(IMAGE)
        assert {name: now[name] for name in regs} == regs
        assert now["cr0"] & 0x8005000d == 1 and now["cr4"] == 0 and now["efer"] & 0x500 == 0
        flat = (0, 0xffffffff)
        assert now["cs"][0] == 0x10 and now["cs"][1:3] == flat
        for name in ("ds", "es", "ss", "fs", "gs"):
            assert now[name][0] == 0x18 and now[name][1:3] == flat, name


def test_entry32_beyond(purgatory_ro, enter):
    """Where 32 bits do not reach, it says so."""
    with enter(purgatory_ro(0x130000000), memory="8G") as machine:
        machine.line("^kx: purgatory: entry32: ")
        machine.line("^kx-purgatory: halted")


REAL = 0x30000      # real-mode image
SEGMENTS = dict(ds=0x1111, es=0x2222, ss=0x4000, fs=0x3333, gs=0x4444, ip=0x0123, cs=REAL >> 4)


def set16(ro, name, **changes):
    regs = {**values(NAMES32, 32), "esp": 0x8000, **SEGMENTS, **changes}
    words = [regs[key] for key in "ds es ss fs gs ip cs".split()]
    ro.set(name, u32(*(regs[key] for key in NAMES32)) + struct.pack("<8H", *words, 0))
    return regs


def assert_real(now, regs):
    assert now["cr0"] & 0x80000001 == 0 and now["efer"] & 0x500 == 0
    assert {name: now[name] for name in NAMES32} == {name: regs[name] for name in NAMES32}
    for name in ("ds", "es", "ss", "fs", "gs", "cs"):
        assert now[name][:2] == (regs[name], regs[name] << 4), name
    assert now["cs"][2] == 0xffff


@pytest.mark.parametrize("how", ["default", "entry16", "entry16_debug"])
def test_entry16(purgatory_ro, enter, how):
    ro = purgatory_ro(LOW)
    used = "entry16_debug_regs" if how == "entry16_debug" else "entry16_regs"
    other = "entry16_regs" if how == "entry16_debug" else "entry16_debug_regs"
    ro.set(other, bytes(48))
    regs = set16(ro, used)
    if how != "default":
        ro.set("entry32_regs", u32(*[0] * 8, ro.where(how)))
    with enter(ro, [(REAL + 0x123, HALT)]) as machine:
        assert_real(machine.at_rest(REAL + 0x123), regs)


def test_entry16_beyond(purgatory_ro, enter):
    ro = purgatory_ro()
    set16(ro, "entry16_regs")
    with enter(ro, [(REAL + 0x123, HALT)]) as machine:
        machine.line("^kx: purgatory: entry16: ")
        machine.line("^kx-purgatory: halted")


def test_entry16_debug_pre32(purgatory_ro, enter):
    """Called far by the kernel in real mode: interrupts off, and back it comes."""
    ro = purgatory_ro(LOW)
    regs = set16(ro, "entry16_debug_regs")
    ro.set("entry32_regs", u32(*[0] * 8, ro.where("entry16_debug")))
    hook = ro.where("entry16_debug_pre32")
    assert hook - LOW < 0x10000     # kexec-tools makes a far pointer of it
    call = b"\xfb\x9a" + struct.pack("<HH", hook - LOW, LOW >> 4)   # sti; lcall
    with enter(ro, [(REAL + 0x123, call + HALT)]) as machine:
        now = machine.at_rest(REAL + 0x123 + len(call))
        regs["eax"] = regs["eax"] & ~0xff | 0x80
        assert_real(now, regs)
        assert now["efl"] & 0x200 == 0


def test_entry16_debug_first32(purgatory_ro, enter):
    """Where the kernel's setup code goes in protected mode; from there to where it would have gone."""
    ro = purgatory_ro()
    regs = values(NAMES32, 32) | {"esp": STACK}
    ro.set("entry32_regs", u32(*(regs[name] for name in NAMES32), ro.where("entry16_debug_first32")))
    ro.set("entry16_debug_old_first32", u32(IMAGE))
    with enter(ro) as machine:
        now = machine.at_rest(IMAGE)
        assert {name: now[name] for name in NAMES32[1:]} == {name: regs[name] for name in NAMES32[1:]}


CMDLINE = 0x6000000
WORDS = b"console=ttyS0 quiet"
BACK = 0x123456789abcde


@pytest.mark.parametrize("rsp, parts, options, added", [
    (STACK + 4088, [(STACK + 4088, u64(BACK))], {}, True),
    (STACK + 4088, [(STACK + 4088, u64(0))], {}, False),
    (STACK + 4096, [(STACK + 4096, u64(BACK))], {}, False),
    (STACK + 4088, [(STACK + 4088, u64(BACK))], {"panic_kernel": b"\1"}, False),
    (STACK + 4088, [(STACK + 4088, u64(BACK))], {"cmdline_end": u64(0)}, False),
    ((64 << 30) - 8, [], {}, False),
    (STACK + 4085, [(STACK + 4085, u64(BACK))], {}, False),
], ids=["pushed", "zero", "page-end", "panic", "no-cmdline", "unmapped", "odd"])
def test_jump_back_entry(purgatory_ro, enter, rsp, parts, options, added):
    """On top of the old kernel's stack, unless that stands at the end of its page: see kexec.c."""
    ro = purgatory_ro()
    regs = set64(ro)
    ro.set("cmdline_end", u64(CMDLINE + len(WORDS)))
    for name, value in options.items():
        ro.set(name, value)
    with enter(ro, [(CMDLINE, WORDS.ljust(256, b"\0")), *parts], rsp) as machine:
        assert machine.at_rest(IMAGE)["rsi"] == regs["rsi"]
        line = machine.memory(CMDLINE, 256)
    assert line.rstrip(b"\0") == WORDS + (b" kexec_jump_back_entry=0x%016x" % BACK if added else b"")
    assert len(line.rstrip(b"\0")) - len(WORDS) < 64    # kexec-tools' PURGATORY_CMDLINE_SIZE


@pytest.mark.parametrize("panic", [1, 0])
def test_backup(purgatory_ro, enter, panic):
    """A crash kernel's: the first 640 KiB, or what else it was told, as the old kernel left them."""
    source, to, old = 0x8000000, 0x9000000, random.Random(4).randbytes(640 << 10)
    ro = purgatory_ro()
    set64(ro)
    for name, value in (("backup_src_start", source), ("backup_src_size", len(old)),
                        ("backup_start", to)):
        ro.set(name, u64(value))
    ro.set("panic_kernel", bytes([panic]))
    with enter(ro, [(source, old)]) as machine:
        machine.at_rest(IMAGE)
        assert machine.memory(to, len(old)) == (old if panic else bytes(len(old)))
        assert machine.memory(to + len(old), 16) == bytes(16)


VGA = [(0x3c4, 5), (0x3ce, 9), (0x3d4, 25)]


def vga_registers(machine):
    found = {"misc": machine.port(0x3cc)}
    for port, count in VGA:
        found |= {(port, i): machine.indexed(port, i) for i in range(count)}
    for i in range(21):
        machine.port(0x3da)
        machine.monitor(f"o /b 0x3c0 {i | 0x20:#x}")
        found[0x3c0, i] = machine.port(0x3c1)
    # Where the cursor stands; and "Color Don't Care", of which BIOSes do not, as text is not read so
    for place in (0x3d4, 14), (0x3d4, 15), (0x3ce, 7):
        del found[place]
    return found


def test_reset_vga(purgatory_ro, enter):
    """Every register as the VGA's own BIOS leaves it in text mode; and, not asked for, as it was."""
    seen = {}
    for name, spoil, reset in (("bios", 0, 0), ("spoilt", 1, 0), ("reset", 1, 1)):
        ro = purgatory_ro()
        set64(ro)
        ro.set("reset_vga", bytes([reset]))
        with enter(ro, spoil=(spoil, 0), extra=["-vga", "std"]) as machine:
            machine.at_rest(IMAGE)
            seen[name] = vga_registers(machine)
    assert seen["reset"] == seen["bios"]
    assert sum(seen["spoilt"][key] != seen["bios"][key] for key in seen["bios"]) > 50


def pic(machine):
    text = machine.monitor("info pic")
    return {number: (int(mask, 16), int(base, 16)) for number, mask, base in
            re.findall(r"pic(\d): irr=\w+ imr=(\w+) isr=\w+ hprio=\d irq_base=(\w+)", text)}


@pytest.mark.parametrize("reset", [1, 0])
def test_legacy_pic(purgatory_ro, enter, reset):
    ro = purgatory_ro()
    set64(ro)
    ro.set("legacy_pic", bytes([reset]))
    with enter(ro, spoil=(0, 1)) as machine:
        machine.at_rest(IMAGE)
        assert pic(machine) == ({"0": (0xb8, 0x08), "1": (0x8f, 0x70)} if reset else
                                {"0": (0xff, 0x30), "1": (0xff, 0x38)})


@pytest.mark.parametrize("vga", [1, 0])
def test_console_vga(purgatory_ro, enter, vga):
    ro = purgatory_ro()
    set64(ro)
    ro.set("console_vga", bytes([vga]))
    ro.set("console_serial", b"\0")
    with enter(ro, extra=["-vga", "std"]) as machine:
        machine.at_rest(IMAGE)
        screen = machine.memory(0xb8000, 4000)[::2].decode("cp437")
        lines = [screen[i:i + 80].rstrip() for i in range(0, 2000, 80)]
        assert not machine.console()
    assert any(line.startswith("kx-purgatory: the image is intact") for line in lines) == bool(vga)


@pytest.mark.parametrize("baud, divisor", [(9600, 12), (115200, 1), (0, None), (1 << 31, None)])
def test_serial(purgatory_ro, enter, baud, divisor):
    """At the port and the speed that are asked for; speed 0, and one that there is not: as it was."""
    seen = {}
    for asked in (baud, 0):
        ro = purgatory_ro()
        set64(ro)
        ro.set("serial_base", struct.pack("<H", 0x2f8))
        ro.set("serial_baud", u32(asked))
        with enter(ro, ports=2) as machine:
            machine.at_rest(IMAGE)
            assert "the image is intact" in machine.console(1) and not machine.console(0)
            control = machine.port(0x2fb)
            machine.monitor("o /b 0x2fb 0x83")
            seen[asked] = machine.port(0x2f8) | machine.port(0x2f9) << 8, control
    assert seen[baud] == ((divisor, 3) if divisor else seen[0])
