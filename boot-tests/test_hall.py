# SPDX-License-Identifier: BSD-2-Clause
"""The bugs that kexec, its tools and their kin have had, by name: each has tests that show it is not here, and
tests in which the old mistake is put back, and seen.

Called by: pytest. HALL says which test is for which bug; most stand elsewhere, with what they belong to. Here
are the rest: mistakes in C for which a unit test must fail, and rules that code and builds must keep.
Left out is what is not libkx's to do wrong: how kexec-tools reads /proc/iomem and prints numbers, where a
bootloader puts an initrd. And what cannot be done right: CPUs that INIT has stopped have CR4.MCE clear, as after a
reset, so that a machine check which the hardware tells to all of them shuts the machine down until the new kernel
has started them (SDM "Machine-Check Exception (#MC)").
"""
from pathlib import Path
import re
import shlex
import shutil
import subprocess
import sys

from elftools.elf.elffile import ELFFile
import pytest

import hop
import mistake
from mistake import Mistake
import outside
import qemu
from sequence import broken, Code, Rule
from test_purgatory_ro import Loaded, undefined

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "boot-tests/fuzz"))
import corpus  # noqa: E402

ARCHES = ("riscv64", "aarch64", "x86_64")

# Bug: (what shows that it is not here, what shows that it would be seen). A name without a file is of this file.
HALL = {
    "1 memcmp that compares one byte": (
        ["unit/test_purgatory.c::test_digest_bits", "unit/test_purgatory.c::test_bytes",
         "test_purgatory.py::test_damage_is_named", "test_verified.py::test_damage"],
        ["test_old_mistake[memcmp-of-one-byte]", "test_verified.py::test_damage_unverified"]),
    "2 SIMD where nobody has switched it on": (
        ["test_no_simd", "test_purgatory.py::test_intact", "test_purgatory_ro.py::test_built_in_every_way"],
        ["test_simd_is_seen"]),
    "3 memcpy that calls itself": (
        ["test_mem_calls_nothing", "test_symbols.py::test_undefined"], ["test_mem_call_is_seen"]),
    "4 two sections of code, and an entry in either": (
        ["test_purgatory_ro.py::test_sections", "test_purgatory_ro.py::test_built_in_every_way",
         "test_purgatory_ro.py::test_loads"], ["test_relocatable_link_is_seen"]),
    "5 an undefined symbol, linked all the same": (
        ["test_purgatory_ro.py::test_loads", "test_symbols.py::test_undefined"],
        ["test_purgatory_ro.py::test_undefined_symbol_is_seen", "test_relocatable_link_is_seen"]),
    "6 relocations that are applied wrongly": (
        ["test_purgatory_ro.py::test_loads", "test_symbols.py::test_trampoline"],
        ["test_relocatable_link_is_seen", "test_symbols.py::test_trampoline_checks_see"]),
    "7 a far jump that AMD's and Intel's CPUs read differently": (
        ["test_no_far_jump", "test_32_bits_of_either_vendor", "test_payload.py::test_pvh"],
        ["test_far_jump_is_seen"]),
    "8 a root of tables, written past its page": (
        ["unit/test_idmap.c::test_addresses"], ["test_old_mistake[table-past-its-page]"]),
    "9 a map that ends one off, or maps what is no RAM": (
        ["unit/test_idmap.c::test_addresses", "unit/test_memory.c::test_next_free",
         "unit/test_control.c::test_granules"],
        ["test_old_mistake[map-one-off]", "test_old_mistake[tables-outside-ram]"]),
    "10 satp = 0 without an alias, in a guest": (
        ["test_monitor.py::test_no_trap"], ["test_satp_trick", "test_monitor.py::test_trap_is_seen"]),
    "11 huge leaves without the right to execute": (
        ["test_payload.py::test_arrives", "unit/test_idmap.c::test_addresses"],
        ["test_old_mistake[leaf-not-executable]"]),
    "12 an entry, or an image, at an odd address": (
        ["unit/test_control.c::test_jump", "unit/test_image.c::test_nonsense",
         "unit/test_purgatory_seal.c::test_parse", "test_refusals.py::test_image"],
        ["test_old_mistake[entry-misaligned]", "test_old_mistake[image-off-its-page]"]),
    "13 overlaps, cycles, ends and tails that the planner gets wrong": (
        ["test_units.py::test_property", "test_fuzz.py::test_fuzz", "test_payload.py::test_knots",
         "test_refusals.py::test_planner"],
        ["test_units.py::test_planted_violations", "test_mutants.py::test_sample", "test_fuzz.py::test_planted",
         "test_old_mistake[cycle-without-a-spare-page]", "test_old_mistake[written-before-read]",
         "test_old_mistake[control-page-overwritten]", "test_old_mistake[overlap-of-a-page]",
         "test_old_mistake[tail-not-zeroed]", "test_old_mistake[end-past-2-64]"]),
    "14 old lines in the caches, for lack of a barrier": (
        ["test_sequence.py::test_rules_hold", "test_hops.py::test_chain"],
        ["test_sequence.py::test_every_operation_is_missed"]),
    "15 another CPU, still running what is overwritten": (
        ["test_refusals.py::test_running_cpu", "test_refusals.py::test_stopped_cpus",
         "test_confirm.py::test_psci", "test_cpus.py::test_pen_is_refused",
         "test_symbols.py::test_trampoline"],
        ["test_payload.py::test_cpu_left_running", "test_cpus.py::test_pen_overwritten",
         "test_old_mistake[firmware-error-taken-for-stopped]"]),
    "a call through GS or tp in what stops the machine": (["test_no_thread_pointer"],
                                                          ["test_thread_pointer_is_seen"]),
    "an initrd's address left in the device tree": (
        ["test_payload.py::test_arrives", "test_fuzz.py::test_fuzz[x86_64-fdt]"],
        ["test_old_mistake[initrd-address-left]", "test_old_mistake[initrd-address-twice]"]),
    "a machine without memory, as the planner sees it": (
        ["unit/test_list_check.c::test_arguments"],
        ["test_old_mistake[no-memory]"]),
    "a console's LF before its CR": (["unit/test_console.c::test_newline"], ["test_old_mistake[lf-before-cr]"]),
    "a machine check while CR4.MCE is clear": (
        ["test_machine_checks_stay_on", "test_machine_check"],
        ["test_machine_checks_off_are_seen", "test_machine_check_is_silent"]),
    "wbinvd, which a confidential guest must not execute": (
        ["test_no_wbinvd", "unit/test_state.c::restore_writes_differences_alone"], ["test_wbinvd_is_seen"]),
    "a UART of words, written by bytes": (["unit/test_console.c::test_uart_words"],
                                          ["test_old_mistake[uart-by-bytes]"]),
}

