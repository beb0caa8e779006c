/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: where a hart waits that no firmware takes back, as under SBI 0.1, which has no hart state
 * management, until the new kernel calls it.
 */
#include <kx/abi.h>

#include "cpu.h"

#define slot  s0
#define entry t2	/* no landing pad is asked for behind this */

/*
 * kx_park_code_ - wait for an address to appear in this hart's slot, and go there
 *
 * Runs:     in a copy of its own, page-aligned, at its physical address: mapped to itself, or
 *           untranslated; interrupts in any state; S or HS mode
 * In:       a0 = hart id, which S mode has no other way to know
 * Out:      at the address in the slot: a0 = hart id, a1 = 0, satp = 0, interrupts masked
 * Live:     slot entry
 * Clobbers: everything but a0
 * Memory:   reads the slots behind its page, writes its own; no stack
 * Spec:     Devicetree Specification 0.4 "/cpus/cpu* Node Properties", spin-table; Priv "Supervisor
 *           Memory-Management Fence Instruction"; Unpriv "Instruction-Fetch Fence"
 */
	.section .text.park, "ax"
	.balign	8
	.globl	kx_park_code_
	.hidden	kx_park_code_
kx_park_code_:
	lpad					/* gone to by pointer, perhaps with Zicfilp on */
	csrci	sstatus, SSTATUS_SIE
	csrw	sie, zero
	csrw	satp, zero
	sfence.vma				/* no entry of the tables before */
	lla	slot, kx_park_code_
	li	t0, KX_PARK_SLOTS
	add	slot, slot, t0
	li	t1, KX_PARK_SLOT_SIZE
	li	t2, -1				/* KX_PARK_ID_NONE: behind the last one */
.Lfind:
	ld	t0, KX_PARK_ID(slot)
	beq	t0, a0, .Lfound
	add	slot, slot, t1
	bne	t0, t2, .Lfind
.Llost:
	wfi					/* a hart without a slot: nobody can count it as stopped */
	j	.Llost
.Lfound:
	li	t0, KX_PARK_WAITS
	fence	rw, w				/* what this hart wrote before comes before that it waits */
	sd	t0, KX_PARK_STATE(slot)
.Lwait:
	.insn	i 0x0f, 0, x0, x0, 0x10		/* pause: a no-op where there is no Zihintpause */
	ld	entry, KX_PARK_RELEASE_PA(slot)
	beqz	entry, .Lwait
	fence	r, rw				/* what was written before the address is seen behind it */
	fence.i					/* the new kernel was written as data, by another hart */
	csrw	stvec, entry			/* no pointer into memory of the old kernel */
	csrw	sscratch, zero
	li	a1, 0
	jr	entry
kx_park_code_end:

	.section .rodata.park, "a"
	.balign	4
	.globl	kx_park_code_size_
	.hidden	kx_park_code_size_
kx_park_code_size_:
	.word	kx_park_code_end - kx_park_code_

	.section .note.GNU-stack, "", %progbits
