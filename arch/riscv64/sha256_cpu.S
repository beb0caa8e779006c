/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: SHA-256 blocks by Zknh, and rev8 of Zbb. Called by sha256.c, and by nothing that has not
 * looked for them. As encodings, because assemblers of 2022 do not know the names.
 */
#include <kx/sha256.h>

	.macro	sum0 to from
	.insn	i 0x13, 1, \to, \from, 0x100
	.endm
	.macro	sum1 to from
	.insn	i 0x13, 1, \to, \from, 0x101
	.endm
	.macro	sig0 to from
	.insn	i 0x13, 1, \to, \from, 0x102
	.endm
	.macro	sig1 to from
	.insn	i 0x13, 1, \to, \from, 0x103
	.endm
	.macro	swap to from			/* rev8 of 64 bits */
	.insn	i 0x13, 5, \to, \from, 0x6b8
	.endm

/* The working variables, the sixteen words of the message that are alive, and what is between. What is
 * used most lies in the registers that compressed instructions can name: s0, s1, a0..a5. */
#define st_a a1
#define st_b a2
#define st_c a3
#define st_d a4
#define st_e a6
#define st_f a7
#define st_g ra
#define st_h t0
#define w0    s2
#define w1    s3
#define w2    s4
#define w3    s5
#define w4    s6
#define w5    s7
#define w6    s8
#define w7    s9
#define w8    s10
#define w9    s11
#define w10   t1
#define w11   t2
#define w12   t3
#define w13   t4
#define w14   t5
#define w15   t6
#define constant a0
#define x     s0	/* one of these two is a ^ b, the other b ^ c: they change places each round */
#define z     s1
#define y     a5

#define FRAME    144
#define AT_STATE 104
#define AT_DATA  112
#define AT_COUNT 120
#define AT_END   128	/* of the constants */

/*
 * One round. h becomes the new a, d the new e, so the next round has its arguments one further to the
 * right. Only the low halves of registers mean anything: nothing here carries from high to low.
 *   ch(e, f, g) = ((f ^ g) & e) ^ g        maj(a, b, c) = ((a ^ b) & (b ^ c)) ^ b
 */
	.macro	round number word a b c d e f g h ab bc
	lw	\ab, (4 * \number)(constant)
	add	\h, \h, \word
	xor	y, \f, \g
	and	y, y, \e
	add	\h, \h, \ab
	xor	y, y, \g
	sum1	\ab \e
	add	\h, \h, y
	add	\h, \h, \ab
	xor	\ab, \a, \b
	add	\d, \d, \h
	and	\bc, \bc, \ab
	sum0	y \a
	xor	\bc, \bc, \b
	add	\h, \h, y
	add	\h, \h, \bc
	.endm

/* The word that is used up becomes the one sixteen further on */
	.macro	extend word after1 after9 after14
	sig0	y \after1
	add	\word, \word, \after9
	add	\word, \word, y
	sig1	y \after14
	add	\word, \word, y
	.endm

	.macro	fetch offset first second
	ld	\second, \offset(x)
	swap	\second \second
	srli	\first, \second, 32
	.endm

	.macro	merge offset variable
	lw	y, \offset(x)
	add	\variable, \variable, y
	sw	\variable, \offset(x)
	.endm

/*
 * kx_sha256_cpu_ - hash whole blocks
 *
 * Runs:     anywhere
 * In:       a0 = state[8], a1 = data, 8-byte aligned, a2 = blocks
 * Out:      state[] moved on
 * Live:     st_a..st_h w0..w15 constant
 * Clobbers: a0..a7, t0..t6; ra and the saved registers are put back
 * Memory:   reads data, reads and writes state; 144 bytes of stack
 * Spec:     RISC-V Cryptography Extensions Volume I, "Zknh"; FIPS 180-4, section 6.2.2
 */
	.section .text.kx_sha256_cpu_, "ax"
	.globl	kx_sha256_cpu_
	.hidden	kx_sha256_cpu_
	.type	kx_sha256_cpu_, %function
