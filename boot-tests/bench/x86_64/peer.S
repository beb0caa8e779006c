/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what Linux does with a page list, written anew from what is known of it: flags are tested in
 * the order DESTINATION, INDIRECTION, DONE, SOURCE. Up to 6.13 a page is exchanged with its source by
 * three copies through a swap page, whoever wants that; since 6.14 it is copied. `rep movsq` does it.
 */
	.macro	copy_page
	mov	$512, %ecx
	rep movsq
	.endm

/* In: rdi = first word, r11 = swap page. Clobbers rax, rcx, rdx, rsi, rdi, r8, r9 */
	.macro	walk exchange
	mov	%rdi, %r8
	jmp	2f
1:	mov	(%rdx), %r8
	add	$8, %rdx
2:	mov	%r8, %rsi
	and	$~4095, %rsi
	test	$1, %r8b
	jz	3f
	mov	%rsi, %rdi
	jmp	1b
3:	test	$2, %r8b
	jz	4f
	mov	%rsi, %rdx
	jmp	1b
4:	test	$4, %r8b
	jnz	5f
	test	$8, %r8b
	jz	1b
	.if	\exchange
	mov	%rdi, %r9
	mov	%rsi, %rax
	mov	%r11, %rdi
	copy_page				/* source to swap page */
	mov	%rax, %rdi
	mov	%r9, %rsi
	copy_page				/* destination to source */
	mov	%r9, %rdi
	mov	%r11, %rsi
	.endif
	copy_page				/* to destination, which moves on */
	jmp	1b
5:	ret
	.endm

	.text
	.globl	peer_walk, peer_walk_plain, limit_copy
	.hidden	peer_walk, peer_walk_plain, limit_copy
	.balign	64
peer_walk:
	mov	%rsi, %r11
	walk	1
	.balign	64
peer_walk_plain:
	walk	0

/*
 * limit_copy - as many bytes in sequence, past the caches: what memory can do
 * In: rdi = destination, rsi = source, rdx = bytes, a multiple of 64
 */
	.balign	64
limit_copy:
	add	%rdi, %rdx
1:	movdqa	(%rsi), %xmm0
	movdqa	16(%rsi), %xmm1
	movdqa	32(%rsi), %xmm2
	movdqa	48(%rsi), %xmm3
	movntdq	%xmm0, (%rdi)
	movntdq	%xmm1, 16(%rdi)
	movntdq	%xmm2, 32(%rdi)
	movntdq	%xmm3, 48(%rdi)
	add	$64, %rsi
	add	$64, %rdi
	cmp	%rdx, %rdi
	jne	1b
	sfence
	ret
	.section .note.GNU-stack, "", @progbits
