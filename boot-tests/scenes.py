# SPDX-License-Identifier: BSD-2-Clause
"""Hops that between them execute all there is of the control page, of the page of a dry run and of purgatory, for
inject.py.

Each is as short as can be: one path that no other has. Where a hop that does so is not to be had by the
host's options, the blocks that libkx reads are changed in memory when they have been sealed.
"""
from dataclasses import dataclass

import hop

# include/kx/abi.h
HANDOFF = {"head": 0x10, "entry": 0x18, "console": 0x50, "status": 0xa8, "kick": 0xb8, "policy": 0xd0}
INFO = 0x400
IN_INFO = {"magic": 0, "version": 4, "flags": 0x10, "policy": 0x14, "count": 0x18, "machine": 0x1c, "hz": 0x20,
           "console": 0x28, "entry": 0x40, "fallback": 0x68, "kick": 0xa8, "reserved": 0xf8, "regions": 0x100}
UART8250, SBI_DBCN, SINK, VGA = 1, 4, 6, 7
RESET = 2

KINDS = "illegal", "access", "async"
CONTROL, PURGATORY, PROBE = ("control",), ("purgatory",), ("probe",)
WITH_CRASH = "crash", "control"     # of the latter that which comes before its vectors are in force
GUARDED = ("control", "")       # kx_enter_, where its vectors have just been set
ENTER, RETURN, VERIFY = ("control", "kx_enter_"), ("control", "kx_return_"), ("purgatory", "kx_purgatory_")
CRASH = "crash", "kx_crash_enter"
WRAPPED = "wrapped", "kx_purgatory_"

# Other ways through the code: another level, another walk, no translation
WAYS = {"riscv64": ("bare", "sv39-vector"), "aarch64": ("off", "e2h-4k", "el2-4k", "4k-no-simd", "52"),
        "x86_64": ("la57", "identity")}
DRY_WAYS = {"riscv64": ("bare",), "aarch64": ("off", "e2h-4k"), "x86_64": ()}   # of these the others have no more
# What kexec's loaders set in purgatory.ro, to see what it prints
SYMBOLS = {"riscv64": (), "aarch64": (("arm64_sink", 0x9000000), ("arm64_dtb_addr", 0x40000000)), "x86_64": ()}
# CPUs that hash by other instructions, in QEMU 10
HASHES = {"riscv64": ("rv64,zknh=true,zbb=true", "rv64,v=true,zvknhb=true,zvkb=true,vlen=256"), "aarch64": (),
          "x86_64": ("max",)}


@dataclass(frozen=True)
class Scene:
    """A hop, and where in it to begin."""
    name: str
    words: str = ""                 # of the host
    way: str = ""                   # a row of hop.ROWS; the usual one
    start: tuple = ENTER
    blobs: tuple = ("control", "purgatory", "call")     # which are injected into
    poke: tuple = ()                # (blob or "memory", offset, bytes), put there at the start
    kinds: tuple = KINDS            # of faults
    first: str = ""                 # a fault comes first, of this kind, at the start: all the rest is second
    mute: bool = False              # the console is none that is seen: the status record tells
    policy: str = "halt"            # of what is injected into
    sample: int = 0                 # also at every n-th instruction that another scene has had
    kernel: str = "kx-payload.bin"
    fallback: str = ""
    cpu: str = ""                   # of QEMU 10
    symbols: tuple = ()             # of purgatory.ro, where it begins there: (name, number)

    @property
    def machine(self):
        """What scenes have in common that can share a machine."""
        return self.way, self.words, self.kernel, self.fallback, self.cpu, self.start[0] == "wrapped", self.symbols


def word(blob, at, *numbers, size=8):
    """(blob, offset, bytes)."""
    return blob, at, b"".join(number.to_bytes(size, "little") for number in numbers)


def info(name, *numbers, size=8):
    return word("purgatory", INFO + IN_INFO[name], *numbers, size=size)


def checked(name, words="", *poke, **more):
    """From purgatory on."""
    return Scene(name, words, start=VERIFY, blobs=PURGATORY, poke=poke, **more)


def refused(scratch):
    """What purgatory does not accept: each is said in other words."""
    return [checked(f"info: {name}", "", *poke) for name, *poke in (
        ("magic", info("magic", 0)), ("version", info("version", 99, size=4)),
        ("machine", info("machine", 99, size=4)), ("reserved", info("reserved", 1)),
        ("policy", info("policy", 9, size=4)), ("count", info("count", 17, size=4)),
        ("no entry", info("entry", 0)), ("no fallback", info("policy", 3, size=4)),
        ("console", info("console", 99, size=4)), ("empty region", info("regions", scratch, 0)),
        ("region that wraps", info("regions", -4096 & ~(-1 << 64), 8192)))]


