/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: what stands in the control page for walk.S, and for the new image, while kx_dry_run() uses it. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define cause    x24	/* as kx_fault_ leaves them */
#define pc       x25

/*
 * kx_walk_ - try the vectors, then read a word of every page that the list would have copied or written
 *
 * Runs:     as in walk.S, in the control page
 * In:       as in walk.S; stage, handoff
 * Out:      as in walk.S; on the way back nothing is done. Or goes on in kx_return_
 * Live:     kick count back cursor dest src word flag end line uncached
 * Clobbers: x0..x7, x12..x14, x16, x17, x20..x27, x30, flags; ESR, ELR, FAR, SPSR
 * Memory:   reads a word of each page of the list, of sources and of destinations; does the kick before
 *           each word of the list; kx_fault_ writes libkx's own page
 * Spec:     <kx/abi.h> "Page list"; Arm "UDF"; "SError interrupt exceptions"
 */
	.section .text.walk.near, "ax"
	.balign	4
	.globl	kx_walk_
kx_walk_:
	cmp	stage, #KX_STATUS_RETURN
	b.eq	.Lnothing
	mrs	x4, CurrentEL
	cmp	x4, #CURRENT_EL2
	b.eq	1f
	mrs	x5, vbar_el1
	b	2f
1:	mrs	x5, vbar_el2
2:	adr	x4, kx_vectors_
	cmp	x4, x5
	mov	x0, #KX_DRY_VECTORS
	b.ne	.Lgive_up			/* there is nobody to answer */
.Ltry:
	udf	#0
.Lanswered:
	bl	kx_settle_			/* what answered it has turned translation off */
	ldr	x4, [handoff, #KX_HANDOFF_OWN_PA]
	ldr	back, [x4, #(KX_OWN_REGISTERS + 8 * 30)]
	ldr	x0, [handoff, #KX_HANDOFF_HEAD]
	add	x1, handoff, #KX_HANDOFF_KICK
#include "list.inc"

.Lcopy:
	ldr	x0, [src]
	ldr	x0, [dest]
	add	src, src, #KX_PAGE_SIZE
	add	dest, dest, #KX_PAGE_SIZE
	cmp	dest, end
	b.ne	.Lcopy
	b	.Lnext

.Lzero:
	cbnz	src, .Lbad_zero
	ldr	x0, [dest]
	add	dest, dest, #KX_PAGE_SIZE
	cmp	dest, end
	b.ne	.Lzero
	b	.Lnext

.Ldone:
	dsb	sy				/* a read that comes to a bad end late is told here */
	isb
	mov	x0, #0
	ret	back
.Lnothing:
	mov	x0, #0
	ret

/*
 * kx_landing_ - what is entered in the place of the new image: it has nothing to do, and comes back
 *
 * Runs:     as the new image
 * Out:      x0, x1 = 0
 */
	.section .landing, "a"
	.quad	kx_landing_			/* the page is linked at 0 */

	.section .text.walk.near, "ax"
	.globl	kx_landing_
kx_landing_:
	mov	x0, #KX_DRY_GOOD
	mov	x1, #0
	ret

/*
 * kx_answer_ - a fault: the one that was asked for is answered, any other taken back to the host
 *
 * Runs:     in the place of kx_tell_, which tells of what cannot be taken back
 * In:       cause pc at, as kx_fault_ has found them; handoff own stage count
 * Out:      goes on in kx_return_: x0 = KX_DRY_FAULT, x1 = stage
 * Clobbers: x0..x5, x30, flags
 * Memory:   writes libkx's own page and the status record
 */
	.globl	kx_answer_
kx_answer_:
	adr	x4, .Ltry
	sub	x4, x4, handoff
	ubfx	x5, cause, #ESR_EC_SHIFT, #ESR_EC_BITS
	cmp	pc, x4
	ccmp	x5, #ESR_EC_UNKNOWN, #0, eq	/* Z is clear where the one is not so */
	b.eq	.Lanswered
	cmp	stage, #KX_STATUS_RETURN
	b.eq	kx_tell_			/* the way back is what is broken */
	bl	kx_record_
	mov	x0, #KX_DRY_FAULT
.Lgive_up:
	mov	x1, stage
	b	kx_return_
