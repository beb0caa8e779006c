#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Everything libkx's tests take from outside: all downloads, and only here.

Called by: .ci/run and people (`fetch.py deps`), guest.py, the Makefile (`fetch.py libfdt`).

All of it is Debian's. `deps` installs this machine's packages. The rest (guest kernels, busybox,
libfdt, a newer QEMU) is unpacked into a cache and never installed: it comes through a private apt
root, so that this machine's own sources stay as they are and every byte is still checked against
the archive's signatures. A guest of another architecture or release costs nothing more.
"""
import argparse
import fcntl
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys

DEPS = """
    apt binutils ca-certificates clang clang-format cpio debian-archive-keyring
    device-tree-compiler dpkg-dev gcc gcc-aarch64-linux-gnu gcc-riscv64-linux-gnu gzip libc6-dev
    libc6-dev-arm64-cross libc6-dev-riscv64-cross libclang-rt-14-dev libcmocka-dev
    libssl-dev libunicorn-dev lld llvm make opensbi pkg-config python3 python3-capstone python3-libfdt
    python3-pyelftools python3-pytest python3-pytest-xdist python3-unicorn qemu-system-arm
    qemu-system-misc qemu-system-x86 seabios u-boot-tools xz-utils
""".split()

# libkx's name: Debian's name, and the metapackage that depends on the newest kernel.
ARCHES = {
    "riscv64": ("riscv64", "linux-image-riscv64"),
    "aarch64": ("arm64", "linux-image-cloud-arm64"),
    "x86_64": ("amd64", "linux-image-cloud-amd64"),
}
GUEST_SUITE = "trixie"
# Where the usual kernel lacks drivers for IOMMUs: the suite and the metapackage of one that has them.
IOMMU_KERNELS = {
    "riscv64": ("forky", "linux-image-riscv64"),
    "x86_64": (GUEST_SUITE, "linux-image-amd64"),
}
KEXEC_SUITE = "sid"  # the first with kexec-tools for riscv64, 2.0.32
QEMU10_SUITE = "bookworm-backports"
QEMU10 = """qemu-system-arm qemu-system-common qemu-system-data qemu-system-misc
    qemu-system-riscv qemu-system-x86 opensbi seabios""".split()

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
BOUNDED = ["-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30",
           "-o", "Acquire::https::Timeout=30", "-o", "DPkg::Lock::Timeout=300"]
APT_LIMIT_S = 1800


class FetchError(Exception):
    """What could not be had, and why, in words for a person."""


def run(*argv, **kwargs):
    """Runs a command to its end; its stdout goes to our stderr unless `stdout` says otherwise."""
    kwargs = {"stdin": subprocess.DEVNULL, "stdout": sys.__stderr__, **kwargs}
    try:
        done = subprocess.run(argv, stderr=subprocess.PIPE, text=True, errors="replace",
                              timeout=APT_LIMIT_S, **kwargs)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise FetchError(f"{argv[0]}: {e}") from e
    if done.returncode:
        command = " ".join(a for a in argv if a not in BOUNDED)
        raise FetchError(f"{command}: exit status {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def deps():
    """Installs what DEPS names; does nothing, in no time, when all of it is there."""
    listing = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *DEPS],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    missing = sorted(set(DEPS) - {l.split()[1] for l in listing.splitlines()
                                  if l.startswith("installed ")})
    if not missing:
        return
    if os.geteuid() != 0:
        raise FetchError("not root, so these packages cannot be installed: " + " ".join(missing))
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run("apt-get", *BOUNDED, "-q", "update", env=env)
    run("apt-get", *BOUNDED, "-q", "-y", "--no-install-recommends", "install", *missing, env=env)


# --- the cache -------------------------------------------------------------------------------

def cache():
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("KX_CACHE") or Path(home) / "libkx").absolute()


def cached(item, make):
    """Returns the folder `item` of the cache, filled by make(folder) if it is not there yet.

    It appears by one rename, after make() has returned: what is there is whole. One lock for the
    cache keeps runs apart that start at the same time; the later one finds the work done.
    """
    dest = cache() / item
    if dest.is_dir():
        return dest
    cache().mkdir(parents=True, exist_ok=True)
    with open(cache() / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not dest.is_dir():
            new = cache() / f".new-{item}"
            shutil.rmtree(new, ignore_errors=True)  # a run that was ended half-way
            new.mkdir()
            try:
                make(new)
            except BaseException:
                shutil.rmtree(new)
                raise
            new.rename(dest)
    return dest


# --- the private apt root --------------------------------------------------------------------

def mirror():
    """The Debian archive that this machine itself uses.

    apt is asked, because sources come in several forms and apt reads them all. Other archives may
    have a suite of the release's name too; only Debian's has NAME-updates beside it.
    """
    release = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.M)
    if not release:
        raise FetchError("/etc/os-release names no VERSION_CODENAME: this is no release of Debian")
    release = release[1]
    uris = run("apt-get", "update", "--print-uris", stdout=subprocess.PIPE)
    suites = re.findall(r"^'(\S+)/dists/([^/\s]+)/InRelease'", uris, re.M)
    here = [uri for uri, suite in suites if suite == release]
    here.sort(key=lambda uri: (uri, f"{release}-updates") not in suites)
    if not here:
        raise FetchError(f"this machine's apt sources have no Debian archive with {release}")
    return here[0]


def apt_root(name, arch, suite, types="deb", options=()):
    """Returns the environment in which apt sees only `suite` for `arch`, freshly updated.

    options: more lines for that root's configuration.
    """
    root = cache() / "apt" / name
    for folder in ("etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d",
                   "state/lists/partial", "cache/archives/partial", "log"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "status").write_text("")
    # How this machine reaches the archive (a proxy, a clock that is off) holds for us too.
    inherited = re.findall(r"^Acquire::(?:http|https|Check-).*$",
                           run("apt-config", "dump", stdout=subprocess.PIPE), re.M)
    (root / "apt.conf").write_text("\n".join([
        *inherited, *options,
        f'Dir "{root}"; Dir::Etc "{root}/etc/apt"; Dir::State "{root}/state";',
        f'Dir::State::status "{root}/status"; Dir::Cache "{root}/cache"; Dir::Log "{root}/log";',
        'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";',  # 80 MB each, to save a second
        f'APT::Architecture "{arch}"; APT::Architectures {{ "{arch}"; }};',
        'APT::Sandbox::User "root"; Acquire::Languages "none"; Acquire::GzipIndexes "true";', ""]))
    (root / "etc/apt/sources.list.d/debian.sources").write_text("\n".join([
        f"Types: {types}", f"URIs: {mirror()}", f"Suites: {suite}", "Components: main",
        f"Architectures: {arch}", f"Signed-By: {os.environ.get('KX_KEYRING') or KEYRING}", ""]))
    env = dict(os.environ, APT_CONFIG=str(root / "apt.conf"))
    # Without --error-on=any a bad signature is a warning while older lists are there.
    run("apt-get", *BOUNDED, "-q", "--error-on=any", "update", env=env)
    return env


def download(env, folder, *packages):
    """Fetches packages of that root into `folder`; returns the .deb files."""
    run("apt-get", *BOUNDED, "-q", "download", *packages, env=env, cwd=folder)
    return sorted(folder.glob("*.deb"))


def unpack(deb, folder, *members):
    """Unpacks a .deb's files (all, or `members` only), then removes the .deb."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as tarfile:
        run("tar", "x", "--no-same-owner", "-C", str(folder), *members, stdin=tarfile.stdout)
    if tarfile.returncode:
        raise FetchError(f"{deb.name}: dpkg-deb: exit status {tarfile.returncode}")
    deb.unlink()


