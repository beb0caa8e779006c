/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: first instructions of count.c's guest, and its counter. Spec: Arm "The Performance Monitors Extension". */

#include <kx/sha256.h>

#define FPEN         0x300000		/* CPACR_EL1 */
#define INST_RETIRED 0x08
#define PMCR_E_P_LC  0x43		/* enabled, counters from zero */

	.section .head, "ax"
	.globl	_start
_start:
	msr	daifset, #15
	mov	x0, #FPEN
	msr	cpacr_el1, x0
	adrp	x0, .Lvectors
	add	x0, x0, :lo12:.Lvectors
	msr	vbar_el1, x0
	adrp	x0, image_stack_top
	add	x0, x0, :lo12:image_stack_top
	mov	sp, x0
	mov	x0, #INST_RETIRED
	msr	pmevtyper0_el0, x0
	mov	x0, #1
	msr	pmcntenset_el0, x0
	mov	x0, #PMCR_E_P_LC
	msr	pmcr_el0, x0
	isb
	b	count_main

/*
 * guest_count - instructions that a function executes
 * In: x0 = the function. Out: x0 = their number and a few, or all ones if it trapped
 */
	.globl	guest_count
guest_count:
	stp	x29, x30, [sp, #-176]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x1, sp
	msr	tpidr_el1, x1
	mrs	x19, pmevcntr0_el0
	blr	x0
	mrs	x0, pmevcntr0_el0
	sub	w0, w0, w19			/* counts in 32 bits */
1:	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x29, x30, [sp], #176
	ret

	.text
	.balign	2048
.Lvectors:
	.rept	16
	mrs	x1, tpidr_el1
	mov	sp, x1
	mov	x0, #-1
	b	1b
	.balign	128
	.endr

	.section .rodata, "a"
	.balign	4
	.globl	guest_method_last
guest_method_last:
	.word	KX_SHA256_CPU
