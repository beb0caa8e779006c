#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# /init of the guests' initramfs: reports what Linux sees, then powers the machine off.
# Packed by guest.py, run by the guest's kernel; boot.py and the tests read the KX-LINUX lines.
#
# Words on the kernel's command line: kx.run=PROGRAM runs it after the report (a test's own file in
# the initramfs), kx.shell starts a shell on the console.

/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
dmesg -n 1	# no kernel message may split a line of the report

cmdline=$(cat /proc/cmdline)
echo "KX-LINUX uname=$(uname -a)"
echo "KX-LINUX cpus=$(nproc)"
echo "KX-LINUX spin-table=$(grep -l spin-table /proc/device-tree/cpus/*/enable-method 2>/dev/null | wc -l)"
echo "KX-LINUX cmdline=$cmdline"
echo "KX-LINUX-UP"

for word in $cmdline; do
	case $word in
	kx.run=*) "${word#kx.run=}" ;;
	kx.shell) setsid cttyhack sh ;;
	esac
done
poweroff -f
