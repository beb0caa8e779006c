/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: kx_walk_ as a C function. In: rdi = first word. Out: rax as of kx_walk_. */
#include <kx/abi.h>

	.text
	.globl	bench_walk
	.hidden	bench_walk
bench_walk:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	lea	no_kick(%rip), %rsi
	xor	%r14d, %r14d			/* copying, not swapping */
	call	kx_walk_
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	.section .rodata, "a"
	.balign	8
no_kick:
	.zero	KX_KICK_SIZEOF
	.section .note.GNU-stack, "", @progbits
