# SPDX-License-Identifier: BSD-2-Clause
"""The flat blob in QEMU, entered with the CPU in a bad state: hashes, verdicts, policies, faults.

Called by: pytest. purgatory/<arch>.S stands before and behind it; QEMU's loader puts the regions.
"""
from dataclasses import dataclass
import os
import random
import re
import subprocess

import pytest

from conftest import qemu10
import hop
import purgatory
import qemu
import sequence
import timeline
import tracer

DATA = {"riscv64": 0x84000000, "aarch64": 0x52000000, "x86_64": 0x4000000}
HZ = {"riscv64": 10_000_000, "aarch64": 0, "x86_64": 0}


@dataclass(frozen=True)
class Cpu:
    """A CPU, and how purgatory hashes on it. QEMU 7.2 has neither SHA-NI nor RISC-V's vector hash."""
    arch: str
    name: str
    how: str = "by instructions"
    qemu10: bool = False

    def __str__(self):
        return self.name.replace(",", "-")


CPUS = [
    Cpu("riscv64", "rv64", "in C"), Cpu("riscv64", "rv64,zknh=true"),
    *(Cpu("riscv64", f"rv64,v=true,{extension}=true,vlen={bits}", "by vectors", True)
      for extension, bits in (("zvknha", 128), ("zvknhb", 256), ("zvknha", 512))),
    Cpu("riscv64", "rv64,v=true,vlen=256", "in C", True),
    Cpu("aarch64", "cortex-a57,vfp=off,neon=off", "in C"), Cpu("aarch64", "cortex-a57"),
    Cpu("aarch64", "max"),
    Cpu("x86_64", "max,-sha-ni", "in C"), Cpu("x86_64", "qemu64", "in C"),
    Cpu("x86_64", "max", "by instructions", True),
]
every_cpu = pytest.mark.parametrize("way", CPUS, ids=str)
LANDED = r"^KX-LANDED 123400$"      # args, vector state put back, translation off


@pytest.fixture
def stand(arch, build, need, tmp_path):
    """stand(**changes to Info): the console after a run. defines: for the stub."""
    need(f"qemu-system-{arch}", purgatory.GCC[arch])
    blob = build(f"kx-purgatory-{arch}.bin").read_bytes()
    draw = random.Random(arch)
    regions = [(DATA[arch], draw.randbytes(3 << 20)), (DATA[arch] + 0x401040, draw.randbytes(12345)),
               (DATA[arch] + 0x7ff000, draw.randbytes(4096))]

    def go(cpu=None, damage=None, machine=None, parts=regions, defines=None, loaded=None, log=(),
           **changes):
        stub = purgatory.Stub(arch, tmp_path, **(defines or {}))
        landing = stub.landing()
        machine = dict(machine or {})
        if isinstance(cpu, Cpu):
            if cpu.qemu10:
                machine["prefix"] = qemu10()
            cpu = cpu.name
        info = purgatory.Info(arch, [landing, *parts], landing[0], (1, 2, 3, 4), hz=HZ[arch],
                              fallback=landing[0], fallback_args=(5, 6, 7, 8))
        for name, value in changes.items():
            setattr(info, name, value)
        # Behind its file purgatory's memory holds anything.
        (tmp_path / "blob").write_bytes(info.fill(blob) + b"\xa5" * (len(blob) % 4096 + 8192))
        extra = ["-device", f"loader,file={tmp_path}/blob,addr={purgatory.BLOB[arch]:#x},force-raw=on"]
        for i, (pa, data) in enumerate(parts):
            data = bytearray(data)
            if damage and damage[0] == i + 1:
                data[damage[1]] ^= 1
            (tmp_path / f"region{i}").write_bytes(data)
            extra += ["-device", f"loader,file={tmp_path}/region{i},addr={pa:#x},force-raw=on"]
        for pa, data in (loaded or {}).items():
            (tmp_path / f"at{pa:x}").write_bytes(data)
            extra += ["-device", f"loader,file={tmp_path}/at{pa:x},addr={pa:#x},force-raw=on"]
        result = qemu.run(qemu.Machine(arch, cpu=cpu, extra=[*extra, *log], **machine), stub.path,
                          timeout=120, until="^kx-purgatory: halted")
        assert not result.timed_out, result.console
        return result.console
    go.regions = regions
    return go


@every_cpu
def test_intact(way, stand):
    console = stand(cpu=way)
    assert re.search(f"^kx-purgatory: 4 regions, .* SHA-256 {way.how}$", console, re.M), console
    assert re.search(r"^kx-purgatory: the image is intact, seen in \d+ ms$", console, re.M), console
    assert re.search(LANDED, console, re.M), console


# Messages of FIPS 180-4's examples
EXAMPLES = [b"abc", b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
            b"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", b"a" * 1000000]
LENGTHS = [1, 63, 64, 65, 119, 120, 127, 128]   # and some that are drawn


