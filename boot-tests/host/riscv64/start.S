/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: first instructions of the host.
 */
#include "image_header.h"
#include "pen.h"

	.section .head, "ax"
	.globl	_start
_start:
	image_header .Lboot

/*
 * In: a0 = hart id, a1 = FDT, satp = 0. Out: host_main(hart id, FDT), where mmu_build() says.
 */
.Lboot:
	csrw	sie, zero
	lla	t0, begun
	li	t1, 1
	amoswap.w t1, t1, (t0)
	bnez	t1, .Lstray
	mv	s0, a0
	mv	s1, a1
	lla	t0, image_file_end
	lla	t1, image_end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	lla	sp, image_stack_top
	mv	a0, s0
	mv	a1, s1
	call	host_early
	beqz	a0, 2f
	lla	t0, image_start
	ld	t1, .Lstart_va
	sub	t1, t1, t0			/* VA - PA of the image */
	lla	t0, 2f
	add	t0, t0, t1
	add	sp, sp, t1
	csrw	satp, a0			/* the tables map this code at its PA too */
	sfence.vma
	jr	t0
2:	mv	a0, s0
	mv	a1, s1
	call	host_main
	.balign	8
.Lstart_va:
	.dword	image_start

/* OpenSBI 1.1 lets a hart go before it has noted where to, so that one may come here: smp.c asks again. */
.Lstray:
	li	a7, 0x48534d			/* SBI HSM: hart_stop */
	li	a6, 1
	ecall
	j	.Lstray

	.section .data.begun, "aw"
	.balign	4
begun:
	.word	0				/* a hart has; not among what it clears */

	.section .head, "ax"

/*
 * smp_entry - where the other harts wait
 * In: a0 = hart id, a1 = address of struct smp_gate; satp = 0; no stack
 */
	.globl	smp_entry
smp_entry:
	li	t1, 1
	sw	t1, 8(a1)			/* gate->up */
1:	ld	t0, 0(a1)			/* gate->stop: 0, or 1, or an address */
	beqz	t0, 1b
	bne	t0, t1, 2f
	li	a7, 0x48534d			/* SBI HSM: hart_stop */
	li	a6, 1
	ecall
	j	1b
2:	fence.i
	jr	t0

/* The two programs of a pen; see pen.h. satp = 0 */
	.section .rodata.pen, "a"
	.balign	4
	.option	norvc				/* wherever the hart is, a no-op begins there */
	.globl	pen_code, pen_code_end, pen_nop, pen_other, pen_other_end
pen_code:
	auipc	t0, 0
	li	t1, PEN_MARK
	add	t0, t0, t1
	li	t1, PEN_WAITS
	sw	t1, 0(t0)
1:	j	1b
pen_code_end:
pen_nop:
	nop
pen_other:
	auipc	t0, 0
	li	t1, PEN_MARK - PEN_CODE
	add	t0, t0, t1
	li	t1, PEN_MARKED
	sw	t1, 0(t0)
1:	j	1b
pen_other_end:
