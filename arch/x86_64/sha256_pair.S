/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: SHA-256 blocks of two messages by SHA-NI. Called by lib/sha256_each.c, and by nothing that has
 * not looked for it. A file of its own, so that who hashes one thing at a time does not carry it.
 *
 * sha256rnds2 has its result after four cycles, and another can begin after two: of one message they come
 * one after the other, 2 cycles a byte; of two, in turns, 1. See sha256_cpu.S for the rest.
 */
#include <kx/sha256.h>

#define runs     %rdi	/* two of struct kx_sha256_run: hash, data */
#define count    %rsi
#define constant %rax
#define state0   %rdx
#define data0    %rcx
#define state1   %r8
#define data1    %r9

#define word     %xmm0	/* implied by sha256rnds2: message plus constant */
#define flip     %xmm14

/* Of the first message; of the second */
#define abef0    %xmm1
#define cdgh0    %xmm2
#define spare0   %xmm13
#define abef1    %xmm7
#define cdgh1    %xmm8
#define spare1   %xmm15
/* and the next sixteen words of each in a ring: xmm3..xmm6, xmm9..xmm12 */

	.macro	constants number, now
	movdqa	(16 * (\number))(constant), word
	paddd	\now, word
	.endm

/* Four rounds, of the words in `now` */
	.macro	rounds abef, cdgh, number, now
	constants \number, \now
	sha256rnds2 \abef, \cdgh
	pshufd	$0x0e, word, word
	sha256rnds2 \cdgh, \abef
	.endm

/* The same, while the words after next come into being */
	.macro	schedule abef, cdgh, spare, number, now, next, last
	constants \number, \now
	sha256rnds2 \abef, \cdgh
	movdqa	\now, \spare
	palignr	$4, \last, \spare
	paddd	\spare, \next
	sha256msg2 \now, \next
	pshufd	$0x0e, word, word
	sha256rnds2 \cdgh, \abef
	.if	(\number) < 13
	sha256msg1 \now, \last
	.endif
	.endm

	.macro	load data, number, to
	movdqu	(16 * (\number))(\data), \to
	pshufb	flip, \to
	.endm

/* Four rounds of both. Of each ring: the words of these rounds, those of the next, those of the last */
	.macro	both number, now0, next0, last0, now1, next1, last1
	.if	(\number) < 4
	load	data0, \number, \now0
	load	data1, \number, \now1
	.endif
	.if	(\number) < 3 || (\number) == 15
	rounds	abef0, cdgh0, \number, \now0
	rounds	abef1, cdgh1, \number, \now1
	.else
	schedule abef0, cdgh0, spare0, \number, \now0, \next0, \last0
	schedule abef1, cdgh1, spare1, \number, \now1, \next1, \last1
	.endif
	.if	(\number) == 1 || (\number) == 2
	sha256msg1 \now0, \last0
	sha256msg1 \now1, \last1
	.endif
	.endm

/* State in memory is A..H; in registers ABEF and CDGH, highest word first. */
	.macro	open state, abef, cdgh, spare
	movdqu	(\state), \abef
	movdqu	16(\state), \cdgh
	pshufd	$0xb1, \abef, \abef
	pshufd	$0x1b, \cdgh, \cdgh
	movdqa	\abef, \spare
	palignr	$8, \cdgh, \abef
	pblendw	$0xf0, \spare, \cdgh
	.endm

	.macro	close state, abef, cdgh, spare
	pshufd	$0x1b, \abef, \abef
	pshufd	$0xb1, \cdgh, \cdgh
	movdqa	\abef, \spare
	pblendw	$0xf0, \cdgh, \abef
	palignr	$8, \spare, \cdgh
	movdqu	\abef, (\state)
	movdqu	\cdgh, 16(\state)
	.endm

	.macro	add_back offset, spare, to
	movdqu	\offset(%rsp), \spare
	paddd	\spare, \to
	.endm

/*
 * kx_sha256_pair_ - hash as many whole blocks of two messages
 *
 * Runs:     anywhere; the vector registers are usable and nobody's
 * In:       rdi = two runs, rsi = blocks of each
 * Out:      both states moved on
 * Live:     count constant state0 data0 state1 data1; abef, cdgh and rings of both; flip
 * Clobbers: rax, rcx, rdx, rsi, r8, r9, xmm0..xmm15
 * Memory:   reads runs and data, reads and writes states; 64 bytes of stack
 * Spec:     Intel SDM volume 2, "SHA256RNDS2", "SHA256MSG1", "SHA256MSG2"
 */
	.section .text.kx_sha256_pair_, "ax"
	.globl	kx_sha256_pair_
	.hidden	kx_sha256_pair_
	.type	kx_sha256_pair_, @function
	.balign	32
kx_sha256_pair_:
	test	count, count
	jz	2f
	mov	(runs), state0
	mov	8(runs), data0
	mov	16(runs), state1
	mov	24(runs), data1
	sub	$64, %rsp
	lea	kx_sha256_k_(%rip), constant
	movdqa	.Lflip(%rip), flip
	open	state0, abef0, cdgh0, spare0
	open	state1, abef1, cdgh1, spare1
	.balign	32
1:	movdqu	abef0, (%rsp)
	movdqu	cdgh0, 16(%rsp)
	movdqu	abef1, 32(%rsp)
	movdqu	cdgh1, 48(%rsp)
	.irp	base, 0, 4, 8, 12
	both	\base+0, %xmm3, %xmm4, %xmm6, %xmm9, %xmm10, %xmm12
	both	\base+1, %xmm4, %xmm5, %xmm3, %xmm10, %xmm11, %xmm9
	both	\base+2, %xmm5, %xmm6, %xmm4, %xmm11, %xmm12, %xmm10
	both	\base+3, %xmm6, %xmm3, %xmm5, %xmm12, %xmm9, %xmm11
	.endr
	add_back 0, spare0, abef0
	add_back 16, spare0, cdgh0
	add_back 32, spare1, abef1
	add_back 48, spare1, cdgh1
	add	$KX_SHA256_BLOCK_SIZE, data0
	add	$KX_SHA256_BLOCK_SIZE, data1
	dec	count
	jnz	1b
	close	state0, abef0, cdgh0, spare0
	close	state1, abef1, cdgh1, spare1
	add	$64, %rsp
2:	ret
	.size	kx_sha256_pair_, . - kx_sha256_pair_

	.section .rodata.kx_sha256_pair_, "a"
	.balign	16
.Lflip:	.quad	0x0405060700010203, 0x0c0d0e0f08090a0b

	.section .note.GNU-stack, "", @progbits
