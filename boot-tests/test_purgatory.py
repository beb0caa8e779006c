# SPDX-License-Identifier: BSD-2-Clause
"""The flat blob in QEMU, entered with the CPU in a bad state: hashes, verdicts, policies, faults.

Called by: pytest. purgatory/<arch>.S stands before and behind it; QEMU's loader puts the regions.
"""
from pathlib import Path
import random
import re
import subprocess

import pytest
from elftools.elf.elffile import ELFFile

import purgatory
import qemu

TOP = Path(__file__).resolve().parent.parent
LINK = {"riscv64": 0x80200000, "aarch64": 0x40200000, "x86_64": 0x1000000}  # of the stub
BLOB = {"riscv64": 0x82000000, "aarch64": 0x50000000, "x86_64": 0x2000000}
DATA = {"riscv64": 0x84000000, "aarch64": 0x52000000, "x86_64": 0x4000000}
HZ = {"riscv64": 10_000_000, "aarch64": 0, "x86_64": 0}
GCC = {"x86_64": "x86_64-linux-gnu-gcc", "aarch64": "aarch64-linux-gnu-gcc",
       "riscv64": "riscv64-linux-gnu-gcc"}
# CPUs with and without the instructions. x86_64: QEMU 7.2 has no SHA-NI.
CPUS = {"riscv64": [("rv64", "in C"), ("rv64,zknh=true", "by instructions")],
        "aarch64": [("cortex-a57", "by instructions"), ("max", "by instructions")],
        "x86_64": [("max", "in C"), ("qemu64", "in C")]}
LANDED = r"^KX-LANDED 123400$"      # args, vector state put back, translation off


@pytest.fixture
def stand(arch, build, need, tmp_path):
    """stand(**changes to Info): the console after a run."""
    need(f"qemu-system-{arch}", GCC[arch])
    stub = tmp_path / "stub.elf"
    subprocess.run([GCC[arch], "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none",
                    "-Wl,-z,noexecstack", "-Wl,--nmagic", f"-Wl,-Ttext={LINK[arch]:#x}", "-o", stub,
                    TOP / f"boot-tests/purgatory/{arch}.S"], check=True, timeout=60)
    elf = ELFFile(open(stub, "rb"))
    symbols = {s.name: s["st_value"] for s in elf.get_section_by_name(".symtab").iter_symbols()}
    text = elf.get_section_by_name(".text")
    start = symbols["landing"] - text["sh_addr"]
    landing = text.data()[start:symbols["landing_end"] - text["sh_addr"]]
    blob = build(f"kx-purgatory-{arch}.bin").read_bytes()
    draw = random.Random(arch)
    regions = [(symbols["landing"], landing), (DATA[arch], draw.randbytes(3 << 20)),
               (DATA[arch] + 0x401040, draw.randbytes(12345)),
               (DATA[arch] + 0x7ff000, draw.randbytes(4096))]

    def go(cpu=None, damage=None, machine=None, junk=b"", timeout=20, more=(), **changes):
        args = [str(word) for word in (cpu and ["-cpu", cpu] or [])]
        info = purgatory.Info(arch, regions, symbols["landing"], (1, 2, 3, 4), hz=HZ[arch],
                              fallback=symbols["landing"], fallback_args=(5, 6, 7, 8))
        for name, value in changes.items():
            setattr(info, name, value)
        # Behind its file purgatory's memory holds anything.
        (tmp_path / "blob").write_bytes(info.fill(blob) + b"\xa5" * (len(blob) % 4096 + 8192))
        extra = ["-device", f"loader,file={tmp_path}/blob,addr={BLOB[arch]:#x},force-raw=on"]
        for i, (pa, data) in enumerate(regions[1:]):
            data = bytearray(data)
            if damage and damage[0] == i + 1:
                data[damage[1]] ^= 1
            (tmp_path / f"region{i}").write_bytes(data)
            extra += ["-device", f"loader,file={tmp_path}/region{i},addr={pa:#x},force-raw=on"]
        result = qemu.run(qemu.Machine(arch, cpu=cpu, extra=extra, **(machine or {})), stub,
                          timeout=timeout, until="^kx-purgatory: halted", **dict(more))
        assert not result.timed_out, result.console
        return result.console
    go.regions = regions
    return go


@pytest.mark.parametrize("cpu", [0, 1])
@pytest.mark.parametrize("flags", [0, purgatory.EACH_REGION], ids=["one", "each"])
def test_intact(arch, stand, cpu, flags):
    name, how = CPUS[arch][cpu]
    console = stand(cpu=name, flags=flags)
    assert re.search(f"^kx-purgatory: 4 regions, .* SHA-256 {how}$", console, re.M), console
    assert re.search(r"^kx-purgatory: the image is intact, seen in \d+ ms$", console, re.M), console
    assert re.search(LANDED, console, re.M), console


@pytest.mark.parametrize("cpu", ["cortex-a57", "max"])
def test_el2(stand, arch, cpu):
    """At EL2; `max` has the Virtualization Host Extensions, which the stub leaves off."""
    if arch != "aarch64":
        pytest.skip("aarch64 only")
    console = stand(cpu=cpu, machine={"virtualization": True})
    assert re.search(LANDED, console, re.M), console


@pytest.mark.parametrize("region, at", [(1, 0), (1, (3 << 20) - 1), (2, 12344), (3, 2048)])
def test_damage_is_named(stand, region, at):
    console = stand(damage=(region, at), flags=purgatory.EACH_REGION)
    pa, data = stand.regions[region]
    assert "kx: purgatory: digest: " in console and "KX-LANDED" not in console
    assert re.findall(r"^kx-purgatory: region (.*)$", console, re.M) == [
        f"{region}, {len(data)} bytes at {pa:#x}"]
    assert "kx-purgatory: halted" in console


def test_one_digest(stand):
    console = stand(damage=(2, 7))
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
    for patch, name in (({0: b"XXXX"}, "info-magic"), ({4: b"\2"}, "info-version"),
                        ({0x14: b"\7"}, "info-policy"), ({0x18: b"\x11"}, "info-count"),
                        ({0x108: b"\xff" * 8}, "region-wraps"),
                        ({0x100: BLOB[arch].to_bytes(8, "little")}, "region-self")):
        console = stand(patch=patch)
        assert f"kx: purgatory: {name}: " in console, console
        assert "kx-purgatory: halted" in console and "KX-LANDED" not in console


def test_fault_is_told(stand, arch):
    """A region where nothing answers: the CPU's exception comes out as a line, and the policy holds."""
    if arch == "x86_64":
        where = 1 << 40     # not mapped
    elif arch == "aarch64":
        where = 0x3f000000  # a hole below PCI's windows
    else:
        where = 0x1000000
    patch = {0x100 + 16: where.to_bytes(8, "little")}
    console = stand(patch=patch)
    assert re.search(r"^kx: purgatory: fault: cause=0x\w+ pc=purgatory\+0x\w+ at=0x\w+$", console,
                     re.M), console
    assert "kx-purgatory: halted" in console
