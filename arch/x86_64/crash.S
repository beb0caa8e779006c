/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: from a system that dies to the control page. */
#include <kx/abi.h>

#include "cpu.h"
#include "crash.h"
#include "own.h"

#define crash    %rbx

#define GATES    (KX_CRASH_ARCH + 0x20)
#define OPERAND  KX_CRASH_ARCH	/* of LIDT: its limit in the last two bytes of a word, and a base */
#define GATE     (KX_SELECTOR_CODE << 16 | 0x8e << 40)	/* SDM "64-Bit Mode IDT": interrupts masked */

/* In: handler. Out: rax, rdx = the two words of its gate. Clobbers: rcx */
	.macro	gate handler
	lea	\handler(%rip), %rdx
	movzwl	%dx, %ecx
	mov	%edx, %eax
	shr	$16, %eax
	shl	$48, %rax
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
 * Memory:   the crash page, whose end is the stack; the record
 * Spec:     SDM "Nonmaskable Interrupt (NMI)": masked from its delivery to the next IRET; "64-Bit Mode IDT"
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
	lea	KX_CRASH_STACK(crash), %rsp	/* from here on the host's NMIs find one */
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
	mov	KX_CRASH_OWN(crash), %rcx
	lgdt	(KX_OWN_GDTR_VA + 6)(%rcx)
	mov	$KX_SELECTOR_DATA, %eax
	mov	%eax, %ss
	push	$KX_SELECTOR_CODE
	lea	2f(%rip), %rax
	push	%rax
	lretq				/* from here on what an NMI has come upon can be gone back to */
2:	mov	crash, %rdi
	call	kx_crash_settle_
.Lgo:
	mov	KX_CRASH_TABLES(crash), %rdi
	mov	KX_CRASH_PA(crash), %rsi
	mov	KX_CRASH_MODE(crash), %rdx
	mov	KX_CRASH_OWN(crash), %rcx
	jmp	*KX_CRASH_RUN(crash)

	/* What goes wrong in C is no reason to stay: the registers that are left are as they are. */
.Lfault:
	endbr64				/* perhaps before CET was off */
	lea	-1(%rsp), crash		/* the stack is in the crash page */
	and	$-KX_PAGE_SIZE, crash
	lea	KX_CRASH_STACK(crash), %rsp
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
