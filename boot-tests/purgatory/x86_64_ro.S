/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what stands before purgatory.ro in the tests of its ways out. In long mode, over an identity map
 * of 16 GiB, it puts in the first megabyte what QEMU's loader left elsewhere (firmware uses that memory
 * until now), spoils what purgatory is to reset, and enters purgatory as told by the words at ORDERS.
 */
#define ORDERS 0x3000000	/* entry, rsp, 1: spoil the VGA's registers, spoil the interrupt controllers' */
#define LOW    0x10000		/* 0x10000..0x80000 are at ORDERS + that */
#define LOW_SIZE 0x70000

#include "x86_64.inc"

	.macro	write port value
	mov	$\port, %edx
	mov	$\value, %al
	out	%al, %dx
	.endm

	.text
	.code32
	.globl	_start
_start:
	cld
	mov	$tables, %edi		/* PML4, and 16 pages of 1 GiB */
	lea	0x1003(%edi), %eax
	mov	%eax, (%edi)
	lea	0x1000(%edi), %esi
	xor	%eax, %eax
	xor	%edx, %edx
	mov	$16, %ecx
1:	lea	0x83(%eax), %ebx
	mov	%ebx, (%esi)
	mov	%edx, 4(%esi)
	add	$0x40000000, %eax
	adc	$0, %edx
	add	$8, %esi
	loop	1b
	go_long
	mov	$stack, %esp
	mov	$ORDERS + LOW, %esi
	mov	$LOW, %edi
	mov	$LOW_SIZE / 4, %ecx
	rep	movsl
	mov	$ORDERS, %ebp
	cmpq	$0, 16(%rbp)
	je	5f
	write	0x3c2 0x63
	write	0x3d4 0x11		/* the first eight are locked until then */
	write	0x3d5 0
	mov	$5, %ebx
	mov	$0x3c4, %edx
	call	spoil
	mov	$9, %ebx
	mov	$0x3ce, %edx
	call	spoil
	mov	$25, %ebx
	mov	$0x3d4, %edx
	call	spoil
	mov	$0x3da, %edx
	in	%dx, %al
	xor	%ecx, %ecx
	mov	$0x3c0, %edx
3:	mov	%cl, %al
	out	%al, %dx
	mov	$0x2a, %al
	out	%al, %dx
	inc	%ecx
	cmp	$21, %ecx
	jb	3b
5:	cmpq	$0, 24(%rbp)
	je	6f
	write	0x20 0x11		/* vectors 0x30 and 0x38, all masked, as Linux leaves them */
	write	0x21 0x30
	write	0x21 0x04
	write	0x21 0x01
	write	0xa0 0x11
	write	0xa1 0x38
	write	0xa1 0x02
	write	0xa1 0x01
	write	0x21 0xff
	write	0xa1 0xff
6:	mov	8(%rbp), %rsp
	mov	(%rbp), %rax
	std
	jmp	*%rax

/* Write 0x2a to registers 0..ebx-1 behind the index port edx */
spoil:	xor	%ecx, %ecx
4:	mov	%cl, %al
	out	%al, %dx
	inc	%edx
	mov	$0x2a, %al
	out	%al, %dx
	dec	%edx
	inc	%ecx
	cmp	%ebx, %ecx
	jb	4b
	ret

	.bss
	.balign	4096
tables:	.zero	2 * 4096
	.zero	256
stack:
	.section .note.GNU-stack, "", @progbits
