/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: from a system that dies to the control page. */
#include <kx/abi.h>

#include "cpu.h"
#include "crash.h"
#include "own.h"

#define crash    %rbx

#define GATES    (KX_CRASH_ARCH + 0x20)
#define OPERAND  KX_CRASH_ARCH	/* of LIDT, LGDT: its limit in the last two bytes of a word, and a base */
#define GATE     (0x8e << 40)	/* SDM "64-Bit Mode IDT": interrupts masked */
#define SELECTOR 2		/* where in a gate */

/* Where the crash page is: at the end of it, and of libkx's own page, above either stack */
#define SELF  (KX_CRASH_STACK - 8)
#define STACK KX_OWN_STACK

/* Descriptors that are good for the dying system's code segment and for libkx's; where the stack ends, which
 * has not come so far. */
#define BOTH      KX_CRASH_END
#define BOTH_SIZE 0x800

/* In: handler. Out: rax, rdx = the two words of its gate, with the code segment as it is. Clobbers: rcx */
	.macro	gate handler
	lea	\handler(%rip), %rdx
	movzwl	%dx, %ecx
	mov	%edx, %eax
	shr	$16, %eax
	shl	$48, %rax
	or	%rcx, %rax
	mov	%cs, %ecx
	shl	$16, %rcx
	or	%rcx, %rax
	mov	$GATE, %rcx
	or	%rcx, %rax
	shr	$32, %rdx
	.endm

/*
 * kx_crash_enter - enter what kx_crash_seal() has prepared, whatever state this CPU is in
 *
 * Runs:     in the host, on any stack or none, interrupts on or masked, in the handler of an exception or
 *           of an NMI or not
 * In:       rdi = struct kx_crash
 * Out:      goes on in kx_enter_, on libkx's descriptors. A CPU that is not the first stays here; without
 *           a struct kx_crash it returns
 * Live:     crash
 * Clobbers: everything
 * Memory:   the crash page, whose end is the stack; a word of libkx's own page; the record
 * Spec:     SDM "Nonmaskable Interrupt (NMI)": masked from its delivery to the next IRET; "64-Bit Mode IDT"
 *
 * Until LIDT an NMI is the dying system's, on this stack from where that is set: one whose handler panics in its
 * turn finds the claim taken, and nobody goes on. From there on NMIs are tolerated, whatever selectors the dying
 * system has; with one from BOTH_SIZE on, as Xen's 0xe008, not for the eleven instructions from the first LGDT to
 * the far return. The descriptor that CS was loaded from has to be there still.
 */
	.text
	.globl	kx_crash_enter
kx_crash_enter:
	endbr64				/* called by pointer, perhaps with CET on */
	test	%rdi, %rdi
	jz	.Lnothing
	cli				/* what is pending stays so */
	cld
	movabs	$KX_CRASH_FREE, %rax
	xor	%ecx, %ecx
	lock cmpxchg %rcx, KX_CRASH_CLAIM(%rdi)	/* anything else stays: it may be the new image's by now */
	jne	.Llate
	mov	%rdi, crash
	mov	crash, SELF(crash)
	lea	STACK(crash), %rsp		/* from here on the host's NMIs find one */
	gate	.Lfault
	lea	GATES(crash), %rdi
	mov	$KX_VECTORS, %ecx
1:	mov	%rax, (%rdi)
	mov	%rdx, 8(%rdi)
	add	$16, %rdi
	dec	%ecx
	jnz	1b
	gate	.Lnmi
	mov	%rax, (GATES + 16 * NMI)(crash)
	mov	%rdx, (GATES + 16 * NMI + 8)(crash)
	movw	$(16 * KX_VECTORS - 1), (OPERAND + 6)(crash)
	lea	GATES(crash), %rax
	mov	%rax, (OPERAND + 8)(crash)
	lidt	(OPERAND + 6)(crash)
	/* As in kx_enter_, and for the far return below: a shadow stack would not have it. */
	mov	%cr4, %rax
	and	$(CR4_PAE | CR4_LA57), %eax
	or	$CR4_MCE, %eax
	mov	%rax, %cr4
	xor	%eax, %eax
	mov	%eax, %ss		/* none: what an NMI goes back to in 64-bit mode, whatever descriptors there are */
	mov	$KX_DESCRIPTOR_CODE64, %rdx
	lea	BOTH(crash), %rcx
	mov	%cs, %eax
	and	$-8, %eax
	cmp	$(BOTH_SIZE - 8), %eax
	ja	2f
	mov	%rdx, (%rcx, %rax)
2:	mov	%rdx, KX_SELECTOR_CODE(%rcx)
	movw	$(BOTH_SIZE - 1), (OPERAND + 6)(crash)
	mov	%rcx, (OPERAND + 8)(crash)
	lgdt	(OPERAND + 6)(crash)
	push	$KX_SELECTOR_CODE
	lea	3f(%rip), %rax
	push	%rax
	lretq
3:	lea	GATES(crash), %rdi
	mov	$KX_VECTORS, %ecx
4:	movw	$KX_SELECTOR_CODE, SELECTOR(%rdi)
	add	$16, %rdi
	dec	%ecx
	jnz	4b
	mov	KX_CRASH_OWN(crash), %rcx
	lgdt	(KX_OWN_GDTR_VA + 6)(%rcx)
	mov	$KX_SELECTOR_DATA, %eax
	mov	%eax, %ss
	mov	crash, %rdi
	call	kx_crash_settle_
.Lgo:
	mov	KX_CRASH_TABLES(crash), %rdi
	mov	KX_CRASH_PA(crash), %rsi
	mov	KX_CRASH_MODE(crash), %rdx
	mov	KX_CRASH_OWN(crash), %rcx
	mov	crash, SELF(%rcx)		/* kx_enter_ is on that stack before its gates are in force */
	jmp	*KX_CRASH_RUN(crash)

	/* What goes wrong in C is no reason to stay: the registers that are left are as they are. */
.Lfault:
	endbr64				/* perhaps before CET was off */
	mov	%rsp, crash
	and	$-KX_PAGE_SIZE, crash
	mov	SELF(crash), crash
	lea	STACK(crash), %rsp
	jmp	.Lgo
.Lnmi:
	endbr64
	iretq

.Llate:
	hlt				/* nothing of the new image will be here */
	jmp	.Llate
.Lnothing:
	ret

	.section .note.GNU-stack, "", @progbits
