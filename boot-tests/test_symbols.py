# SPDX-License-Identifier: BSD-2-Clause
"""What the library and its blobs are made of: names, sections, relocations, headers.

Called by: pytest. Looks at what GCC built, and at what Clang built where that is there.
"""
from itertools import chain
import os
from pathlib import Path
import re
import subprocess

import pytest

TOP = Path(__file__).resolve().parent.parent
CROSS = {"riscv64": "riscv64-linux-gnu-", "aarch64": "aarch64-linux-gnu-",
         "x86_64": "x86_64-linux-gnu-"}
PUBLIC = {name for path in (TOP / "include/kx").glob("*.h")
          for name in re.findall(r"^[^/ *\t].*?\b(kx_\w+[a-z0-9])\(", path.read_text(), re.M)}
INCLUDES = re.search(r"^INCLUDES := (.*)", (TOP / "Makefile").read_text(), re.M)[1]
HEADERS = sorted(str(path.relative_to(TOP)) for place in ("include", "lib", "arch")
                 for path in (TOP / place).rglob("*.h"))


def tool(arch, name, *argv):
    return subprocess.run([CROSS[arch] + name, *map(str, argv)], stdout=subprocess.PIPE, text=True,
                          check=True).stdout


@pytest.fixture(params=["gcc", "clang"])
def built(request, arch, build, need):
    """built("libkx.a"): a file as one of the compilers made it."""
    need(CROSS[arch] + "nm")
    return lambda name: build(f"../{arch}-llvm/{name}" if request.param == "clang" else name)


def symbols(arch, path):
    """[(kind, name, hidden)] of all global symbols, undefined ones too."""
    found = []
    for line in tool(arch, "readelf", "-sW", path).splitlines():
        field = line.split()
        if len(field) >= 8 and field[4] in ("GLOBAL", "WEAK"):
            found.append((field[6], field[7], field[5] == "HIDDEN"))
    return found


def bad_names(found):
    """Names against the rule: kx_..., and what is shared but not public is hidden and ends in _."""
    bad = []
    for section, name, hidden in found:
        if section == "UND":
            continue
        private = name.endswith("_")
        if not name.startswith("kx_") or (private and not hidden) or \
                (not private and name not in PUBLIC):
            bad.append(name)
    return bad


def undefined(found):
    return {name for section, name, _ in found if section == "UND"} - \
        {name for section, name, _ in found if section != "UND"}


def mutable(arch, path):
    """Sections with content that can be written."""
    sections = tool(arch, "readelf", "-SW", path)
    return [name for name, size, flags in
            re.findall(r"\] (\.\S+) +\w+ +\w+ +\w+ +(\w+) +\w+ +([A-Z]*)", sections)
            if "W" in flags and "A" in flags and int(size, 16)]


def test_names(arch, built):
    """Every global symbol begins kx_; hidden ones end in _, and public ones are in kx.h."""
    assert bad_names(symbols(arch, built("libkx.a"))) == []


def test_public_is_there(arch, built):
    """What the headers declare is in the library."""
    defined = {name for section, name, _ in symbols(arch, built("libkx.a")) if section != "UND"}
    assert PUBLIC - defined == set()


def test_undefined(arch, built):
    """The library needs nothing of its host, not even memcpy."""
    assert undefined(symbols(arch, built("libkx.a"))) == set()


def test_no_state(arch, built):
    """No variables: nothing in the library can be written."""
    assert mutable(arch, built("libkx.a")) == []


def test_checks_see(arch, tmp_path, need):
    """Negative control: bad names, needs and variables in an object are found."""
    need(CROSS[arch] + "gcc")
    source, obj = tmp_path / "bad.c", tmp_path / "bad.o"
    source.write_text("""
        extern void memcpy_like(void);
        int kx_counter_ = 1;
        __attribute__((visibility("hidden"))) void kx_fine_(void) { memcpy_like(); }
        void kx_not_declared(void) { kx_fine_(); }
        void stray(void) { kx_counter_++; }
        """)
    tool(arch, "gcc", "-c", "-O1", "-o", obj, source)
    found = symbols(arch, obj)
    assert sorted(bad_names(found)) == ["kx_counter_", "kx_not_declared", "stray"]
    assert undefined(found) == {"memcpy_like"}
    assert set(mutable(arch, obj)) & {".data", ".sdata"}