kx_sha256_cpu_:
	beqz	a2, .Lnothing
	addi	sp, sp, -FRAME
	sd	s0, 0(sp)
	sd	s1, 8(sp)
	sd	s2, 16(sp)
	sd	s3, 24(sp)
	sd	s4, 32(sp)
	sd	s5, 40(sp)
	sd	s6, 48(sp)
	sd	s7, 56(sp)
	sd	s8, 64(sp)
	sd	s9, 72(sp)
	sd	s10, 80(sp)
	sd	s11, 88(sp)
	sd	ra, 96(sp)
	sd	a0, AT_STATE(sp)
	sd	a2, AT_COUNT(sp)
	lla	z, kx_sha256_k_ + 256
	sd	z, AT_END(sp)
	mv	x, a1
	lw	st_a, 0(a0)
	lw	st_b, 4(a0)
	lw	st_c, 8(a0)
	lw	st_d, 12(a0)
	lw	st_e, 16(a0)
	lw	st_f, 20(a0)
	lw	st_g, 24(a0)
	lw	st_h, 28(a0)
.Lblock:
	fetch	0 w0 w1
	fetch	8 w2 w3
	fetch	16 w4 w5
	fetch	24 w6 w7
	fetch	32 w8 w9
	fetch	40 w10 w11
	fetch	48 w12 w13
	fetch	56 w14 w15
	addi	x, x, KX_SHA256_BLOCK_SIZE
	sd	x, AT_DATA(sp)
	lla	constant, kx_sha256_k_
	xor	z, st_b, st_c
.Lsixteen:
	round	0 w0 st_a st_b st_c st_d st_e st_f st_g st_h x z
	round	1 w1 st_h st_a st_b st_c st_d st_e st_f st_g z x
	round	2 w2 st_g st_h st_a st_b st_c st_d st_e st_f x z
	round	3 w3 st_f st_g st_h st_a st_b st_c st_d st_e z x
	round	4 w4 st_e st_f st_g st_h st_a st_b st_c st_d x z
	round	5 w5 st_d st_e st_f st_g st_h st_a st_b st_c z x
	round	6 w6 st_c st_d st_e st_f st_g st_h st_a st_b x z
	round	7 w7 st_b st_c st_d st_e st_f st_g st_h st_a z x
	round	8 w8 st_a st_b st_c st_d st_e st_f st_g st_h x z
	round	9 w9 st_h st_a st_b st_c st_d st_e st_f st_g z x
	round	10 w10 st_g st_h st_a st_b st_c st_d st_e st_f x z
	round	11 w11 st_f st_g st_h st_a st_b st_c st_d st_e z x
	round	12 w12 st_e st_f st_g st_h st_a st_b st_c st_d x z
	round	13 w13 st_d st_e st_f st_g st_h st_a st_b st_c z x
	round	14 w14 st_c st_d st_e st_f st_g st_h st_a st_b x z
	round	15 w15 st_b st_c st_d st_e st_f st_g st_h st_a z x
	ld	y, AT_END(sp)
	addi	constant, constant, 64
	beq	constant, y, .Lmerge
	extend	w0 w1 w9 w14
	extend	w1 w2 w10 w15
	extend	w2 w3 w11 w0
	extend	w3 w4 w12 w1
	extend	w4 w5 w13 w2
	extend	w5 w6 w14 w3
	extend	w6 w7 w15 w4
	extend	w7 w8 w0 w5
	extend	w8 w9 w1 w6
	extend	w9 w10 w2 w7
	extend	w10 w11 w3 w8
	extend	w11 w12 w4 w9
	extend	w12 w13 w5 w10
	extend	w13 w14 w6 w11
	extend	w14 w15 w7 w12
	extend	w15 w0 w8 w13
	j	.Lsixteen
.Lmerge:
	ld	x, AT_STATE(sp)
	merge	0 st_a
	merge	4 st_b
	merge	8 st_c
	merge	12 st_d
	merge	16 st_e
	merge	20 st_f
	merge	24 st_g
	merge	28 st_h
	ld	y, AT_COUNT(sp)
	ld	x, AT_DATA(sp)
	addi	y, y, -1
	sd	y, AT_COUNT(sp)
	bnez	y, .Lblock
	ld	s0, 0(sp)
	ld	s1, 8(sp)
	ld	s2, 16(sp)
	ld	s3, 24(sp)
	ld	s4, 32(sp)
	ld	s5, 40(sp)
	ld	s6, 48(sp)
	ld	s7, 56(sp)
	ld	s8, 64(sp)
	ld	s9, 72(sp)
	ld	s10, 80(sp)
	ld	s11, 88(sp)
	ld	ra, 96(sp)
	addi	sp, sp, FRAME
.Lnothing:
	ret
	.size	kx_sha256_cpu_, . - kx_sha256_cpu_

	.section .note.GNU-stack, "", %progbits
