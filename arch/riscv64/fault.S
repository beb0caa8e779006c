/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: the control page's trap vector: what went wrong is told, recorded, and answered. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define cause    s1
#define pc       s2
#define at       s3
#define kind     s4	/* of the console */
#define base     s5
#define number   s6
#define digits   s7
#define string   s10

#define REGISTER(n) (KX_OWN_REGISTERS + 8 * (n))

	.section .text.fault, "ax"
	.balign	4

/*
 * kx_refuse_ - a word of the list that means nothing
 *
 * Runs:     behind the walk
 * In:       a0..a2 = what kx_walk_ returned
 * Out:      as kx_fault_
 * Live:     count stage
 */
	.globl	kx_refuse_
kx_refuse_:
	csrrw	own, sscratch, own
	sd	ra, REGISTER(1)(own)
	jal	kx_save_
	mv	cause, a0
	mv	pc, a1
	mv	at, a2
	j	.Ltell

/*
 * kx_fault_ - say what went wrong, and do what the policy wants
 *
 * Runs:     as the trap vector, in the control page or in the host's copy of it, in any mode of
 *           translation that the way has
 * In:       scause, sepc, stval; sscratch = libkx's own page, as the mode sees it
 * Out:      does not return. A line and the registers on the console of the handoff, the status record,
 *           and then the policy; a second fault on the way goes to the policy at once, at a third it waits
 * Live:     count stage
 * Clobbers: everything
 * Memory:   reads the control page, writes libkx's own and the status record, drives a console in
 *           memory untranslated; no stack
 * Spec:     Priv "Supervisor Cause Register"; SBI "Debug Console Extension", "Legacy Extensions",
 *           "System Reset Extension"; TL16C550 "Line Status Register"
 */
	.balign	STVEC_ALIGN
	.globl	kx_fault_
kx_fault_:
	.option	push
	.option	norvc			/* the places below are where stvec leads */
	.option	norelax
	csrsi	stvec, STVEC_FIRST	/* what can go wrong comes behind this */
	csrrw	own, sscratch, own
	sd	ra, REGISTER(1)(own)
	j	.Lfirst
	csrsi	stvec, STVEC_SECOND	/* kx_fault_ + STVEC_FIRST */
	j	.Ltell
.Lwait:					/* kx_fault_ + STVEC_FIRST + STVEC_SECOND */
	wfi
	j	.Lwait
	.option	pop
.Lfirst:
	jal	kx_save_
	csrr	cause, scause
	csrr	pc, sepc
	csrr	at, stval
.Ltell:
	/* To physical addresses, from wherever it happened. Where the host's tables are still in force
	 * this is perhaps its copy of the page, whose handoff is empty; then a0 is as kx_enter_ got it.
	 * The tables that hold the page at both its addresses, loaded twice, are in force. */
	lla	handoff, kx_page_
	sub	pc, pc, handoff
	lwu	t0, KX_HANDOFF_MAGIC_OFFSET(handoff)
	li	t1, KX_HANDOFF_MAGIC
	mv	t2, a0
	bne	t0, t1, 1f
	ld	t2, KX_HANDOFF_TABLES(handoff)
1:	beqz	t2, 2f
	sfence.vma		/* as in kx_enter_ */
	csrw	satp, t2
	sfence.vma
2:	ld	t1, KX_HANDOFF_CONTROL_PA(handoff)
	lla	t0, 3f
	sub	t0, t0, handoff
	add	t0, t0, t1
	mv	handoff, t1
	jr	t0
3:	lla	t0, kx_fault_
	csrr	t1, stvec
	andi	t1, t1, STVEC_ALIGN - 1
	or	t0, t0, t1
	ld	own, KX_HANDOFF_OWN_PA(handoff)
	csrw	sscratch, own
	csrw	stvec, t0		/* for a second fault, where the host's addresses end */
	csrw	satp, zero
	sfence.vma
	andi	t1, t1, STVEC_SECOND
	bnez	t1, kx_tell_
	j	kx_answer_

	/* Here, unless what is linked in has another answer: probe.S */
	.weak	kx_answer_
