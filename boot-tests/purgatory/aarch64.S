/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: what stands before and behind purgatory in its tests. Enters it at 0x50000000 with the CPU in
 * as bad a state as the contract allows; `landing` is the new image: it says what it finds, powers off.
 * At EL2, E2H=1 makes it as a host with the Virtualization Host Extensions has it; TABLES=1 leaves
 * translation and caches on.
 */
#define UART 0x09000000 /* PL011 of QEMU's virt */
#define CPTR_TFP 0x400
#define CPTR_FPEN 0x300000	/* with E2H and at EL1 */
#define HCR_E2H 34
#define HCR_TGE 0x08000000
#define SCTLR_MC 0x5 /* MMU and data caches */
#define SCTLR_I 0x1000
#define MAIR 0x00ff
/* 39 bits, 4 KiB, walks write-back and inner shareable */
#define TCR_HALVES 0x803519	/* the upper half closed */
#define TCR_EL2 0x80803519

#ifndef E2H
#define E2H 0
#endif
#ifndef TABLES
#define TABLES 0
#endif

	.macro	translate el, tcr
	ldr	x0, =MAIR
	msr	mair_\el, x0
	ldr	x0, =\tcr
	msr	tcr_\el, x0
	adr	x0, tables
	msr	ttbr0_\el, x0
	isb
	.endm

	.text
	.globl	_start
_start:
	mov	x4, #3
	mov	sp, x4
	mrs	x0, CurrentEL
	tbnz	x0, #3, 1f
	msr	cpacr_el1, xzr		/* vector registers trap */
	.if	TABLES
	translate el1, TCR_HALVES
	tlbi	vmalle1
	.endif
	mrs	x0, sctlr_el1
	bl	.Lsctlr
	msr	sctlr_el1, x0
	b	2f
1:	.if	E2H
	mov	x0, #HCR_TGE
	orr	x0, x0, #1 << HCR_E2H
	msr	hcr_el2, x0
	isb
	mrs	x0, hcr_el2
	tbz	x0, #HCR_E2H, .		/* a CPU without */
	msr	cptr_el2, xzr
	.else
	mov	x0, #0x33ff
	orr	x0, x0, #CPTR_TFP
	msr	cptr_el2, x0
	.endif
	.if	TABLES && E2H
	translate el2, TCR_HALVES
	.elseif	TABLES
	translate el2, TCR_EL2
	.endif
	.if	TABLES
	tlbi	alle2
	.endif
	mrs	x0, sctlr_el2
	bl	.Lsctlr
	msr	sctlr_el2, x0
2:	isb
	mov	x4, #0x50000000
	br	x4

.Lsctlr:
	mov	x1, #SCTLR_I | TABLES * SCTLR_MC
	orr	x0, x0, x1
	orr	x0, x0, #2		/* alignment checks */
	dsb	sy
	isb
	ret
	.ltorg

	.balign	4096
tables:	.quad	0x0000000000000405	/* devices */
	.quad	0x40000701, 0x80000701, 0xc0000701
	.zero	4096 - 4 * 8

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
	mrs	x25, sctlr_el2
	mrs	x0, hcr_el2
	tbnz	x0, #HCR_E2H, 7f
	eor	x24, x24, #CPTR_TFP
	and	x24, x24, #CPTR_TFP
	b	2f
7:	and	x24, x24, #CPTR_FPEN
2:	cmp	x24, xzr
	cset	x24, ne			/* 0: as it was */
	mov	x0, #SCTLR_MC
	and	x25, x25, x0
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