# --- what can be had -------------------------------------------------------------------------

# A mirror's copy of a suite that moves may be days behind its own date; its signature holds all the same.
ANY_DATE = ['Acquire::Check-Valid-Until "false";']


def newest_kernel(new, env, meta):
    """Unpacks the kernel that a metapackage names, and its .config, into `new`."""
    def depends(package, pattern):
        shown = run("apt-cache", "show", "--no-all-versions", package, env=env,
                    stdout=subprocess.PIPE)
        return re.search(rf"^Depends: .*?({pattern}[^\s,]+)", shown, re.M)
    image = depends(meta, "linux-image-")
    if not image:
        raise FetchError(f"{meta}: names no kernel")
    # Newer packages of a kernel have the file itself, and the .config, in others beside them.
    binary, base = depends(image[1], "linux-binary-"), depends(image[1], "linux-base-\\d")
    if not binary or not base:
        for deb in download(env, new, image[1]):
            unpack(deb, new, "./boot")
        return
    for deb in download(env, new, binary[1], base[1]):
        unpack(deb, new, "./usr/lib/modules")


def kernel(arch):
    """Debian's newest kernel for `arch`; its .config lies beside it."""
    debian, meta = ARCHES[arch]

    def make(new):
        newest_kernel(new, apt_root(debian, debian, GUEST_SUITE), meta)
    return only(cached(f"kernel-{arch}", make), "boot/vmlinu[xz]-*")


