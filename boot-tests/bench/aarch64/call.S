/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: kx_walk_ as a C function. In: x0 = first word. Out: x0 as of kx_walk_. */
#include <kx/abi.h>

	.text
	.globl	bench_walk
bench_walk:
	stp	x29, x30, [sp, #-80]!
	stp	x20, x21, [sp, #16]
	stp	x22, x23, [sp, #32]
	stp	x24, x25, [sp, #48]
	stp	x26, x27, [sp, #64]
	mov	x29, #0				/* the host wrote through the caches */
	adrp	x1, no_kick
	add	x1, x1, :lo12:no_kick
	mov	x10, #0				/* copying, not swapping */
	bl	kx_walk_
	ldp	x20, x21, [sp, #16]
	ldp	x22, x23, [sp, #32]
	ldp	x24, x25, [sp, #48]
	ldp	x26, x27, [sp, #64]
	ldp	x29, x30, [sp], #80
	ret

	.section .rodata, "a"
	.balign	8
no_kick:
	.zero	KX_KICK_SIZEOF
