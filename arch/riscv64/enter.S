/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: from the host's address space to the control page's physical address. */
#include <kx/abi.h>

#include "cpu.h"

#define tables   a0
#define handoff  s0
#define page_pa  s2

/*
 * kx_enter_ - leave the host's address space
 *
 * Runs:     first in a copy of the control page that the host has mapped executable, and from the
 *           write of satp on in the control page itself, which libkx's tables map at that address.
 *           Both hold the same instructions, so it does not matter when the hart fetches from which.
 *           Where the host runs untranslated it is called in the control page at once.
 * In:       a0 = satp value of libkx's tables, 0 where the host runs untranslated
 * Out:      goes on in kx_trampoline_ at its physical address, satp still as In
 * Live:     tables handoff page_pa
 * Clobbers: s0, s2, t0, sstatus.SIE, sie, stvec
 * Memory:   reads the handoff; no stack
 * Spec:     Priv "Supervisor Memory-Management Fence Instruction"
 */
	.section .text.enter, "ax"
	.globl	kx_enter_
kx_enter_:
	csrci	sstatus, SSTATUS_SIE
	csrw	sie, zero
	lla	t0, kx_fault_
	csrw	stvec, t0		/* from here on a fault is reported, not lost */
	fence.i				/* the control page was written as data */
	beqz	tables, 1f
	csrw	satp, tables
	sfence.vma			/* drops the host's entries, global ones too */
1:
	/* Now surely in the control page. Its physical address is in its handoff; its virtual one is
	 * where this code runs: no offset is passed in, so none can be wrong. */
	lla	handoff, kx_page_
	ld	page_pa, KX_HANDOFF_CONTROL_PA(handoff)
	lla	t0, kx_fault_
	sub	t0, t0, handoff
	add	t0, t0, page_pa
	csrw	stvec, t0
	lla	t0, kx_trampoline_
	sub	t0, t0, handoff
	add	t0, t0, page_pa
	jr	t0
