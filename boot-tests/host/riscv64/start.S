/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: first instructions of the host.
 */
#include "image_header.h"

	.section .head, "ax"
	.globl	_start
_start:
	image_header .Lboot

/*
 * In: a0 = hart id, a1 = FDT, satp = 0. Out: host_main(hart id, FDT), where mmu_build() says.
 */
.Lboot:
	csrw	sie, zero
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

/*
 * smp_entry - where the other harts wait
 * In: a0 = hart id, a1 = address of struct smp_gate; satp = 0; no stack
 */
	.globl	smp_entry
smp_entry:
	addi	t0, a1, 8
	li	t1, 1
	amoadd.d.aqrl zero, t1, (t0)		/* gate->up++ */
1:	ld	t0, 0(a1)			/* gate->stop: 0, or the hart that stays + 2, or 1 */
	beqz	t0, 1b
	addi	t0, t0, -2
	beq	t0, a0, 1b
	li	a7, 0x48534d			/* SBI HSM: hart_stop */
	li	a6, 1
	ecall
	j	1b
