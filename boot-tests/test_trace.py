# SPDX-License-Identifier: BSD-2-Clause
"""aarch64: what control page and purgatory do with MMU and caches off, by a trace of every instruction of a hop.

Called by: pytest.
"""
import random
import struct

import pytest

import hop
import purgatory
import tracer

ROWS = [row for row in hop.ROWS if row.arch == "aarch64" and row.name in ("off", "e2h-4k")]
HANDOFF = 8         # loads of it, at most, before translation is on
UNTIL_JUMP = 64     # instructions, at most, after it is off
STEP = 32           # bytes that an instruction of the copy moves, at most
SIZE = 1 << 20      # of a ramdisk
REGIONS = 3         # payload, ramdisk, device tree
LINE = 64           # of a cache of Cortex-A57
RECORDS = 2         # lines of the status record, written at both ends


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


@pytest.mark.only("aarch64")
def test_purgatory_reads_the_image_with_caches(build, tmp_path):
    """What is hashed is read, and afterwards cleaned, with caches on; with them off purgatory works on its own
    memory, which it cleans once for each region, and that is less than the image however often it does."""
    ramdisk, elf = tmp_path / "ramdisk", build("kx-purgatory.elf")
    ramdisk.write_bytes(random.Random(SIZE).randbytes(SIZE))
    row = hop.usual("aarch64")
    image = hop.image(row, tmp_path / "payload.itb", build("kx-payload.bin"), ramdisk)
    seen = tracer.touched(row, image, elf)
    print(seen)
    memsz, filesz = struct.unpack_from("<II", build("kx-purgatory-aarch64.bin").read_bytes(),
                                       purgatory.OFFSET + 8)
    own = memsz - (filesz + 4095) // 4096 * 4096
    assert seen.hashes == 0 and seen.cached_hashes >= REGIONS
    assert REGIONS * own // LINE <= seen.lines <= REGIONS * own // LINE + RECORDS
    assert seen.cached_lines >= SIZE // LINE
    assert seen.bytes < SIZE // 2


def test_access_is_seen():
    """Negative control: what moves memory, and what works on lines of it, counts as such."""
    texts = ["ldp q0, q1, [x22], #128", "stp xzr, xzr, [x21]", "dc civac, x21", "ldr x23, [x20], #8"]
    assert all(tracer.Done(0, text).accesses for text in texts)
    assert [tracer.Done(0, text).bytes for text in texts] == [32, 16, 0, 8]
    assert [tracer.Done(0, text).bytes for text in ("ldrb w0, [x1]", "str wzr, [x2]", "strh w3, [x4]")] == [1, 4, 2]
    assert not any(tracer.Done(0, text).accesses for text in ("tlbi vmalle1", "ic iallu", "isb", "br x30"))
