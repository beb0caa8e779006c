/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: from the state of a PVH entry to 64-bit mode; used by host and payload. */
#include "image_header.h"

	.section .text.long_mode, "ax"
	.code32

/*
 * long_mode - switch to 64-bit mode with the lower 4 GiB mapped to themselves
 *
 * In: 32-bit mode, no paging; the image at IMAGE_PA; edi = for rsi. Out: boot_64, rsi = edi.
 * Needs no stack. Clobbers eax, ecx, edx, flags.
 */
	.globl	long_mode
long_mode:
	movl	$(PA(long_tables) + 0x1003), PA(long_tables)		/* present, writable */
	mov	$(PA(long_tables) + 0x2003), %eax
	xor	%ecx, %ecx
1:	mov	%eax, (PA(long_tables) + 0x1000)(, %ecx, 8)
	add	$0x1000, %eax
	inc	%ecx
	cmp	$4, %ecx
	jb	1b
	mov	$0x83, %eax						/* leaves of 2 MiB */
	xor	%ecx, %ecx
2:	mov	%eax, (PA(long_tables) + 0x2000)(, %ecx, 8)
	add	$0x200000, %eax
	inc	%ecx
	cmp	$2048, %ecx
	jb	2b

	mov	$PA(long_tables), %eax
	mov	%eax, %cr3
	mov	$0x20, %eax			/* PAE */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx		/* EFER: LME */
	xor	%edx, %edx
	mov	$0x100, %eax
	wrmsr
	mov	$0x80000031, %eax		/* PG NE ET PE */
	mov	%eax, %cr0
	lgdt	PA(long_gdt_operand)
	ljmp	$0x10, $PA(long_64)
	.code64
long_64:
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%edi, %esi
	jmp	boot_64

	.section .data.long_mode, "aw"
	.balign	8
long_gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00af9b000000ffff, 0x00cf93000000ffff
long_gdt_operand:
	.short	31
	.long	PA(long_gdt)
	.long	0

	/* Not cleared at boot, as it is in use then */
	.section .bss.saved, "aw", @nobits
	.balign	4096
long_tables:
	.zero	6 * 4096
