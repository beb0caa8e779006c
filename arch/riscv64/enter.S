/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: from the host's address space to the control page's physical address. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define tables   a0
#define own_va   a3
#define page_pa  s2

/*
 * kx_enter_ - leave the host's address space
 *
 * Runs:     first in a copy of the control page that the host has mapped executable, and from the
 *           write of satp on in the control page itself, which libkx's tables map at that address.
 *           Both hold the same instructions, so it does not matter when the hart fetches from which.
 *           Where the host runs untranslated it is called in the control page at once.
 * In:       a0 = satp value of libkx's tables, 0 where the host runs untranslated
 *           a3 = libkx's own page where the host sees it, which those tables map there too
 * Out:      goes on in kx_trampoline_ at its physical address, satp still as In
 * Live:     tables handoff page_pa own stage count
 * Clobbers: s0, s2, s8, s9, s11, t0, sstatus.SIE, sie, stvec, sscratch
 * Memory:   reads the handoff; no stack
 * Spec:     Priv "Supervisor Memory-Management Fence Instruction"
 */
	.section .text.enter, "ax"
	.globl	kx_enter_
kx_enter_:
	lpad				/* called by pointer, perhaps with Zicfilp on */
	li	stage, KX_STATUS_ENTER
	li	count, 0
	lla	t0, kx_fault_
	csrw	sscratch, own_va
	csrw	stvec, t0		/* from here on a fault is reported, not lost */
	csrci	sstatus, SSTATUS_SIE
	csrw	sie, zero
	fence.i				/* the control page was written as data */
	beqz	tables, 1f
	sfence.vma			/* the tables were written just now: the first fetch by them is behind that */
	csrw	satp, tables
	sfence.vma			/* drops the host's entries, global ones too */
1:
	/* Now surely in the control page. Its physical address is in its handoff; its virtual one is
	 * where this code runs: no offset is passed in, so none can be wrong. */
	lla	handoff, kx_page_
	ld	page_pa, KX_HANDOFF_CONTROL_PA(handoff)
	ld	own, KX_HANDOFF_OWN_PA(handoff)
	lla	t0, kx_fault_
	sub	t0, t0, handoff
	add	t0, t0, page_pa
	csrw	sscratch, own
	csrw	stvec, t0
	lla	t0, kx_trampoline_
	sub	t0, t0, handoff
	add	t0, t0, page_pa
	jr	t0
