/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: put the new image in place and jump to it; report a fault on the way. */
#include <kx/abi.h>

#include "cpu.h"

#define handoff  x19
#define entry    x30
#define traps    x28	/* CPACR or CPTR for the new image */
#define uncached x29	/* for kx_walk_ */

/* By encodings, because assemblers of 2022 do not know the names */
#define TCR2_EL1 S3_0_C2_C0_3
#define TCR2_EL2 S3_4_C2_C0_3

#define CPU_WORD(index) (KX_HANDOFF_CPU + 8 * (index))

	.macro	constant to, value
	movz	\to, #((\value) & 0xffff)
	movk	\to, #((\value) >> 16), lsl #16
	.endm

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
 * Out:      does not return; enters handoff.entry_pa with x0..x3 = args[0..3], MMU and data cache
 *           off, every byte of the new image clean to the point of coherency
 * Live:     handoff entry traps uncached; those of kx_walk_
 * Clobbers: everything
 * Memory:   that of kx_walk_; no stack
 * Spec:     Linux Documentation/arch/arm64/booting.rst; Arm "Synchronization of instruction and data
 *           accesses", "TLB maintenance"
 */
	.section .text.trampoline, "ax"
	.globl	kx_trampoline_
kx_trampoline_:
	adr	handoff, kx_page_
	ldp	x0, x1, [handoff, #CPU_WORD(KX_CPU_COPY_TTBR)]
	ldp	x2, uncached, [handoff, #CPU_WORD(KX_CPU_COPY_MAIR)]
	ldr	traps, [handoff, #CPU_WORD(KX_CPU_TRAPS)]
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
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
	ldr	x0, [handoff, #KX_HANDOFF_HEAD]
	bl	kx_walk_
	cbnz	x0, .Lreport
	ldp	x0, x1, [handoff, #KX_HANDOFF_ARGS]
	ldp	x2, x3, [handoff, #(KX_HANDOFF_ARGS + 16)]
	ldr	x5, [handoff, #KX_HANDOFF_ENTRY_PA]
	ldp	x6, x7, [handoff, #CPU_WORD(KX_CPU_HCR)]	/* and KX_CPU_EXTRAS */
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
	msr	vbar_el1, xzr
	tbz	x7, #KX_EXTRA_TCR2, .Lreset
	msr	TCR2_EL1, xzr
	b	.Lreset
.Lreset_el2:
	msr	ttbr0_el2, xzr
	msr	tcr_el2, xzr
	msr	mair_el2, xzr
	msr	vbar_el2, xzr
	tbz	x7, #KX_EXTRA_TCR2, 1f
	msr	TCR2_EL2, xzr
1:	msr	hcr_el2, x6			/* with E2H, the layout of the others changes */
	isb					/* what follows goes by the new one */
	msr	cptr_el2, traps
	tlbi	alle2				/* of this regime too nothing older is held */
	dsb	nsh
.Lreset:
	isb					/* before the first instruction of another */
	mov	x4, #0
	mov	sp, x4
	mov	x5, #0
	mov	x6, #0
	mov	x7, #0
	mov	x8, #0
	mov	x9, #0
	mov	x10, #0
	mov	x11, #0
	mov	x12, #0
	mov	x13, #0
	mov	x14, #0
	mov	x15, #0
	mov	x16, #0
	mov	x17, #0
	mov	x18, #0
	mov	x19, #0
	mov	x20, #0
	mov	x21, #0
	mov	x22, #0
	mov	x23, #0
	mov	x24, #0
	mov	x25, #0
	mov	x26, #0
	mov	x27, #0
	mov	x28, #0
	mov	x29, #0
	br	entry

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

/*
 * kx_fault_ - say what went wrong, and stop
 *
 * Runs:     as the exception vector, at the physical address of the control page
 * In:       ESR, ELR, FAR
 * Out:      does not return; one line on the console of the handoff, then the CPU waits for ever
 * Live:     handoff
 * Clobbers: everything
 * Memory:   reads the control page and drives the console, both untranslated: no table is needed,
 *           and none maps a device as memory; no stack
 * Spec:     PL011 "Flag Register, UARTFR"
 */
	.globl	kx_fault_
kx_fault_:
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	1f
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	b	.Lreport
1:	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
.Lreport:
	adr	handoff, kx_page_
	bl	kx_untranslate_
	sub	x1, x1, handoff			/* PC as an offset in the control page */
	ldr	w4, [handoff, #(KX_HANDOFF_CONSOLE + KX_DEVICE_KIND)]
	cmp	w4, #KX_DEVICE_PL011
	b.ne	.Lstop
	ldr	x3, [handoff, #(KX_HANDOFF_CONSOLE + KX_DEVICE_BASE)]
	adr	x4, .Lsay_cause
	mov	x5, x0
	bl	.Lsay
	adr	x4, .Lsay_pc
	mov	x5, x1
	bl	.Lsay
	adr	x4, .Lsay_at
	mov	x5, x2
	bl	.Lsay
	mov	w8, #'\r'
	bl	.Lput
	mov	w8, #'\n'
	bl	.Lput
.Lstop:
	wfi
	b	.Lstop

/* x4 = string, x5 = number printed behind it in hexadecimal, x3 = console; clobbers x6-x11 */
.Lsay:
	mov	x7, x30
.Lsay_next:
	ldrb	w8, [x4], #1
	cbz	w8, .Lsay_number
	bl	.Lput
	b	.Lsay_next
.Lsay_number:
	mov	x6, #64
.Lsay_digit:
	sub	x6, x6, #4
	lsr	x8, x5, x6
	and	x8, x8, #15
	cmp	x8, #10
	add	x9, x8, #('a' - 10)
	add	x8, x8, #'0'
	csel	x8, x8, x9, lo
	bl	.Lput
	cbnz	x6, .Lsay_digit
	br	x7

/* A console that stays busy loses characters; it does not hang what reports a hang. */
.Lput:
	mov	x10, #0x100000
1:	ldr	w11, [x3, #PL011_FR]
	tbz	w11, #PL011_FR_TXFF, 2f
	sub	x10, x10, #1
	cbnz	x10, 1b
2:	str	w8, [x3, #PL011_DR]
	ret

.Lsay_cause:
	.asciz	"kx: fault: trampoline cause=0x"
.Lsay_pc:
	.asciz	" pc=control+0x"
.Lsay_at:
	.asciz	" at=0x"

/*
 * kx_vectors_ - sixteen ways in, one handler
 *
 * Runs:     as kx_fault_
 * In:       as kx_fault_
 * Out:      kx_fault_
 * Live:     nothing
 * Clobbers: nothing
 * Memory:   none
 * Spec:     Arm "Exception vectors": 128 bytes each, at a multiple of 2 KiB
 */
	.section .text.vectors, "ax"
	.balign	2048
	.globl	kx_vectors_
kx_vectors_:
	.rept	16
	b	kx_fault_
	.balign	128
	.endr