kx_answer_:
	.globl	kx_tell_
kx_tell_:
	csrr	t0, stvec
	andi	t0, t0, STVEC_SECOND
	lwu	kind, (KX_HANDOFF_CONSOLE + KX_DEVICE_KIND)(handoff)
	ld	base, (KX_HANDOFF_CONSOLE + KX_DEVICE_BASE)(handoff)
	bnez	t0, .Lpolicy

	lla	string, .Lsay_fault
	jal	.Lsay
	lla	string, .Lnames - 8	/* there is no stage 0 */
	slli	t0, stage, 3
	add	string, string, t0
	jal	.Lsay
	lla	string, .Lsay_cause
	mv	number, cause
	jal	.Lsay_number
	lla	string, .Lsay_pc
	mv	number, pc
	jal	.Lsay_number
	lla	string, .Lsay_at
	mv	number, at
	jal	.Lsay_number
	lla	string, .Lsay_entry
	mv	number, count
	jal	.Lsay_number

	jal	kx_record_
	li	stage, 1		/* the line is out: it counts registers now */
5:	andi	t0, stage, 3		/* four to a line, but three in the first */
	lla	string, .Lsay_line
	beqz	t0, 6f
	li	t0, 1
	beq	t0, stage, 6f
	lla	string, .Lsay_register
6:	jal	.Lsay
	li	t0, 10
	div	a0, stage, t0
	addi	a0, a0, '0'
	jal	.Lput
	li	t0, 10
	rem	a0, stage, t0
	addi	a0, a0, '0'
	jal	.Lput
	slli	t0, stage, 3
	add	t0, t0, own
	ld	number, KX_OWN_REGISTERS(t0)
	lla	string, .Lsay_equals
	jal	.Lsay_number
	addi	stage, stage, 1
	li	t0, 32
	bne	stage, t0, 5b

.Lpolicy:
	lwu	t0, KX_HANDOFF_POLICY(handoff)
	li	t1, KX_POLICY_RESET
	bne	t0, t1, .Lhalt
	lla	string, .Lsay_reset
	jal	.Lsay
	li	number, SBI_SRST_WARM_REBOOT	/* memory keeps what it holds: the record */
8:	mv	a0, number
	li	a1, SBI_SRST_FAILURE
	li	a6, SBI_FID_SRST_RESET
	li	a7, SBI_EID_SRST
	ecall
	addi	number, number, -1		/* there is none: SBI_SRST_COLD_REBOOT */
	bnez	number, 8b
.Lhalt:
	lla	string, .Lsay_halted
	jal	.Lsay
	j	.Lwait

/*
 * kx_save_ - remember the registers
 *
 * In:       own = libkx's own page, but its register's value is in sscratch; ra is saved already
 * Out:      sscratch as it was before the fault
 * Clobbers: ra's caller's t0
 * Memory:   writes libkx's own page
 */
kx_save_:
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,28,29,30,31
	sd	x\n, REGISTER(\n)(own)
	.endr
	csrrw	t0, sscratch, own
	sd	t0, REGISTER(27)(own)
	ret

/*
 * kx_stage_ - a stage begins: note it and the time in the status record
 *
 * Runs:     in the control page at its physical address, untranslated
 * In:       stage
 * Live:     handoff stage
 * Clobbers: ra, t0..t5
 * Memory:   reads the handoff; writes the record
 * Spec:     lib/status.c
 */
	.globl	kx_stage_
kx_stage_:
	ld	t0, KX_HANDOFF_STATUS_PA(handoff)
	beqz	t0, 2f
	rdtime	t1
	lbu	t2, KX_STATUS_SHIFT(t0)
	srl	t1, t1, t2
	ori	t1, t1, 1
	slli	t2, stage, 2
	add	t2, t2, t0
	sw	t1, (KX_STATUS_EDGES - 4)(t2)
	sb	stage, KX_STATUS_STAGE(t0)
	/* In: t0 = the record, whose sum is to be right again */
