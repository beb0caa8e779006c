# SPDX-License-Identifier: BSD-2-Clause
"""What all tests share: the architecture under test, and what to do when a tool is missing.

Called by: pytest. Nothing is built here; the Makefile has done that.
"""
import os
from pathlib import Path
import random
import shutil

import pytest

import ending
import fetch
import guest
import hop

TOP = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    parser.addoption("--arch", action="append", choices=list(fetch.ARCHES),
                     help="test this architecture; may be given again (default: those that are "
                          "built, in CI or with nothing built: all)")


def pytest_generate_tests(metafunc):
    """A test that takes `arch` runs once for each."""
    if "arch" in metafunc.fixturenames:
        built = [arch for arch in fetch.ARCHES if (TOP / "build" / arch).is_dir()]
        chosen = metafunc.config.getoption("arch")
        metafunc.parametrize("arch", chosen or "CI" not in os.environ and built or fetch.ARCHES)


def pytest_configure(config):
    ending.be_told()
    config.addinivalue_line("markers", "only(*arches): a test of these architectures alone")
    config.addinivalue_line("markers", "long: takes ten seconds or more, and is begun before the others")


def pytest_collection_modifyitems(config, items):
    """What belongs to another architecture is no test of this one, and no skipped one either."""
    def applies(item):
        arch = getattr(item, "callspec", None) and item.callspec.params.get("arch")
        way = arch and item.callspec.params.get("way")
        only = item.get_closest_marker("only")
        return not arch or ((not way or way.arch == arch) and (not only or arch in only.args))
    other = [item for item in items if not applies(item)]
    config.hook.pytest_deselected(items=other)
    # The long ones first: of several workers none shall wait for another's at the end
    items[:] = sorted((item for item in items if item not in other),
                      key=lambda item: not item.get_closest_marker("long"))


def missing(what):
    """Ends a test that cannot run: in CI that is a failure, elsewhere a skip."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def qemu10():
    """The prefix of QEMU 10, for a qemu.Machine."""
    try:
        return fetch.qemu10()
    except fetch.FetchError as e:
        missing(f"no QEMU 10: {e}")


@pytest.fixture
def need():
    """need("mkimage", "fdtget"): ends the test if a program is not there."""
    def check(*programs):
        for program in programs:
            if not shutil.which(program):
                missing(f"{program} is not installed (boot-tests/fetch.py deps)")
    return check


@pytest.fixture
def build(arch):
    """build("host.elf"): the path of something the Makefile builds for `arch`."""
    def find(name):
        path = TOP / "build" / arch / name
        if not path.exists():
            missing(f"{path.relative_to(TOP)} is not built")
        return path
    return find


@pytest.fixture
def bare_cpu(arch, build, need, tmp_path):
    """bare_cpu(model, "kx_cpus_confirm"): a CPU that runs that function of the library; see privileged.py."""
    import privileged   # no other test wants an emulator in this process
    need(f"{arch}-linux-gnu-ld", f"{arch}-linux-gnu-objdump")
    library = build("libkx.a")

    def make(model, *symbols):
        linked = tmp_path / symbols[0]
        if not linked.exists():
            privileged.link(arch, library, linked, *symbols)
        return privileged.Cpu(arch, linked, model)
    return make


# ---- a hop of the payload; a file of tests may have its own of each ----


@pytest.fixture
def row(arch):
    """The usual row of the architecture under test."""
    return hop.usual(arch)


@pytest.fixture
def kernel(build):
    return build("kx-payload.bin")


@pytest.fixture
def noise(tmp_path):
    """noise(12345): a file of that size."""
    def make(size, name="ramdisk"):
        path = tmp_path / name
        path.write_bytes(random.Random(size).randbytes(size))
        return path
    return make


@pytest.fixture
def ramdisk(noise):
    """A few hundred pages, the last of odd size."""
    return noise(1_234_567)


@pytest.fixture
def image(row, tmp_path, kernel, ramdisk):
    return hop.image(row, tmp_path / "payload.itb", kernel, ramdisk)


# ---- Debian's kernel ----


@pytest.fixture
def linux(arch, need):
    """Debian's kernel for `arch`, and an emulator to run it."""
    need(f"qemu-system-{arch}")
    try:
        fetch.busybox(arch)  # guest.initramfs will want it
        return guest.kernel(arch)
    except fetch.FetchError as e:
        missing(f"no guest: {e}")
