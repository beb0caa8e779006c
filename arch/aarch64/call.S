/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: what the host needs when the new image has come back. Called by kx_enter(). */
#include <kx/abi.h>

#include "cpu.h"
#include "own.h"

#define own_va   x3	/* as kx_enter_ gets it, and as kx_return_ leaves it */
#define run_va   x4
#define returned x5
#define frame    x6
#define value    x8	/* as kx_return_ leaves them */
#define detail   x9

#define HOST(word) (KX_HOST_##word - KX_OWN_HOST)
#define PAIR(n) (16 * (n))
#define FRAME   PAIR(15)

/* Registers of this level that C runs by; MAIR before what is read by it */
	.macro	control el, traps
	msr	mair_\el, x10
	msr	vbar_\el, x11
	isb
	msr	sctlr_\el, x12
	msr	\traps, x13
	.endm

	.macro	look el, traps
	mrs	x10, mair_\el
	mrs	x11, vbar_\el
	mrs	x12, sctlr_\el
	mrs	x13, \traps
	mrs	x14, ttbr0_\el
	mrs	x15, tcr_\el
	.endm

/* Floating point, allowed for as long as this takes; x13 = what traps it */
	.macro	float move
	mrs	x14, id_aa64pfr0_el1
	ubfx	x14, x14, #16, #4		/* FP: 15 where there is none */
	cmp	x14, #15
	b.eq	9f
	orr	x14, x13, #CPTR_FPEN
	mrs	x15, CurrentEL
	cmp	x15, #CURRENT_EL2
	b.eq	7f
	msr	cpacr_el1, x14
	b	8f
7:	bic	x14, x14, #CPTR_TFP
	msr	cptr_el2, x14
8:	isb
	\move	d8, d9, [frame, #PAIR(11)]
	\move	d10, d11, [frame, #PAIR(12)]
	\move	d12, d13, [frame, #PAIR(13)]
	\move	d14, d15, [frame, #PAIR(14)]
	b.eq	7f
	msr	cpacr_el1, x13
	b	8f
7:	msr	cptr_el2, x13
8:	isb
9:
	.endm

	.macro	general move
	\move	x19, x20, [frame, #PAIR(1)]
	\move	x21, x22, [frame, #PAIR(2)]
	\move	x23, x24, [frame, #PAIR(3)]
	\move	x25, x26, [frame, #PAIR(4)]
	\move	x27, x28, [frame, #PAIR(5)]
	.endm

	.arch	armv8-a+fp

/*
 * kx_call_ - run the control page, and come back when the new image does
 *
 * Runs:     in the host; interrupts masked
 * In:       x0..x3 = In of kx_enter_, x4 = where the control page runs, x5 = struct kx_returned
 * Out:      *x5; what a call preserves, x18, both stack pointers, translation and vectors as they were
 * Clobbers: what a call may
 * Memory:   a frame on the stack, which comes back with the rest of memory; libkx's own page
 * Spec:     AAPCS64 "General-purpose Registers", "SIMD and Floating-point Registers"; Arm "SPSel"
 */
	.text
	.globl	kx_call_
	.hidden	kx_call_
kx_call_:
	sub	sp, sp, #FRAME
	mov	frame, sp
	stp	x29, x30, [frame, #PAIR(0)]
	general	stp
	mrs	x10, spsel
	msr	spsel, #1
	mov	x11, sp
	mrs	x12, sp_el0
	stp	x18, returned, [frame, #PAIR(6)]
	stp	x10, x11, [frame, #PAIR(7)]
	mrs	x7, CurrentEL
	mov	x16, #0
	cmp	x7, #CURRENT_EL2
	b.eq	1f
	str	x12, [frame, #PAIR(8)]
	look	el1, cpacr_el1
	b	2f
1:	str	x12, [frame, #PAIR(8)]
	look	el2, cptr_el2
	mrs	x16, hcr_el2
2:	mrs	x17, ttbr1_el1			/* with E2H that of EL2 */
	str	x10, [frame, #(PAIR(8) + 8)]
	stp	x11, x12, [frame, #PAIR(9)]
	str	x13, [frame, #PAIR(10)]
	add	x10, own_va, #KX_OWN_HOST
	stp	x14, x17, [x10, #HOST(TTBR0)]	/* and TTBR1 */
	stp	x15, x12, [x10, #HOST(TCR)]	/* and SCTLR */
	str	x16, [x10, #HOST(HCR)]
	adr	x11, .Lresume
	stp	x11, frame, [x10, #HOST(RESUME)]	/* and STACK */
	float	stp
	add	x11, own_va, #KX_HOST_END
3:	dc	civac, x10			/* kx_return_ reads past the caches */
	add	x10, x10, #16			/* no line is shorter */
	cmp	x10, x11
	b.lo	3b
	dsb	sy
	add	x16, run_va, #KX_CONTROL_ENTRY
	br	x16				/* by x16, as BTI has it */

.Lresume:
	hint	#36				/* bti j */
	ldr	frame, [own_va, #KX_HOST_STACK]
	msr	spsel, #1
	ldp	x14, x11, [frame, #PAIR(7)]	/* SPSel, SP_ELx */
	ldp	x12, x10, [frame, #PAIR(8)]	/* SP_EL0, MAIR */
	mov	sp, x11
	msr	sp_el0, x12
	msr	spsel, x14
	ldp	x11, x12, [frame, #PAIR(9)]
	ldr	x13, [frame, #PAIR(10)]
	mrs	x7, CurrentEL
	cmp	x7, #CURRENT_EL2
	b.eq	4f
	control	el1, cpacr_el1
	b	5f
4:	control	el2, cptr_el2
5:	isb					/* all of it is the host's from here on */
	float	ldp
	ldp	x18, returned, [frame, #PAIR(6)]
	stp	value, detail, [returned]
	general	ldp
	ldp	x29, x30, [frame, #PAIR(0)]
	add	sp, sp, #FRAME
	ret

	.section .note.GNU-stack, "", %progbits
