# SPDX-License-Identifier: BSD-2-Clause
"""CPU and devices at one instruction, seen from outside: by QEMU's gdb stub and its migration state.

Called by: test_outside.py, stand.py, and tests that stop a machine. Unlike a dump by the payload this needs no
help of the guest's, and shows what no instruction can read: the interrupt controller, the IOMMU, hidden parts
of segments.
"""
import json
from pathlib import Path
import re
import socket
import time

import hop
import qemu
import state

LIMIT_S = 120   # for what comes, unless something is wrong, also on a busy machine
AARCH64_SYSREG = 0x6030000000130000   # KVM's number of a system register, less op0..op2


class Gdb:
    """The few words of gdb's remote protocol that it takes to stop a machine and look at it."""

    def __init__(self, path):
        self.socket, self.rest, self.names = socket.socket(socket.AF_UNIX), b"", {}
        self.socket.settimeout(LIMIT_S)
        self.socket.connect(str(path))
        self.ask("qSupported:xmlRegisters=")
        self.read_description("target.xml", 0)

    def ask(self, text):
        """Sends one packet, returns the content of the answer."""
        body = text.encode()
        self.socket.sendall(b"$%s#%02x" % (body, sum(body) & 0xff))
        while not (found := re.search(rb"\$([^#]*)#..", self.rest, re.S)):
            data = self.socket.recv(65536)
            if not data:
                raise RuntimeError("gdb stub: it has hung up")
            self.rest += data
        self.rest = self.rest[found.end():]
        self.socket.sendall(b"+")
        return re.sub(rb"\}(.)", lambda m: bytes([m[1][0] ^ 0x20]), found[1], flags=re.S)

    def read_description(self, name, number):
        """Names and numbers of the registers, from the description and what it includes."""
        text = b""
        while (part := self.ask(f"qXfer:features:read:{name}:{len(text):x},ffb"))[:1] == b"m":
            text += part[1:]
        text += part[1:]
        # By hand: what QEMU sends uses a prefix that it does not declare.
        for tag, attributes in re.findall(r"<(xi:include|reg)\b([^>]*)>", text.decode()):
            value = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
            if tag == "reg":
                number = int(value.get("regnum", number))
                taken = value["name"] in self.names.values()    # QEMU numbers no breakpoint
                self.names[number] = value["name"] + (f"#{number}" if taken else "")
                number += 1
            else:
                number = self.read_description(value["href"], number)
        return number

    def run_to(self, address, times):
        """Goes on until the instruction at `address` is about to run for the n-th time."""
        for n in range(times):
            if n:   # past the breakpoint, or it would be met again
                self.go("s")
            if self.ask(f"Z1,{address:x},4") != b"OK":
                raise RuntimeError("gdb stub: no breakpoint")
            self.go("c")
            self.ask(f"z1,{address:x},4")

    def go(self, how):
        stopped = self.ask(how)
        if not stopped.startswith(b"T05"):
            raise RuntimeError(f"gdb stub: {stopped}")

    def registers(self):
        """{name: value}; those that cannot be read now are left out."""
        values = {name: self.ask(f"p{number:x}") for number, name in self.names.items()}
        return {name: int.from_bytes(bytes.fromhex(value.decode()), "little")
                for name, value in values.items() if value and not value.startswith(b"E")}


def save(machine, path):
    """The machine's whole state, as another QEMU would go on with it."""
    machine.command("migrate", uri=f"exec:cat > {path}")
    end = time.monotonic() + LIMIT_S
    while (status := machine.command("query-migrate").get("status")) != "completed":
        if status == "failed" or time.monotonic() > end:
            raise RuntimeError(f"migrate: {status}")
        time.sleep(0.05)
    return Path(path).read_bytes()


