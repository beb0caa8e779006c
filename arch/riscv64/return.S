/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: from the new image, if it comes back, to the host's address space. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define tables   a0	/* where kx_fault_ looks for them, as in kx_enter_ */
#define own_va   a4	/* where kx_call_ does */
#define resume   a7
#define host     a3	/* its satp */

/*
 * kx_return_ - put the old system back, and go on in it
 *
 * Runs:     in the control page at its physical address, where KX_ENTER_RETURN has said; untranslated
 * In:       a0, a1 = what the new image has come back with
 * Out:      goes on where the host's kx_call_ waits, on its tables: a4 = libkx's own page where the
 *           host sees it, a5 = value, a6 = detail
 * Live:     handoff stage own value detail; those of kx_walk_; tables host own_va resume
 * Clobbers: everything
 * Memory:   that of kx_walk_; writes the status record; no stack
 * Spec:     as enter.S and trampoline.S, the other way round
 */
	.section .text.return, "ax"
	.balign	4
	.globl	kx_return_
kx_return_:
	csrci	sstatus, SSTATUS_SIE
	csrw	sie, zero
	csrw	satp, zero
	sfence.vma
	lla	handoff, kx_page_
	ld	own, KX_HANDOFF_OWN_PA(handoff)
	lla	t0, kx_fault_
	li	count, 0
	li	stage, KX_STATUS_RETURN
	csrw	sscratch, own
	csrw	stvec, t0		/* from here on a fault is reported, not lost */
	mv	value, a0
	mv	detail, a1
	jal	kx_stage_
	ld	a0, KX_HANDOFF_HEAD(handoff)
	addi	a1, handoff, KX_HANDOFF_KICK
	li	swap, KX_ENTER_RETURN
	jal	kx_walk_
	bnez	a0, kx_refuse_
	fence.i				/* the old system was written as data */
	ld	tables, KX_HANDOFF_TABLES(handoff)
	ld	host, KX_HOST_SATP(own)
	ld	own_va, KX_HOST_OWN(own)
	ld	resume, KX_HOST_RESUME(own)
	beqz	tables, 2f		/* the host runs untranslated */
	/* First to where the host runs this page, which libkx's tables know too. */
	ld	t1, KX_HOST_RUN(own)
	sub	t1, t1, handoff
	lla	t2, 1f
	add	t2, t2, t1
	lla	t0, kx_fault_
	add	t0, t0, t1
	sfence.vma			/* before, too: as in kx_enter_ */
	csrw	satp, tables
	sfence.vma
	csrw	sscratch, own_va	/* both tables have it there */
	csrw	stvec, t0
	jr	t2
1:	sfence.vma			/* its tables were written by the walk */
	csrw	satp, host
	sfence.vma			/* drops what was held of libkx's */
2:	mv	t2, resume		/* no landing pad is asked for */
	jr	t2