FLAGS = {"x86_64": [0, purgatory.HALVES]}   # beside EACH_REGION: where two are hashed at once


@every_cpu
def test_digests(way, arch, stand):
    """Each a region of its own, at an odd address or an even one; Python says what each must be."""
    draw = random.Random(str(way))
    messages = EXAMPLES + [draw.randbytes(n) for n in LENGTHS + draw.choices(range(1 << 17), k=3)]
    parts = [(DATA[arch] + (i << 20) + draw.choice([0, 1, 8, 4091]), message)
             for i, message in enumerate(messages)]
    assert len(parts) == purgatory.REGIONS - 1
    for flags in FLAGS.get(arch, [0]):
        console = stand(cpu=way, parts=parts, flags=purgatory.EACH_REGION | flags)
        assert f"SHA-256 {way.how}\n" in console and re.search(LANDED, console, re.M), console


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("tables", [0, 1], ids=["off", "mmu"])
@pytest.mark.parametrize("el2, e2h, cpu", [(False, 0, "cortex-a57"), (True, 0, "cortex-a57"),
                                           (True, 0, "max"), (True, 1, "max"), (True, 1, "neoverse-n1")])
def test_levels(stand, el2, e2h, cpu, tables):
    """At EL1, at EL2 and at EL2 as a host with the Virtualization Host Extensions has it; entered with
    translation and caches off, and on over another's tables."""
    console = stand(cpu=cpu, machine={"virtualization": el2}, defines={"E2H": e2h, "TABLES": tables})
    assert "SHA-256 by instructions\n" in console and re.search(LANDED, console, re.M), console
    console = stand(cpu=cpu, machine={"virtualization": el2}, damage=(3, 4095),
                    defines={"E2H": e2h, "TABLES": tables})
    assert "kx-purgatory: halted" in console and "KX-LANDED" not in console


@pytest.mark.parametrize("region, at", [(1, 0), (1, (3 << 20) - 1), (2, 12344), (3, 2048)])
def test_damage_is_named(stand, arch, region, at):
    console = stand(damage=(region, at), flags=purgatory.EACH_REGION | FLAGS.get(arch, [0])[-1])
    pa, data = stand.regions[region - 1]
    assert "kx: purgatory: digest: " in console and "KX-LANDED" not in console
    assert re.findall(r"^kx-purgatory: region (.*)$", console, re.M) == [
        f"{region}, {len(data)} bytes at {pa:#x}"]
    assert "kx-purgatory: halted" in console


