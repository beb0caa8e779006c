/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: first and last instructions of purgatory, its traps, and the switch of the MMU. */
#include <kx/abi.h>

#include "cpu.h"

#define SCTLR_MC 0x5 /* M and C: translation and data caches */
#define SCTLR_MCI 0x1005

/* By encodings, because assemblers of 2022 do not know the names */
#define ID_AA64MMFR3_EL1 S3_0_C0_C7_3
#define ID_AA64MMFR3_TCRX 0xf
#define TCR2_EL1 S3_0_C2_C0_3
#define TCR2_EL2 S3_4_C2_C0_3

	.section .head, "ax"

/* Branch if the CPU runs at EL1; at EL2 the names ending in _el2 serve with and without E2H. */
	.macro	if_el1 scratch label
	mrs	\scratch, CurrentEL
	tbz	\scratch, #3, \label
	.endm

/* Clean and invalidate from \from to \to, to the point of coherency; \line and \scratch are spent.
 * Arm "CTR_EL0": DminLine. No stores. */
	.macro	flush from to line scratch
	mrs	\scratch, ctr_el0
	ubfx	\scratch, \scratch, #CTR_DMINLINE_SHIFT, #CTR_DMINLINE_BITS
	mov	\line, #4
	lsl	\line, \line, \scratch
1:	dc	civac, \from
	add	\from, \from, \line
	cmp	\from, \to
	b.lo	1b
	dsb	sy
	.endm

	.macro	address to symbol
	adrp	\to, \symbol
	add	\to, \to, :lo12:\symbol
	.endm

/*
 * kx_purgatory_start_ - take over the CPU
 *
 * Runs:     at purgatory's first byte, EL1 or EL2, PA = VA; the MMU and caches on or off
 * In:       x30 = where to come back to, if it is to
 * Out:      goes on in kx_purgatory_main_(), MMU and data caches off, SErrors let in
 * Clobbers: everything
 * Memory:   purgatory's own; sp may hold anything
 * Spec:     Linux Documentation/arch/arm64/booting.rst; Arm "SCTLR_EL1", "TCR2_EL1", "VBAR_EL1"
 */
	.globl	kx_purgatory_start_
kx_purgatory_start_:
	msr	daifset, #DAIF_ALL
	mov	x9, x30
	address	x2, kx_purgatory_
	mov	x4, #(SCTLR_EL1_OFF & 0xffff)
	movk	x4, #(SCTLR_EL1_OFF >> 16), lsl #16
	mov	x5, #(SCTLR_EL2_OFF & 0xffff)
	movk	x5, #(SCTLR_EL2_OFF >> 16), lsl #16
	bl	kx_mmu_off_		/* what was written through caches is in memory */
	mrs	x6, ID_AA64MMFR3_EL1	/* reads as zero where there is none */
	tst	x6, #ID_AA64MMFR3_TCRX
	if_el1	x3, 2f
	msr	sctlr_el2, x5		/* little-endian, no alignment checks */
	b.eq	3f
	msr	TCR2_EL2, xzr		/* Linux leaves PIE: our tables have permissions, not indices into PIR */
	b	3f
2:	msr	sctlr_el1, x4
	b.eq	3f
	msr	TCR2_EL1, xzr
3:	isb
	ic	iallu			/* whoever put us here may not have done so */
	dsb	nsh
	isb
	msr	spsel, #1
	address	x3, kx_purgatory_stack_
	mov	sp, x3
	address	x3, kx_purgatory_data_
	address	x4, kx_purgatory_data_end_
4:	stp	xzr, xzr, [x3], #16
	cmp	x3, x4
	b.lo	4b
	address	x3, kx_purgatory_back_
	str	x9, [x3]
	if_el1	x3, 5f			/* until now the control page's were in force, if it has been there */
	msr	vbar_el2, x2
	b	6f
5:	msr	vbar_el1, x2
6:	isb				/* before they are needed */
	msr	tpidr_el0, xzr		/* no faults so far: see .Ltrap. Until here it was the control page's */
	msr	daifclr, #DAIF_SERROR	/* what goes wrong in here is told here, not later */
	mov	x29, xzr
	mov	x30, xzr
	b	kx_purgatory_main_

