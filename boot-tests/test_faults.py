# SPDX-License-Identifier: BSD-2-Clause
"""Faults injected into the control page and into purgatory: none of them ends in silence.

Called by: pytest. Of all that `make inject` does, which is every instruction, a sample: INJECT=n in the
environment is every n-th, but of the way back in the host and of kx_crash_enter() all. -rP shows the tables.
"""
import os
import re
import subprocess
import sys

import pytest

import inject
import outside
import scenes

STEP = int(os.environ.get("INJECT", 29))
# What needs a machine of its own is left to `make inject`, but for one of each kind
MACHINES = ("", "bare", "off", "e2h-4k", "la57")
SPARED = re.compile("dry run, (?!bad word)|damage|returns|one digest|hash by|32 bits, straight")


def sample(arch):
    return [scene for scene in scenes.scenes(arch)
            if STEP == 1 or scene.way in MACHINES and not SPARED.match(scene.name)]


@pytest.mark.long
def test_no_silent_end(arch, build):
    build("kx-payload.bin")
    tally = inject.Tally(arch, STEP).run(sample(arch))
    print(*tally.report(), sep="\n")
    assert [end for end in tally.ends if end.how == "silent"] == []
    told = {(end.place.blob, end.kind) for end in tally.ends if end.how == "told"}
    assert {(blob, kind) for blob in ("control", "probe", "purgatory", "wrapped") for kind in inject.KINDS} <= told
    assert {end.place.at for end in tally.ends if end.place.blob == "call"} == tally.reached("call") != set()
    assert {end.how for end in tally.ends if end.place.blob == "crash"} <= {"went on", "masked", "window"}


def first_ends(arch, name, change, kinds=("illegal", "async")):
    """What comes of faults at the first instruction of a function, in a machine that is changed before."""
    scene = next(scene for scene in scenes.scenes(arch) if scene.name == "usual")
    with inject.stand_for(arch, scene) as stand:
        injector = inject.Injector(scene, stand)
        injector.prepare()
        places = injector.places()
        symbols = {**stand.code["purgatory"].symbols, **stand.code["control"].symbols}
        place = next(place for place in places if place.at == symbols[name] and not place.window
                     and name in stand.code[place.blob].symbols)
        before = [injector.inject(place, kind).how for kind in kinds]
        stand.begin()
        injector.prepare()
        change(stand)
        stand.remember()
        return before, [injector.try_once(place, kind, 0.5).how for kind in kinds]


def lose_console(stand):
    stand.write_physical(stand.pa["control"] + scenes.HANDOFF["console"], bytes(4))


def lose_vectors(stand):
    """Nothing is done where the page puts its vectors in force; those of the host, in its copy, are kept."""
    code, nop = stand.code["control"], inject.NOP[stand.arch]
    for at in code.order:
        if re.match(inject.GUARD[stand.arch], code.text[at]) and not re.match(inject.DROP[stand.arch],
                                                                              code.text[at]):
            nops = nop * ((code.next[at] - at) // len(nop))
            stand.write_physical(stand.pa["control"] + at, nops)
            stand.write(stand.page_va + at, nops)


@pytest.mark.parametrize("change", [lose_console, lose_vectors])
def test_silence_is_seen(arch, build, change):
    """Negative control: without the console of the handoff, or without vectors, the same is called silent.

    riscv64 then goes, without a word, to where OpenSBI has left stvec: its payload, and the new image's first byte.
    """
    build("kx-payload.bin")
    before, after = first_ends(arch, "kx_walk_", change)
    assert before == ["told"] * 2 and after == ["silent"] * 2


# With which the count of faults ends: what comes before that has nobody behind it
COUNTED = {"riscv64": r"csrsi\s+stvec", "aarch64": r"tbnz|b\.eq", "x86_64": "jae|jb"}


def behind(stand, injector, start):
    """The instructions that a fault at the first one of a function leads to, but for those up to its count."""
    address = stand.pa[start[0]] + stand.code[start[0]].symbols[start[1]]
    assert stand.go_to(address)
    injector.plant(address, "illegal")
    stand.remember()
    executed = [address for address in stand.executed()[0] if injector.where(address)[0] != "call"]
    texts = [stand.code[blob].text[at] for blob, at in map(injector.where, executed)]
    counted = next((i for i, text in enumerate(texts) if re.match(COUNTED[stand.arch], text)), 0)
    return executed[counted + 1:-1]     # the last is of the loop in which it rests


@pytest.mark.parametrize("start", [("control", "kx_walk_"), ("purgatory", "kx_sha256_blocks_")], ids=lambda s: s[0])
def test_faults_that_stay(arch, build, start):
    """What tells of a fault has one itself, which is there again each time that it is entered: it comes to rest."""
    build("kx-payload.bin")
    with inject.stand_for(arch, scenes.Scene("usual", start=start)) as stand:
        injector = inject.Injector(scenes.Scene("usual"), stand)
        injector.prepare()
        tells = behind(stand, injector, start)
        assert len(tells) > 100
        for address in tells[:70] + tells[70::STEP]:
            stand.back()
            stand.write_physical(address, inject.ILLEGAL[arch])
            stopped = stand.run(outside.LIMIT_S)
            assert stopped in injector.waits, (injector.where(address), stopped, stand.console()[-300:])


def test_command(arch, build):
    """`make inject`: the table, the line that says all, and an exit status."""
    build("kx-payload.bin")
    done = subprocess.run([sys.executable, inject.__file__, "--arch", arch, "--step", "300", "--scene", "usual"],
                          capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0 and re.search(
        rf"^inject: {arch}: control (\d+)/\1 told, purgatory (\d+)/\2 told, .*, silent 0$", done.stdout, re.M), (
            done.stdout + done.stderr)


@pytest.mark.parametrize("what", ["--way", "--scene"])
def test_command_knows_its_names(arch, what):
    """A way or a scene that there is not is no run of the usual one, nor one of nothing that ends well."""
    done = subprocess.run([sys.executable, inject.__file__, "--arch", arch, what, "none-such"],
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2 and re.search("none-such|no such scene", done.stderr), done.stderr
