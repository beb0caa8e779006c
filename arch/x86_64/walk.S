/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: follow the page list. Linked into the control page; called by trampoline.S. */
#include <kx/abi.h>

#define cursor   %rdx
#define dest     %rdi
#define src      %rsi
#define word     %r8
#define flag     %r9d
#define end      %r10

/*
 * kx_walk_ - put every page of the list in its place
 *
 * Runs:     wherever list, sources and destinations lie at the addresses that the list says
 * In:       rdi = first word
 * Out:      rax = 0; or KX_FAULT_LIST_FLAG, rcx = where this code stood, rsi = the word
 * Live:     cursor dest src word flag end
 * Clobbers: rax, rcx, r8..r10, rdx, rsi, rdi
 * Memory:   reads list pages and sources, writes every destination page; its own return address
 * Spec:     <kx/abi.h> "Page list"
 */
	.section .text.walk, "ax"
	.globl	kx_walk_
kx_walk_:
	mov	%rdi, word
	xor	%edi, %edi			/* dest */
	xor	%edx, %edx			/* cursor */
	jmp	.Ldecode

.Lnext:
	mov	(cursor), word
	add	$KX_LIST_WORD_SIZE, cursor
.Ldecode:
	mov	word, src
	and	$~KX_PAGE_MASK, src		/* the address in the word */
	mov	word, end
	sub	src, end			/* its flag and run length */
	mov	%r10d, flag
	and	$KX_IND_FLAGS, flag
	cmp	$KX_IND_SOURCE, flag
	je	.Lcopy
	cmp	$KX_IND_ZERO, flag
	je	.Lzero
	cmp	$KX_IND_DESTINATION, end	/* the others have no run length */
	je	.Ldestination
	cmp	$KX_IND_INDIRECTION, end
	je	.Lindirection
	cmp	$KX_IND_DONE, end
	je	.Ldone
	mov	$KX_FAULT_LIST_FLAG, %eax
	lea	.Ldecode(%rip), %rcx
	jmp	.Lbad_word

.Ldestination:
	mov	src, dest
	jmp	.Lnext

.Lindirection:
	mov	src, cursor
	jmp	.Lnext

.Lcopy:
	shr	$KX_IND_RUN_SHIFT, end
	inc	end
	shl	$KX_PAGE_SHIFT, end
	cmp	src, dest
	je	.Lin_place
	mov	end, %rcx
	shr	$3, %rcx
	rep movsq
	jmp	.Lnext
.Lin_place:
	add	end, dest
	jmp	.Lnext

.Lzero:
	test	src, src			/* ZERO has no address */
	jnz	.Lbad_zero
	shr	$KX_IND_RUN_SHIFT, end
	inc	end
	shl	$KX_PAGE_SHIFT, end
	mov	end, %rcx
	shr	$3, %rcx
	xor	%eax, %eax
	rep stosq
	jmp	.Lnext
.Lbad_zero:
	mov	$KX_FAULT_LIST_FLAG, %eax
	lea	.Lzero(%rip), %rcx
.Lbad_word:
	mov	word, %rsi
	ret

.Ldone:
	xor	%eax, %eax
	ret