def devices(stream):
    """{device: {field: value}} of a saved state, by the description at its end.

    QEMU "Migration", "Stream structure": sections have a header with the device's name, then its
    fields, big-endian, in the order of the description, then a footer.
    """
    begin = stream.rindex(b"\x06", 0, stream.rindex(b'"devices"'))
    size = int.from_bytes(stream[begin + 1:begin + 5], "big")
    found = {}
    for device in json.loads(stream[begin + 5:begin + 5 + size])["devices"]:
        name = device["name"].encode()
        head = re.compile(b"\x04(....)" + re.escape(bytes([len(name)]) + name + device["instance_id"]
                                                    .to_bytes(4, "big")) + b"....", re.S)
        for match in head.finditer(stream, 0, begin):
            fields = {}
            at = read_fields(stream, match.end(), device, "", fields)
            if stream[at:at + 5] == b"\x7e" + match[1]:
                found[f"{device['name']}/{device['instance_id']}"] = fields
                break
        else:
            raise RuntimeError(f"saved state: no {device['name']}")
    return found


def read_fields(stream, at, description, prefix, into):
    """The fields of one structure and of its parts; returns where what follows begins."""
    for field in description.get("fields", []):
        name = prefix + field["name"] + (f"[{field['index']}]" if "index" in field else "")
        for n in range(field.get("array_len", 1)):
            one = f"{name}[{n}]" if "array_len" in field else name
            if "struct" in field:
                at = read_fields(stream, at, field["struct"], f"{one}.", into)
            else:
                into[one] = int.from_bytes(stream[at:at + field["size"]], "big")
                at += field["size"]
    for part in description.get("subsections", []):
        at += 2 + stream[at + 1] + 4    # a marker, the name with its length, a version
        at = read_fields(stream, at, part, f"{prefix}{part['vmsd_name']}.", into)
    return at


def name_sysregs(cpu):
    """aarch64: QEMU saves system registers as two lists, of numbers and of values."""
    named = {}
    for name, value in cpu.items():
        found = re.fullmatch(r"cpreg_vmstate_(indexes|values)\[(\d+)\]", name)
        if not found:
            named[name] = value
        elif found[1] == "values":
            named[sysreg(cpu[f"cpreg_vmstate_indexes[{found[2]}]"])] = value
    return named


def sysreg(number):
    """Its name for the assembler, where it is one of AArch64."""
    if number & ~0xffff != AARCH64_SYSREG:
        return f"cpreg_{number:016x}"
    op0, op1, n, m, op2 = (number >> s & mask for s, mask in
                           ((14, 3), (11, 7), (7, 15), (3, 15), (0, 7)))
    return f"S{op0}_{op1}_C{n}_C{m}_{op2}"


def look(row, folder, at, times, kernel, initrd=None, append=None):
    """What there is where an instruction is about to run for the n-th time, and what was printed.

    The former: {"gdb cpsr": ..., "cpu/0 S3_0_C1_C0_0": ..., "apic/0 spurious_vec": ...}
    """
    folder = Path(folder)
    machine = qemu.Machine(row.arch, **row.machine)
    machine.extra = [*machine.extra, "-S", "-gdb", "chardev:gdb", "-chardev",
                     f"socket,path={folder}/gdb,server=on,wait=off,id=gdb"]
    with qemu.Watched(machine, folder, kernel, initrd=initrd, append=append) as watched:
        gdb = Gdb(folder / "gdb")
        gdb.run_to(at, times)
        found = {"gdb": gdb.registers(), **devices(save(watched, folder / "saved"))}
        console = watched.console()
    if row.arch == "aarch64":
        found["cpu/0"] = name_sysregs(found["cpu/0"])
    return {f"{device} {name}": value for device, fields in found.items()
            for name, value in fields.items()}, console


def cold(row, folder):
    """At the payload's first instruction when QEMU has started it."""
    return look(row, folder, state.BASE[row.arch], 1, state.payload(row), append=state.WORDS)[0]


def warm(row, folder, append):
    """There, behind a jump; the host, which lies at the same place, has come by before."""
    image = hop.image(row, Path(folder) / "payload.itb", state.payload(row), bootargs=state.WORDS)
    words = f"{row.options} kx.purgatory=off kx.base={state.BASE[row.arch]:#x} {append}"
    return look(row, folder, state.BASE[row.arch], 2, hop.host(row.arch), image, words)
