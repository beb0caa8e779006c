/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: kx_walk_ as a C function. In: a0 = first word. Out: a0 as of kx_walk_. */
	.text
	.globl	bench_walk
bench_walk:
	addi	sp, sp, -64
	sd	ra, 0(sp)
	sd	s2, 8(sp)
	sd	s3, 16(sp)
	sd	s4, 24(sp)
	sd	s5, 32(sp)
	sd	s6, 40(sp)
	sd	s7, 48(sp)
	jal	kx_walk_
	ld	ra, 0(sp)
	ld	s2, 8(sp)
	ld	s3, 16(sp)
	ld	s4, 24(sp)
	ld	s5, 32(sp)
	ld	s6, 40(sp)
	ld	s7, 48(sp)
	addi	sp, sp, 64
	ret
