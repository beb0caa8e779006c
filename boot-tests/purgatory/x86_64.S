/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what stands before and behind purgatory in its tests. Enters it at 0x2000000, in long mode over
 * an identity map of 4 GiB, with the CPU in as bad a state as the contract allows; `landing` is the new
 * image: it says what it finds, powers off.
 */
#include "x86_64.inc"

	.text
	.code32
	.globl	_start
_start:
	mov	$tables, %edi		/* one table of 1 GiB each: PML4, PDPT, four PDs of 2 MiB pages */
	lea	0x1003(%edi), %eax
	mov	%eax, (%edi)
	lea	0x2003(%edi), %eax
	lea	0x1000(%edi), %esi
	mov	$4, %ecx
1:	mov	%eax, (%esi)
	add	$0x1000, %eax
	add	$8, %esi
	loop	1b
	lea	0x2000(%edi), %esi
	mov	$0x83, %eax
	mov	$2048, %ecx
2:	mov	%eax, (%esi)
	add	$0x200000, %eax
	add	$8, %esi
	loop	2b
	go_long
	mov	$0x123456789, %rsp
	std
	mov	$0x2000000, %eax
	jmp	*%rax

	.balign	4096
	.globl	landing
landing:
	mov	%rax, %r8
	mov	%rbx, %r9
	mov	%rsi, %r10
	mov	%rdi, %r11
	mov	%cr0, %r12
	and	$0xc, %r12d
	xor	$0xc, %r12d
	setnz	%r12b			/* 0: as it was */
	mov	%cr4, %r13
	shr	$9, %r13
	and	$1, %r13d
	lea	6f(%rip), %rsi
	mov	$0x3f8, %edx
4:	lodsb
	test	%al, %al
	jz	5f
	out	%al, %dx
	jmp	4b
5:	.irp	name, r8b,r9b,r10b,r11b,r12b,r13b
	mov	%\name, %al
	add	$'0', %al
	out	%al, %dx
	.endr
	mov	$'\n', %al
	out	%al, %dx
	mov	$0x604, %edx		/* power off, by QEMU's q35 */
	mov	$0x2000, %eax
	out	%ax, %dx
7:	hlt
	jmp	7b
6:	.asciz	"KX-LANDED "
	.balign	4096
	.globl	landing_end
landing_end:

	.bss
	.balign	4096
tables:	.zero	6 * 4096
