/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: the control page's vectors: what went wrong is told, recorded, and answered. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define cause    x24
#define pc       x25
#define at       x26
#define kind     w27	/* of the console */
#define base     x28
#define number   x29
#define string   x22
#define index    x20	/* of a register */

#define VECTOR_MASK   3	/* of the four vectors of a stack pointer: which */
#define VECTOR_IRQ    1
#define VECTOR_FIQ    2
#define VECTOR_REFUSE 8	/* none: kx_refuse_ */

	.section .text.fault, "ax"
	.balign	4

/*
 * kx_refuse_ - a word of the list that means nothing
 *
 * Runs:     behind the walk
 * In:       x0..x2 = what kx_walk_ returned
 * Out:      as kx_fault_
 * Live:     count stage
 */
	.globl	kx_refuse_
kx_refuse_:
	msr	tpidrro_el0, x0
	msr	tpidr_el1, x1
	mrs	x0, tpidr_el0
	mov	x1, #VECTOR_REFUSE

/*
 * kx_fault_ - say what went wrong, and do what the policy wants
 *
 * Runs:     behind a vector, in the control page or in the host's copy of it, on the host's tables,
 *           libkx's or none
 * In:       ESR, ELR, FAR; x0 = libkx's own page, as it is translated; x1 = the vector's number;
 *           TPIDRRO_EL0 and TPIDR_EL1 = x0 and x1 as they were
 * Out:      does not return. A line and the registers on the console of the handoff, the status record,
 *           and then the policy; a second fault on the way goes to the policy at once, at a third it waits
 * Live:     count stage
 * Clobbers: everything
 * Memory:   writes libkx's own page; then, untranslated, reads the control page, writes the status
 *           record and drives the console: no table is needed, and none maps a console; no stack
 * Spec:     Arm "Exception vectors", "ESR_EL1"; PL011 "Flag Register, UARTFR"; TL16C550 "Line Status
 *           Register"; PSCI "SYSTEM_RESET2", "SYSTEM_RESET"
 */
	.globl	kx_fault_
