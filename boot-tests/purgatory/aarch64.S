/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: what stands before and behind purgatory in its tests. Enters it at 0x50000000 with the CPU in
 * as bad a state as the contract allows; `landing` is the new image: it says what it finds, powers off.
 */
#define UART 0x09000000 /* PL011 of QEMU's virt */
#define CPTR_TFP 0x400
#define SCTLR_I 0x1000

	.text
	.globl	_start
_start:
	mov	x4, #3
	mov	sp, x4
	mrs	x0, CurrentEL
	tbnz	x0, #3, 1f
	msr	cpacr_el1, xzr		/* vector registers trap */
	mrs	x0, sctlr_el1
	orr	x0, x0, #SCTLR_I	/* the instruction cache on */
	orr	x0, x0, #2		/* alignment checks */
	msr	sctlr_el1, x0
	b	2f
1:	mov	x0, #0x33ff
	orr	x0, x0, #CPTR_TFP
	msr	cptr_el2, x0
2:	isb
	mov	x4, #0x50000000
	br	x4

	.balign	4096
	.globl	landing
landing:
	mov	x20, x0
	mov	x21, x1
	mov	x22, x2
	mov	x23, x3
	mrs	x0, CurrentEL
	tbnz	x0, #3, 1f
	mrs	x24, cpacr_el1
	mrs	x25, sctlr_el1
	b	2f
1:	mrs	x24, cptr_el2
	eor	x24, x24, #CPTR_TFP
	and	x24, x24, #CPTR_TFP
	mrs	x25, sctlr_el2
2:	cmp	x24, xzr
	cset	x24, ne			/* 0: as it was */
	and	x25, x25, #1		/* MMU */
	adr	x26, 5f
	mov	x1, #UART
3:	ldrb	w0, [x26], #1
	cbz	w0, 4f
	str	w0, [x1]
	b	3b
4:	.irp	number, 20,21,22,23,24,25
	add	w0, w\number, #'0'
	str	w0, [x1]
	.endr
	mov	w0, #'\n'
	str	w0, [x1]
	mov	x0, #0x84000000		/* PSCI SYSTEM_OFF */
	add	x0, x0, #8
	mrs	x2, CurrentEL
	tbnz	x2, #3, 6f
	hvc	#0
6:	smc	#0
	b	.
5:	.asciz	"KX-LANDED "
	.balign	4096
	.globl	landing_end
landing_end:
