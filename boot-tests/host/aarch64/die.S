/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: how the host dies; see die.h. */
#include "die.h"

	.text
	.globl	die_on
die_on:
	mov	sp, x0
	mov	x0, x2
	mov	x16, x1
	br	x16				/* so to what begins with bti c */

/* x3: where an exception's handler goes on */
	.globl	die_jumping
die_jumping:
	hint	#34				/* bti c */
	adr	x3, .Llost
.Lwithout_stack:
	hint	#36				/* bti j */
	mov	x9, #DIE_STACK
	mov	sp, x9
	mov	x16, x2
	br	x16

	.globl	die_in_handler
die_in_handler:
	hint	#34				/* bti c */
	adr	x3, .Lwithout_stack
	.inst	0			/* udf #0 */

.Llost:
	hint	#36				/* bti j */
	adrp	x9, image_stack_top
	add	x9, x9, :lo12:image_stack_top
	mov	sp, x9
	b	die_lost

/* Of another CPU: MMU off */
	.globl	die_other
die_other:
	adrp	x9, die_go
	ldr	x9, [x9, :lo12:die_go]
	ldr	x0, [x9, #8]
1:	ldr	x10, [x9]
	cbz	x10, 1b
	mov	x9, #DIE_STACK
	mov	sp, x9
	b	kx_crash_enter

	.balign	2048
	.globl	die_vector
die_vector:
	.rept	16
	br	x3
	.balign	128
	.endr
