/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: what stands before and behind purgatory in its tests. Enters it at 0x82000000 with the hart in
 * as bad a state as the contract allows; `landing` is the new image: it says what it finds, powers off.
 */
#define SSTATUS_FS_VS 0x6600
#define SSTATUS_VS 0x600
#define VSTART 0x008

	.text
	.globl	_start
_start:
	lla	t0, 1f
	csrw	stvec, t0
	li	t0, SSTATUS_VS
	csrs	sstatus, t0
	csrwi	VSTART, 3		/* as if a vector instruction had been interrupted */
	.balign	4
1:	li	t0, SSTATUS_FS_VS	/* here too on a hart without vectors */
	csrc	sstatus, t0
	li	sp, 1
	csrw	stvec, sp
	li	t0, 0x82000000
	jr	t0

	.balign	4096
	.globl	landing
landing:
	mv	s0, a0
	mv	s1, a1
	mv	s2, a2
	mv	s3, a3
	csrr	s4, sstatus
	li	t0, SSTATUS_FS_VS
	and	s4, s4, t0
	snez	s4, s4			/* 0: as it was */
	csrr	t0, satp
	snez	s5, t0
	lla	s6, 3f
1:	lbu	a0, 0(s6)
	beqz	a0, 2f
	jal	.Lput
	addi	s6, s6, 1
	j	1b
2:	.irp	name, s0,s1,s2,s3,s4,s5
	addi	a0, \name, '0'
	jal	.Lput
	.endr
	li	a0, '\n'
	jal	.Lput
	li	a7, 8			/* SBI legacy shutdown */
	ecall
	j	.
.Lput:
	li	a7, 1
	ecall
	ret
3:	.asciz	"KX-LANDED "
	.balign	4096
	.globl	landing_end
landing_end:
