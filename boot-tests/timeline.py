# SPDX-License-Identifier: BSD-2-Clause
"""How long a hop took, stage by stage: read from what it leaves in memory, and drawn.

Called by: boot.py, which ends with the stages, and bench.py, which draws them.
"""
import contextlib
from dataclasses import dataclass
from html import escape
import os
import re
import subprocess

from hop import BUILD, RAM

KX_STATUS = BUILD / "kx-status"
RECORD = 64     # bytes of the status record


@dataclass(frozen=True)
class Stage:
    name: str
    ms: float


@contextlib.contextmanager
def memory():
    """The `ram` of a qemu.Machine: what is in it can be read when QEMU has ended."""
    ram = os.memfd_create("ram")
    try:
        yield ram
    finally:
        os.close(ram)


def stages(arch, ram, console):
    """The stages of a hop by its status record, [] if there is none; then purgatory's, which it tells
    on the console, unless the record has that, too."""
    at = re.search(r"^kx-host: status: the record is at (0x\w+)$", console, re.M)
    if not at or not KX_STATUS.exists():
        return []
    told = subprocess.run([KX_STATUS], input=os.pread(ram, RECORD, int(at[1], 16) - RAM[arch]),
                          capture_output=True, check=False).stdout.decode()
    found = [Stage(name, float(ms)) for name, ms in
             re.findall(r"^  (\w+) +(\d+\.\d+) ms +\d+\.\d %$", told, re.M)]
    verified = re.search(r"^kx-purgatory: the image is intact, seen in (\d+) ms$", console, re.M)
    if found and verified and not any(stage.name == "verify" for stage in found):
        found.append(Stage("verify", float(verified[1])))
    return found


def lines(hop):
    """A line for each stage, with its share."""
    whole = sum(stage.ms for stage in hop)
    for stage in hop:
        yield f"{stage.name:<10}{stage.ms:>12.3f} ms {100 * stage.ms / (whole or 1):>6.1f} %"
    yield f"{'all':<10}{whole:>12.3f} ms"


# ---- the picture ----

COLORS = {"quiesce": "#7f8c99", "enter": "#d9a441", "copy": "#3f7fbf", "clean": "#7fb3d9",
          "verify": "#4f9a57", "jump": "#b5544d"}
LEFT, WIDTH, BAR, ROW = 170, 640, 26, 74     # pixels


def bar(hop, top):
    """One hop, to its own scale: each stage as wide as its share, its name below where there is room."""
    whole, x = sum(stage.ms for stage in hop) or 1, LEFT
    for stage in hop:
        width = WIDTH * stage.ms / whole
        words = f"{stage.name} {stage.ms:.3f} ms, {100 * stage.ms / whole:.1f} %"
        yield (f'<rect x="{x:.1f}" y="{top}" width="{max(width, 0.5):.1f}" height="{BAR}" '
               f'fill="{COLORS.get(stage.name, "#999999")}"><title>{escape(words)}</title></rect>')
        if width > 7 * len(words):
            yield f'<text x="{x + 4:.1f}" y="{top + BAR + 15}">{escape(words)}</text>'
        x += width
    small = ", ".join(f"{stage.name} {stage.ms:.3f} ms" for stage in hop
                      if WIDTH * stage.ms / whole <= 7 * len(f"{stage.name} {stage.ms:.3f} ms, 00.0 %"))
    if small:
        yield f'<text x="{LEFT + 4}" y="{top + BAR + 30}" fill="#666666">{escape(small)}</text>'


def draw(title, hops):
    """An SVG of several hops, one below the other: hops is [(name, [Stage])]."""
    height = 50 + ROW * len(hops)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 20}" height="{height}" '
           'font-family="sans-serif" font-size="12">')
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    yield f'<text x="10" y="24" font-size="15">{escape(title)}</text>'
    for i, (name, hop) in enumerate(hops):
        top = 46 + ROW * i
        yield f'<text x="10" y="{top + 12}" font-weight="bold">{escape(name)}</text>'
        yield f'<text x="10" y="{top + 28}">{sum(stage.ms for stage in hop):.3f} ms</text>'
        yield from bar(hop, top)
    yield "</svg>"
