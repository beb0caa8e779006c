/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: first and last instructions of purgatory, and its traps. */
#include <kx/abi.h>
#include <kx/sha256.h>

#include "cpu.h"

	.section .head, "ax"

/*
 * kx_purgatory_start_ - take over the hart
 *
 * Runs:     at purgatory's first byte, in S, HS or VS mode, PA = VA
 * In:       a0 and a1 as the boot protocol has them; ra = where to come back to, if it is to
 * Out:      goes on in kx_purgatory_main_(a0, a1)
 * Clobbers: everything else
 * Memory:   none yet; sp may hold anything
 * Spec:     Linux Documentation/arch/riscv/boot.rst; Priv "Supervisor Trap Vector Base Address Register"
 */
	.globl	kx_purgatory_start_
kx_purgatory_start_:
	csrci	sstatus, SSTATUS_SIE
	csrw	sie, zero
	csrw	satp, zero		/* untranslated accesses are cached as the platform's memory is */
	sfence.vma
	lla	sp, kx_purgatory_stack_
	lla	t0, kx_purgatory_data_
	lla	t1, kx_purgatory_data_end_
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	lla	t0, kx_purgatory_back_
	sd	ra, 0(t0)
	lla	t0, kx_purgatory_vector_
	csrw	stvec, t0		/* until now the control page's was in force, if it has been there */
	li	fp, 0
	jal	kx_purgatory_main_

/*
 * kx_purgatory_vector_ - an exception
 *
 * Runs:     as the trap vector
 * In:       scause, sepc, stval
 * Out:      does not return; a third halts at once, see STVEC_FIRST
 * Clobbers: everything
 * Memory:   writes kx_purgatory_registers_; a stack of its own: the other may be why we are here
 */
	.balign	STVEC_ALIGN
kx_purgatory_vector_:
	.option	push
	.option	norvc			/* the places below are where stvec leads */
	.option	norelax
	csrsi	stvec, STVEC_FIRST	/* what can go wrong comes behind this */
	j	1f
	.org	kx_purgatory_vector_ + STVEC_FIRST
	csrsi	stvec, STVEC_SECOND
	j	1f
	.option	pop
/*
 * kx_halt_ - wait for ever
 *
 * Runs:     in purgatory, after it has said why; or where stvec leads with both bits set
 * Out:      does not return
 */
	.globl	kx_halt_
	.hidden	kx_halt_
kx_halt_:
	wfi
	j	kx_halt_
1:	csrw	sscratch, sp
	lla	sp, kx_purgatory_registers_
	.irp	number, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	sd	x\number, (8 * \number)(sp)
	.endr
	csrr	a0, sscratch
	sd	a0, (8 * 2)(sp)
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	lla	sp, kx_purgatory_trap_stack_
	jal	kx_purgatory_trap_

/*
 * kx_probe_ - what does the hart have of what SHA-256 can be made of?
 *
 * Runs:     in purgatory, interrupts masked, sstatus.VS not off where it can be
 * In:       nothing
 * Out:      a0 = KX_SHA256_*, the best of them
 * Clobbers: t0..t2, v1; vl, vtype, scause, sepc, stval
 * Memory:   none
 * Spec:     Priv "Supervisor Cause Register": illegal instruction. What firmware gets such a trap first
 *           hands it on.
 */
	.globl	kx_probe_
	.hidden	kx_probe_
kx_probe_:
	csrr	t0, stvec
	csrr	t1, sstatus
	lla	t2, 1f
	csrw	stvec, t2
	li	a0, KX_SHA256_VECTOR
	.insn	i 0x57, 7, t2, x4, 0xd0 - 0x400	/* V: vsetivli t2, 4, e32, m1, ta, ma */
	.insn	r 0x77, 2, 0x5f, x1, x3, x2	/* Zvknha: vsha2cl.vv v1, v2, v3 */
	addi	t2, t2, -4
	beqz	t2, 2f			/* such vectors as kx_sha256_vector_ wants are long enough */
	.balign	4
1:	csrw	sstatus, t1		/* without SDT the next trap comes here, too */
	lla	t2, 1f
	csrw	stvec, t2
	li	a0, KX_SHA256_CPU
	.insn	i 0x13, 1, t2, t2, 0x102	/* Zknh: sha256sig0 */
	.insn	i 0x13, 5, t2, t2, 0x6b8	/* Zbb: rev8 */
	j	2f
	.balign	4
1:	li	a0, KX_SHA256_PORTABLE
2:	csrw	stvec, t0
	csrw	sstatus, t1		/* a trap has written SPP, SPIE and SDT */
	ret

/*
 * kx_jump_ - enter an image
 *
 * Runs:     in purgatory
 * In:       a0 = entry, a1 = args[4], a2 = KX_ENTER_RETURN or 0
 * Out:      does not return; a0..a3 = args[0..3], satp = 0; ra = entry, or with KX_ENTER_RETURN the
 *           return address, and t2 = entry
 * Clobbers: everything
 * Memory:   reads args
 * Spec:     Linux Documentation/arch/riscv/boot.rst; Unpriv "Instruction-Fetch Fence"
 */
	.globl	kx_jump_
	.hidden	kx_jump_
kx_jump_:
	fence.i				/* whoever put the image there may not have done so */
	csrw	sip, zero
	csrw	sscratch, zero
	csrw	sepc, zero
	csrw	scause, zero
	csrw	stval, zero
	mv	ra, a0
	mv	t6, a2
	mv	t0, a1
	ld	a0, 0(t0)
	ld	a1, 8(t0)
	ld	a2, 16(t0)
	ld	a3, 24(t0)
	.irp	name, sp,gp,tp,t0,t1,t2,s0,s1,a4,a5,a6,a7,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11,t3,t4,t5
	li	\name, 0
	.endr
	csrw	stvec, ra		/* nothing is left to go wrong; what a hart first has from firmware */
	bnez	t6, 1f
	ret
1:	li	t6, 0
	mv	t2, ra
	lla	ra, kx_purgatory_back_
	ld	ra, 0(ra)
	jr	t2			/* the image need not begin with a landing pad */

/*
 * kx_back_ - go back to the old system
 *
 * Runs:     in purgatory
 * In:       a0 = value, a1 = detail
 * Out:      does not return; a0, a1 as they are; satp = 0
 */
	.section .text.kx_back_, "ax"
	.globl	kx_back_
	.hidden	kx_back_
kx_back_:
	lla	t0, kx_purgatory_back_
	ld	ra, 0(t0)
	ret

	.section .note.GNU-stack, "", %progbits