kx_fault_:
	add	x0, x0, #1
	msr	tpidr_el0, x0			/* what can go wrong comes behind this */
	tbnz	x0, #FAULTS_SECOND_BIT, .Lagain
	add	x0, x0, #(KX_OWN_REGISTERS - 1)
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
	str	x30, [x0, #240]
	mrs	x2, tpidrro_el0
	mrs	x3, tpidr_el1
	stp	x2, x3, [x0]

	adr	handoff, kx_page_
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	1f
	mrs	cause, esr_el1
	mrs	pc, elr_el1
	mrs	at, far_el1
	b	2f
1:	mrs	cause, esr_el2
	mrs	pc, elr_el2
	mrs	at, far_el2
2:	tbz	x1, #3, 3f
	ldp	cause, pc, [x0]
	ldr	at, [x0, #16]
3:	and	x1, x1, #VECTOR_MASK
	sub	x2, x1, #VECTOR_IRQ
	cmp	x2, #(VECTOR_FIQ - VECTOR_IRQ)
	b.hi	4f
	constant cause, KX_FAULT_INTERRUPT	/* interrupts leave no syndrome */
	orr	cause, cause, x1
4:	sub	pc, pc, handoff

	/* Still at the host's address: perhaps on its tables, perhaps in its copy of the page, whose
	 * handoff is empty. Go the way of kx_enter_ again, with what it was given. */
.Lhome:
	ldr	x1, [handoff, #KX_HANDOFF_CONTROL_PA]
	cmp	x1, handoff
	b.eq	5f
	ldr	x2, [x0, #(KX_OWN_WAY - KX_OWN_REGISTERS + 16)]
	ldp	x0, x1, [x0, #(KX_OWN_WAY - KX_OWN_REGISTERS)]
	mov	here, handoff
	adr	target, 5f
	b	kx_switch_
5:	adr	handoff, kx_page_
	ldr	own, [handoff, #KX_HANDOFF_OWN_PA]
	mrs	x1, tpidr_el0
	and	x1, x1, #FAULTS_MASK
	orr	x1, x1, own
	adr	x0, kx_vectors_			/* for a second fault, where the host's addresses end */
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	1f
	msr	vbar_el1, x0
	b	2f
1:	msr	vbar_el2, x0
2:	msr	tpidr_el0, x1
	isb
	add	x0, own, #KX_OWN_REGISTERS
	add	x1, x0, #(32 * 8)
	bl	kx_drop_			/* for reading past the caches */
	bl	kx_untranslate_
	isb
	mrs	x0, tpidr_el0
	tbnz	x0, #FAULTS_SECOND_BIT, kx_tell_
	b	kx_answer_

	/* Here, unless what is linked in has another answer: probe.S */
	.weak	kx_answer_
kx_answer_:
	.globl	kx_tell_
kx_tell_:
	mrs	x0, tpidr_el0
	ldr	kind, [handoff, #(KX_HANDOFF_CONSOLE + KX_DEVICE_KIND)]
	ldr	base, [handoff, #(KX_HANDOFF_CONSOLE + KX_DEVICE_BASE)]
	tbnz	x0, #FAULTS_SECOND_BIT, .Lpolicy
	b	.Ltell

	/* A second fault, whose registers are not kept, or a third. In: x0 = libkx's own page and their number */
.Lagain:
	tbnz	x0, #0, .Lwait
	add	x0, x0, #(KX_OWN_REGISTERS - 2)
	adr	handoff, kx_page_
	b	.Lhome

/*
 * kx_drop_ - write lines to the point of coherency and drop them, where kx_clean_ is not or `line` is not set
 *
 * Runs:     wherever those bytes are mapped, or untranslated
 * In:       x0 = first byte, x1 = end; both at a multiple of 16
 * Clobbers: x2
 * Memory:   none of its own
 * Spec:     as kx_clean_
 */
kx_drop_:
	mov	x2, x0
1:	dc	civac, x2
	add	x2, x2, #16			/* no line is shorter */
	cmp	x2, x1
	b.lo	1b
	dsb	sy
	ret

/*
 * kx_vectors_ - the eight ways in from this level; there is none below to come from
 *
 * Runs:     as kx_fault_
 * In:       TPIDR_EL0 = libkx's own page, as it is translated
 * Out:      kx_fault_
 * Clobbers: TPIDRRO_EL0, TPIDR_EL1
 * Spec:     Arm "Exception vectors": 128 bytes each, at a multiple of 2 KiB
 */
	.section .text.vectors, "ax"
	.balign	2048
	.globl	kx_vectors_
kx_vectors_:
	.irp	vector, 0,1,2,3,4,5,6,7
	.org	kx_vectors_ + 128 * \vector
	msr	tpidrro_el0, x0
	msr	tpidr_el1, x1
	mrs	x0, tpidr_el0
	mov	x1, #\vector
	b	kx_fault_
	.endr
	/* The rest of the last one's 128 bytes, and those of vectors for levels below, are free. */

/*
 * kx_stage_ - a stage begins: note it and the time in the status record
 *
 * Runs:     in the control page at its physical address
 * In:       stage
 * Live:     handoff stage
 * Clobbers: x0..x5, x12, x30
 * Memory:   reads the handoff; writes the record, to the point of coherency
 * Spec:     lib/status.c
 */
	.globl	kx_stage_
kx_stage_:
	ldr	x0, [handoff, #KX_HANDOFF_STATUS_PA]
	cbz	x0, 1f
	mov	x12, x30
	add	x1, x0, #KX_STATUS_SIZE
	bl	kx_drop_			/* what was written past the caches meanwhile is to be read */
	isb					/* the counter is not read ahead of time */
	mrs	x1, cntvct_el0
	ldrb	w2, [x0, #KX_STATUS_SHIFT]
	lsr	x1, x1, x2
	orr	w1, w1, #1
	add	x2, x0, stage, lsl #2
	str	w1, [x2, #(KX_STATUS_EDGES - 4)]
	strb	w15, [x0, #KX_STATUS_STAGE]
	bl	kx_sum_
	add	x1, x0, #KX_STATUS_SIZE
	bl	kx_drop_			/* for whoever reads it past the caches */
	mov	x30, x12
1:	ret

/* x0 = the record, whose sum is to be right again; clobbers x1..x4 */
kx_sum_:
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
1:	ldr	w4, [x0, x3]
	add	w1, w1, w4
	add	w2, w2, w1
	add	x3, x3, #4
	cmp	x3, #KX_STATUS_SUM
	b.ne	1b
	lsl	w2, w2, #1
	sub	w2, w2, w1
	str	w2, [x0, x3]
	ret

.Ltell:
	adr	string, .Lsay_fault
	bl	.Lsay
	adr	string, .Lnames - 8		/* there is no stage 0 */
	add	string, string, stage, lsl #3
	bl	.Lsay
	adr	string, .Lsay_cause
	mov	number, cause
	bl	.Lsay_number
	adr	string, .Lsay_pc
	mov	number, pc
	bl	.Lsay_number
	adr	string, .Lsay_at
	mov	number, at
	bl	.Lsay_number
	adr	string, .Lsay_entry
	mov	number, count
	bl	.Lsay_number
	bl	kx_record_

	mov	index, #0
1:	adr	string, .Lsay_line		/* four to a line */
	tst	index, #3
	b.eq	2f
	adr	string, .Lsay_register
2:	bl	.Lsay
	mov	x0, #10
	udiv	x1, index, x0
	msub	x2, x1, x0, index
	add	w8, w1, #'0'
	mov	x12, x2
	bl	.Lput
	add	w8, w12, #'0'
	bl	.Lput
	add	x0, own, index, lsl #3
	ldr	number, [x0, #KX_OWN_REGISTERS]
	adr	string, .Lsay_equals
	bl	.Lsay_number
	add	index, index, #1
	cmp	index, #31
	b.ne	1b

.Lpolicy:
	ldr	w0, [handoff, #KX_HANDOFF_POLICY]
	cmp	w0, #KX_POLICY_RESET
	b.ne	.Lhalt
	adr	string, .Lsay_reset
	bl	.Lsay
	constant x0, PSCI_SYSTEM_RESET2		/* memory keeps what it holds: the record */
	bl	.Lfirmware
	constant x0, PSCI_SYSTEM_RESET		/* there is none */
	bl	.Lfirmware
.Lhalt:
	adr	string, .Lsay_halted
	bl	.Lsay
.Lwait:
	wfi
	b	.Lwait

/* x0 = the function; clobbers x0..x17 */
.Lfirmware:
	mov	x1, #PSCI_WARM_RESET
	mov	x2, #0				/* its cookie */
	ldr	w3, [handoff, #KX_HANDOFF_RESET]
	cmp	w3, #KX_PSCI_HVC
	b.eq	1f
	cmp	w3, #KX_PSCI_SMC
	b.eq	2f
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	2f
1:	hvc	#0
	ret
2:	smc	#0
	ret

/*
 * kx_record_ - what has gone wrong, into the status record
 *
 * Runs:     in the control page at its physical address, untranslated
 * In:       cause pc at count stage
 * Live:     handoff
 * Clobbers: x0..x5
 * Memory:   reads the handoff; writes the record
 */
	.globl	kx_record_
kx_record_:
	ldr	x0, [handoff, #KX_HANDOFF_STATUS_PA]
	cbz	x0, 1f
	mov	x5, x30
	add	x1, x0, #KX_STATUS_SIZE
	bl	kx_drop_			/* else what kx_stage_ had under way is written over it later */
	mov	x30, x5
	strb	w15, [x0, #KX_STATUS_STAGE]
	mov	w1, #KX_FAULT_CPU
	strb	w1, [x0, #KX_STATUS_FAULT]
	str	w24, [x0, #KX_STATUS_CAUSE]
	str	w16, [x0, #KX_STATUS_INDEX]
	stp	pc, at, [x0, #KX_STATUS_PC]
	b	kx_sum_
1:	ret

/* string, and number printed behind it in hexadecimal; clobbers x6..x11, string */
.Lsay_number:
	mov	x7, x30
	bl	.Lsay_next
	mov	x6, #64
1:	sub	x6, x6, #4
	lsr	x8, number, x6
	and	x8, x8, #15
	cmp	x8, #10
	add	w9, w8, #('a' - 10)
	add	w8, w8, #'0'
	csel	w8, w8, w9, lo
	bl	.Lput
	cbnz	x6, 1b
	ret	x7

/* string; clobbers x6..x11, string */
.Lsay:
	mov	x7, x30
	bl	.Lsay_next
	ret	x7

.Lsay_next:
	mov	x6, x30
1:	ldrb	w8, [string], #1
	cbz	w8, 2f
	bl	.Lput
	b	1b
2:	ret	x6

/* w8 = character; a console that stays busy loses it, but does not hang what reports a hang */
.Lput:
	mov	x10, #UART_TRIES
	cmp	kind, #KX_DEVICE_PL011
	b.eq	1f
	cmp	kind, #KX_DEVICE_UART8250
	b.ne	4f
	ldr	w11, [handoff, #(KX_HANDOFF_CONSOLE + KX_DEVICE_STRIDE)]
	cmp	w11, #4				/* registers four bytes apart are words */
	add	w9, w11, w11, lsl #2		/* the fifth */
	add	x9, x9, base
	b.eq	3f
2:	subs	x10, x10, #1
	b.eq	4f
	ldrb	w11, [x9]
	tbz	w11, #UART_LSR_THRE, 2b
	strb	w8, [base]
	ret
3:	subs	x10, x10, #1
	b.eq	4f
	ldr	w11, [x9]
	tbz	w11, #UART_LSR_THRE, 3b
	str	w8, [base]
	ret
1:	subs	x10, x10, #1
	b.eq	4f
	ldr	w11, [base, #PL011_FR]
	tbnz	w11, #PL011_FR_TXFF, 1b
	str	w8, [base, #PL011_DR]
4:	ret

#include "fault_words.inc"
