#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Wraps a linked purgatory into the assembly of purgatory.ro: one section with its bytes and the zeros
# behind them, and the symbols that kexec's loaders look up, global and of exact size. With `nobits` the
# zeros are a section of their own, which takes no room in the file.
#
# Called by the Makefile: NM=nm wrap.sh purgatory.elf purgatory.bin bytes|nobits
set -e
elf=$1
bin=$2
zeros=$3

symbol() {	# NAME: its address and size, in hexadecimal
	"$NM" -S "$elf" | awk -v name="$1" '$NF == name { print $1, (NF == 4 ? $2 : "0"); exit }'
}

value() {
	set -- $(symbol "$1")
	echo "0x${1:?}"
}

# Every loader puts the whole at a page, so the sections need no such alignment, which would cost a page
# of file: stack and variables lie in pages without code all the same. The linked bytes end at a multiple
# of 64: what follows lies where the link has it.
file=$(value kx_purgatory_file_)
echo '	.section .text, "ax"'
echo '	.balign 64'
echo 'base:'
echo "	.incbin \"$bin\""
[ "$zeros" = bytes ] || echo '	.section .zeros, "aw", %nobits'
echo '	.balign 64'
echo 'zeros:'
echo "	.zero $(value kx_purgatory_end_) - $file"

# purgatory_start is the first byte, stack_end the top of the stack; the rest goes by its own name.
emit() {	# NAME ADDRESS SIZE
	if [ $(($2)) -ge $(($file)) ]; then
		echo "	.globl $1; .type $1, %object; .set $1, zeros + ($2 - $file); .size $1, $3"
	else
		echo "	.globl $1; .type $1, %object; .set $1, base + $2; .size $1, $3"
	fi
}

emit purgatory_start 0 0
emit stack_end "$(value kx_purgatory_stack_)" 0
for name in sha256_regions sha256_digest skip_checks purgatory_sha_regions purgatory_sha256_digest \
	entry64_regs entry32_regs entry32_regs32 entry16 entry16_regs entry16_debug entry16_debug_regs \
	entry16_debug_pre32 entry16_debug_first32 entry16_debug_old_first32 stack_arg32_1 stack_arg32_2 \
	cmdline_end reset_vga legacy_pic serial_base serial_baud console_vga console_serial \
	backup_src_start backup_src_size backup_start panic_kernel jump_back_entry \
	arm64_sink arm64_kernel_entry arm64_dtb_addr riscv_kernel_entry; do
	set -- $(symbol $name)
	[ -z "$1" ] || emit $name "0x$1" "0x$2"
done
echo '	.section .note.GNU-stack, "", %progbits'
