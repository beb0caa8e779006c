/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: how the host dies; see die.h. */
#include "die.h"

	.text
	.globl	die_on
die_on:
	mv	sp, a0
	mv	a0, a2
	jr	a1

/* a3: where a trap's handler goes on */
	.globl	die_jumping
die_jumping:
	lla	a3, .Llost
.Lwithout_stack:
	li	sp, DIE_STACK
	jr	a2

	.globl	die_in_handler
die_in_handler:
	lla	a3, .Lwithout_stack
	.word	0			/* of no instruction */

	.balign	4
	.globl	die_vector
die_vector:
	jr	a3
.Llost:
	lla	sp, image_stack_top
	tail	die_lost

/* Of another hart: a0 = its id; satp = 0 */
	.globl	die_other
die_other:
	lla	t0, die_go
	ld	t0, 0(t0)
	mv	a1, a0
	ld	a0, 8(t0)
1:	ld	t1, 0(t0)
	beqz	t1, 1b
	li	sp, DIE_STACK
	tail	kx_crash_enter
