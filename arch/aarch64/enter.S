/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: from the host's address space to the control page's physical address. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define tables   x0
#define page_pa  x1
#define tcr      x2
#define own_va   x3
#define scratch  x6

/*
 * switch_tables - put libkx's tables in the lower half, at this exception level
 *
 * A host in the upper half, which instruction addresses show in bit 55: its lower half is closed
 * before it changes, and opened again when the TLB holds nothing of it any more. A host in the lower
 * half: tcr is what TCR holds already; it runs on the new tables from the write of TTBR0 on, which
 * hold the control page where it runs.
 * Spec: Arm "Using break-before-make when updating translation table entries".
 */
	.macro	switch_tables el, all
	mrs	scratch, sctlr_\el
	tbz	scratch, #0, .Lswitched_\el	/* SCTLR.M: untranslated, in the control page already */
	tbz	here, #55, .Lclosed_\el
	mrs	scratch, tcr_\el
	orr	scratch, scratch, #TCR_EPD0
	msr	tcr_\el, scratch
	isb					/* no walk for the lower half begins after this */
.Lclosed_\el:
	msr	ttbr0_\el, tables
	isb					/* no walk goes by the old tables after this */
	tlbi	\all				/* drops the host's entries, global ones too */
	dsb	nsh				/* and is done: only this CPU's TLB matters */
	msr	tcr_\el, tcr
.Lswitched_\el:
	isb					/* fetch and walks go by all of the above */
	.endm

/*
 * kx_enter_ - leave the host's address space
 *
 * Runs:     in a copy of the control page that the host has mapped executable; where the host runs
 *           in the lower half, from the write of TTBR0 on, in the control page itself, which libkx's
 *           tables map at that address. Both hold the same instructions, so it does not matter when
 *           the CPU fetches from which. Where the host runs untranslated it is called in the control
 *           page at once. EL1 or EL2, with E2H or without
 * In:       x0 = TTBR0 value of libkx's tables
 *           x1 = PA of the control page, as libkx took it from the arena
 *           x2 = TCR value to read the tables by
 *           x3 = libkx's own page where the host sees it, which stays there through the switch
 * Out:      goes on in kx_trampoline_ at its physical address
 * Live:     tables page_pa tcr own_va here target stage count
 * Clobbers: x4, x5, x6, x7, x15, x16, DAIF, VBAR, TTBR0, TCR, TPIDR_EL0
 * Memory:   none; no stack
 * Spec:     Arm "TLB maintenance", "Context synchronization events"; VBAR_EL2 and its like are the
 *           registers of EL2 whether E2H is set or not
 */
	.section .text.enter, "ax"
	.globl	kx_enter_
kx_enter_:
	hint	#34				/* bti c: called by pointer, perhaps with BTI on */
	msr	daifset, #DAIF_ALL
	mov	stage, #KX_STATUS_ENTER
	mov	count, #0
	adr	here, kx_page_
	adr	target, kx_trampoline_

/*
 * kx_guard_ - with this page's vectors in force, kx_switch_
 *
 * Runs:     as kx_enter_, or on the way back
 * In:       as kx_enter_; here, target
 * Out:      as kx_switch_
 * Clobbers: x4, x6, x7, VBAR, TPIDR_EL0
 */
	.globl	kx_guard_
kx_guard_:
	msr	tpidr_el0, own_va
	adr	scratch, kx_vectors_
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	.Lenter_el2
	msr	vbar_el1, scratch		/* from here on a fault is reported, not lost */
	b	.Lguarded
.Lenter_el2:
	msr	vbar_el2, scratch
.Lguarded:
	ic	iallu				/* the control page was written as data */
	dsb	nsh
	isb

/*
 * kx_switch_ - to libkx's tables, and to the page's physical address
 *
 * Runs:     as kx_enter_, or after a fault there
 * In:       as kx_enter_; here, target
 * Out:      goes on at target, which is moved to the page's physical address
 * Clobbers: x4, x6, x7
 */
	.globl	kx_switch_
kx_switch_:
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	.Lswitch_el2
	switch_tables el1, vmalle1
	b	.Lgo
.Lswitch_el2:
	switch_tables el2, alle2
.Lgo:
	/* The host's address of this code ends here; no offset is passed in, so none can be wrong. */
	sub	target, target, here
	add	target, target, page_pa
	br	target