def consoles(arch, scratch):
    """Every console but that of the machine; in memory, so that nothing is seen. Kind and stride, base."""
    ready = word("memory", scratch, *[0x6060606060606060] * 8)     # 8250: LSR says it is
    kinds = [("8250", UART8250, 1, scratch), ("8250 of words", UART8250, 4, scratch)]
    own = {"riscv64": [("DBCN", SBI_DBCN, 0, 0)], "x86_64": [("VGA", VGA, 0, scratch)]}.get(arch, [])
    for name, kind, stride, base in kinds + own:
        console = kind | stride << 32, base, 0x1000
        yield Scene(f"first fault, {name}", start=("control", "kx_walk_"), blobs=CONTROL, first="illegal",
                    poke=(word("control", HANDOFF["console"], *console), ready))
        yield checked(f"purgatory, {name}", "", info("console", *console), ready, mute=True)
    yield checked("purgatory, sink", "", info("console", SINK | 1 << 32, scratch, 1), info("hz", 1000), mute=True)


def there_and_back(way):
    return [Scene(way, way=way), Scene(f"{way}, there and back", "kx.purgatory=off kx.return=on", way, RETURN)]


def dry_runs(arch, scratch):
    """There and back, and nothing is written. What tells of a fault is the other page's, byte for byte; here it has
    to do on the way back alone."""
    words = "kx.dry=on kx.purgatory=off"
    yield Scene("dry run", words, blobs=PROBE)
    yield Scene("dry run, bad word", words, blobs=PROBE, poke=(word("probe", HANDOFF["head"], 0),))
    for width in (1, 2, 4, 8):
        yield Scene(f"dry run, kick of {width}", words, blobs=PROBE,
                    poke=(word("probe", HANDOFF["kick"], scratch, 0, width),))
    for way in DRY_WAYS[arch]:
        yield Scene(f"dry run, {way}", words, way, blobs=PROBE)
    if arch == "x86_64":
        yield Scene("dry run, 32 bits", words, blobs=PROBE, kernel="kx-payload.elf")
        yield Scene("dry run, la57 to 4 levels", words, "la57", blobs=PROBE, kernel="narrow")


def scenes(arch):
    """In the order in which they are best run: what a scene has had is not done again."""
    scratch = hop.RAM[arch] + (80 << 20)    # memory that nobody uses
    found = [
        Scene("usual"),
        Scene("bad word", poke=(word("control", HANDOFF["head"], 0),)),
        Scene("bad zeros", poke=(word("control", HANDOFF["head"], 0x1010),)),
        *(Scene(f"kick of {width}", poke=(word("control", HANDOFF["kick"], scratch, 0, width),))
          for width in (1, 2, 4, 8)),
        *(checked(f"purgatory, kick of {width}", "", info("kick", scratch, 0, width)) for width in (1, 2, 4, 8)),
        checked("no checks", "", info("flags", 1, size=4)),
        checked("progress", "", info("hz", 1)),
        checked("its own clock", "", info("hz", 0)),
        *refused(scratch),
        *consoles(arch, scratch),
        *(Scene(f"first fault, {kind}", start=("control", "kx_walk_"), first=kind, blobs=CONTROL)
          for kind in ("illegal", "async")),
        Scene("first fault, of the host's tables", start=GUARDED, first="illegal", blobs=CONTROL),
        Scene("first fault, reset", start=("control", "kx_walk_"), first="illegal", blobs=CONTROL,
              poke=(word("control", HANDOFF["policy"], RESET, size=4),), policy="reset"),
        *(Scene(f"first fault in purgatory, {kind}", start=("purgatory", "kx_sha256_blocks_"), first=kind,
                blobs=PURGATORY) for kind in ("illegal", "async")),
        Scene("straight", "kx.purgatory=off"),
        Scene("there", "kx.purgatory=off kx.return=on"),
        Scene("there and back", "kx.purgatory=off kx.return=on", start=RETURN),
        checked("one digest", "kx.purgatory=digest"),
        checked("damage", "kx.corrupt=byte"),
        checked("damage, one digest", "kx.purgatory=digest kx.corrupt=byte"),
        checked("damage, reset", "kx.corrupt=byte kx.policy=reset", policy="reset", sample=97),
        checked("damage, fallback", "kx.corrupt=byte kx.policy=fallback", policy="fallback", sample=97,
                fallback="kx-payload.bin"),
        checked("damage, return", "kx.corrupt=byte kx.policy=return", policy="return", sample=97),
        checked("returns", "kx.return=on"),
    ]
    found += dry_runs(arch, scratch)
    found += [Scene("crash", "kx.crash=jump kx.purgatory=off", start=CRASH, blobs=WITH_CRASH)]
    found += [Scene("purgatory.ro", start=WRAPPED, blobs=WRAPPED[:1], symbols=SYMBOLS[arch])]
    for way in WAYS[arch]:
        found += there_and_back(way)
    found += [checked(f"hash by {cpu}", cpu=cpu) for cpu in HASHES[arch]]
    if arch == "x86_64":
        found += [Scene("crash, NMIs", "kx.crash=jump kx.purgatory=off", start=CRASH, blobs=CONTROL, kinds=("async",)),
                  Scene("32 bits", kernel="kx-payload.elf"),
                  Scene("32 bits, straight", "kx.purgatory=off", kernel="kx-payload.elf"),
                  Scene("la57 to 4 levels", way="la57", kernel="narrow"),
                  Scene("la57 to 4 levels, there and back", "kx.purgatory=off kx.return=on", "la57", RETURN,
                        kernel="narrow")]
    return found
