/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: from a system that dies to the control page. */
#include <kx/abi.h>

#include "cpu.h"
#include "crash.h"

#define crash    x19
#define scratch  x9

#define CLAIM_TRIES 1000	/* of a store that another CPU's may come before */
#define CLAIM_WAIT  1000	/* reads in which the store of a CPU that has seen no other's is done */

/*
 * kx_crash_enter - enter what kx_crash_seal() has prepared, whatever state this CPU is in
 *
 * Runs:     in the host, on any stack or none, with any DAIF and SPSel, in an exception's handler or not;
 *           EL1 or EL2, with E2H or without
 * In:       x0 = struct kx_crash
 * Out:      goes on in kx_enter_. A CPU that is not the first stays here; without a struct kx_crash it
 *           returns
 * Live:     crash
 * Clobbers: everything
 * Memory:   the crash page, whose end is the stack; the record
 * Spec:     Arm "Synchronization and semaphores": exclusives are for memory that is cached; where it is
 *           not, M. Fischer's mutual exclusion by time: the last to store its number is the first
 */
	.text
	.globl	kx_crash_enter
kx_crash_enter:
	hint	#34				/* bti c: called by pointer, perhaps with BTI on */
	cbz	x0, .Lnothing
	msr	daifset, #DAIF_ALL		/* what is pending stays so */
	mov	crash, x0
	adr	x3, kx_crash_vectors_
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	1f
	mrs	x5, sctlr_el1
	b	2f
1:	mrs	x5, sctlr_el2
2:	mrs	x1, mpidr_el1			/* never KX_CRASH_FREE: bit 31 is set */
	movz	x8, #(KX_CRASH_FREE & 0xffff)
	movk	x8, #(KX_CRASH_FREE >> 16 & 0xffff), lsl #16
	movk	x8, #(KX_CRASH_FREE >> 32 & 0xffff), lsl #32
	movk	x8, #(KX_CRASH_FREE >> 48), lsl #48
	mov	x6, #(SCTLR_M | SCTLR_C)
	bics	xzr, x6, x5
	b.eq	.Lcached
	mov	w2, #CLAIM_WAIT
	ldr	x6, [crash, #KX_CRASH_CLAIM]
	cmp	x6, x8
	b.ne	.Llate				/* nor is anything written: it may be the new image's by now */
	str	x1, [crash, #KX_CRASH_CLAIM]
	dsb	sy				/* the wait begins when it is stored */
3:	ldr	x6, [crash, #KX_CRASH_CLAIM]
	cmp	x6, x1
	b.ne	.Llate
	subs	w2, w2, #1
	b.ne	3b
	b	.Lclaimed
.Lcached:
	mov	w2, #CLAIM_TRIES
4:	ldaxr	x6, [crash]			/* KX_CRASH_CLAIM is the first word */
	cmp	x6, x8
	b.ne	.Llate
	stlxr	w6, x1, [crash]
	cbz	w6, .Lclaimed
	subs	w2, w2, #1
	b.ne	4b				/* else on: two that enter are better than none */
.Lclaimed:
	cmp	x4, #CURRENT_EL2
	msr	spsel, #1
	add	scratch, crash, #KX_CRASH_STACK
	mov	sp, scratch
	b.eq	5f
	msr	vbar_el1, x3
	b	6f
5:	msr	vbar_el2, x3
6:	isb					/* before the first exception that may go there */
	mov	x0, crash
	bl	kx_crash_settle_
.Lgo:
	ldr	x0, [crash, #KX_CRASH_TABLES]
	ldp	x1, x2, [crash, #KX_CRASH_PA]	/* and MODE */
	ldp	x3, x16, [crash, #KX_CRASH_OWN]	/* and RUN */
	br	x16				/* by x16, as BTI has it */

.Llate:
	wfi					/* nothing of the new image will be here */
	b	.Llate
.Lnothing:
	ret

/*
 * kx_crash_vectors_ - what goes wrong in C is no reason to stay
 *
 * Runs:     as part of kx_crash_enter, which leaves the registers that are left as they are
 * In:       sp in the crash page
 * Out:      .Lgo
 * Clobbers: x9, x19
 * Spec:     Arm "Exception vectors": 128 bytes each, at a multiple of 2 KiB; nothing but synchronous
 *           exceptions of this level and its own stack pointer comes here
 */
	.section .text.kx_crash_vectors_, "ax"
	.balign	2048
kx_crash_vectors_:
	.org	kx_crash_vectors_ + 0x200
	mov	scratch, sp
	sub	scratch, scratch, #1
	and	crash, scratch, #~KX_PAGE_MASK
	b	.Lgo

	.section .note.GNU-stack, "", %progbits
