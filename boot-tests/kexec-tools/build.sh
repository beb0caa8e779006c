#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# kexec-tools with libkx's purgatory. Called by the Makefile, in two steps:
#
#   build.sh tree SOURCES HOST TREE       TREE becomes a copy of SOURCES, made ready to build for HOST;
#                                         nothing is done where it is one already
#   build.sh kexec TREE PURGATORY KEXEC   KEXEC becomes a static kexec with PURGATORY in it
#
# What their build says goes to TREE.log.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3

fail() {
	echo "kexec-tools: $*" >&2
	exit 1
}

# Without the variables of the make that called us: they have ARCH, CC and more of the same names
quietly() {
	env -i PATH="$PATH" HOME="${HOME:-/}" LC_ALL=C "$@" >> "$log" 2>&1 ||
		{ tail -n 15 "$log" >&2; fail "$1 failed, all of it in $log"; }
}

tree() {
	sources=$1 host=$2 tree=$3 log=$3.log
	from=$(cat "$sources/../version" "$here"/* | sha256sum)
	[ "$(cat "$tree/.made-from" 2>/dev/null)" != "$from" ] || exit 0
	printf '  %-8s%s\n' CONFIG "$tree"
	rm -rf "$tree"
	mkdir -p "$(dirname "$tree")"
	: > "$log"
	log=$(realpath "$log")
	cp -a "$sources" "$tree"
	case $host in riscv*)
		# A patch without context goes on anywhere: make sure that it is where it belongs
		(cd "$tree" && sed -n '/^[0-9a-f]\{64\}  /p' "$here/riscv-purgatory.patch" |
			sha256sum --quiet -c - >> "$log" 2>&1) ||
			fail "$sources is not what riscv-purgatory.patch was made for"
		cp "$here/kexec-purgatory-riscv.c" "$tree/kexec/arch/riscv/"
		quietly patch -d "$tree" -p1 -i "$here/riscv-purgatory.patch"
	esac
	(cd "$tree" && quietly ./configure --host="$host" --without-xen --without-zlib --without-lzma \
		--without-zstd LDFLAGS=-static CFLAGS="-O2 -g0")
	echo "$from" > "$tree/.made-from"
}

kexec() {
	tree=$1 purgatory=$(realpath "$2") log=$(realpath "$1.log")
	# PURGATORY is what they embed, and with no objects it has nothing to be made of. Their rules
	# go by time; a purgatory.ro that is other but older has to be taken too.
	rm -f "$tree/kexec/purgatory.c"
	quietly make -j2 -C "$tree" PURGATORY="$purgatory" PURGATORY_OBJS= build/sbin/kexec
	$python - "$tree/build/sbin/kexec" "$purgatory" <<-'END' || fail "$purgatory is not in the kexec that was built"
		import pathlib, sys
		kexec, purgatory = (pathlib.Path(name).read_bytes() for name in sys.argv[1:])
		sys.exit(kexec.count(purgatory) != 1)
	END
	cp "$tree/build/sbin/kexec" "$3.new"
	mv "$3.new" "$3"
}

"$@"
