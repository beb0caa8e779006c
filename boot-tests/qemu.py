# SPDX-License-Identifier: BSD-2-Clause
"""QEMU: every command line, and the ways to run it.

Called by: boot.py and the tests.
"""
import codecs
from dataclasses import dataclass, field
import json
import os
from pathlib import Path
import re
import select
import selectors
import subprocess
import tempfile
import time

# x86: QEMU 7.2's cmpxchg16b makes one Linux boot in ten panic. aarch64: with `max` (LPA2) the
# kexec_load of Linux 6.12 oopses.
CPU = {"riscv64": None, "aarch64": "cortex-a57", "x86_64": "max,-cx16"}
MACHINE = {"riscv64": "virt", "aarch64": "virt", "x86_64": "q35"}
END_S = 60      # that QEMU may take to answer, or to end: on a busy machine it may not run for seconds


@dataclass
class Machine:
    """A machine to emulate. What is None is left to QEMU (cpu: to the table above)."""
    arch: str
    smp: int = 1
    memory: str = "512M"
    cpu: str | None = None
    gic: int | None = None          # aarch64: version of the interrupt controller, 2 or 3
    virtualization: bool = False    # aarch64: start at EL2
    la57: bool | None = None        # x86_64: 5-level paging there or not
    reboot: bool = False            # a reset starts it again; else it is the end
    options: tuple = ()             # more for -M
    prefix: Path | None = None      # another QEMU, unpacked there (fetch.qemu10)
    ram: int | None = None          # a file's descriptor that is its memory, also when it has ended
    extra: list = field(default_factory=list)

    def argv(self, kernel=None, initrd=None, append=None):
        """The command line, but for the console."""
        binary = f"qemu-system-{self.arch}"
        argv = [binary]
        if self.prefix:
            argv = [f"{self.prefix}/usr/bin/{binary}", "-L", f"{self.prefix}/usr/share/qemu",
                    "-L", f"{self.prefix}/usr/share/seabios"]
        machine, cpu = MACHINE[self.arch], self.cpu or CPU[self.arch]
        if self.gic:
            machine += f",gic-version={self.gic}"
        if self.virtualization:
            machine += ",virtualization=on"
        machine = ",".join([machine, *self.options])
        if self.ram is not None:
            machine += ",memory-backend=ram"
            argv += ["-object", f"memory-backend-file,id=ram,size={self.memory},share=on,"
                                f"mem-path=/proc/self/fd/{self.ram}"]
        if self.la57 is not None:
            cpu += f",la57={'on' if self.la57 else 'off'}"
        # x86 writes its own code while other CPUs run it: with a thread for each CPU, Linux now and
        # then takes a breakpoint that is gone already for an error.
        accel = "tcg,thread=single" if self.arch == "x86_64" else "tcg"
        argv += ["-M", machine, "-accel", accel, "-smp", str(self.smp), "-m", self.memory]
        argv += ["-cpu", cpu] if cpu else []
        argv += ["-display", "none", "-nodefaults", *([] if self.reboot else ["-no-reboot"])]
        for option, value in (("-kernel", kernel), ("-initrd", initrd), ("-append", append)):
            argv += [option, str(value)] if value is not None else []
        return argv + [str(word) for word in self.extra]


@dataclass
class Result:
    console: str            # all that the guest printed, without carriage returns
    status: int | None      # QEMU's exit status; None if it was run() that ended it
    timed_out: bool
    matched: bool           # `until` was seen
    seconds: float
    stderr: str             # QEMU's own words


def run(machine, kernel=None, initrd=None, append=None, *, timeout, until=None, grace=0.0,
        echo=None):
    """Runs a machine until it ends by itself, prints what matches `until`, or time is up.

    until: a regular expression (^ and $ match at lines), looked for in lines that have come to their end; after
    the match, `grace` seconds more are read. Or several, each with its own: {expression: seconds}.
    echo: a text stream that gets the console live. Whatever happens, an interrupt and this process's own death
    included, the QEMU started here is gone afterwards, and only that one.
    """
    argv = machine.argv(kernel, initrd, append) + ["-serial", "stdio"]
    start = time.monotonic()
    end, closed, matched = start + timeout, False, False
    console, decode = "", codecs.getincrementaldecoder("utf-8")("replace").decode
    after = until if isinstance(until, dict) else {until: grace} if until else {}
    with tempfile.TemporaryFile() as stderr:
        # A process group of its own: the terminal's Ctrl-C is for us, and we end QEMU.
        qemu = spawn(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                     process_group=0, pass_fds=[] if machine.ram is None else [machine.ram])
        try:
            with selectors.DefaultSelector() as ready:
                ready.register(qemu.stdout, selectors.EVENT_READ)
                while not closed and (left := end - time.monotonic()) > 0:
                    if not ready.select(left):
                        continue
                    data = os.read(qemu.stdout.fileno(), 65536)
                    closed = not data
                    text = decode(data, closed).replace("\r", "")
                    console += text
                    if echo:
                        echo.write(text)
                        echo.flush()
                    # A match may have begun in what came before, at most 4096 characters back.
                    whole = console[max(0, len(console) - len(text) - 4096):console.rfind("\n") + 1]
                    for pattern, seconds in after.items():
                        if re.search(pattern, whole, re.M):
                            matched, end = True, min(end, time.monotonic() + seconds)
            timed_out = not closed and not matched
            status = wait(qemu, END_S) if closed else None
        finally:
            stop(qemu)
        stderr.seek(0)
        words = stderr.read().decode(errors="replace").strip()
    return Result(console, status, timed_out, matched, time.monotonic() - start, words)


