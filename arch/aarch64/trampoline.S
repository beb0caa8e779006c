/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: put the new image in place and jump to it. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"

/* By encodings, because assemblers of 2022 do not know the names */
#define TCR2_EL1 S3_0_C2_C0_3
#define TCR2_EL2 S3_4_C2_C0_3

#define CPU_WORD(index) (KX_HANDOFF_CPU + 8 * (index))

/* Read the copy's tables in place of the host's, with caches on, from the next isb on. In: x0 TTBR0,
 * x1 TCR, x2 MAIR */
	.macro	translate el, all, sctlr
	msr	mair_\el, x2
	msr	ttbr0_\el, x0
	msr	tcr_\el, x1			/* closes the upper half: its tables will be overwritten */
	isb					/* no walk goes by the old tables after this */
	tlbi	\all				/* drops what the old tables had here, and above */
	dsb	nsh
	isb					/* before translation begins, if it has not yet */
	constant x3, (\sctlr | SCTLR_M | SCTLR_C | SCTLR_I)
	msr	sctlr_\el, x3
	.endm

/*
 * kx_trampoline_ - walk the page list, then enter the new image
 *
 * Runs:     in the control page at its physical address; on libkx's tables, or untranslated where
 *           the host was; interrupts masked; one CPU; EL1 or EL2, with E2H or without
 * In:       nothing but its own address
 * Out:      enters handoff.entry_pa with x0..x3 = args[0..3], MMU and data cache off, every byte of
 *           the new image clean to the point of coherency; with KX_ENTER_RETURN it is called, and
 *           kx_return_ follows
 * Live:     handoff entry stage traps uncached; those of kx_walk_
 * Clobbers: everything
 * Memory:   that of kx_walk_; writes the status record; no stack
 * Spec:     Linux Documentation/arch/arm64/booting.rst; Arm "Synchronization of instruction and data
 *           accesses", "TLB maintenance"
 */
	.section .text.trampoline, "ax"
	.globl	kx_trampoline_