def frames(folder):
    """(object, function) -> bytes of its frame, as the compiler has written it down. A function that it has made
    another of, as `name.isra.0`, is that one."""
    found = {}
    # What else is in the folder comes and goes while tests run
    for su in chain(folder.glob("*.su"), *(folder.glob(f"{part}/**/*.su") for part in ("lib", "arch"))):
        for line in su.read_text().splitlines():
            name, size = re.match(r".*:(\w+)\S*\t(\d+)", line).groups()
            place = su.with_suffix(".o"), name
            found[place] = max(found.get(place, 0), int(size))
    return found


def calls(arch, objects):
    """(object, function) -> names that it goes to; as in frames()."""
    found, here = {}, None
    for line in tool(arch, "objdump", "-dr", *objects).splitlines():
        if file := re.match(r"(\S+\.o): +file format", line):
            obj = Path(file[1])
        elif begins := re.match(r"\w+ <(\w+)\S*>:$", line):
            here = found.setdefault((obj, begins[1]), set())
        elif target := re.search(r"\bR_\w+\s+(?:\.text\.)?([a-z]\w*)|<([a-z]\w*)[.\w]*>$", line):
            here.add(target[1] or target[2])
    return found


def deepest(arch, folder):
    """Bytes of stack that the neediest public call takes; what assembly takes beside it is little."""
    frame = frames(folder)
    goes = calls(arch, sorted({obj for obj, _ in frame}))
    public = {name: (obj, name) for obj, name in goes if name.startswith("kx_")}
    known = {}

    def depth(place):
        if place not in known:
            known[place] = 0    # there is no recursion: a jump within
            places = ((place[0], name) if (place[0], name) in goes else public.get(name) for name in goes[place])
            known[place] = frame.get(place, 0) + max((depth(to) for to in places if to and to != place), default=0)
        return known[place]
    return max(depth(public[name]) for name in PUBLIC & public.keys())     # kx_crash_enter() brings its own


def test_stack(arch, built):
    """2 KiB, as kx.h has it, with room for what assembly takes."""
    assert 512 < deepest(arch, built("libkx.a").parent) < 2048 - 256


@pytest.mark.parametrize("name", ["inner", "inner.isra.0"])
def test_stack_check_sees(arch, tmp_path, need, name):
    """Negative control: a frame behind a call is counted, whatever the compiler has made of the function's name."""
    need(CROSS[arch] + "gcc")
    source = tmp_path / "deep.c"
    source.write_text("""
        static int inner(int n) __asm__("%s");
        __attribute__((noinline)) static int inner(int n) { volatile char big[4000]; big[n] = 1; return big[n]; }
        int kx_enter(int n) { return inner(n) + 1; }
        """ % name)
    tool(arch, "gcc", "-c", "-O1", "-ffunction-sections", "-fstack-usage", "-o", tmp_path / "deep.o", source)
    assert deepest(arch, tmp_path) >= 4000 - 128     # x86_64's red zone


def trampoline_faults(arch, elf):
    """What a blob must not have."""
    faults = [line for line in tool(arch, "readelf", "-rW", elf).splitlines()
              if line.startswith("Relocation section")]
    return faults + mutable(arch, elf) + sorted(undefined(symbols(arch, elf)) - {""})


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("compiler", ["aarch64-linux-gnu-gcc", "clang --target=aarch64-linux-gnu"],
                         ids=["gcc", "clang"])
def test_no_return_is_signed(arch, need, tmp_path, compiler):
    """Some distributions' compilers sign return addresses. kx_state_resume_() is called with the keys that the new
    image has left, and returns with the host's: no address that the one has signed is one for the other."""
    need("make", compiler.split()[0], CROSS[arch] + "objdump")
    subprocess.run(["make", f"ARCH={arch}", f"LLVM={'1' if 'clang' in compiler else ''}", f"BUILD={tmp_path}",
                    f"CC={compiler} -mbranch-protection=standard", tmp_path / "lib/state.o"], cwd=TOP, check=True,
                   capture_output=True, timeout=300)
    code = tool(arch, "objdump", "-d", tmp_path / "lib/state.o")
    assert "<kx_state_resume_>:" in code and not re.search(r"\b(paci|auti|reta)", code)


def test_trampoline(arch, built):
    """One page, nothing to relocate, nothing to write."""
    assert built(f"kx-trampoline-{arch}.bin").stat().st_size == 4096
    assert trampoline_faults(arch, built("kx-trampoline.elf")) == []


