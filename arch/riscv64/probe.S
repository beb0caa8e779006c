/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: what stands in the control page for walk.S, and for the new image, while kx_dry_run() uses it. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define cause    s1	/* as kx_fault_ leaves them */
#define pc       s2

#define REGISTER(n) (KX_OWN_REGISTERS + 8 * (n))

/*
 * kx_walk_ - try the vectors, then read a word of every page that the list would have copied or written
 *
 * Runs:     as in walk.S, in the control page
 * In:       as in walk.S; stage, handoff
 * Out:      as in walk.S; on the way back nothing is done. Or goes on in kx_return_
 * Live:     found cursor dest src word flag end count kick
 * Clobbers: a0..a4, s2..s7, s10, s11, t0..t6; sepc, scause, stval
 * Memory:   reads a word of each page of the list, of sources and of destinations; does the kick before
 *           each word of the list; kx_fault_ writes libkx's own page
 * Spec:     <kx/abi.h> "Page list"; Priv "Environment Call and Breakpoint"
 */
	.section .text.walk, "ax"
	.balign	4
	.globl	kx_walk_
kx_walk_:
	li	t0, KX_STATUS_RETURN
	beq	stage, t0, .Lnothing
	lla	t0, kx_fault_
	csrr	t1, stvec
	li	a0, KX_DRY_VECTORS
	bne	t0, t1, .Lgive_up		/* there is nobody to answer */
	csrr	found, sstatus
.Ltry:
	ebreak
.Lanswered:
	csrci	stvec, STVEC_FIRST
	ld	own, KX_HANDOFF_OWN_PA(handoff)
	ld	ra, REGISTER(1)(own)
	ld	entry, REGISTER(9)(own)
	ld	found, REGISTER(13)(own)
	ld	a0, KX_HANDOFF_HEAD(handoff)
	addi	a1, handoff, KX_HANDOFF_KICK
#include "list.inc"

.Lcopy:
	li	t2, KX_PAGE_SIZE
1:	ld	t0, 0(src)
	ld	t0, 0(dest)
	add	src, src, t2
	add	dest, dest, t2
	bne	dest, end, 1b
	j	.Lnext

.Lzero:
	bnez	src, .Lbad_zero
	li	t2, KX_PAGE_SIZE
1:	ld	t0, 0(dest)
	add	dest, dest, t2
	bne	dest, end, 1b
	j	.Lnext

.Ldone:
	csrw	sstatus, found
.Lnothing:
	li	a0, 0
	ret

/*
 * kx_landing_ - what is entered in the place of the new image: it has nothing to do, and comes back
 *
 * Runs:     as the new image
 * Out:      a0, a1 = 0
 */
	.section .landing, "a"
	.quad	kx_landing_			/* the page is linked at 0 */

	.section .text.walk, "ax"
	.balign	4
	.globl	kx_landing_
kx_landing_:
	li	a0, 0
	li	a1, 0
	ret

/*
 * kx_answer_ - a fault: the one that was asked for is answered, any other taken back to the host
 *
 * Runs:     in the place of kx_tell_, which tells of what cannot be taken back
 * In:       cause pc at, as kx_fault_ has found them; handoff own stage count
 * Out:      goes on in kx_return_: a0 = KX_DRY_FAULT, a1 = stage
 * Clobbers: a0, a1, ra, t0..t4
 * Memory:   writes libkx's own page and the status record
 */
	.globl	kx_answer_
kx_answer_:
	lla	t0, .Ltry
	sub	t0, t0, handoff
	li	t1, SCAUSE_BREAKPOINT
	bne	pc, t0, 1f
	beq	cause, t1, .Lanswered
1:	li	t1, KX_STATUS_RETURN
	beq	stage, t1, 2f			/* the way back is what is broken */
	jal	kx_record_
	li	a0, KX_DRY_FAULT
.Lgive_up:
	mv	a1, stage
	j	kx_return_
2:	j	kx_tell_
