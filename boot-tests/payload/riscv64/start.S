/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: first instructions of the payload. Every register is saved before it is used; t0 waits in stval,
 * whose own value is the one that cannot be reported.
 */
#include "image_header.h"
#include "smp.h"

	.section .head, "ax"
	.globl	_start
_start:
	image_header .Lboot

	.macro	save number
	sd	x\number, (8 * \number)(t0)
	.endm

.Lboot:
	csrw	stval, t0
	lla	t0, saved_registers
	.irp	number, 1,2,3,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	save	\number
	.endr
	csrr	t1, stval
	sd	t1, (8 * 5)(t0)

	/* Is all that no file covers zero? The saved registers lie before image_bss. */
	lla	t0, image_bss
	lla	t1, image_end
	mv	a1, zero
1:	bgeu	t0, t1, 3f
	ld	t2, 0(t0)
	beqz	t2, 2f
	mv	a1, t0
2:	sd	zero, 0(t0)
	addi	t0, t0, 8
	j	1b
3:	lla	sp, image_stack_top
	lla	t0, saved_registers
	ld	a0, (8 * 11)(t0)
	call	payload_main

/* payload_return - see payload.h */
	.globl	payload_return
payload_return:
	lla	t0, saved_registers
	ld	ra, (8 * 1)(t0)
	li	t0, -8
	csrw	stvec, t0
	csrw	sscratch, t0
	csrw	sepc, t0
	csrw	senvcfg, t0
	li	t1, 0x6000			/* sstatus.FS */
	csrs	sstatus, t1
	.irp	n, 8,9,18,19,20,21,22,23,24,25,26,27
	.insn	r 0x53, 0, 0x79, x\n, t0, x0	/* fmv.d.x fs0..fs11, t0 */
	.endr
	.irp	name, sp,gp,tp,t0,t1,t2,s0,s1,a2,a3,a4,a5,a6,a7,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11,t3,t4,t5,t6
	li	\name, -8
	.endr
	ret

/* smp_entry - where the other harts come up: say so, and wait for ever. In: a0 = hart id */
	.globl	smp_entry
smp_entry:
	andi	a0, a0, SMP_CPUS - 1
	slli	a0, a0, 2
	lla	t0, smp_up
	add	t0, t0, a0
	li	t1, 1
	sw	t1, 0(t0)
1:	wfi
	j	1b

	.section .bss.saved, "aw", %nobits
	.balign	8
	.globl	saved_registers
saved_registers:
	.zero	8 * 32
