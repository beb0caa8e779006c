/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: follow the page list. Linked into the control page; called by trampoline.S. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"

#define COPY_LINE 64	/* a step of the copy is two of these, each cleaned at once */

/*
 * kx_walk_ - put every page of the list in its place, or back
 *
 * Runs:     wherever list, sources and destinations lie at the addresses that the list says; SIMD
 *           registers are usable where there are any
 * In:       x0 = first word, x1 = struct kx_kick, x10 = swap, x29 = uncached
 * Out:      x0 = 0, every byte written is clean to the point of coherency after the next dsb; or
 *           KX_FAULT_LIST_FLAG, x1 = where this code stood, x2 = the word
 * Live:     kick count back simd cursor dest src word flag end start line uncached swap
 * Clobbers: x0..x7, x11, x12, x14, x16..x18, x20..x27, x30, v0..v7, flags
 * Memory:   reads list pages and sources, writes every destination page, and swapping every source;
 *           does the kick before each word, which is at most 128 pages of work; no stack
 * Spec:     <kx/abi.h> "Page list"
 */
	.section .text.walk.near, "ax"
	.balign	4
	.globl	kx_walk_
kx_walk_:
	mov	back, x30
	mrs	simd, id_aa64pfr0_el1
	ubfx	simd, simd, #20, #4		/* AdvSIMD: 15 where there is none */
	eor	simd, simd, #15
#include "list.inc"

.Lcopy:
	mov	start, dest
	cmp	src, dest
	b.eq	.Lin_place
	cbnz	swap, .Lswap
	cbnz	uncached, .Lsource
.Lcopy_run:
	cbz	simd, .Lcopy_narrow
.Lcopy_line:
	ldp	q0, q1, [src], #(2 * COPY_LINE)
	ldp	q2, q3, [src, #-96]
	ldp	q4, q5, [src, #-64]
	ldp	q6, q7, [src, #-32]
	stp	q0, q1, [dest]
	stp	q2, q3, [dest, #32]
	dc	civac, dest			/* see kx_clean_ */
	stp	q4, q5, [dest, #COPY_LINE]!
	stp	q6, q7, [dest, #32]
	dc	civac, dest
	add	dest, dest, #COPY_LINE
	cmp	dest, end
	b.ne	.Lcopy_line
.Lwritten:
	cmp	line, #COPY_LINE
	b.hs	.Lnext
	mov	x0, start			/* lines so short that some were stepped over */
	mov	x1, end
	bl	kx_clean_
	b	.Lnext
.Lcopy_narrow:
	ldp	x0, x1, [src], #COPY_LINE
	ldp	x2, x3, [src, #-48]
	ldp	x4, x5, [src, #-32]
	ldp	x6, x7, [src, #-16]
	stp	x0, x1, [dest]
	stp	x2, x3, [dest, #16]
	stp	x4, x5, [dest, #32]
	stp	x6, x7, [dest, #48]
	dc	civac, dest
	add	dest, dest, #COPY_LINE
	cmp	dest, end
	b.ne	.Lcopy_narrow
	b	.Lwritten
.Lsource:
	mov	x0, src
	sub	x1, end, dest
	add	x1, x1, src
	bl	kx_clean_				/* no older line may stand for the source */
	b	.Lcopy_run
.Lin_place:
	mov	x0, dest			/* nothing to move, but it was written through caches */
	mov	x1, end
	bl	kx_clean_
	mov	dest, end
	b	.Lnext

.Lzero:
	orr	x0, src, swap
	cbnz	x0, .Lbad_zero			/* ZERO has no address, and cannot be undone */
	mov	start, dest
.Lzero_line:
	stp	xzr, xzr, [dest]
	stp	xzr, xzr, [dest, #16]
	stp	xzr, xzr, [dest, #32]
	stp	xzr, xzr, [dest, #48]
	dc	civac, dest
	add	dest, dest, #COPY_LINE
	cmp	dest, end
	b.ne	.Lzero_line
	b	.Lwritten

.Ldone:
	mov	x0, #0
	ret	back

/*
 * .Lswap - the part of kx_walk_ that exchanges a run of pages
 *
 * Runs:     in kx_walk_, but behind the vectors, before which there is no room
 * In:       src dest end start
 * Out:      .Lnext
 * Live:     dest src end start; x7, where src was; x12, where .Lclean_both goes on
 */
	.section .text.walk, "ax"
	.balign	4
.Lswap:
	mov	x7, src
	cbz	uncached, .Lswap_line
	bl	.Lclean_both			/* no older line may stand for either */
.Lswap_line:
	ldp	x0, x1, [src]
	ldp	x2, x3, [src, #16]
	ldp	x4, x5, [dest]
	ldp	x11, x12, [dest, #16]
	stp	x0, x1, [dest]
	stp	x2, x3, [dest, #16]
	stp	x4, x5, [src], #16
	stp	x11, x12, [src], #16
	add	dest, dest, #32
	cmp	dest, end
	b.ne	.Lswap_line
	bl	.Lclean_both
	b	.Lnext
.Lclean_both:
	mov	x12, x30
	mov	x0, start
	mov	x1, end
	bl	kx_clean_
	sub	x1, end, start
	mov	x0, x7
	add	x1, x1, x7
	bl	kx_clean_
	ret	x12
