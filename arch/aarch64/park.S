/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: where a CPU waits that no firmware takes back, until the new kernel calls it. */
#include <kx/abi.h>

#include "cpu.h"

#define slot    x19
#define entry   x20
#define self    x21	/* this CPU's affinities, as device trees write them */

/*
 * kx_park_code_ - wait for an address to appear in this CPU's slot, and go there
 *
 * Runs:     in a copy of its own, page-aligned, at its physical address: mapped to itself, or
 *           untranslated; interrupts in any state; EL1 or EL2, with E2H or without
 * In:       nothing
 * Out:      at the address in the slot: x0..x3 = 0, MMU and data cache off, interrupts masked, the
 *           exception level it came with; nothing of this code in the instruction cache
 * Live:     slot entry
 * Clobbers: everything
 * Memory:   reads the slots behind its page, writes its own, all of it past the caches; no stack
 * Spec:     Linux Documentation/arch/arm64/booting.rst, "spin-table"; Devicetree Specification 0.4
 *           "/cpus/cpu* Node Properties"; Arm "Behavior of caches when the MMU is disabled"
 */
	.section .text.park, "ax"
	.balign	8
	.globl	kx_park_code_
	.hidden	kx_park_code_
kx_park_code_:
	hint	#38				/* bti jc: gone to by pointer, perhaps with BTI on */
	msr	daifset, #DAIF_ALL
	movz	x0, #(SCTLR_EL1_OFF & 0xffff)
	movk	x0, #(SCTLR_EL1_OFF >> 16), lsl #16
	movz	x1, #(SCTLR_EL2_OFF & 0xffff)
	movk	x1, #(SCTLR_EL2_OFF >> 16), lsl #16
	dsb	sy				/* what this CPU wrote before comes before it says that it waits */
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	.Luntranslate_el2
	msr	sctlr_el1, x0
	isb					/* from here on PA is all there is */
	msr	ttbr0_el1, xzr			/* nothing that points into memory of the old kernel */
	msr	tcr_el1, xzr
	msr	mair_el1, xzr
	msr	vbar_el1, xzr
	tlbi	vmalle1
	b	.Luntranslated
.Luntranslate_el2:
	msr	sctlr_el2, x1
	isb
	msr	ttbr0_el2, xzr
	msr	tcr_el2, xzr
	msr	mair_el2, xzr
	msr	vbar_el2, xzr
	tlbi	alle2
.Luntranslated:
	msr	ttbr1_el1, xzr			/* with E2H, that of EL2 */
	dsb	nsh
	isb

	adr	slot, kx_park_code_
	add	slot, slot, #KX_PARK_SLOTS
	mrs	self, mpidr_el1
	ubfx	x0, self, #32, #8
	and	self, self, #0xffffff
	orr	self, self, x0, lsl #32
.Lfind:
	ldr	x0, [slot, #KX_PARK_ID]
	cmp	x0, self
	b.eq	.Lfound
	add	slot, slot, #KX_PARK_SLOT_SIZE
	cmn	x0, #1				/* KX_PARK_ID_NONE: behind the last one */
	b.ne	.Lfind
.Llost:
	wfi					/* a CPU without a slot: nobody can count it as stopped */
	b	.Llost
.Lfound:
	movz	x0, #(KX_PARK_WAITS & 0xffff)
	movk	x0, #(KX_PARK_WAITS >> 16), lsl #16
	str	x0, [slot, #KX_PARK_STATE]
.Lwait:
	ldr	entry, [slot, #KX_PARK_RELEASE_PA]
	cbnz	entry, .Lgo
	wfe					/* an event that came since is not lost: it ends this */
	b	.Lwait
.Lgo:
	ic	iallu				/* the new kernel was written as data, by another CPU */
	dsb	nsh
	isb
	mov	x0, #0
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	br	entry
kx_park_code_end:

	.section .rodata.park, "a"
	.balign	4
	.globl	kx_park_code_size_
	.hidden	kx_park_code_size_
kx_park_code_size_:
	.word	kx_park_code_end - kx_park_code_

	.section .note.GNU-stack, "", %progbits