/*
 * kx_mmu_on_ - translate, with caches
 *
 * Runs:     in purgatory, which the tables map 1:1
 * In:       x0 = TTBR0, x1 = TCR, x2 = MAIR
 * Out:      returns
 * Clobbers: x3
 * Memory:   none; what was written with caches off has been invalidated by the caller
 * Spec:     Arm "TLB maintenance requirements and the TLB maintenance instructions"
 */
	.globl	kx_mmu_on_
	.hidden	kx_mmu_on_
kx_mmu_on_:
	dsb	sy			/* tables before walks */
	if_el1	x3, 2f
	msr	mair_el2, x2
	msr	tcr_el2, x1
	msr	ttbr0_el2, x0
	isb
	tlbi	alle2			/* whatever was left from before us */
	dsb	nsh
	isb
	mrs	x3, sctlr_el2
	mov	x1, #SCTLR_MCI
	orr	x3, x3, x1
	msr	sctlr_el2, x3
	isb
	ret
2:	msr	mair_el1, x2
	msr	tcr_el1, x1
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	mrs	x3, sctlr_el1
	mov	x1, #SCTLR_MCI
	orr	x3, x3, x1
	msr	sctlr_el1, x3
	isb
	ret

/*
 * .Ltrap - an exception
 *
 * Runs:     as the vectors of EL1 or EL2; one piece of code serves all four that can be taken
 * In:       ESR, ELR, FAR
 * Out:      does not return; a third halts at once: where registers cannot be written nothing can be said
 * Clobbers: everything
 * Memory:   writes kx_purgatory_registers_; a stack of its own: the other may be why we are here
 * Spec:     Arm "Exception vectors"
 */
