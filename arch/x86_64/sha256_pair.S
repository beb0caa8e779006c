/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: SHA-256 blocks of two messages by SHA-NI. Called by lib/sha256_halves.c, and by nothing that has
 * not looked for it. A file of its own, so that who hashes one thing at a time does not carry it.
 *
 * sha256rnds2 has its result after four cycles, and another can begin after two: of one message they come
 * one after the other, 2 cycles a byte; of two, in turns, 1. See sha256_cpu.S for the rest.
 */
#include <kx/sha256.h>

#define hashes   %rdi	/* two of struct kx_sha256, which begins with its state */
#define data0    %rsi
#define data1    %rdx
#define count    %rcx
#define constant %rax
#define end      %r10	/* of the constants */

#define word     %xmm0	/* implied by sha256rnds2: message plus constant */
#define flip     %xmm15

/* Of the first message; of the second */
#define abef0    %xmm1
#define cdgh0    %xmm2
#define spare0   %xmm7
#define abef1    %xmm8
#define cdgh1    %xmm9
#define spare1   %xmm14
/* and the next sixteen words of each: xmm3..xmm6, xmm10..xmm13; see sha256_cpu.S for its registers */

/* Four rounds, of the words in `now` */
	.macro	rounds abef, cdgh, now
	movdqa	(constant), word
	paddd	\now, word
	sha256rnds2 \abef, \cdgh
	pshufd	$0x0e, word, word
	sha256rnds2 \cdgh, \abef
	.endm

/* The words move on by four, of which the last are new */
	.macro	schedule now, next, third, last, spare
	movdqa	\last, \spare
	palignr	$4, \third, \spare
	sha256msg1 \next, \now
	paddd	\now, \spare
	sha256msg2 \last, \spare
	movdqa	\next, \now
	movdqa	\third, \next
	movdqa	\last, \third
	movdqa	\spare, \last
	.endm

	.macro	load data, offset, to
	movdqu	\offset(\data), \to
	pshufb	flip, \to
	.endm

	.macro	add_back offset, spare, to
	movdqu	\offset(%rsp), \spare
	paddd	\spare, \to
	.endm

/*
 * kx_sha256_pair_ - hash as many whole blocks of two messages
 *
 * Runs:     anywhere; the vector registers are usable and nobody's
 * In:       rdi = two of struct kx_sha256, rsi and rdx = data of each, rcx = blocks of each
 * Out:      both states moved on
 * Live:     hashes data0 data1 count constant end; abef, cdgh and rings of both; flip
 * Clobbers: rax, rcx, rdx, rsi, rdi, r10, xmm0..xmm15
 * Memory:   reads data, reads and writes states; 72 bytes of stack
 * Spec:     Intel SDM volume 2, "SHA256RNDS2", "SHA256MSG1", "SHA256MSG2"
 */
	.section .text.kx_sha256_pair_, "ax"
	.globl	kx_sha256_pair_
	.hidden	kx_sha256_pair_
	.type	kx_sha256_pair_, @function
kx_sha256_pair_:
	test	count, count
	jz	4f
	sub	$64, %rsp
	lea	kx_sha256_k_ + 256(%rip), end
	movdqa	.Lflip(%rip), flip
	add	$KX_SHA256_SIZEOF, hashes
	call	kx_sha256_open_			/* into the registers of the first */
	movdqa	abef0, abef1
	movdqa	cdgh0, cdgh1
	sub	$KX_SHA256_SIZEOF, hashes
	call	kx_sha256_open_
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
	jmp	3f
2:	schedule %xmm3, %xmm4, %xmm5, %xmm6, spare0
	schedule %xmm10, %xmm11, %xmm12, %xmm13, spare1
3:	rounds	abef0, cdgh0, %xmm3
	rounds	abef1, cdgh1, %xmm10
	add	$16, constant
	cmp	end, constant
	jne	2b
	add_back 0, spare0, abef0
	add_back 16, spare0, cdgh0
	add_back 32, spare1, abef1
	add_back 48, spare1, cdgh1
	add	$KX_SHA256_BLOCK_SIZE, data0
	add	$KX_SHA256_BLOCK_SIZE, data1
	dec	count
	jnz	1b
	add	$64, %rsp
	call	kx_sha256_close_
	movdqa	abef1, abef0
	movdqa	cdgh1, cdgh0
	add	$KX_SHA256_SIZEOF, hashes
	jmp	kx_sha256_close_
4:	ret
	.size	kx_sha256_pair_, . - kx_sha256_pair_

	.section .rodata.cst16, "aM", @progbits, 16
	.balign	16
.Lflip:	.quad	0x0405060700010203, 0x0c0d0e0f08090a0b

	.section .note.GNU-stack, "", @progbits