def interact(machine, kernel=None, initrd=None, append=None):
    """Runs a machine on this terminal, QEMU's monitor behind Ctrl-A C; Ctrl-C goes to the guest."""
    with tempfile.NamedTemporaryFile() as log:
        argv = machine.argv(kernel, initrd, append) + [
            "-chardev", f"stdio,id=tty,mux=on,signal=off,logfile={log.name}",
            "-serial", "chardev:tty", "-mon", "chardev=tty"]
        start = time.monotonic()
        qemu = spawn(argv)
        try:
            status = qemu.wait()
        finally:
            stop(qemu)
        console = Path(log.name).read_bytes().decode(errors="replace").replace("\r", "")
    return Result(console, status, False, False, time.monotonic() - start, "")


class Watched:
    """A machine that is looked at from outside while it runs: `with Watched(...) as machine`.

    Each of `ports` serial ports writes a file in `folder`; QEMU's control protocol is on its standard
    streams. The guest runs on while it is asked.
    """

    def __init__(self, machine, folder, kernel=None, ports=1, initrd=None, append=None):
        self.logs = [Path(folder) / f"serial{i}" for i in range(ports)]
        argv = machine.argv(kernel, initrd, append) + ["-qmp", "stdio"]
        for log in self.logs:
            argv += ["-serial", f"file:{log}"]
        self.process = spawn(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
        self.pending = b""

    def __enter__(self):
        try:
            self.command("qmp_capabilities")
        except BaseException:
            stop(self.process)
            raise
        return self

    def __exit__(self, *_):
        stop(self.process)
        self.process.stdin.close()

    def command(self, name, **arguments):
        """QEMU's answer to one command of its control protocol."""
        line = json.dumps({"execute": name, "arguments": arguments}) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        end = time.monotonic() + END_S
        while (left := end - time.monotonic()) > 0:
            line, found, rest = self.pending.partition(b"\n")
            if found:
                self.pending, answer = rest, json.loads(line)
                if "return" in answer:
                    return answer["return"]
                assert "error" not in answer, answer
            elif select.select([self.process.stdout], [], [], left)[0]:
                data = os.read(self.process.stdout.fileno(), 65536)
                assert data, "QEMU has ended"
                self.pending += data
        raise TimeoutError(f"QEMU does not answer {name}")

    def monitor(self, line):
        """What QEMU's monitor for people says to a line."""
        return self.command("human-monitor-command", **{"command-line": line}).replace("\r", "")

    def memory(self, at, size):
        """Bytes of the guest's physical memory."""
        with tempfile.NamedTemporaryFile() as out:
            self.command("pmemsave", val=at, size=size, filename=out.name)
            return Path(out.name).read_bytes()

    def console(self, port=0):
        return self.logs[port].read_bytes().decode(errors="replace").replace("\r", "")

    def until(self, true, timeout=120):
        """Waits for true() to be so."""
        end = time.monotonic() + timeout
        while True:
            ended = self.process.poll() is not None     # before: its last words are looked at, too
            if found := true():
                return found
            assert not ended, "QEMU has ended: " + self.console()
            assert time.monotonic() < end, self.console() + self.monitor("info registers")
            time.sleep(0.02)


def spawn(argv, **kwargs):
    """Starts QEMU so that it dies with us, even if we are killed."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *argv], **kwargs)


def wait(process, seconds):
    """Its exit status, or None if it has not ended by then."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def stop(process):
    """Ends this one process: asks, then insists."""
    if process.poll() is None:
        process.terminate()
        if wait(process, 2) is None:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()
