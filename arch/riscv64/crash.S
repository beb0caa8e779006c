/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: from a system that dies to the control page. */
#include <kx/abi.h>

#include "cpu.h"
#include "crash.h"

#define crash    s0
#define page     t0

#define CLAIM_TRIES 1000	/* of a store that another hart's may come before */

/*
 * kx_crash_enter - enter what kx_crash_seal() has prepared, whatever state this hart is in
 *
 * Runs:     in the host, on any stack or none, interrupts on or masked, in a trap handler or not
 * In:       a0 = struct kx_crash, a1 = hart id
 * Out:      goes on in kx_enter_, args[0] of the handoff = hart id. A hart that is not the first stays
 *           here; without a struct kx_crash it returns
 * Live:     crash
 * Clobbers: everything
 * Memory:   the crash page, whose end is the stack; the record; args[0] of the handoff
 * Spec:     Priv "Supervisor Status (sstatus) Register", "Supervisor Trap Vector Base Address (stvec)
 *           Register"; Unpriv "Load-Reserved/Store-Conditional Instructions"
 */
	.text
	.balign	4
	.globl	kx_crash_enter
kx_crash_enter:
	lpad					/* called by pointer, perhaps with Zicfilp on */
	beqz	a0, .Lnothing
	csrci	sstatus, SSTATUS_SIE		/* what is pending stays so */
	li	t0, SSTATUS_SDT
	csrc	sstatus, t0			/* in a handler it may be set, and what traps below is ours */
	csrw	sie, zero
	mv	crash, a0
	li	t0, KX_CRASH_FREE
	li	t2, CLAIM_TRIES
1:	lr.d.aq	t1, (crash)			/* KX_CRASH_CLAIM is the first word */
	bne	t1, t0, .Llate			/* nor is anything written: it may be the new image's by now */
	sc.d.rl	t1, zero, (crash)
	beqz	t1, 2f
	addi	t2, t2, -1
	bnez	t2, 1b				/* else on: two that enter are better than none */
2:	ld	page, KX_CRASH_PAGE(crash)
	sd	a1, KX_HANDOFF_ARGS(page)
	li	t0, KX_CRASH_STACK
	add	sp, crash, t0
	lla	t0, .Lfault
	csrw	stvec, t0			/* not before: it finds the page by the stack */
	mv	a0, crash
	call	kx_crash_settle_
	j	.Lgo

	/* What goes wrong in C is no reason to stay: the registers that are left are as they are. */
	.balign	4				/* stvec has its mode in the two low bits */
.Lfault:
	addi	crash, sp, -1			/* the stack is in the crash page */
	srli	crash, crash, KX_PAGE_SHIFT
	slli	crash, crash, KX_PAGE_SHIFT
.Lgo:
	ld	a0, KX_CRASH_TABLES(crash)
	ld	a1, KX_CRASH_PA(crash)
	ld	a2, KX_CRASH_MODE(crash)
	ld	a3, KX_CRASH_OWN(crash)
	ld	t0, KX_CRASH_RUN(crash)
	jr	t0

.Llate:
	wfi					/* nothing of the new image will be here */
	j	.Llate
.Lnothing:
	ret

	.section .note.GNU-stack, "", %progbits
