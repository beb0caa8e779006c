/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: how the host dies; see die.h. */
#include "die.h"

	.text
	.globl	die_on
die_on:
	mov	%rdi, %rsp
	mov	%rdx, %rdi
	call	*%rsi

	.globl	die_jumping
die_jumping:
	mov	$DIE_STACK, %rsp
	jmp	*%rdx

	.globl	die_in_handler
die_in_handler:
	ud2

/* Where exceptions lead, by way of vectors.c */
	.globl	die_without_stack, die_with_stack, die_of_nmi, die_nmi
die_without_stack:
	mov	$DIE_STACK, %rsp
	jmp	*%rdx
die_with_stack:				/* NMIs need one */
	jmp	*%rdx
die_of_nmi:
	mov	die_apic(%rip), %rax
	movl	$0x40400, 0x300(%rax)	/* to this CPU */
1:	hlt
	jmp	1b
die_nmi:
	iretq
