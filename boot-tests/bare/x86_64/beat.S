/* SPDX-License-Identifier: BSD-2-Clause */
/* smp_code - what other CPUs do, in real mode: say that they are there, and count; see beat.h */
#include "beat.h"

	.section .rodata.smp, "a"
	.globl	smp_code, smp_code_end
smp_code:
	.code16
	cli
	mov	%cs, %ax
	mov	%ax, %ds
	lock incl	BEAT_UP
1:	lock incl	BEAT_COUNT
	pause
	jmp	1b
smp_code_end:
