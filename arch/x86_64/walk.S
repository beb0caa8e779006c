/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: follow the page list. Linked into the control page; called by trampoline.S. */
#include <kx/abi.h>

#include "live.h"

/* Half a cache line, past the caches */
	.macro	move_half offset
	mov	(\offset)(src), %rax
	mov	(\offset + 8)(src), %rbx
	mov	(\offset + 16)(src), %rcx
	mov	(\offset + 24)(src), %r9
	movnti	%rax, (\offset)(dest)
	movnti	%rbx, (\offset + 8)(dest)
	movnti	%rcx, (\offset + 16)(dest)
	movnti	%r9, (\offset + 24)(dest)
	.endm

/*
 * kx_walk_ - put every page of the list in its place, or back
 *
 * Runs:     wherever list, sources and destinations lie at the addresses that the list says
 * In:       rdi = first word, rsi = struct kx_kick, r14 = swap
 * Out:      rax = 0; or KX_FAULT_LIST_FLAG, rcx = where this code stood, rsi = the word
 * Live:     cursor dest src word flag end ahead kick count swap
 * Clobbers: rax, rbx, rcx, rdx, rsi, rdi, r8..r11, r13, r15
 * Memory:   reads list pages and sources, writes every destination page, and swapping every source;
 *           does the kick before each word, which is at most 128 pages of work; its own return address
 * Spec:     <kx/abi.h> "Page list"; SDM "Caching of Temporal vs. Non-Temporal Data"
 */
	.section .text.walk, "ax"
	.globl	kx_walk_
kx_walk_:
#include "list.inc"

/*
 * Copies go past the caches: what a line of the destination held is not read first. Scattered pages
 * leave the CPU's own prefetching behind, which stops at the end of each page, so the page after next
 * is asked for, in the second-level cache: of requests that end there more can be under way than of
 * those for the first, and that is what bounds the copy.
 */
.Lcopy:
	cmp	src, dest
	je	.Lin_place
	test	swap, swap
	jnz	.Lswap_line
.Lpage:
	mov	end, %rax
	sub	dest, %rax
	mov	$(2 * KX_PAGE_SIZE), ahead
	cmp	ahead, %rax
	ja	.Lline				/* it is in this run */
	/* Else it is where the list goes on; a word that is none is good enough for a prefetch. */
	mov	(cursor), word
	je	.Lahead				/* the first of the next run */
	test	$(KX_PAGE_MASK & ~KX_IND_FLAGS), %r8d
	jz	1f
	add	$KX_PAGE_SIZE, word		/* the second */
	jmp	.Lahead
1:	lea	KX_LIST_WORD_SIZE(cursor), %rax
	test	$KX_PAGE_MASK, %eax
	jz	.Lahead				/* the end of a list page */
	mov	(%rax), word			/* the first of the one after */
.Lahead:
	mov	word, ahead
	and	$~KX_PAGE_MASK, ahead
	sub	src, ahead
	and	$KX_IND_SOURCE, %r8d
	cmovz	%r8, ahead			/* nothing to ask for */
	.balign	32
.Lline:
	prefetcht1 (src, ahead)
	move_half 0
	move_half 32
	add	$64, src
	add	$64, dest
	test	$KX_PAGE_MASK, %edi
	jnz	.Lline
	cmp	end, dest
	jne	.Lpage
	jmp	.Lnext
.Lin_place:
	mov	end, dest
	jmp	.Lnext

.Lswap_line:
	mov	(src), %rax
	mov	8(src), %rbx
	mov	(dest), %rcx
	mov	8(dest), %r9
	mov	%rax, (dest)
	mov	%rbx, 8(dest)
	mov	%rcx, (src)
	mov	%r9, 8(src)
	add	$16, src
	add	$16, dest
	cmp	end, dest
	jne	.Lswap_line
	jmp	.Lnext

.Lzero:
	or	swap, src			/* ZERO has no address, and cannot be undone */
	jnz	.Lbad_zero
	mov	end, %rcx
	sub	dest, %rcx
	shr	$3, %rcx
	xor	%eax, %eax
	rep stosq
	jmp	.Lnext

.Ldone:
	sfence					/* all is in memory before anything that follows */
	xor	%eax, %eax
	ret