def test_trampoline_checks_see(arch, tmp_path, need):
    """Negative control: an absolute address in an object is found."""
    need(CROSS[arch] + "gcc")
    source, obj = tmp_path / "bad.S", tmp_path / "bad.o"
    source.write_text(".data\n.quad elsewhere\n")
    tool(arch, "gcc", "-c", "-o", obj, source)
    faults = "\n".join(trampoline_faults(arch, obj))
    assert "Relocation section" in faults and ".data" in faults and "elsewhere" in faults


@pytest.mark.parametrize("page", ["trampoline", "probe"])
def test_page_in_library(arch, built, page):
    """The page in the library is the blob, byte by byte."""
    blob = built(f"kx-{page}-{arch}.bin").read_bytes()
    assert built("libkx.a").read_bytes().count(blob[0x100:]) == 1


def places(arch, elf):
    return {name: int(at, 16) for at, name in
            re.findall(r"^([0-9a-f]+) . (kx_\w+)$", tool(arch, "nm", elf), re.M)}


def test_pages_are_alike(arch, built):
    """What is begun in the one may go on in the page of a dry run: they differ in the walk, in where its
    fault handler ends, and in where the image is."""
    hop, dry = (places(arch, built(f"kx-{page}.elf")) for page in ("trampoline", "probe"))
    own = {"kx_answer_", "kx_page_used_", "kx_clean_"}
    assert {name: at for name, at in hop.items() if name not in own} == {
        name: at for name, at in dry.items() if name not in own | {"kx_landing_"}}
    # The walk comes last; but on aarch64 only what there is no room for before the vectors
    walk = hop["kx_walk_"], hop["kx_vectors_"] if arch == "aarch64" else 4096
    rest = dry["kx_page_used_"] if arch == "aarch64" else 4096
    pages = (built(f"kx-{page}-{arch}.bin").read_bytes() for page in ("trampoline", "probe"))
    differ = [at for at, (one, other) in enumerate(zip(*pages)) if one != other]
    assert differ and [at for at in differ if not (
        0x18 <= at < 0x20 or 0 < hop["kx_tell_"] - at <= 9 or walk[0] <= at < walk[1] or at >= rest)] == []


def test_dry_run_is_apart(arch, built):
    """Who does not call kx_dry_run() does not carry its page."""
    elf = built("libkx.a").parent / "kx-payload.elf"
    assert "kx_dry_run" not in places(arch, elf) and "kx_probe_page_" not in places(arch, elf)
    host = places(arch, built("kx-host.elf"))
    assert "kx_dry_run" in host and "kx_probe_page_" in host


def compile_header(compiler, header, arch, language):
    includes = INCLUDES.replace("$(ARCH)", arch).split()
    standard = "-std=c++11" if language == "c++" else "-std=c11"
    return subprocess.run([*compiler, "-fsyntax-only", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wundef",
                           standard, "-ffreestanding", *includes, "-include", header, "-x", language, "-"],
                          input="int kx_something;\n", cwd=TOP, capture_output=True, text=True)


def arch_of(header):
    parts = header.split("/")
    return parts[1] if parts[0] == "arch" and len(parts) > 2 else None


@pytest.mark.parametrize("header", [
    pytest.param(header, marks=pytest.mark.only(arch_of(header)) if arch_of(header) else ())
    for header in HEADERS])
def test_header_alone(header, arch, need):
    """Every header compiles by itself, with both compilers, and is C11 to the letter."""
    need(CROSS[arch] + "gcc", "clang")
    for compiler in ([CROSS[arch] + "gcc"], ["clang", f"--target={arch}-linux-gnu"]):
        done = compile_header(compiler, header, arch, "c")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("header", [name for name in HEADERS if name.startswith("include/")])
def test_header_cplusplus(header, arch, need):
    """The public headers are C++ too, and to the letter: g++, which need not be here, takes less than clang."""
    need("clang")
    done = compile_header(["clang", f"--target={arch}-linux-gnu"], header, arch, "c++")
    assert done.returncode == 0, done.stderr


def test_header_check_sees(arch, tmp_path, need):
    """Negative control: a header that needs another one first."""
    need("clang")
    bad = tmp_path / "bad.h"
    bad.write_text("struct thing { uint64_t pa; };\n")
    assert compile_header(["clang"], str(bad), arch, "c").returncode
    assert os.fspath(bad) in compile_header(["clang"], str(bad), arch, "c").stderr