kx_trampoline_:
	mov	stage, #KX_STATUS_COPY
	bl	kx_settle_
	bl	kx_stage_
	ldr	x0, [handoff, #KX_HANDOFF_HEAD]
	add	x1, handoff, #KX_HANDOFF_KICK
	ldr	swap, [handoff, #KX_HANDOFF_FLAGS]
	and	swap, swap, #KX_ENTER_RETURN
	bl	kx_walk_
	cbnz	x0, kx_refuse_
	b	.Lwalked

/*
 * kx_settle_ - to physical addresses alone, with translation and caches on
 *
 * Runs:     in the control page at its physical address; on any of libkx's tables, or untranslated;
 *           interrupts masked; at EL2 with the host's HCR_EL2
 * In:       nothing but its own address
 * Out:      handoff traps uncached, count = 0; the copy's tables, vectors, SIMD and SError in force
 * Clobbers: x0..x6, TPIDR_EL0
 * Spec:     Arm "TLB maintenance"
 */
	.globl	kx_settle_
kx_settle_:
	adr	handoff, kx_page_
	mov	count, #0
	/* Until the vectors are those at the physical address, a fault goes kx_enter_'s way with what that
	 * was given. */
	ldr	x6, [handoff, #KX_HANDOFF_OWN_PA]
	adr	x5, kx_vectors_
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	1f
	msr	vbar_el1, x5
	b	2f
1:	msr	vbar_el2, x5
2:	msr	tpidr_el0, x6
	isb					/* before the host's address of them ends */
	ldp	x0, x1, [handoff, #CPU_WORD(KX_CPU_COPY_TTBR)]
	ldp	x2, uncached, [handoff, #CPU_WORD(KX_CPU_COPY_MAIR)]
	ldr	traps, [handoff, #CPU_WORD(KX_CPU_TRAPS)]
	b.eq	.Ltranslate_el2
	translate el1, vmalle1, SCTLR_EL1_OFF
	orr	x4, traps, #CPTR_FPEN		/* the copy goes through SIMD registers */
	msr	cpacr_el1, x4
	b	.Ltranslated
.Ltranslate_el2:
	translate el2, alle2, SCTLR_EL2_OFF
	orr	x4, traps, #CPTR_FPEN		/* with E2H; without it, traps of trace registers */
	bic	x4, x4, #CPTR_TFP		/* without E2H; with it, nothing */
	msr	cptr_el2, x4
.Ltranslated:
	isb					/* before the first access by these tables or SIMD */
	ldr	x4, [handoff, #KX_HANDOFF_FLAGS]
	tbnz	x4, #KX_ENTER_CRASH_BIT, 1f	/* one that waits may be what the old system died of */
	msr	daifclr, #DAIF_SERROR		/* what the copy does wrong is told here, not later */
1:	ret

.Lwalked:
	mov	stage, #KX_STATUS_JUMP
	bl	kx_stage_
	msr	daifset, #DAIF_ALL
	ldp	x0, x1, [handoff, #KX_HANDOFF_ARGS]
	ldp	x2, x3, [handoff, #(KX_HANDOFF_ARGS + 16)]
	ldr	x5, [handoff, #KX_HANDOFF_ENTRY_PA]
	ldp	x6, x7, [handoff, #CPU_WORD(KX_CPU_HCR)]	/* and KX_CPU_EXTRAS */
	ldr	x8, [handoff, #KX_HANDOFF_FLAGS]
	msr	spsel, #1
	msr	sp_el0, xzr
	tbz	x7, #KX_EXTRA_PAUTH, 1f
	.irp	key, 1_0, 1_1, 1_2, 1_3, 2_0, 2_1, 2_2, 2_3, 3_0, 3_1
	msr	S3_0_C2_C\key, xzr		/* APIA, APIB, APDA, APDB, APGA: low and high halves */
	.endr
1:	bl	kx_untranslate_
	mov	entry, x5
	/* What the new image must not inherit: pointers into memory that is no longer ours. With E2H
	 * the name of EL1 is the register of EL2; without, it is one that nobody uses. */
	msr	ttbr1_el1, xzr
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	.Lreset_el2
	msr	ttbr0_el1, xzr
	msr	tcr_el1, xzr
	msr	mair_el1, xzr
	msr	cpacr_el1, traps
	mov	x29, #1
	tbz	x7, #KX_EXTRA_TCR2, .Lreset
	msr	TCR2_EL1, xzr
	b	.Lreset
.Lreset_el2:
	msr	ttbr0_el2, xzr
	msr	tcr_el2, xzr
	msr	mair_el2, xzr
	mov	x29, #2
	tbz	x7, #KX_EXTRA_TCR2, 1f
	msr	TCR2_EL2, xzr
1:	msr	hcr_el2, x6			/* with E2H, the layout of the others changes */
	isb					/* what follows goes by the new one */
	msr	cptr_el2, traps
	tlbi	alle2				/* of this regime too nothing older is held, */
	tlbi	alle1				/* nor of the host's guests */
	dsb	nsh
.Lreset:
	isb					/* before the first instruction of another */
	tst	x8, #KX_ENTER_GUARDED
	csel	x29, x29, xzr, eq		/* whose vectors shall go, if any */
	and	x8, x8, #KX_ENTER_RETURN
	orr	x29, x29, x8
	mov	x4, #0
	mov	sp, x4
	.irp	number, 5,6,7,8,9,10,11,12,13,14,17,18,19,20,21,22,23,24,25,26,27,28
	mov	x\number, #0
	.endr
	tbnz	x29, #0, .Lleave_el1
	tbnz	x29, #1, .Lleave_el2
	b	.Lenter				/* stage and count stay, for as long as the vectors do */
	/* Nothing is left to go wrong. */
.Lleave_el1:
	msr	vbar_el1, xzr
	b	.Lleave
.Lleave_el2:
	msr	vbar_el2, xzr
.Lleave:
	and	x29, x29, #KX_ENTER_RETURN
	msr	tpidr_el0, xzr
	mov	stage, #0
	mov	count, #0
.Lenter:
	cbnz	x29, 1f
	br	entry
1:	mov	x29, #0
	blr	entry
	b	kx_return_

/*
 * kx_untranslate_ - turn translation and caches off
 *
 * Runs:     at its physical address; interrupts masked
 * In:       nothing
 * Out:      MMU off, data cache off; after the next isb nothing is left in the instruction cache and
 *           in the TLB either
 * Live:     nothing
 * Clobbers: x4, flags
 * Memory:   none
 * Spec:     Arm "Behavior of caches when the MMU is disabled", "Synchronization of instruction and
 *           data accesses"
 */
	.globl	kx_untranslate_
kx_untranslate_:
	dsb	sy				/* every line that was cleaned is in memory */
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	1f
	constant x4, SCTLR_EL1_OFF
	msr	sctlr_el1, x4
	isb					/* from here on PA is all there is */
	tlbi	vmalle1
	b	2f
1:	constant x4, SCTLR_EL2_OFF
	msr	sctlr_el2, x4
	isb
	tlbi	alle2
2:	ic	iallu				/* the new image was written as data */
	dsb	nsh
	ret
