/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: first instructions of the host.
 */
#include "image_header.h"
#include "pen.h"
#include "psci.h"
#include "smp.h"

	.section .head, "ax"
	.globl	_start
_start:
	image_header .Lboot

/*
 * In: x0 = FDT, MMU off, EL1 or EL2. Out: host_main(MPIDR, FDT), where mmu_build() says.
 */
.Lboot:
	msr	daifset, #15
	mov	x20, x0
	mrs	x19, mpidr_el1
	ubfx	x1, x19, #32, #8		/* its affinities, as the device tree says them */
	and	x19, x19, #0xffffff
	orr	x19, x19, x1, lsl #32
	adrp	x1, image_file_end
	add	x1, x1, :lo12:image_file_end
	adrp	x2, image_end
	add	x2, x2, :lo12:image_end
1:	stp	xzr, xzr, [x1], #16
	cmp	x1, x2
	b.lo	1b
	adrp	x3, image_stack_top
	add	x3, x3, :lo12:image_stack_top
	mov	sp, x3
	mov	x0, x19
	mov	x1, x20
	bl	host_early
	cbz	x0, 3f
	mov	x21, x0

	/* What was written so far went past the caches: nothing older may be found there. */
	adrp	x1, image_start
	add	x1, x1, :lo12:image_start
	adrp	x2, image_end
	add	x2, x2, :lo12:image_end
	mov	x4, x1
2:	dc	civac, x4
	add	x4, x4, #16
	cmp	x4, x2
	b.lo	2b
	dsb	sy
	adrp	x2, mmu_image_va
	ldr	x2, [x2, :lo12:mmu_image_va]
	sub	x2, x2, x1			/* VA - PA of the image */
	adr	x4, 3f
	add	x4, x4, x2
	mov	x5, sp
	add	sp, x5, x2
	ic	iallu
	mrs	x5, CurrentEL
	cmp	x5, #8
	b.eq	1f
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	sctlr_el1, x21			/* the tables map this code at its PA too */
	isb
	br	x4
1:	tlbi	alle2
	dsb	nsh
	isb
	msr	sctlr_el2, x21
	isb
	br	x4
3:	hint	#36				/* bti j */
	mov	x0, x19
	mov	x1, x20
	bl	host_main

/*
 * smp_entry - where the other CPUs wait
 * In: x0 = address of its struct smp_gate; MMU off; no stack
 */
	.globl	smp_entry
smp_entry:
	mov	w1, #1
	str	w1, [x0, #SMP_GATE_UP]
1:	ldr	x1, [x0, #SMP_GATE_STOP]
	cbz	x1, 1b
	cmp	x1, #SMP_STOP_HVC
	b.hi	3f
	mov	w0, #(PSCI_CPU_OFF & 0xffff)
	movk	w0, #(PSCI_CPU_OFF >> 16), lsl #16
	cmp	x1, #SMP_STOP_HVC
	b.eq	2f
	smc	#0
2:	hvc	#0
3:	br	x1

/* The two programs of a pen; see pen.h. MMU off */
	.section .rodata.pen, "a"
	.balign	4
	.globl	pen_code, pen_code_end, pen_nop, pen_other, pen_other_end
pen_code:
	adr	x0, pen_code + PEN_MARK
	mov	w1, #PEN_WAITS
	str	w1, [x0]
1:	b	1b
pen_code_end:
pen_nop:
	nop
pen_other:
	adr	x0, pen_other + PEN_MARK - PEN_CODE
	movz	w1, #(PEN_MARKED & 0xffff)
	movk	w1, #(PEN_MARKED >> 16), lsl #16
	str	w1, [x0]
1:	b	1b
pen_other_end:
