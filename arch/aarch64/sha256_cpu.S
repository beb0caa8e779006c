/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: SHA-256 blocks by FEAT_SHA256. Called by sha256.c, and by nothing that has not looked for it. */
#include <kx/sha256.h>

	.arch	armv8-a+crypto

#define state    x0
#define data     x1
#define count    x2
#define constant x3

/* v0 = ABCD, v1 = EFGH, v2 and v3 what they were; v4..v7 the next 16 words of the message; v8 a copy of
 * v0, v9 message plus constant; v16..v31 all 64 constants. v10..v15 are left alone. v8 and v9 are the
 * caller's by the procedure call standard: they are kept in general registers. */
	.macro	rounds constants now
	add	v9.4s, v\now\().4s, v\constants\().4s
	mov	v8.16b, v0.16b
	sha256h	q0, q1, v9.4s
	sha256h2 q1, q8, v9.4s
	.endm

/* The same, while four words come into being in the place of those that are used up */
	.macro	schedule constants now second third fourth
	add	v9.4s, v\now\().4s, v\constants\().4s
	sha256su0 v\now\().4s, v\second\().4s
	mov	v8.16b, v0.16b
	sha256h	q0, q1, v9.4s
	sha256h2 q1, q8, v9.4s
	sha256su1 v\now\().4s, v\third\().4s, v\fourth\().4s
	.endm

/*
 * kx_sha256_cpu_ - hash whole blocks
 *
 * Runs:     anywhere; the vector registers are usable and nobody's
 * In:       x0 = state[8], x1 = data (4-byte aligned where memory is Device), x2 = blocks
 * Out:      state[] moved on
 * Live:     state data count; v0 v1 v4..v7 v16..v31
 * Clobbers: x1..x5, v0..v7, v16..v31; v8 and v9 but for their low halves
 * Memory:   reads data, reads and writes state; no stack
 * Spec:     Arm "SHA256H", "SHA256H2", "SHA256SU0", "SHA256SU1"
 */
	.section .text.kx_sha256_cpu_, "ax"
	.globl	kx_sha256_cpu_
	.hidden	kx_sha256_cpu_
	.type	kx_sha256_cpu_, %function
kx_sha256_cpu_:
	cbz	count, 2f
	fmov	x4, d8
	fmov	x5, d9
	adrp	constant, kx_sha256_k_
	add	constant, constant, :lo12:kx_sha256_k_
	ld1	{v16.4s-v19.4s}, [constant], #64
	ld1	{v20.4s-v23.4s}, [constant], #64
	ld1	{v24.4s-v27.4s}, [constant], #64
	ld1	{v28.4s-v31.4s}, [constant]
	ld1	{v0.4s, v1.4s}, [state]
1:	ld1	{v4.4s-v7.4s}, [data], #64
	mov	v2.16b, v0.16b
	mov	v3.16b, v1.16b
	rev32	v4.16b, v4.16b
	rev32	v5.16b, v5.16b
	rev32	v6.16b, v6.16b
	rev32	v7.16b, v7.16b
	schedule 16 4 5 6 7
	schedule 17 5 6 7 4
	schedule 18 6 7 4 5
	schedule 19 7 4 5 6
	schedule 20 4 5 6 7
	schedule 21 5 6 7 4
	schedule 22 6 7 4 5
	schedule 23 7 4 5 6
	schedule 24 4 5 6 7
	schedule 25 5 6 7 4
	schedule 26 6 7 4 5
	schedule 27 7 4 5 6
	rounds	28 4
	rounds	29 5
	rounds	30 6
	rounds	31 7
	add	v0.4s, v0.4s, v2.4s
	add	v1.4s, v1.4s, v3.4s
	sub	count, count, #1
	cbnz	count, 1b
	st1	{v0.4s, v1.4s}, [state]
	fmov	d8, x4
	fmov	d9, x5
2:	ret
	.size	kx_sha256_cpu_, . - kx_sha256_cpu_

	.section .note.GNU-stack, "", %progbits
