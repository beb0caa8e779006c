#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# In the guest: loads the same kernel again and enters it. Packed by kexec_run.py, run by init.sh.
#
# kx.kexec=OPTION,OPTION... on the command line is for kexec -l; kx.wait waits until somebody has
# damaged the second initramfs, in the file as in what was loaded.

for word in $(cat /proc/cmdline); do
	case $word in
	kx.kexec=*) options=$(echo "${word#kx.kexec=}" | tr , ' ') ;;
	kx.next=*) next=$(echo "${word#kx.next=}" | tr , ' ') ;;
	kx.wait) wait=1 ;;
	esac
done
mode=$(sed -n 's/^mmu[[:space:]]*: *//p' /proc/cpuinfo | head -n 1)	# riscv64
[ "$mode" ] || mode=$(grep -o -m 1 la57 /proc/cpuinfo)		# x86_64
echo "KX-KEXEC mode=$mode"

# shellcheck disable=SC2086 # words
/kexec -l /kernel --initrd=/initramfs --command-line="$next" $options || exit
was=$(sha256sum /initramfs)
echo "KX-KEXEC-LOADED"
for _ in $(seq 30); do
	[ "$wait" ] && [ "$(sha256sum /initramfs)" = "$was" ] || break
	sleep 1
done
/kexec -e
echo "KX-KEXEC-FAILED"