kx_sum_:
	addi	t1, t0, KX_STATUS_SUM
	li	t2, 0
	li	t3, 0
1:	lw	t4, 0(t0)
	add	t2, t2, t4
	add	t3, t3, t2
	addi	t0, t0, 4
	bne	t0, t1, 1b
	slli	t3, t3, 1
	sub	t3, t3, t2
	sw	t3, 0(t0)
2:	ret

/*
 * kx_record_ - what has gone wrong, into the status record
 *
 * Runs:     in the control page at its physical address, untranslated
 * In:       cause pc at count stage
 * Live:     handoff
 * Clobbers: t0..t4
 * Memory:   reads the handoff; writes the record
 */
	.globl	kx_record_
kx_record_:
	ld	t0, KX_HANDOFF_STATUS_PA(handoff)
	beqz	t0, 2b
	srli	t1, cause, SCAUSE_INTERRUPT_SHIFT - 31
	or	t1, t1, cause
	sb	stage, KX_STATUS_STAGE(t0)
	li	t2, KX_FAULT_CPU
	sb	t2, KX_STATUS_FAULT(t0)
	sw	t1, KX_STATUS_CAUSE(t0)
	sw	count, KX_STATUS_INDEX(t0)
	sd	pc, KX_STATUS_PC(t0)
	sd	at, KX_STATUS_AT(t0)
	j	kx_sum_

/* string = what to say, number printed behind it in hexadecimal; clobbers digits, t0..t2, t5, t6, a0, a1, a6, a7 */
.Lsay_number:
	mv	t6, ra
	jal	.Lsay_next
	li	digits, 64
1:	addi	digits, digits, -4
	srl	a0, number, digits
	andi	a0, a0, 15
	li	t0, 10
	blt	a0, t0, 2f
	addi	a0, a0, 'a' - '0' - 10
2:	addi	a0, a0, '0'
	jal	.Lput
	bnez	digits, 1b
	mv	ra, t6
	ret

/* string = what to say; clobbers t0..t2, t5, t6, a0, a1, a6, a7 */
.Lsay:
	mv	t6, ra
	jal	.Lsay_next
	mv	ra, t6
	ret

.Lsay_next:
	mv	t5, ra
1:	lbu	a0, 0(string)
	addi	string, string, 1
	beqz	a0, 2f
	jal	.Lput
	j	1b
2:	mv	ra, t5
	ret

/* a0 = character; a console that stays busy loses it, but does not hang what reports a hang */
.Lput:
	li	t0, KX_DEVICE_UART8250
	beq	kind, t0, 1f
	li	a7, SBI_EID_PUTCHAR
	li	t0, KX_DEVICE_SBI_PUTCHAR
	beq	kind, t0, 3f
	li	a7, SBI_EID_DBCN
	li	a6, SBI_FID_DBCN_WRITE_BYTE
	li	t0, KX_DEVICE_SBI_DBCN
	beq	kind, t0, 3f
	ret
1:	lwu	t0, (KX_HANDOFF_CONSOLE + KX_DEVICE_STRIDE)(handoff)
	li	t1, UART_LSR
	mul	t1, t1, t0
	add	t1, t1, base
	addi	t0, t0, -4		/* registers four bytes apart are words */
	li	t2, UART_TRIES
2:	addi	t2, t2, -1
	beqz	t2, 5f
	beqz	t0, 4f
	lbu	a1, 0(t1)
	andi	a1, a1, UART_LSR_THRE
	beqz	a1, 2b
	sb	a0, 0(base)
	ret
4:	lw	a1, 0(t1)
	andi	a1, a1, UART_LSR_THRE
	beqz	a1, 2b
	sw	a0, 0(base)
5:	ret
3:	ecall
	ret

#include "fault_words.inc"
