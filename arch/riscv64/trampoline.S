/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: put the new image in place and jump to it. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"

/*
 * kx_trampoline_ - walk the page list, then enter the new image
 *
 * Runs:     in the control page at its physical address; libkx's tables or none; interrupts masked;
 *           one hart
 * In:       nothing but its own address
 * Out:      enters handoff.entry_pa with a0..a3 = args[0..3], satp = 0; with KX_ENTER_RETURN it is
 *           called, and kx_return_ follows
 * Live:     handoff entry stage; those of kx_walk_
 * Clobbers: everything
 * Memory:   that of kx_walk_; writes the status record; no stack
 * Spec:     Linux Documentation/arch/riscv/boot.rst; Priv "Supervisor Memory-Management Fence
 *           Instruction"; Unpriv "Instruction-Fetch Fence"
 */
	.section .text.trampoline, "ax"
	.globl	kx_trampoline_
kx_trampoline_:
	/* PC is physical already, so nothing changes under it. */
	csrw	satp, zero
	sfence.vma
	lla	handoff, kx_page_
	li	count, 0
	li	stage, KX_STATUS_COPY
	jal	kx_stage_
	ld	entry, KX_HANDOFF_ENTRY_PA(handoff)
	ld	a0, KX_HANDOFF_HEAD(handoff)
	addi	a1, handoff, KX_HANDOFF_KICK
	lwu	swap, KX_HANDOFF_FLAGS(handoff)
	andi	swap, swap, KX_ENTER_RETURN
	jal	kx_walk_
	bnez	a0, kx_refuse_
	li	stage, KX_STATUS_JUMP
	jal	kx_stage_
	fence.i				/* the new image was written as data */
	/* What the new image must not inherit: pointers into memory that is no longer ours. */
	csrw	sip, zero
	csrw	sepc, zero
	csrw	scause, zero
	csrw	stval, zero
	ld	a0, (KX_HANDOFF_ARGS + 0)(handoff)
	ld	a1, (KX_HANDOFF_ARGS + 8)(handoff)
	ld	a2, (KX_HANDOFF_ARGS + 16)(handoff)
	ld	a3, (KX_HANDOFF_ARGS + 24)(handoff)
	lwu	t6, KX_HANDOFF_FLAGS(handoff)
	slli	t6, t6, 60			/* KX_ENTER_RETURN is its sign, KX_ENTER_GUARDED below */
	mv	ra, entry
	.irp	name, sp,gp,tp,t0,t1,t2,s0,s1,a4,a5,a6,a7,s2,s3,s4,s5,s6,s7,s10,s11,t3,t4,t5
	li	\name, 0
	.endr
	bltz	t6, 2f
	bnez	t6, 1f
	/* Nothing is left to go wrong. The trap vector gets the value that a hart has at its first
	 * entry from firmware. */
	csrw	stvec, ra
	csrw	sscratch, zero
	li	stage, 0
	li	count, 0
	ret
1:	li	t6, 0				/* stage and count stay, for as long as the vector does */
	ret
2:	slli	t6, t6, 1
	bltz	t6, 3f
	csrw	stvec, ra
	csrw	sscratch, zero
	li	stage, 0
	li	count, 0
3:	li	t6, 0
	jalr	ra
	j	kx_return_