# ---- the table itself ----


def collected():
    """{file::test: parameters of it} of all tests there are."""
    done = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider",
                           *(f"--arch={arch}" for arch in ARCHES), "boot-tests"], cwd=TOP,
                          capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    found = {}
    for file, name, parameters in re.findall(r"^boot-tests/(\w+\.py)::(\w+)(?:\[(.*)\])?$", done.stdout, re.M):
        found.setdefault(f"{file}::{name}", []).append(parameters)
    return found


def is_there(which, found):
    if which.startswith("unit/"):
        file, test = which.removeprefix("unit/").split("::")
        run = any(parameters.endswith(Path(file).stem) for parameters in found["test_units.py::test_unit"])
        return run and re.search(rf"test\({test}\)", (TOP / "boot-tests/unit" / file).read_text(), re.I)
    name, _, parameter = (which if "::" in which else f"test_hall.py::{which}").partition("[")
    return name in found and any(parameter.rstrip("]") in one for one in found[name])


def test_hall():
    """Every bug has tests of both kinds, every test that is named is there, and every mistake has its bug."""
    found = collected()
    for bug, (shown, seen) in HALL.items():
        assert shown and seen, bug
        missing = [which for which in (*shown, *seen) if not is_there(which, found)]
        assert not missing, f"{bug}: {missing}"
    named = {which for _, seen in HALL.values() for which in seen}
    assert {f"test_old_mistake[{name}]" for name in MISTAKES} <= named
    print(f"hall: {len(HALL)} bugs, each shown and put back, {len(MISTAKES)} of them in C here")


