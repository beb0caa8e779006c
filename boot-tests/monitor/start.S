/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: first instructions of the monitor, and the way between it and its guest.
 * Spec: Priv "Hypervisor Extension".
 */
#include "image_header.h"

	.section .head, "ax"
	.globl	_start
_start:
	image_header .Lboot

/* In: a0 = hart id, a1 = FDT, satp = 0. Out: monitor_main(hart id, FDT), which enters the guest. */
.Lboot:
	csrw	sie, zero
	lla	t0, image_file_end
	lla	t1, image_end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	lla	sp, image_stack_top
	lla	t0, from_guest
	csrw	stvec, t0
	call	monitor_main
	/* Out: a0 = guest_registers, filled in. */
	j	to_guest

/*
 * from_guest - any trap: save the guest's registers, let monitor_trap() see to it, go back
 * In: sscratch = guest_registers while the guest runs
 */
	.balign	4
from_guest:
	csrrw	x31, sscratch, x31
	.irp	number, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	sd	x\number, (8 * \number)(x31)
	.endr
	csrr	t0, sscratch
	sd	t0, (8 * 31)(x31)
	mv	a0, x31
	lla	sp, image_stack_top
	call	monitor_trap

to_guest:
	mv	x31, a0
	csrw	sscratch, x31
	.irp	number, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	ld	x\number, (8 * \number)(x31)
	.endr
	ld	x31, (8 * 31)(x31)
	sret

	.section .rodata
	.balign	4096
	.globl	guest_image
	.globl	guest_image_end
guest_image:
	.incbin	KX_GUEST_FILE
guest_image_end:
