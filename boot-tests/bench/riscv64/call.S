/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: kx_walk_ as a C function. In: a0 = first word. Out: a0 as of kx_walk_. */
#include <kx/abi.h>

	.text
	.globl	bench_walk
bench_walk:
	addi	sp, sp, -80
	sd	ra, 0(sp)
	sd	s2, 8(sp)
	sd	s3, 16(sp)
	sd	s4, 24(sp)
	sd	s5, 32(sp)
	sd	s6, 40(sp)
	sd	s7, 48(sp)
	sd	s8, 56(sp)
	sd	s10, 64(sp)
	lla	a1, no_kick
	li	a2, 0				/* copying, not swapping */
	jal	kx_walk_
	ld	ra, 0(sp)
	ld	s2, 8(sp)
	ld	s3, 16(sp)
	ld	s4, 24(sp)
	ld	s5, 32(sp)
	ld	s6, 40(sp)
	ld	s7, 48(sp)
	ld	s8, 56(sp)
	ld	s10, 64(sp)
	addi	sp, sp, 80
	ret

	.section .rodata, "a"
	.balign	8
no_kick:
	.zero	KX_KICK_SIZEOF