.Ltrap:
	msr	tpidrro_el0, x0
	mrs	x0, tpidr_el0
	add	x0, x0, #1
	msr	tpidr_el0, x0			/* what can go wrong comes behind this */
	and	x0, x0, #FAULTS_MASK
	cmp	x0, #FAULTS_MASK
	b.eq	kx_halt_
	address	x0, kx_purgatory_registers_
	stp	x1, x2, [x0, #8]
	stp	x3, x4, [x0, #24]
	stp	x5, x6, [x0, #40]
	stp	x7, x8, [x0, #56]
	stp	x9, x10, [x0, #72]
	stp	x11, x12, [x0, #88]
	stp	x13, x14, [x0, #104]
	stp	x15, x16, [x0, #120]
	stp	x17, x18, [x0, #136]
	stp	x19, x20, [x0, #152]
	stp	x21, x22, [x0, #168]
	stp	x23, x24, [x0, #184]
	stp	x25, x26, [x0, #200]
	stp	x27, x28, [x0, #216]
	stp	x29, x30, [x0, #232]
	mrs	x1, tpidrro_el0
	mov	x2, sp
	str	x1, [x0]
	str	x2, [x0, #(8 * 31)]
	if_el1	x3, 2f
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	b	3f
2:	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
3:	address	x3, kx_purgatory_trap_stack_
	mov	sp, x3
	mov	x29, xzr
	mov	x30, xzr
	b	kx_purgatory_trap_

/* The vectors are purgatory's first 2 KiB. Only those of the current level with its own stack pointer can
 * be taken, so there is room for code before them and for the info behind. Arm "Exception vectors". */
	.irp	offset, 0x200,0x280,0x300,0x380
	.org	\offset
	b	.Ltrap
	.endr
	/* Behind the last branch there is room, up to the info. */

/*
 * kx_forget_ - leave nothing of purgatory's in system registers but its vectors
 *
 * Runs:     in purgatory, MMU off
 * Clobbers: x3
 */
kx_forget_:
	msr	tpidrro_el0, xzr
	msr	tpidr_el0, xzr
	if_el1	x3, 2f
	msr	mair_el2, xzr
	msr	tcr_el2, xzr
	msr	ttbr0_el2, xzr
	ret
2:	msr	mair_el1, xzr
	msr	tcr_el1, xzr
	msr	ttbr0_el1, xzr
	ret

/*
 * kx_flush_ - clean and invalidate to the point of coherency
 *
 * Runs:     in purgatory
 * In:       x0 = start, x1 = end
 * Clobbers: x0, x2, x3
 */
	.globl	kx_flush_
	.hidden	kx_flush_
kx_flush_:
	and	x0, x0, #~2047		/* a region begins anywhere; no line is longer, Arm "CTR_EL0" */
	flush	x0, x1, x2, x3
	ret

/*
 * kx_back_ - go back to the old system
 *
 * Runs:     in purgatory
 * In:       x0 = value, x1 = detail
 * Out:      does not return; x0, x1 as they are; MMU and caches off, purgatory's memory clean
 */
	.section .text.kx_back_, "ax"
	.globl	kx_back_
	.hidden	kx_back_
kx_back_:
	mov	x7, x0
	mov	x8, x1
	address	x9, kx_purgatory_back_
	ldr	x9, [x9]
	msr	daifset, #DAIF_ALL
	bl	kx_mmu_off_
	bl	kx_forget_
	mov	x0, x7
	mov	x1, x8
	br	x9

	.text
/*
 * kx_jump_ - enter an image
 *
 * Runs:     in purgatory
 * In:       x0 = entry, x1 = args[4], x2 = KX_ENTER_RETURN or 0
 * Out:      does not return; x0..x3 = args[0..3], x30 = entry, or with KX_ENTER_RETURN the return
 *           address, and x17 = entry; other registers 0; MMU and caches off, what purgatory has set for
 *           its tables and vectors 0
 * Clobbers: everything
 * Memory:   reads args
 * Spec:     Linux Documentation/arch/arm64/booting.rst; Arm "Synchronization of instruction and data
 *           accesses"
 */
	.globl	kx_jump_
	.hidden	kx_jump_
kx_jump_:
	address	x17, kx_purgatory_back_
	ldr	x11, [x17]
	cmp	x2, #0
	csel	x4, x0, x11, eq
	csel	x17, xzr, x0, eq
	ldp	x7, x8, [x1]
	ldp	x9, x10, [x1, #16]
	bl	kx_mmu_off_
	bl	kx_forget_
	mov	x30, x4
	mov	x0, x7
	mov	x1, x8
	mov	x2, x9
	mov	x3, x10
	.irp	number, 4,5,6,7,8,9,10,11,12,13,14,15,16,18,19,20,21,22,23,24,25,26,27,28
	mov	x\number, xzr
	.endr
	mov	sp, x28
	dsb	sy
	ic	iallu			/* the image was written as data */
	dsb	nsh
	msr	daifset, #DAIF_ALL
	if_el1	x29, 1f			/* nothing is left to go wrong */
	msr	vbar_el2, xzr
	b	2f
1:	msr	vbar_el1, xzr
2:	mov	x29, xzr
	isb
	cbnz	x17, 1f
	ret
1:	br	x17

/*
 * kx_mmu_off_ - no translation, no caches
 *
 * Runs:     in purgatory, PA = VA, MMU on or off
 * In:       nothing
 * Out:      returns; memory holds what purgatory has written
 * Clobbers: x0, x1, x3, x6
 * Memory:   none: between the flush and the switch nothing may be written, so there is no stack
 * Spec:     Arm "The effects of disabling the data cache"; Linux Documentation/arch/arm64/booting.rst
 */
	.globl	kx_mmu_off_
	.hidden	kx_mmu_off_
kx_mmu_off_:
	mov	x6, #SCTLR_MC
	if_el1	x3, 2f
	mrs	x3, sctlr_el2
	b	3f
2:	mrs	x3, sctlr_el1
3:	tst	x3, x6
	b.eq	5f			/* off already */
	address	x0, kx_purgatory_
	address	x1, kx_purgatory_end_
	flush	x0, x1, x6, x3
	mov	x6, #SCTLR_MCI
	if_el1	x3, 4f
	mrs	x3, sctlr_el2
	bic	x3, x3, x6
	msr	sctlr_el2, x3
	isb
	ret
4:	mrs	x3, sctlr_el1
	bic	x3, x3, x6
	msr	sctlr_el1, x3
	isb
5:	ret

/*
 * kx_halt_ - wait for ever
 *
 * Runs:     in purgatory, after it has said why
 * Out:      does not return
 */
	.globl	kx_halt_
	.hidden	kx_halt_
kx_halt_:
	wfi
	b	kx_halt_

	.section .tables, "aw", %nobits
	.balign	4096
	.globl	kx_purgatory_tables_
	.hidden	kx_purgatory_tables_
kx_purgatory_tables_:
	.zero	26 * 4096		/* KX_PURGATORY_TABLES of machine.c */

	.section .note.GNU-stack, "", %progbits
