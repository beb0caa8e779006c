/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: what the host needs when the new image has come back. Called by kx_enter(). */
#include <kx/abi.h>

#include "cpu.h"
#include "own.h"

#define own_va   a3	/* as kx_enter_ gets it */
#define back_va  a4	/* as kx_return_ leaves it */
#define value    a5
#define detail   a6

#define GENERAL(n) (8 * (n))
#define FLOAT(n)   (GENERAL(20) + 8 * (n))
#define FRAME      FLOAT(12)

/*
 * kx_call_ - run the control page, and come back when the new image does
 *
 * Runs:     in the host; interrupts masked
 * In:       a0..a3 = In of kx_enter_, a4 = where the control page runs, a5 = struct kx_returned
 * Out:      *a5; what a call preserves, gp, tp and the trap CSRs as they were
 * Clobbers: what a call may; floating point is on if there is any
 * Memory:   a frame on the stack, which comes back with the rest of memory; libkx's own page
 * Spec:     RISC-V ELF psABI "Integer Register Convention", "Floating-point Register Convention"; Priv
 *           "Extension Context Status in mstatus Register": what stays off is not there
 */
	.text
	.globl	kx_call_
	.hidden	kx_call_
kx_call_:
	addi	sp, sp, -FRAME
	.macro	general move
	\move	ra, GENERAL(0)(sp)
	\move	gp, GENERAL(1)(sp)
	\move	tp, GENERAL(2)(sp)
	\move	s0, GENERAL(3)(sp)
	\move	s1, GENERAL(4)(sp)
	\move	s2, GENERAL(5)(sp)
	\move	s3, GENERAL(6)(sp)
	\move	s4, GENERAL(7)(sp)
	\move	s5, GENERAL(8)(sp)
	\move	s6, GENERAL(9)(sp)
	\move	s7, GENERAL(10)(sp)
	\move	s8, GENERAL(11)(sp)
	\move	s9, GENERAL(12)(sp)
	\move	s10, GENERAL(13)(sp)
	\move	s11, GENERAL(14)(sp)
	.endm
	/* fs0..fs11, by number: the assembler is told of no floating point. In: s 0x27 for fsd, i 0x07
	 * for fld */
	.macro	float format, opcode
	.set	.Lat, FLOAT(0)
	.irp	n, 8,9,18,19,20,21,22,23,24,25,26,27
	.insn	\format \opcode, 3, x\n, .Lat(sp)
	.set	.Lat, .Lat + 8
	.endr
	.endm
	/* In: where to go if there is none */
	.macro	if_float else
	li	t0, SSTATUS_FS
	csrs	sstatus, t0
	csrr	t1, sstatus
	and	t1, t1, t0
	beqz	t1, \else
	.endm

	general	sd
	sd	a5, GENERAL(15)(sp)
	csrr	t0, stvec
	csrr	t1, sscratch
	csrr	t2, satp
	sd	t0, GENERAL(16)(sp)
	sd	t1, GENERAL(17)(sp)
	sd	t2, KX_HOST_SATP(own_va)
	if_float 1f
	float	s, 0x27
1:	lla	t0, .Lresume
	sd	t0, KX_HOST_RESUME(own_va)
	sd	sp, KX_HOST_STACK(own_va)
	jr	KX_CONTROL_ENTRY(a4)

.Lresume:
	ld	sp, KX_HOST_STACK(back_va)
	ld	t0, GENERAL(16)(sp)
	ld	t1, GENERAL(17)(sp)
	csrw	stvec, t0
	csrw	sscratch, t1
	general	ld
	if_float 2f
	float	i, 0x07
2:	ld	a0, GENERAL(15)(sp)
	sd	value, 0(a0)
	sd	detail, 8(a0)
	addi	sp, sp, FRAME
	ret

	.section .note.GNU-stack, "", %progbits
