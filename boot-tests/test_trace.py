# SPDX-License-Identifier: BSD-2-Clause
"""aarch64: what the control page does with MMU and caches off, by a trace of every instruction of a hop.

Called by: pytest.
"""
import pytest

import hop
import tracer

ROWS = [row for row in hop.ROWS if row.arch == "aarch64" and row.name in ("off", "e2h-4k")]
HANDOFF = 8         # loads of it, at most, before translation is on
UNTIL_JUMP = 64     # instructions, at most, after it is off
STEP = 32           # bytes that an instruction of the copy moves, at most


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.only("aarch64")
def test_no_bulk_work_without_caches(row, build, tmp_path):
    image = hop.image(row, tmp_path / "payload.itb", build("kx-payload.bin"))
    before, walk, after = parts = tracer.hop_in_parts(row, image, build("kx-trampoline.elf"))
    print([(part.sctlr, len(part.done), part.accesses) for part in parts])
    assert before.accesses <= HANDOFF
    assert walk.sctlr & tracer.M and walk.sctlr & tracer.C
    assert walk.accesses > build("kx-payload.bin").stat().st_size // STEP, "that is where the work is done"
    assert not after.sctlr & tracer.M and not after.sctlr & tracer.C
    assert after.accesses == 0 and 0 < len(after.done) <= UNTIL_JUMP
    assert after.done[-1].text.startswith("br ")


def test_access_is_seen():
    """Negative control: what moves memory, and what works on lines of it, counts as such."""
    texts = ["ldp q0, q1, [x22], #128", "stp xzr, xzr, [x21]", "dc civac, x21", "ldr x23, [x20], #8"]
    assert all(tracer.Done(0, text).accesses for text in texts)
    assert not any(tracer.Done(0, text).accesses for text in ("tlbi vmalle1", "ic iallu", "isb", "br x30"))