def iommu_kernel(arch):
    """One with drivers for every IOMMU of `arch`: the usual kernel where that has them."""
    if arch not in IOMMU_KERNELS:
        return kernel(arch)
    suite, meta = IOMMU_KERNELS[arch]

    def make(new):
        debian = ARCHES[arch][0]
        newest_kernel(new, apt_root(f"{debian}-{suite}", debian, suite, options=ANY_DATE), meta)
    return only(cached(f"iommu-kernel-{arch}", make), "**/vmlinu[xz]*")


def busybox(arch):
    """A static busybox for `arch`."""
    debian = ARCHES[arch][0]

    def make(new):
        for deb in download(apt_root(debian, debian, GUEST_SUITE), new, "busybox-static"):
            unpack(deb, new, "./usr/bin/busybox")
    return only(cached(f"busybox-{arch}", make), "usr/bin/busybox")


def libfdt():
    """The folder of libfdt's sources."""
    def make(new):
        env = apt_root("source", "amd64", GUEST_SUITE, "deb-src")
        run("apt-get", *BOUNDED, "-q", "source", "--tar-only", "--download-only",
            "device-tree-compiler", env=env, cwd=new)
        tarball = only(new, "*.orig.tar.*")
        run("tar", "xf", str(tarball), "--no-same-owner", "--strip-components=1", "-C", str(new),
            "--wildcards", "*/libfdt/*")
        tarball.unlink()
    return only(cached("libfdt", make), "libfdt")


def kexec_tools():
    """The upstream sources of kexec-tools, as Debian's source package has them."""
    def make(new):
        env = apt_root("source-sid", "amd64", KEXEC_SUITE, "deb-src", ANY_DATE)
        run("apt-get", *BOUNDED, "-q", "source", "--tar-only", "--download-only", "kexec-tools",
            env=env, cwd=new)
        tarball = only(new, "*.orig.tar.*")
        (new / "src").mkdir()
        run("tar", "xf", str(tarball), "--no-same-owner", "--strip-components=1",
            "-C", str(new / "src"))
        (new / "version").write_text(re.search(r"_([^_]+)\.orig\.tar", tarball.name)[1] + "\n")
        tarball.unlink()
    return only(cached("kexec-tools", make), "src")


def kexec_debian(arch):
    """Debian's own kexec for `arch`: the peer of `make bench`."""
    debian = ARCHES[arch][0]

    def make(new):
        for deb in download(apt_root(debian, debian, GUEST_SUITE), new, "kexec-tools"):
            unpack(deb, new)
    return only(cached(f"kexec-debian-{arch}", make), "*/**/kexec")


def qemu10():
    """A prefix with QEMU 10, for a qemu.Machine; needs QEMU 7.2's shared libraries installed."""
    def make(new):
        here = run("dpkg", "--print-architecture", stdout=subprocess.PIPE).strip()
        for deb in download(apt_root("qemu10", here, QEMU10_SUITE), new, *QEMU10):
            unpack(deb, new)
    return cached("qemu10", make)


def only(folder, pattern):
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise FetchError(f"{folder}: {len(found)} files match {pattern}, not one")
    return found[0]


def main():
    p = argparse.ArgumentParser(
        description="Fetch what the tests need; the last line printed is where it is.",
        epilog="The cache is $KX_CACHE, else $XDG_CACHE_HOME/libkx, else ~/.cache/libkx. What is in "
               "it is not fetched again: to get a newer one, remove its folder. $KX_KEYRING "
               "replaces Debian's keyring.")
    sub = p.add_subparsers(dest="what", required=True, metavar="WHAT")
    sub.add_parser("deps", help="install this machine's packages (as root)")
    for what in (kernel, iommu_kernel, busybox, kexec_debian):
        one = sub.add_parser(what.__name__.replace("_", "-"), help=what.__doc__)
        one.add_argument("arch", choices=ARCHES)
    for what in (libfdt, kexec_tools, qemu10):
        sub.add_parser(what.__name__.replace("_", "-"), help=what.__doc__)
    some = sub.add_parser("all", help="kernel and busybox for each ARCH (default: all), and libfdt")
    some.add_argument("arches", nargs="*", metavar="ARCH", help=", ".join(ARCHES))
    args = p.parse_args()
    try:
        if args.what == "deps":
            deps()
        elif args.what == "all":
            for arch in args.arches or ARCHES:
                if arch not in ARCHES:
                    p.error(f"no such architecture: {arch}")
                print(kernel(arch), busybox(arch), sep="\n")
            print(libfdt())
        else:
            make = globals()[args.what.replace("-", "_")]
            print(make(args.arch) if "arch" in args else make())
    except (FetchError, OSError) as e:
        sys.exit(f"fetch: {e}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
