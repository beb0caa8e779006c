/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: SHA-256 blocks by Zvknha, on vectors of any length from 128 bits on. Called by sha256.c, and by
 * nothing that has not looked for it and set sstatus.VS. As encodings, because assemblers of 2022 do not
 * know the names; vector registers go by number.
 */
#include <kx/sha256.h>

/* Unpriv "Vector Instruction Formats": three vectors, by whichever opcode; and loads and stores */
	.macro	vector opcode six three to second first unmasked=1
	.insn	r \opcode, \three, 2 * \six + \unmasked, x\to, \first, x\second
	.endm
	.macro	vadd to second first
	vector	0x57 0x00 0 \to \second x\first
	.endm
	.macro	vrgather to second first
	vector	0x57 0x0c 0 \to \second x\first
	.endm
	.macro	vxor_immediate to second value
	vector	0x57 0x0b 3 \to \second x\value
	.endm
	.macro	vid to
	vector	0x57 0x14 2 \to 0 x17
	.endm
	.macro	vmove_two to from		/* whole registers, however long: to, to + 1 */
	vector	0x57 0x27 3 \to \from x1
	.endm
	.macro	vset_immediate to value
	vector	0x57 0x17 3 \to 0 x\value
	.endm
	.macro	vset to from
	vector	0x57 0x17 4 \to 0 \from
	.endm
	.macro	vmerge to clear set		/* each element by its bit in v0 */
	vector	0x57 0x17 0 \to \clear x\set 0
	.endm
	.macro	vsha2ms to second first
	vector	0x77 0x2d 2 \to \second x\first
	.endm
	.macro	vsha2ch to second first
	vector	0x77 0x2e 2 \to \second x\first
	.endm
	.macro	vsha2cl to second first
	vector	0x77 0x2f 2 \to \second x\first
	.endm
	.macro	vle8 to at
	.insn	r 0x07, 0, 1, x\to, \at, x0
	.endm
	.macro	vle32 to at
	.insn	r 0x07, 6, 1, x\to, \at, x0
	.endm
	.macro	vluxei8 to at index
	.insn	r 0x07, 0, 3, x\to, \at, x\index
	.endm
	.macro	vsuxei8 from at index
	.insn	r 0x27, 0, 3, x\from, \at, x\index
	.endm
	.macro	words				/* vsetivli zero, 4, e32, m1, ta, ma */
	.insn	i 0x57, 7, x0, x4, 0xd0 - 0x400
	.endm
	.macro	bytes				/* vsetivli zero, 16, e8, m1, ta, ma */
	.insn	i 0x57, 7, x0, x16, 0xc0 - 0x400
	.endm

#define mask     0	/* the first element alone */
#define w0       1	/* the last sixteen words of the message, four by four */
#define w1       2
#define w2       3
#define w3       4
#define t        5
#define abef     6	/* in memory's order f, e, b, a; even, for vmove_two */
#define cdgh     7	/* and h, g, d, c */
#define abef_old 8
#define cdgh_old 9
/* 10..25: the constants */
#define swap     26	/* where each byte of a word comes from */
#define order    27	/* where the words of abef lie in state[], as bytes; cdgh's are two words on */
#define in0      28	/* the block, in memory's order */
#define in1      29
#define in2      30
#define in3      31

/* Four rounds. Each half makes two, and trades the places of abef and cdgh. */
	.macro	rounds constant words
	vadd	t \constant \words
	vsha2cl	cdgh abef t
	vsha2ch	abef cdgh t
	.endm

/* The four words that are used up become those sixteen further on */
	.macro	extend first second third fourth
	vmerge	t \third \second
	vsha2ms	\first t \fourth
	.endm

	.macro	sixteen k0 k1 k2 k3
	rounds	\k0 w0
	extend	w0 w1 w2 w3
	rounds	\k1 w1
	extend	w1 w2 w3 w0
	rounds	\k2 w2
	extend	w2 w3 w0 w1
	rounds	\k3 w3
	extend	w3 w0 w1 w2
	.endm

	.macro	block
	bytes
	.irp	in, in0,in1,in2,in3
	vle8	\in a1
	addi	a1, a1, 16
	.endr
	vrgather w0 in0 swap
	vrgather w1 in1 swap
	vrgather w2 in2 swap
	vrgather w3 in3 swap
	words
	vmove_two abef_old abef
	sixteen	10 11 12 13
	sixteen	14 15 16 17
	sixteen	18 19 20 21
	rounds	22 w0
	rounds	23 w1
	rounds	24 w2
	rounds	25 w3
	vadd	abef abef abef_old
	vadd	cdgh cdgh cdgh_old
	.endm

/*
 * kx_sha256_vector_ - hash whole blocks
 *
 * Runs:     anywhere, with sstatus.VS not off
 * In:       a0 = state[8], a1 = data, a2 = blocks
 * Out:      state[] moved on
 * Clobbers: a1, a2, t0..t2; all vector registers, vl and vtype
 * Memory:   reads data, reads and writes state; no stack
 * Spec:     RISC-V Cryptography Extensions Volume II, "Zvknh[ab]"; FIPS 180-4, section 6.2.2
 */
	.section .text.kx_sha256_vector_, "ax"
	.globl	kx_sha256_vector_
	.hidden	kx_sha256_vector_
	.type	kx_sha256_vector_, %function
kx_sha256_vector_:
	beqz	a2, .Lnothing
	andi	t2, a2, 1
	slli	a2, a2, 6
	add	a2, a2, a1			/* the end */
	bytes					/* this clears vstart too */
	vid	swap
	vxor_immediate swap swap 3
	words
	vset_immediate mask 1
	li	t0, 0x00041014
	vset	order t0
	lla	t0, kx_sha256_k_
	.irp	constant, 10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
	vle32	\constant t0
	addi	t0, t0, 16
	.endr
	addi	t1, a0, 8
	vluxei8	abef a0 order
	vluxei8	cdgh t1 order
	bnez	t2, .Lodd
.Lblocks:				/* two at a time: one branch less */
	block
.Lodd:
	block
	bne	a1, a2, .Lblocks
	vsuxei8	abef a0 order
	vsuxei8	cdgh t1 order
.Lnothing:
	ret
	.size	kx_sha256_vector_, . - kx_sha256_vector_

	.section .note.GNU-stack, "", %progbits
