/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: what Linux does with a page list, written anew from what is known of it: flags are tested in
 * the order DESTINATION, INDIRECTION, DONE, SOURCE, and a page is copied word by word, at seven
 * instructions a word.
 */
	.text
/* peer_walk - In: a0 = first word */
	.globl	peer_walk
peer_walk:
	mv	t0, a0
	li	t6, 8				/* bytes of a word */
	j	.Ldecode
.Lnext:
	ld	t0, 0(a3)
	add	a3, a3, t6
.Ldecode:
	andi	t1, t0, 1			/* DESTINATION */
	beqz	t1, 1f
	addi	a4, t0, -1
	j	.Lnext
1:	andi	t1, t0, 2			/* INDIRECTION */
	beqz	t1, 2f
	addi	a3, t0, -2
	j	.Lnext
2:	andi	t1, t0, 4			/* DONE */
	bnez	t1, .Ldone
	andi	t1, t0, 8			/* SOURCE */
	beqz	t1, .Lnext
	addi	a5, t0, -8
	li	t2, 512				/* words of a page */
3:	beqz	t2, .Lnext
	ld	t3, 0(a5)
	sd	t3, 0(a4)
	add	a5, a5, t6
	add	a4, a4, t6
	addi	t2, t2, -1
	j	3b
.Ldone:
	ret
