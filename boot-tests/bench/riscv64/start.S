/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: first instructions of count.c's guest, and its counter. Spec: Priv "Hardware Performance Monitor". */

#include <kx/sha256.h>

#define SSTATUS_VS 0x600

	.section .head, "ax"
	.globl	_start
_start:
	csrw	sie, zero
	li	t0, SSTATUS_VS			/* stays 0 where there are no vectors */
	csrs	sstatus, t0
	lla	t0, .Ltrap
	csrw	stvec, t0
	lla	sp, image_stack_top
	j	count_main

/*
 * guest_count - instructions that a function executes
 * In: a0 = the function. Out: a0 = their number and a few, or all ones if it trapped
 */
	.globl	guest_count
guest_count:
	addi	sp, sp, -112
	sd	ra, 0(sp)
	sd	s0, 8(sp)
	sd	s1, 16(sp)
	sd	s2, 24(sp)
	sd	s3, 32(sp)
	sd	s4, 40(sp)
	sd	s5, 48(sp)
	sd	s6, 56(sp)
	sd	s7, 64(sp)
	sd	s8, 72(sp)
	sd	s9, 80(sp)
	sd	s10, 88(sp)
	sd	s11, 96(sp)
	csrw	sscratch, sp
	csrr	s0, instret
	jalr	a0
	csrr	a0, instret
	sub	a0, a0, s0
1:	ld	ra, 0(sp)
	ld	s0, 8(sp)
	ld	s1, 16(sp)
	ld	s2, 24(sp)
	ld	s3, 32(sp)
	ld	s4, 40(sp)
	ld	s5, 48(sp)
	ld	s6, 56(sp)
	ld	s7, 64(sp)
	ld	s8, 72(sp)
	ld	s9, 80(sp)
	ld	s10, 88(sp)
	ld	s11, 96(sp)
	addi	sp, sp, 112
	ret

	.balign	4
.Ltrap:
	csrr	sp, sscratch
	li	a0, -1
	j	1b

	.section .rodata, "a"
	.balign	4
	.globl	guest_method_last
guest_method_last:
	.word	KX_SHA256_VECTOR
