/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: what Linux since 5.16 does with a page list, written anew from what is known of it: flags are
 * tested in the order SOURCE, INDIRECTION, DESTINATION, and DONE at the end of the loop; a page is copied
 * 64 bytes a step, then cleaned line by line.
 */
	.text
/* peer_walk - In: x0 = first word */
	.globl	peer_walk
peer_walk:
	mrs	x9, ctr_el0
	ubfx	x9, x9, #16, #4
	mov	x10, #4
	lsl	x9, x10, x9			/* bytes of a line */
	mov	x11, x0
.Lloop:
	and	x12, x11, #~4095
	tbz	x11, #3, .Lnot_source
	mov	x13, x14
1:	ldp	x0, x1, [x12]
	ldp	x2, x3, [x12, #16]
	ldp	x4, x5, [x12, #32]
	ldp	x6, x7, [x12, #48]
	add	x12, x12, #64
	stnp	x0, x1, [x13]
	stnp	x2, x3, [x13, #16]
	stnp	x4, x5, [x13, #32]
	stnp	x6, x7, [x13, #48]
	add	x13, x13, #64
	tst	x12, #4095
	b.ne	1b
	add	x12, x14, #4096
2:	dc	civac, x14
	add	x14, x14, x9
	cmp	x14, x12
	b.lo	2b
	dsb	sy
	b	.Lnext
.Lnot_source:
	tbz	x11, #1, .Lnot_indirection
	mov	x15, x12
	b	.Lnext
.Lnot_indirection:
	tbz	x11, #0, .Lnext
	mov	x14, x12
.Lnext:
	ldr	x11, [x15], #8
	tbz	x11, #2, .Lloop			/* DONE */
	ret
