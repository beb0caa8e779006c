/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: first instructions of the payload. Every register is saved before it is used; x0 waits in
 * FAR_EL1, whose own value is the one that cannot be reported.
 */
#include "image_header.h"
#include "smp.h"

	.section .head, "ax"
	.globl	_start
_start:
	image_header .Lboot

	.macro	save first, second
	stp	x\first, x\second, [x0, #(8 * \first)]
	.endm

.Lboot:
	msr	far_el1, x0
	adrp	x0, saved_registers
	add	x0, x0, :lo12:saved_registers
	save	1, 2
	save	3, 4
	save	5, 6
	save	7, 8
	save	9, 10
	save	11, 12
	save	13, 14
	save	15, 16
	save	17, 18
	save	19, 20
	save	21, 22
	save	23, 24
	save	25, 26
	save	27, 28
	save	29, 30
	mrs	x1, far_el1
	str	x1, [x0]
	mov	x1, sp
	str	x1, [x0, #(8 * 31)]

	/* Is all that no file covers zero? The saved registers lie before image_bss. */
	adrp	x2, image_bss
	add	x2, x2, :lo12:image_bss
	adrp	x3, image_end
	add	x3, x3, :lo12:image_end
	mov	x1, #0
1:	cmp	x2, x3
	b.hs	3f
	ldr	x4, [x2]
	cbz	x4, 2f
	mov	x1, x2
2:	str	xzr, [x2], #8
	b	1b
3:	adrp	x4, image_stack_top
	add	x4, x4, :lo12:image_stack_top
	mrs	x5, spsel			/* before there is a stack: the report tells which */
	str	x5, [x0, #(8 * 32)]
	msr	spsel, #1
	mov	sp, x4
	ldr	x0, [x0]
	bl	payload_main

/* payload_return - see payload.h */
	.globl	payload_return
	.arch	armv8-a+fp
payload_return:
	adrp	x2, saved_registers
	add	x2, x2, :lo12:saved_registers
	ldr	x30, [x2, #(8 * 30)]
	mov	x3, #-8
	mov	x4, #0x300000			/* FPEN */
	mrs	x5, CurrentEL
	cmp	x5, #8
	b.eq	1f
	msr	cpacr_el1, x4
	msr	vbar_el1, x3
	msr	mair_el1, x3
	msr	ttbr0_el1, x3
	msr	tcr_el1, x4
	b	2f
1:	msr	cptr_el2, x4
	msr	vbar_el2, x3
	msr	mair_el2, x3
	msr	ttbr0_el2, x3
2:	msr	ttbr1_el1, x3
	msr	tpidr_el0, x3
	msr	tpidr_el1, x3
	isb
	mrs	x5, id_aa64pfr0_el1
	tbnz	x5, #19, 3f			/* no floating point */
	.irp	n, 8,9,10,11,12,13,14,15
	fmov	d\n, x3
	.endr
3:	mov	sp, x3
	msr	spsel, #0
	mov	sp, x3
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
	mov	x\n, #-8
	.endr
	ret

/* smp_entry - where the other CPUs come up: say so, and wait for ever */
	.globl	smp_entry
smp_entry:
	mrs	x1, mpidr_el1
	and	x1, x1, #(SMP_CPUS - 1)
	adrp	x0, smp_up
	add	x0, x0, :lo12:smp_up
	mov	w2, #1
	str	w2, [x0, x1, lsl #2]
1:	wfi
	b	1b

	.section .bss.saved, "aw", %nobits
	.balign	16
	.globl	saved_registers
saved_registers:
	.zero	8 * 33
