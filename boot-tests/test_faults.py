# SPDX-License-Identifier: BSD-2-Clause
"""Faults injected into the control page and into purgatory: none of them ends in silence.

Called by: pytest. INJECT=1 in the environment: at every instruction, not at every 37th; -rP shows the tables.
"""
import os
import subprocess
import sys

import pytest

import hop
import inject

STEP = int(os.environ.get("INJECT", 37))
# Other ways through the code: another level, another walk, no translation
WAYS = [row for row in hop.ROWS if row.name in ("sv39", "bare", "4k", "off", "e2h-4k", "4level")]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_no_silent_end(arch, way, build, tmp_path):
    build("kx-payload.bin")
    blobs = ("control", "purgatory") if way == hop.usual(arch) else ("control",)
    with inject.Stand(way, tmp_path) as stand:
        found = list(inject.ends(stand, STEP, blobs))
    print(way, *inject.table(found), sep="\n")
    assert [end for end in found if end.how == "silent"] == []
    told = {(end.blob, end.kind) for end in found if end.how == "told"}
    kinds = inject.KINDS[arch]
    assert told == {(blob, kind) for blob in blobs for kind in kinds} | {
        ("control", "second")}


def test_to_the_last(arch, build, tmp_path):
    """Straight to the image, without purgatory: the trampoline's own last instructions."""
    build("kx-payload.bin")
    with inject.Stand(hop.usual(arch), tmp_path, "kx.purgatory=off") as stand:
        symbols = stand.code["control"].symbols
        places = [at for at in stand.code["control"].order
                  if symbols["kx_trampoline_"] <= at < symbols["kx_refuse_"]]
        found = list(inject.at_each(stand, "control", places[::min(STEP, 4)]))
    print(*inject.table(found), sep="\n")
    assert [end for end in found if end.how == "silent"] == []


def test_silence_is_seen(arch, build, tmp_path):
    """Negative control: where the handoff has lost its console, the same injection is called silent."""
    build("kx-payload.bin")
    with inject.Stand(hop.usual(arch), tmp_path, "kx.purgatory=off") as stand:
        at = stand.code["control"].symbols["kx_walk_"]
        assert stand.inject("control", at, "illegal").how == "told"
        stand.mute = True
        assert stand.inject("control", at, "illegal").how == "silent"


def test_command(arch, build):
    """`make inject`: the table, and an exit status."""
    build("kx-payload.bin")
    done = subprocess.run([sys.executable, inject.__file__, "--arch", arch, "--step", "150", "--blob",
                           "control"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0 and "control     illegal" in done.stdout, done.stdout + done.stderr