# ---- old mistakes in C, put back ----

# Name: (architecture, unit test that must fail, mistake)
MISTAKES = {
    "memcmp-of-one-byte": ("riscv64", "test_purgatory", Mistake(
        "lib/purgatory/run.c", "i < KX_DIGEST_SIZE; i++)\n\t\tdifference", "i < 1; i++)\n\t\tdifference")),
    "table-past-its-page": ("x86_64", "test_idmap", Mistake(
        "lib/table.c", "& (entries - 1);", "& (2 * entries - 1);")),
    "map-one-off": ("riscv64", "test_memory", Mistake(
        "lib/memory.c", "free->size = end - pa;", "free->size = end - pa - 1;")),
    "tables-outside-ram": ("riscv64", "test_control", Mistake(
        "lib/control.c", "error = kx_memory_dest_(jump->memory, arena->pa, arena->size);", "error = 0;")),
    "leaf-not-executable": ("riscv64", "test_idmap", Mistake(
        "arch/riscv64/idmap.c", "PTE_R | PTE_X | PTE_A", "PTE_R | PTE_A")),
    "entry-misaligned": ("riscv64", "test_control", Mistake(
        "lib/control.c", "!kx_aligned_(jump->entry_pa, KX_ENTRY_ALIGN) ||", "")),
    "image-off-its-page": ("riscv64", "test_image", Mistake(
        "lib/image/linux_image.c", "if (text_offset & KX_PAGE_MASK)", "if (0)")),
    "cycle-without-a-spare-page": ("riscv64", "test_list_build", Mistake(
        "lib/list_order.c", "source_pa == first_pa ? spare_pa : source_pa", "source_pa")),
    "written-before-read": ("riscv64", "test_list_build", Mistake(
        "lib/list_order.c", "stretch.knotted = reader.run || writer.run;", "stretch.knotted = 0;")),
    "control-page-overwritten": ("riscv64", "test_list_check", Mistake(
        "lib/list_check.c", "if (kx_overlaps_(pa, size, proof->rules->control))", "if (0)")),
    "overlap-of-a-page": ("riscv64", "test_segment", Mistake(
        "lib/segment.c", "< kx_segment_span_(before))", "+ KX_PAGE_SIZE < kx_segment_span_(before))")),
    "tail-not-zeroed": ("riscv64", "test_list_build", Mistake(
        "lib/list_build.c", "run.pages = (end - run.dest_pa) >> KX_PAGE_SHIFT;", "run.pages = 0 * end;")),
    "end-past-2-64": ("riscv64", "test_segment", Mistake(
        "lib/segment.c", "if (kx_wraps_(segment->dest_pa, size))", "if (0)")),
    "firmware-error-taken-for-stopped": ("riscv64", "test_cpus", Mistake(
        "lib/cpus.c", "if (stopped < 0)\n\t\t\treturn stopped;", "")),
    "no-memory": ("riscv64", "test_list_check", Mistake(
        "lib/memory.c", "|| !memory->ram_count)", ")")),
    "initrd-address-left": ("x86_64", "fuzz_fdt", Mistake(
        "boot-tests/host/fdt/platform.c", "while (!fdt_delprop(to, chosen, \"linux,initrd-end\"))\n\t\t;\n\t", "")),
    "initrd-address-twice": ("x86_64", "fuzz_fdt", Mistake(
        "boot-tests/host/fdt/platform.c", "while (!fdt_delprop(to, chosen, \"linux,initrd-end\"))\n\t\t;\n",
        "fdt_delprop(to, chosen, \"linux,initrd-end\");\n")),
    "lf-before-cr": ("riscv64", "test_console", Mistake(
        "lib/console/console.c", "if (c == '\\n')\n\t\tput(console, '\\r');\n\tput(console, c);",
        "put(console, c);\n\tif (c == '\\n')\n\t\tput(console, '\\r');")),
    "uart-by-bytes": ("riscv64", "test_console", Mistake(
        "lib/console/uart8250.c", "if (device->stride == 4)\n\t\t*(volatile uint32_t *)at = value;\n\telse\n\t", "")),
}


