/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: SHA-256 blocks by SHA-NI. Called by sha256.c, and by nothing that has not looked for it. */
#include <kx/sha256.h>

/*
 * The instructions keep the state as two registers, ABEF and CDGH, highest word first, and the next
 * four words of the message in a ring of four registers.
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

/* Four rounds, of the words in `now` */
	.macro	rounds number now
	movdqa	(16 * \number)(constant), word
	paddd	\now, word
	sha256rnds2 abef, cdgh
	pshufd	$0x0e, word, word
	sha256rnds2 cdgh, abef
	.endm

/* In the place of four words those sixteen further on */
	.macro	extend now next third last
	movdqa	\last, spare
	palignr	$4, \third, spare
	sha256msg1 \next, \now
	paddd	spare, \now
	sha256msg2 \last, \now
	.endm

	.macro	load number to
	movdqu	(16 * \number)(data), \to
	pshufb	flip, \to
	.endm

/*
 * kx_sha256_cpu_ - hash whole blocks
 *
 * Runs:     anywhere; the vector registers are usable and nobody's
 * In:       rdi = state[8], rsi = data of any alignment, rdx = blocks
 * Out:      state[] moved on
 * Live:     state data count constant end abef cdgh m0..m3
 * Clobbers: rax, rcx, rsi, rdx, xmm0..xmm10
 * Memory:   reads data, reads and writes state; no stack
 * Spec:     Intel SDM volume 2, "SHA256RNDS2", "SHA256MSG1", "SHA256MSG2"
 */
	.section .text.kx_sha256_cpu_, "ax"
	.globl	kx_sha256_cpu_
	.hidden	kx_sha256_cpu_
	.type	kx_sha256_cpu_, @function
	.balign	32
kx_sha256_cpu_:
	test	count, count
	jz	4f
	lea	kx_sha256_k_ + 256(%rip), end
	movdqa	.Lflip(%rip), flip
	movdqu	(state), abef			/* D C B A, highest word first */
	movdqu	16(state), cdgh			/* H G F E */
	pshufd	$0xb1, abef, abef		/* C D A B */
	pshufd	$0x1b, cdgh, cdgh		/* E F G H */
	movdqa	abef, spare
	palignr	$8, cdgh, abef			/* A B E F */
	pblendw	$0xf0, spare, cdgh		/* C D G H */
1:	movdqa	abef, abef_was
	movdqa	cdgh, cdgh_was
	load	0 m0
	load	1 m1
	load	2 m2
	load	3 m3
	lea	-256(end), constant
2:	rounds	0 m0				/* each waits for the one before; words are made meanwhile */
	rounds	1 m1
	rounds	2 m2
	rounds	3 m3
	add	$64, constant
	cmp	end, constant
	je	3f
	extend	m0 m1 m2 m3
	extend	m1 m2 m3 m0
	extend	m2 m3 m0 m1
	extend	m3 m0 m1 m2
	jmp	2b
3:	paddd	abef_was, abef
	paddd	cdgh_was, cdgh
	add	$KX_SHA256_BLOCK_SIZE, data
	dec	count
	jnz	1b
	pshufd	$0x1b, abef, abef		/* F E B A */
	pshufd	$0xb1, cdgh, cdgh		/* D C H G */
	movdqa	abef, spare
	pblendw	$0xf0, cdgh, abef		/* D C B A */
	palignr	$8, spare, cdgh			/* H G F E */
	movdqu	abef, (state)
	movdqu	cdgh, 16(state)
4:	ret
	.size	kx_sha256_cpu_, . - kx_sha256_cpu_

	.section .rodata.cst16, "aM", @progbits, 16
	.balign	16
.Lflip:	.quad	0x0405060700010203, 0x0c0d0e0f08090a0b

	.section .note.GNU-stack, "", @progbits
