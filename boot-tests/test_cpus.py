# SPDX-License-Identifier: BSD-2-Clause
"""The other CPUs: stopped, parked, or left where the new image goes; and started by the new kernel.

Called by: pytest. See boot-tests/host/cpus.c for how the host leaves them.
"""
import re

import pytest

from conftest import missing
import fetch
import hop
from test_boot import boot

EL2 = {"virtualization": True, "gic": 3, "cpu": "max,pauth-impdef=on"}


@pytest.fixture
def hop_with(row, kernel, noise, tmp_path):
    """hop_with("kx.cpus=stop", smp=4): one hop of the payload, which starts them all."""
    def run(append, smp, **machine):
        image = hop.image(row, tmp_path / "payload.itb", kernel, noise(21_000),
                          f"kx.test kx.smp={smp - 1:#x}")
        return hop.run(row, image, append, smp=smp, **machine)
    return run


def methods(report):
    """How the payload had each CPU started."""
    return {key: value for key, value in report.values.items() if re.fullmatch(r"CPU\d+", key)}


@pytest.mark.parametrize("smp", [2, 4])
def test_all_come_up(hop_with, arch, smp):
    """What was stopped the new kernel can start: by firmware, or on x86_64 by startup messages."""
    report = hop_with("", smp)
    assert report.arrived and report.values["CPUS"] == str(smp - 1), report.result.console[-2000:]
    if arch != "x86_64":
        assert list(methods(report).values()) == ["firmware"] * (smp - 1)


# ---- a parking place ----

@pytest.mark.only("aarch64", "riscv64")
@pytest.mark.parametrize("smp", [2, 4])
def test_parked(hop_with, smp):
    """CPUs in libkx's parking place are called from there by the addresses in the device tree."""
    report = hop_with("kx.cpus=spin-table", smp)
    assert report.arrived and report.values["CPUS"] == str(smp - 1), report.result.console[-2000:]
    assert list(methods(report).values()) == ["spin-table"] * (smp - 1)
    assert f"cpus: {smp - 1} others have stopped" in report.result.console


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("e2h", [0, 1])
def test_parked_at_el2(hop_with, e2h):
    report = hop_with(f"kx.cpus=spin-table kx.e2h={e2h}", 3, **EL2)
    assert report.arrived and report.values["CPUS"] == "2", report.result.console[-2000:]


@pytest.mark.only("aarch64", "riscv64")
def test_parked_is_not_off(hop_with):
    """Its control: for the firmware such a CPU runs on. Who asks there is refused."""
    report = hop_with("kx.cpus=spin-table-unsaid", 2)
    assert report.arrived and list(methods(report).values()) == ["refused"]
    assert report.values["CPUS"] == "0"


@pytest.mark.only("x86_64")
def test_no_parking(hop_with):
    """There is no need for it, and no code."""
    report = hop_with("kx.cpus=spin-table", 2)
    assert report.refusals == ["argument"] and not report.arrived


@pytest.mark.only("aarch64")
@pytest.mark.parametrize("smp, qemu", [(2, ""), (4, "-M virtualization=on,gic-version=3")],
                         ids=["smp2", "el2-smp4"])
@pytest.mark.usefixtures("linux")
def test_linux_by_spin_table(arch, smp, qemu):
    """Linux brings the CPUs up from libkx's parking place."""
    done = boot(arch, "--smp", str(smp), "--append", "kx.cpus=spin-table", f"--qemu-option={qemu}")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert "kx-host: cpus: a parking place at" in done.stdout
    assert re.search(f"^KX-LINUX cpus={smp}$", done.stdout, re.M)
    assert re.search(f"^KX-LINUX spin-table={smp - 1}$", done.stdout, re.M)


# ---- a CPU in a page that the new image covers ----

def test_pen_is_refused(hop_with):
    """Told of the page, libkx refuses by name, and says where."""
    report = hop_with("kx.cpus=pen", 2)
    assert report.refusals == ["dest-over-cpu"] and not report.arrived
    assert not report.result.timed_out
    pen = re.search(r"^kx-host: cpus: a pen at (0x\w+)$", report.result.console, re.M)[1]
    assert re.search(rf"^kx: dest-over-cpu: .*; at {pen}$", report.result.console, re.M)


def test_pen_overwritten(hop_with, arch):
    """Negative control: told nothing, it jumps, and that CPU executes what came over its code. On
    aarch64 and riscv64 the new kernel cannot even start it."""
    report = hop_with("kx.cpus=pen-forced", 2)
    assert report.arrived, report.result.console[-2000:]
    assert report.values["PEN"] == "executed"
    if arch != "x86_64":
        assert list(methods(report).values()) == ["refused"] and report.values["CPUS"] == "0"


def test_pen_empty(hop_with):
    """The same image with that CPU stopped: the page stays as it was put there."""
    report = hop_with("kx.cpus=pen-stop", 2)
    assert report.arrived and report.values["PEN"] == "still", report.result.console[-2000:]
    assert report.values["CPUS"] == "1"


# ---- x2APIC ----

@pytest.mark.only("x86_64")
@pytest.mark.parametrize("smp", [2, 4])
def test_x2apic(hop_with, smp):
    """A host in x2APIC mode, which QEMU 7.2 cannot emulate: INIT goes out by the register for it."""
    try:
        prefix = fetch.qemu10()
    except fetch.FetchError as e:
        missing(f"no QEMU 10: {e}")
    report = hop_with("kx.apic=x2", smp, prefix=prefix, cpu="max")
    assert "kx-host: x2APIC mode" in report.result.console
    assert report.arrived and report.values["HEARTBEAT"] == "still", report.result.console[-2000:]
    assert report.values["CPUS"] == str(smp - 1)


@pytest.mark.only("x86_64")
def test_x2apic_running(hop_with):
    """Its control: a CPU that libkx is not told of runs on."""
    try:
        prefix = fetch.qemu10()
    except fetch.FetchError as e:
        missing(f"no QEMU 10: {e}")
    report = hop_with("kx.apic=x2 kx.cpus=park", 2, prefix=prefix, cpu="max")
    assert report.arrived and report.values["HEARTBEAT"] == "moving"