def blocks_hashed(elf, log, name):
    """How often the loop over blocks in a function was run, by QEMU's log: the function's first
    instruction, and where the last jump before its return leads."""
    code = sequence.Code("x86_64", elf)
    first = code.symbols[name]
    until = next(at for at in code.order if at > first and code.text[at] == "ret")
    last = max(at for at in code.order if at < until and code.text[at].startswith("jne"))
    heads = {first, int(code.text[last].split()[1], 16)}
    base = purgatory.BLOB["x86_64"]
    return sum(pc - base in heads for pc in tracer.pcs(log.read_text()))


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("flags", [0, purgatory.HALVES], ids=["plain", "halves"])
def test_two_at_once(stand, build, flags, tmp_path):
    """By a trace: all blocks of both halves go through the loop for two; and of a plain digest, none."""
    size = 1 << 18
    parts = [(DATA["x86_64"], random.Random(size).randbytes(size))]
    log = tmp_path / "log"
    around = f"{purgatory.BLOB['x86_64']:#x}+{0x4000:#x}"
    console = stand(cpu=CPUS[-1], parts=parts, flags=purgatory.EACH_REGION | flags,
                    log=["-d", "exec,nochain", "-D", log, "-dfilter", around])
    assert re.search(LANDED, console, re.M), console
    landing = int(re.search(r"regions, (\d+) bytes", console)[1]) - size
    elf = build("kx-purgatory.elf")
    paired, single = (blocks_hashed(elf, log, f"kx_sha256_{way}_") for way in ("pair", "cpu"))
    calls = 2       # each may count as one more, where the loop does not begin with the function
    assert 0 <= paired - (size // 128 + landing // 128 if flags else 0) <= (calls if flags else 0)
    assert single < 16 if flags else single >= size // 64


@pytest.mark.only("x86_64")
def test_mixed_halves_are_seen(stand, build):
    """Negative control: the loop for two is given either half's data for the other's hash, by a byte in each of
    two instructions. Every digest is wrong then."""
    code = sequence.Code("x86_64", build("kx-purgatory.elf"))
    begin = code.order.index(code.symbols["kx_sha256_pair_"])
    loads = {code.text[at]: at for at in code.order[begin:begin + 24]}
    patch = {loads[text] + at - purgatory.OFFSET: bytes([other])
             for text, at, other in (("movdqu (%rsi),%xmm3", 3, 0x1a), ("movdqu (%rdx),%xmm10", 4, 0x16))}
    console = stand(cpu=CPUS[-1], flags=purgatory.EACH_REGION | purgatory.HALVES, patch=patch)
    assert re.findall(r"^kx-purgatory: region (\d+),", console, re.M) == ["0", "1", "2", "3"], console
    assert "KX-LANDED" not in console


@every_cpu
def test_one_digest(way, stand):
    console = stand(cpu=way, damage=(2, 7))
    assert f"SHA-256 {way.how}\n" in console
    assert len(re.findall(r"^kx-purgatory: region \d", console, re.M)) == 4
    expected, actual = (re.search(f"^kx-purgatory: {word} +(\\w{{64}})$", console, re.M)[1]
                        for word in ("expected", "actual"))
    assert expected != actual


def test_fallback(stand):
    console = stand(damage=(1, 99), policy=purgatory.FALLBACK)
    assert re.search(r"^KX-LANDED 567800$", console, re.M), console


def test_reset(stand, arch):
    """QEMU ends, because it runs with -no-reboot."""
    console = stand(damage=(1, 99), policy=purgatory.RESET)
    assert console.rstrip().endswith("kx-purgatory: reset"), console


def test_skip(stand):
    console = stand(damage=(1, 99), flags=purgatory.SKIP_CHECKS)
    assert "checks skipped" in console and re.search(LANDED, console, re.M)


def test_refusals(stand, arch):
    for patch, name in (({0: b"XXXX"}, "info-magic"), ({4: b"\1"}, "info-version"),
                        ({0x14: b"\7"}, "info-policy"), ({0x18: b"\x11"}, "info-count"),
                        ({0x108: b"\xff" * 8}, "region-wraps"),
                        ({0x100: purgatory.BLOB[arch].to_bytes(8, "little")}, "region-self")):
        console = stand(patch=patch)
        assert f"kx: purgatory: {name}: " in console, console
        assert "kx-purgatory: halted" in console and "KX-LANDED" not in console


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("cpu", ["cortex-a57", "max"])
def test_out_of_reach(stand, cpu):
    """Its tables have 48 bits: what lies beyond is refused by name, and not touched before, whatever the CPU can
    address. A console there is not spoken on, but the policy holds."""
    beyond = (1 << 48).to_bytes(8, "little")
    for at, name in ((0x40, "info-entry"), (0xf0, "info-range"), (0xa8, "info-range"), (0x110, "region-range")):
        console = stand(cpu=cpu, patch={at: beyond})
        assert f"kx: purgatory: {name}: " in console and "fault" not in console, console
        assert "kx-purgatory: halted" in console and "KX-LANDED" not in console
    console = stand(cpu=cpu, patch={0x30: beyond}, policy=purgatory.FALLBACK)
    assert re.search(r"^KX-LANDED 567800$", console, re.M) and "kx" not in console, console


# Where nothing answers: on x86_64 not mapped, on aarch64 a hole below PCI's windows
NOWHERE = {"riscv64": 0x1000000, "aarch64": 0x3f000000, "x86_64": 1 << 40}


def test_fault_is_told(stand, arch):
    """A region where nothing answers: the CPU's exception comes out as a line, with the registers and in
    the status record, and the policy holds."""
    record = DATA[arch] + (32 << 20)
    begun = bytearray(b"KXST\1") + bytes(59)
    patch = {0x100 + 16: NOWHERE[arch].to_bytes(8, "little"), 0xf0: record.to_bytes(8, "little")}
    with timeline.memory() as ram:
        console = stand(patch=patch, machine={"ram": ram}, loaded={record: begun})
        left = os.pread(ram, timeline.RECORD, record - hop.RAM[arch])
    assert re.search(r"^kx: purgatory: fault: verify cause=0x\w+ pc=purgatory\+0x\w+ at=0x\w+ "
                     r"region=0x1$", console, re.M), console
    assert len(re.findall(r"\bx\d+=0x\w+", console)) == {"riscv64": 31, "aarch64": 32,
                                                        "x86_64": 16}[arch]
    said = subprocess.run([timeline.KX_STATUS], input=left, capture_output=True, check=False)
    pc, at = re.search(r"pc=purgatory\+(\w+) at=(\w+)", console).groups()
    assert said.returncode == 1
    assert f", at purgatory+{pc}, address {at}, region 1\n" in said.stdout.decode()
    assert "kx-purgatory: halted" in console


def test_fallback_after_a_fault(stand, arch):
    """The vector registers are in use when a region cannot be read: the image in its place finds their state as
    it was all the same."""
    console = stand(patch={0x100 + 16: NOWHERE[arch].to_bytes(8, "little")}, policy=purgatory.FALLBACK)
    assert "kx: purgatory: fault: verify" in console
    assert re.search(r"^KX-LANDED 567800$", console, re.M), console
