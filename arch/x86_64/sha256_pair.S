/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: SHA-256 blocks of two messages by SHA-NI. Called by lib/sha256_halves.c, and by nothing that has
 * not looked for it. A file of its own, so that who hashes one thing at a time does not carry it.
 *
 * sha256rnds2 has its result after four cycles, and another can begin after two: of one message they come
 * one after the other, 2 cycles a byte; of two, in turns, 1. See sha256_cpu.S for the rest.
 */
#include <kx/sha256.h>

#define runs     %rdi	/* two of struct kx_sha256_run: hash, data */
#define count    %rsi
#define constant %rax
#define end      %r10	/* of the constants */
#define state0   %rdx
#define data0    %rcx
#define state1   %r8
#define data1    %r9

#define word     %xmm0	/* implied by sha256rnds2: message plus constant */
#define flip     %xmm15

/* Of the first message; of the second */
#define abef0    %xmm1
#define cdgh0    %xmm2
#define spare0   %xmm7
#define abef1    %xmm8
#define cdgh1    %xmm9
#define spare1   %xmm14
/* and the next sixteen words of each in a ring: xmm3..xmm6, xmm10..xmm13 */

/* Four rounds, of the words in `now` */
	.macro	rounds abef, cdgh, offset, now
	movdqa	\offset(constant), word
	paddd	\now, word
	sha256rnds2 \abef, \cdgh
	pshufd	$0x0e, word, word
	sha256rnds2 \cdgh, \abef
	.endm

/* In the place of four words those that come sixteen later */
	.macro	schedule now, next, third, last, spare
	movdqa	\last, \spare
	palignr	$4, \third, \spare
	sha256msg1 \next, \now
	paddd	\spare, \now
	sha256msg2 \last, \now
	.endm

	.macro	load data, offset, to
	movdqu	\offset(\data), \to
	pshufb	flip, \to
	.endm

	.macro	both_rounds number, now0, now1
	rounds	abef0, cdgh0, (16 * \number), \now0
	rounds	abef1, cdgh1, (16 * \number), \now1
	.endm

	.macro	both_schedule now0, next0, third0, last0, now1, next1, third1, last1
	schedule \now0, \next0, \third0, \last0, spare0
	schedule \now1, \next1, \third1, \last1, spare1
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
 * Live:     count constant end state0 data0 state1 data1; abef, cdgh and rings of both; flip
 * Clobbers: rax, rcx, rdx, rsi, r8, r9, r10, xmm0..xmm15
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
	jz	4f
	mov	(runs), state0
	mov	8(runs), data0
	mov	16(runs), state1
	mov	24(runs), data1
	sub	$64, %rsp
	lea	kx_sha256_k_ + 256(%rip), end
	movdqa	.Lflip(%rip), flip
	open	state0, abef0, cdgh0, spare0
	open	state1, abef1, cdgh1, spare1
	.balign	32
1:	movdqu	abef0, (%rsp)
	movdqu	cdgh0, 16(%rsp)
	movdqu	abef1, 32(%rsp)
	movdqu	cdgh1, 48(%rsp)
	load	data0, 0, %xmm3
	load	data1, 0, %xmm10
	load	data0, 16, %xmm4
	load	data1, 16, %xmm11
	load	data0, 32, %xmm5
	load	data1, 32, %xmm12
	load	data0, 48, %xmm6
	load	data1, 48, %xmm13
	lea	-256(end), constant
2:	both_rounds 0, %xmm3, %xmm10
	both_rounds 1, %xmm4, %xmm11
	both_rounds 2, %xmm5, %xmm12
	both_rounds 3, %xmm6, %xmm13
	add	$64, constant
	cmp	end, constant
	je	3f
	both_schedule %xmm3, %xmm4, %xmm5, %xmm6, %xmm10, %xmm11, %xmm12, %xmm13
	both_schedule %xmm4, %xmm5, %xmm6, %xmm3, %xmm11, %xmm12, %xmm13, %xmm10
	both_schedule %xmm5, %xmm6, %xmm3, %xmm4, %xmm12, %xmm13, %xmm10, %xmm11
	both_schedule %xmm6, %xmm3, %xmm4, %xmm5, %xmm13, %xmm10, %xmm11, %xmm12
	jmp	2b
3:	add_back 0, spare0, abef0
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
4:	ret
	.size	kx_sha256_pair_, . - kx_sha256_pair_

	.section .rodata.cst16, "aM", @progbits, 16
	.balign	16
.Lflip:	.quad	0x0405060700010203, 0x0c0d0e0f08090a0b

	.section .note.GNU-stack, "", @progbits
