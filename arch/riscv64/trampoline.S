/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: put the new image in place and jump to it; report a fault on the way. */
#include <kx/abi.h>

#include "cpu.h"

#define handoff  s0
#define entry    s1

/*
 * kx_trampoline_ - walk the page list, then enter the new image
 *
 * Runs:     in the control page at its physical address; libkx's tables or none; interrupts masked;
 *           one hart
 * In:       nothing but its own address
 * Out:      does not return; enters handoff.entry_pa with a0..a3 = args[0..3], satp = 0
 * Live:     handoff entry; those of kx_walk_
 * Clobbers: everything
 * Memory:   that of kx_walk_; no stack
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
	ld	entry, KX_HANDOFF_ENTRY_PA(handoff)
	ld	a0, KX_HANDOFF_HEAD(handoff)
	jal	kx_walk_
	bnez	a0, .Lreport
	fence.i				/* the new image was written as data */
	/* What the new image must not inherit: pointers into memory that is no longer ours. The
	 * trap vector gets the value that a hart has at its first entry from firmware. */
	csrw	sip, zero
	csrw	sscratch, zero
	csrw	sepc, zero
	csrw	scause, zero
	csrw	stval, zero
	csrw	stvec, entry
	ld	a0, (KX_HANDOFF_ARGS + 0)(handoff)
	ld	a1, (KX_HANDOFF_ARGS + 8)(handoff)
	ld	a2, (KX_HANDOFF_ARGS + 16)(handoff)
	ld	a3, (KX_HANDOFF_ARGS + 24)(handoff)
	mv	ra, entry
	li	sp, 0
	li	gp, 0
	li	tp, 0
	li	t0, 0
	li	t1, 0
	li	t2, 0
	li	s0, 0
	li	s1, 0
	li	a4, 0
	li	a5, 0
	li	a6, 0
	li	a7, 0
	li	s2, 0
	li	s3, 0
	li	s4, 0
	li	s5, 0
	li	s6, 0
	li	s7, 0
	li	s8, 0
	li	s9, 0
	li	s10, 0
	li	s11, 0
	li	t3, 0
	li	t4, 0
	li	t5, 0
	li	t6, 0
	ret

/*
 * kx_fault_ - say what went wrong, and stop
 *
 * Runs:     as the trap vector, at the virtual or the physical address of the control page
 * In:       scause, sepc, stval
 * Out:      does not return; one line on the console of the handoff, then the hart waits for ever
 * Live:     handoff
 * Clobbers: everything
 * Memory:   reads the control page; no stack
 * Spec:     SBI "Legacy Extensions": Console Putchar
 */
	.balign	4			/* stvec has its mode in the two low bits */
	.globl	kx_fault_
kx_fault_:
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
.Lreport:
	lla	handoff, kx_page_
	mv	s1, a0
	sub	s2, a1, handoff		/* PC as an offset in the control page */
	mv	s3, a2
	lw	t0, (KX_HANDOFF_CONSOLE + KX_DEVICE_KIND)(handoff)
	li	t1, KX_DEVICE_SBI_PUTCHAR
	bne	t0, t1, .Lstop
	lla	s4, .Lsay_cause
	mv	s5, s1
	jal	.Lsay
	lla	s4, .Lsay_pc
	mv	s5, s2
	jal	.Lsay
	lla	s4, .Lsay_at
	mv	s5, s3
	jal	.Lsay
	li	a0, '\n'
	jal	.Lput
.Lstop:
	wfi
	j	.Lstop

/* s4 = string, s5 = number printed behind it in hexadecimal; clobbers s6, s7, s8, a0, a7 */
.Lsay:
	mv	s7, ra
.Lsay_next:
	lbu	a0, 0(s4)
	addi	s4, s4, 1
	beqz	a0, .Lsay_number
	jal	.Lput
	j	.Lsay_next
.Lsay_number:
	li	s6, 64
.Lsay_digit:
	addi	s6, s6, -4
	srl	a0, s5, s6
	andi	a0, a0, 15
	li	s8, 10
	blt	a0, s8, 1f
	addi	a0, a0, 'a' - '0' - 10
1:	addi	a0, a0, '0'
	jal	.Lput
	bnez	s6, .Lsay_digit
	jr	s7

.Lput:
	li	a7, SBI_EID_PUTCHAR
	ecall
	ret

.Lsay_cause:
	.asciz	"kx: fault: trampoline cause=0x"
.Lsay_pc:
	.asciz	" pc=control+0x"
.Lsay_at:
	.asciz	" at=0x"
