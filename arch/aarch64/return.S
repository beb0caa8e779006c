/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: from the new image, if it comes back, to the host's address space. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define tables   x0	/* as in kx_enter_ and kx_switch_ */
#define go_on    x1
#define tcr      x2
#define own_va   x3
#define ttbr0    x10	/* of the host, as what follows */
#define host_tcr x11
#define resume   x12

#define HOST(word) (KX_HOST_##word - KX_OWN_HOST)

/*
 * kx_return_ - put the old system back, and go on in it
 *
 * Runs:     in the control page at its physical address, where KX_ENTER_RETURN has said; untranslated, at
 *           the level at which the new image was entered
 * In:       x0, x1 = what the new image has come back with
 * Out:      goes on where the host's kx_call_ waits, on its tables, or untranslated where it was: x3 =
 *           libkx's own page where the host sees it, x8 = value, x9 = detail
 * Live:     handoff stage value detail; those of kx_walk_; tables go_on tcr own_va ttbr0 host_tcr resume
 * Clobbers: everything
 * Memory:   that of kx_walk_; writes the status record; no stack
 * Spec:     as enter.S and trampoline.S, the other way round
 */
	.section .text.return, "ax"
	.balign	4
	.globl	kx_return_
kx_return_:
	msr	daifset, #DAIF_ALL
	mov	value, x0
	mov	detail, x1
	adr	x3, kx_page_
	ldr	x3, [x3, #KX_HANDOFF_OWN_PA]
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.ne	1f
	ldr	x4, [x3, #KX_HOST_HCR]
	msr	hcr_el2, x4			/* E2H, by which the tables of the copy are read */
	isb
1:	mov	stage, #KX_STATUS_RETURN
	bl	kx_settle_
	bl	kx_stage_
	ldr	x0, [handoff, #KX_HANDOFF_HEAD]
	add	x1, handoff, #KX_HANDOFF_KICK
	mov	swap, #KX_ENTER_RETURN
	mov	uncached, #1			/* so the new image has written */
	bl	kx_walk_
	cbnz	x0, kx_refuse_
	msr	daifset, #DAIF_ALL
	ic	iallu				/* the old system was written as data */
	dsb	nsh
	isb
	ldr	own, [handoff, #KX_HANDOFF_OWN_PA]
	add	own, own, #KX_OWN_HOST
	ldp	own_va, go_on, [own, #HOST(OWN)]	/* and RUN */
	ldr	resume, [own, #HOST(RESUME)]
	ldp	ttbr0, x4, [own, #HOST(TTBR0)]		/* and TTBR1 */
	msr	ttbr1_el1, x4			/* with E2H that of EL2; nothing walks it yet */
	ldp	host_tcr, x4, [own, #HOST(TCR)]		/* and SCTLR */
	tbnz	x4, #0, 2f
	bl	kx_untranslate_			/* the host runs untranslated */
	/* First to where the host runs this page, which libkx's tables, or the upper half's, know too. */
2:	ldr	tables, [handoff, #KX_HANDOFF_TABLES]
	ldr	tcr, [handoff, #(KX_HANDOFF_CPU + 8 * KX_CPU_ENTER_TCR)]
	mov	here, handoff
	adr	target, 3f
	b	kx_switch_
3:	hint	#36				/* bti j: the host's page may be a guarded one */
	adr	here, kx_page_
	mov	tables, ttbr0
	mov	go_on, here
	mov	tcr, host_tcr
	mov	target, resume
	b	kx_guard_