@pytest.mark.parametrize("name", [name for name in MISTAKES])
def test_old_mistake(name, need, tmp_path):
    need("gcc", "clang", "make")
    arch, test, what = MISTAKES[name]
    fuzzed = test.startswith("fuzz_")
    program = mistake.build(arch, f"build/{arch}/{'fuzz' if fuzzed else 'unit'}/{test}", what, tmp_path)
    argv = [program]
    if fuzzed: # on its corpus alone
        (tmp_path / "inputs").mkdir()
        corpus.expand(test.removeprefix("fuzz_"), tmp_path / "inputs")
        argv += [tmp_path / "inputs", "-runs=0", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(argv, cwd=TOP, capture_output=True, text=True, timeout=600)
    assert done.returncode
    assert re.search(r"\[  FAILED  \]|ERROR: |runtime error", done.stderr), done.stderr


# ---- rules that code keeps: what compilers and authors have slipped in ----

# Vector registers, in what objdump prints
VECTOR = {"x86_64": r"%[xyz]?mm\d|%st\b", "aarch64": r"[ \t,{[][vqdsh]([12]?\d|3[01])(\.|,|\]|}|$)",
          "riscv64": r"\b[fv][ast]?\d+\b"}
THREAD = {"x86_64": r"%[gf]s:", "aarch64": r"^mrs\t\w+, tpidr", "riscv64": r"\btp\b"}
CALL = r"^(call|bl|blr|jal|jalr|c\.jalr|auipc)\b"
# Not compiled for size or speed but for what it says: the registers by their names
NAMED = {"state"}


def code(arch, path):
    """[instruction] of an object."""
    text = subprocess.run([f"{arch}-linux-gnu-objdump", "-d", "--no-show-raw-insn", path], check=True,
                          capture_output=True, text=True).stdout
    found = re.findall(r"^ *[0-9a-f]+:\t(.*)$", text, re.M)
    # Without where a branch goes: an address may read like a register.
    return [re.sub(r"\w+ <.*", "", re.split(r"//| # ", line)[0]).strip() for line in found]


def compiled(arch):
    """Objects that a compiler made of C, by both."""
    sources = [*TOP.glob("lib/**/*.c"), *TOP.glob(f"arch/{arch}/*.c")]
    for suffix in ("", "-llvm"):
        for source in sources:
            path = TOP / f"build/{arch}{suffix}" / source.relative_to(TOP).with_suffix(".o")
            if path.exists():
                yield path


def with_pattern(arch, paths, pattern):
    return sorted({path.stem for path in paths if any(re.search(pattern, line) for line in code(arch, path))})


def compile_mem(arch, folder, without, more):
    """lib/mem.c as it is not to be compiled."""
    line = next(line for line in mistake.make(arch, "-n", "V=1", "-W", "lib/mem.c",
                                              f"build/{arch}/lib/mem.o").splitlines() if "lib/mem.c" in line)
    argv = [word for word in shlex.split(line) if word not in without]
    argv[argv.index("-o") + 1:] = [folder / "mem.o", *more, "lib/mem.c"]
    subprocess.run(argv, cwd=TOP, check=True)
    return folder / "mem.o"


def test_no_simd(arch, build):
    """No compiler has put a vector register anywhere."""
    build("libkx.a")
    assert len(list(compiled(arch))) > 40
    assert with_pattern(arch, compiled(arch), VECTOR[arch]) == []


@pytest.mark.only("x86_64", "aarch64")
def test_simd_is_seen(arch, build, need, tmp_path):
    """The old mistake: compiled for a distribution's idea of a CPU, which copies by vectors."""
    build("libkx.a")
    more = ["-O3", *(["-march=x86-64-v3"] if arch == "x86_64" else [])]
    path = compile_mem(arch, tmp_path, {"-mgeneral-regs-only", "-march=x86-64"}, more)
    assert with_pattern(arch, [path], VECTOR[arch]) == ["mem"]


def test_mem_calls_nothing(arch, build):
    build("libkx.a")
    paths = [path for path in compiled(arch) if path.name == "mem.o"]
    assert paths and with_pattern(arch, paths, CALL) == []


def test_mem_call_is_seen(arch, build, tmp_path):
    """The old mistake: a compiler that knows memset when it sees it, and calls that."""
    build("libkx.a")
    path = compile_mem(arch, tmp_path, {"-fno-tree-loop-distribute-patterns", "-fno-builtin"},
                       ["-O3", "-ftree-loop-distribute-patterns"])
    assert with_pattern(arch, [path], CALL) == ["mem"]


def test_no_thread_pointer(arch, build):
    """Per-CPU data, stack protectors: nothing is reached by a register that the host has set up."""
    build("libkx.a")
    paths = [path for path in compiled(arch) if path.stem not in NAMED]
    assert with_pattern(arch, paths, THREAD[arch]) == []


def test_thread_pointer_is_seen(arch, need, tmp_path):
    need(f"{arch}-linux-gnu-gcc")
    (tmp_path / "bad.c").write_text("__thread int depth; int bad(void) { return ++depth; }")
    subprocess.run([f"{arch}-linux-gnu-gcc", "-O2", "-fno-pie", "-mcmodel=medany" if arch == "riscv64" else "-O2",
                    "-ftls-model=local-exec", "-c", "-o", tmp_path / "bad.o", tmp_path / "bad.c"], check=True)
    assert with_pattern(arch, [tmp_path / "bad.o"], THREAD[arch]) == ["bad"]


# To where an operand in memory says, with a 64-bit offset or without: the vendors differ.
FAR_JUMP = r"\bl(jmp|call)\w*\s+\*|\brex\S*\s+l(jmp|call)"


def far_jumps(text):
    return re.findall(FAR_JUMP, re.sub(r"/\*.*?\*/", "", text, flags=re.S))


@pytest.mark.only("x86_64")
def test_no_far_jump(arch):
    """Long mode is left by a far return, which all CPUs read alike."""
    texts = [path.read_text() for path in (TOP / "arch/x86_64").glob("*.[cS]")]
    assert any("lretq" in text for text in texts)
    assert not [text for text in texts if far_jumps(text)]


def test_far_jump_is_seen():
    assert far_jumps("\tljmp\t*4(%rax)") and far_jumps("\trex.W ljmp *(%rax)") and far_jumps("lcallq *x(%rip)")
    assert not far_jumps("/* ljmp *x */\tljmp\t$0x10, $1f")


@pytest.mark.only("x86_64")
@pytest.mark.parametrize("cpu", ["EPYC", "Skylake-Server"])
def test_32_bits_of_either_vendor(arch, build, cpu, tmp_path):
    """Into 32-bit mode by trampoline and purgatory, on CPUs of both."""
    way = next(row for row in hop.ROWS if row.name == "no-la57")
    image = hop.image(way, tmp_path / "pvh.itb", build("kx-payload.elf"))
    for purgatory in ("off", "regions"):
        report = hop.run(way, image, purgatory=purgatory, cpu=cpu)
        assert report.arrived, report.result.console[-1000:]
        assert report.number("CR0") >> 31 == 0 and report.number("EFER") & 0x400 == 0


# ---- x86_64: machine checks, and caches that a hypervisor keeps to itself ----

MCE_RULES = [
    Rule('SDM "Machine-Check Exception (#MC)": with CR4.MCE clear it is a shutdown. On from where libkx has gates ...',
         "^lidt ", (r"^or \$0x40,%eax", "^mov %rax,%cr4"), r"%cr3|^jmp "),
    Rule("... and in each value that CR4 gets after that, but for the image's", r"^and \$0x1020,%eax",
         (r"^or \$0x40,%eax",), "^mov %rax,%cr4"),
]


def control_page(build):
    return Code("x86_64", build("kx-trampoline.elf"))


def unchecked(code):
    """The rules that the way in breaks."""
    return [found for rule in MCE_RULES if (found := broken(code, rule, code.symbols["kx_enter_"]))]


@pytest.mark.only("x86_64")
def test_machine_checks_stay_on(arch, build):
    assert unchecked(control_page(build)) == []


@pytest.mark.only("x86_64")
def test_machine_checks_off_are_seen(arch, build):
    """The old mistake: CR4 as others leave it on the way, PAE and LA57 alone."""
    code = control_page(build)
    start = code.symbols["kx_enter_"]
    at = next(at for at in code.order if at > start and code.text[at] == "or $0x40,%eax")
    code.text[at] = "nop"
    assert len(unchecked(code)) == len(MCE_RULES)


class Checked:
    """A machine behind kx_enter_'s write of CR4, where a machine check comes."""

    def __init__(self, arch, build, folder):
        row, self.code = hop.usual(arch), control_page(build)
        with build("kx-host.elf").open("rb") as file:
            page = ELFFile(file).get_section_by_name(".symtab").get_symbol_by_name("kx_trampoline_page_")[0]
        self.page, self.folder, self.ended = page["st_value"], folder, False
        image = hop.image(row, folder / "payload.itb", build("kx-payload.bin"))
        machine = qemu.Machine(arch, **row.machine, extra=[
            "-S", "-gdb", "chardev:gdb", "-chardev", f"socket,path={folder}/gdb,server=on,wait=off,id=gdb"])
        self.watched = qemu.Watched(machine, folder, hop.host(arch), initrd=image,
                                    append=f"{row.options} kx.purgatory=off")

    def at(self, text):
        """Where the first instruction of kx_enter_ is that reads so."""
        return self.page + next(at for at in self.code.order if at > self.code.symbols["kx_enter_"]
                                and self.code.text[at] == text)

    def check(self, mistake=None):
        """What is printed from there on. mistake: what the last byte of `or $CR4_MCE, %eax` becomes."""
        with self.watched as watched:
            gdb = outside.Gdb(self.folder / "gdb")
            gdb.run_to(self.page + self.code.symbols["kx_enter_"], 1)
            if mistake is not None:
                assert gdb.ask(f"M{self.at('or $0x40,%eax') + 2:x},1:{mistake:02x}") == b"OK"
            gdb.run_to(self.at("mov %rax,%cr4"), 1)
            gdb.go("s")
            seen = len(watched.console())
            try:
                watched.monitor("mce 0 9 0xbd00000000000000 5 0 0")     # uncorrected
                gdb.socket.sendall(b"$c#63")
                watched.until(lambda: "halted" in watched.console()[seen:])
            except (AssertionError, ConnectionError):
                watched.process.wait(timeout=qemu.END_S)    # a shutdown: QEMU has ended
                self.ended = True
            return watched.console()[seen:]


@pytest.mark.only("x86_64")
def test_machine_check(arch, build, tmp_path):
    """It is told, and the policy is obeyed."""
    machine = Checked(arch, build, tmp_path)
    console = machine.check()
    assert not machine.ended
    assert re.search(r"^kx: fault: trampoline enter cause=0x0*12 .*$", console, re.M), console[-1000:]
    assert "kx-trampoline: halted" in console


@pytest.mark.only("x86_64")
def test_machine_check_is_silent(arch, build, tmp_path):
    """The old mistake: with CR4.MCE clear, the same is the end of the machine, without a word."""
    machine = Checked(arch, build, tmp_path)
    assert machine.check(mistake=0) == "" and machine.ended


FLUSH = r"^(wbinvd|wbnoinvd|invd)\b"
TYPES = "state"     # changes memory types, of which kx_state_restore() asks only where the host has changed some


@pytest.mark.only("x86_64")
def test_no_wbinvd(arch, build):
    """It is a #VE or #VC there, and of no use: caches are coherent."""
    blobs = [build(name) for name in ("kx-trampoline.elf", "kx-purgatory.elf", "purgatory-ro.elf")]
    assert with_pattern(arch, blobs, FLUSH) == []
    assert with_pattern(arch, compiled(arch), FLUSH) == [TYPES]


@pytest.mark.only("x86_64")
def test_wbinvd_is_seen(arch, need, tmp_path):
    """The old mistake: caches written back on the way, as SME wants it, wherever the code runs."""
    need(f"{arch}-linux-gnu-gcc")
    (tmp_path / "bad.c").write_text('void bad(void) { __asm__ volatile("wbinvd"); }')
    subprocess.run([f"{arch}-linux-gnu-gcc", "-c", "-o", tmp_path / "bad.o", tmp_path / "bad.c"], check=True)
    assert with_pattern(arch, [tmp_path / "bad.o"], FLUSH) == ["bad"]


# ---- builds that kexec's loaders must not be given ----


def test_relocatable_link_is_seen(arch, build, tmp_path):
    """The old mistake: `ld -r`, as others make their purgatory. Undefined symbols, many sections of code and
    relocations are all in it, and the tests that look for them say so."""
    build("purgatory.ro")
    objects = [f"{tmp_path}/lib/purgatory/{name}.o" for name in ("run", "fault", "check")]
    mistake.make(arch, f"BUILD={tmp_path}", *objects)
    ro = tmp_path / "purgatory.ro"
    subprocess.run([f"{arch}-linux-gnu-ld", "-r", "-o", ro, *objects], cwd=TOP, check=True)
    with pytest.raises(AssertionError):
        Loaded(ro, arch, 0x3000)
    subprocess.run([f"{arch}-linux-gnu-objcopy", "-R", ".rela*", "-R", ".eh_frame", "-R", ".note*", "-R",
                    ".rela.debug*", ro], check=True)
    bare = Loaded(ro, arch, 0x3000)
    assert len(bare.executable) > 1 and "kx_halt_" in undefined(bare.elf)


# ---- riscv64: translation off by a fault that is expected ----

RIGHT = "\tcsrw\tsatp, tables\n"
TRICK = """	lla	t1, kx_page_
	ld	t2, KX_HANDOFF_CONTROL_PA(t1)
	lla	t0, 1f
	sub	t0, t0, t1
	add	t0, t0, t2
	csrw	stvec, t0
	csrw	satp, zero
	sfence.vma
	.balign	4
1:
"""


@pytest.mark.only("riscv64")
def test_satp_trick(arch, build, monkeypatch, tmp_path):
    """The old mistake: satp = 0 at a virtual address, with stvec where the fetch shall go on. On bare metal it
    arrives; in a guest the fetch is no fault of the guest's, and kills it."""
    build("kx-monitor.bin")
    for name in ("include", "lib", "linker", "boot-tests", "Makefile", "toolchain.mk"):
        (tmp_path / name).symlink_to(TOP / name)
    shutil.copytree(TOP / "arch", tmp_path / "arch", copy_function=shutil.copy2)
    for path in (TOP / "build" / arch).iterdir():   # the rest changes while other tests run
        to = tmp_path / "build" / arch / path.name
        to.parent.mkdir(exist_ok=True, parents=True)
        if path.name in ("arch", "boot-tests", "lib", "libfdt", "small"):
            shutil.copytree(path, to, copy_function=shutil.copy2)
        elif path.name.startswith(("kx-", "lib", "purgatory")):
            shutil.copy2(path, to)
    source = tmp_path / "arch/riscv64/enter.S"
    source.write_text(mistake.changed(source.read_text(), Mistake("enter.S", RIGHT, TRICK)))
    files = [f"build/{arch}/kx-{name}.bin" for name in ("host", "monitor")]
    done = subprocess.run(["make", f"ARCH={arch}", "LLVM=", *files], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    way = next(row for row in hop.ROWS if row.name == "sv39-vmap")
    image = hop.image(way, tmp_path / "payload.itb", build("kx-payload.bin"))

    monkeypatch.setattr(hop, "host", lambda arch: tmp_path / files[0])
    assert hop.run(way, image).arrived
    monkeypatch.setattr(hop, "host", lambda arch: tmp_path / files[1])
    report = hop.run(way, image, "kx.quiesce=none")
    assert not report.arrived and re.search(r"^monitor: trap: cause=(20|1) ", report.result.console, re.M), \
        report.result.console[-1000:]
