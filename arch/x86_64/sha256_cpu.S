/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: SHA-256 blocks by SHA-NI. Called by sha256.c, and by nothing that has not looked for it. */
#include <kx/sha256.h>

/*
 * The instructions keep the state as two registers, ABEF and CDGH, highest word first. The next sixteen
 * words of the message lie in four registers, and move on by one each four rounds: a rename, not a copy.
 */
#define state    %rdi
#define data     %rsi
#define count    %rdx
#define constant %rax
#define end      %rcx	/* of the constants */
#define word     %xmm0	/* implied by sha256rnds2: message plus constant */
#define abef     %xmm1
#define cdgh     %xmm2
#define m0       %xmm3
#define m1       %xmm4
#define m2       %xmm5
#define m3       %xmm6
#define spare    %xmm7
#define flip     %xmm8
#define abef_was %xmm9
#define cdgh_was %xmm10

	.macro	load number to
	movdqu	(16 * \number)(data), \to
	pshufb	flip, \to
	.endm

/*
 * kx_sha256_open_ - a state as the instructions want it
 *
 * Runs:     anywhere
 * In:       rdi = state[8]
 * Out:      abef, cdgh
 * Clobbers: spare
 * Memory:   reads state
 */
	.section .text.kx_sha256_cpu_, "ax"
	.globl	kx_sha256_open_
	.hidden	kx_sha256_open_
	.type	kx_sha256_open_, @function
kx_sha256_open_:
	movdqu	(state), abef			/* D C B A, highest word first */
	movdqu	16(state), cdgh			/* H G F E */
	pshufd	$0xb1, abef, abef		/* C D A B */
	pshufd	$0x1b, cdgh, cdgh		/* E F G H */
	movdqa	abef, spare
	palignr	$8, cdgh, abef			/* A B E F */
	pblendw	$0xf0, spare, cdgh		/* C D G H */
	ret
	.size	kx_sha256_open_, . - kx_sha256_open_

/*
 * kx_sha256_close_ - and back
 *
 * Runs:     anywhere
 * In:       rdi = state[8], abef, cdgh
 * Out:      returns
 * Clobbers: abef, cdgh, spare
 * Memory:   writes state
 */
	.globl	kx_sha256_close_
	.hidden	kx_sha256_close_
	.type	kx_sha256_close_, @function
kx_sha256_close_:
	pshufd	$0x1b, abef, abef		/* F E B A */
	pshufd	$0xb1, cdgh, cdgh		/* D C H G */
	movdqa	abef, spare
	pblendw	$0xf0, cdgh, abef		/* D C B A */
	palignr	$8, spare, cdgh			/* H G F E */
	movdqu	abef, (state)
	movdqu	cdgh, 16(state)
	ret
	.size	kx_sha256_close_, . - kx_sha256_close_

/*
 * kx_sha256_cpu_ - hash whole blocks
 *
 * Runs:     anywhere; the vector registers are usable and nobody's
 * In:       rdi = state[8], rsi = data of any alignment, rdx = blocks
 * Out:      state[] moved on
 * Live:     state data count constant end abef cdgh m0..m3
 * Clobbers: rax, rcx, rsi, rdx, xmm0..xmm10
 * Memory:   reads data, reads and writes state; a return address on the stack
 * Spec:     Intel SDM volume 2, "SHA256RNDS2", "SHA256MSG1", "SHA256MSG2"
 */
	.globl	kx_sha256_cpu_
	.hidden	kx_sha256_cpu_
	.type	kx_sha256_cpu_, @function
kx_sha256_cpu_:
	test	count, count
	jz	4f
	lea	kx_sha256_k_ + 256(%rip), end
	movdqa	.Lflip(%rip), flip
	call	kx_sha256_open_
1:	movdqa	abef, abef_was
	movdqa	cdgh, cdgh_was
	load	0 m0
	load	1 m1
	load	2 m2
	load	3 m3
	lea	-256(end), constant
2:	movdqa	(constant), word		/* four rounds: each waits for the one before ... */
	paddd	m0, word
	sha256rnds2 abef, cdgh
	pshufd	$0x0e, word, word
	sha256rnds2 cdgh, abef
	movdqa	m3, spare			/* ... and meanwhile four words are made; of the last nobody asks */
	palignr	$4, m2, spare
	sha256msg1 m1, m0
	paddd	m0, spare
	sha256msg2 m3, spare
	movdqa	m1, m0
	movdqa	m2, m1
	movdqa	m3, m2
	movdqa	spare, m3
	add	$16, constant
	cmp	end, constant
	jne	2b
	paddd	abef_was, abef
	paddd	cdgh_was, cdgh
	add	$KX_SHA256_BLOCK_SIZE, data
	dec	count
	jnz	1b
	jmp	kx_sha256_close_
4:	ret
	.size	kx_sha256_cpu_, . - kx_sha256_cpu_

	.section .rodata.cst16, "aM", @progbits, 16
	.balign	16
.Lflip:	.quad	0x0405060700010203, 0x0c0d0e0f08090a0b

	.section .note.GNU-stack, "", @progbits
