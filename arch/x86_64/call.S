/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: what the host needs when the new image has come back. Called by kx_enter(). */
#include <kx/abi.h>

#include "cpu.h"
#include "own.h"

#define own_va   %rcx	/* as kx_enter_ gets it, and as kx_return_ leaves it */
#define run_va   %r8
#define returned %r9

/* The frame below what is pushed: two operands of LGDT and LIDT, and selectors */
#define GDTR     0
#define IDTR     16
#define SELECTOR(n) (32 + 4 * (n))
#define FRAME    64

	.macro	save_msr number, to
	mov	$\number, %ecx
	rdmsr
	mov	%eax, \to(%r11)
	mov	%edx, (\to + 4)(%r11)
	.endm

/*
 * kx_call_ - run the control page, and come back when the new image does
 *
 * Runs:     in the host; interrupts masked
 * In:       rdi, rsi, rdx, rcx = In of kx_enter_, r8 = where the control page runs, r9 = struct
 *           kx_returned
 * Out:      *r9; what a call preserves, flags, control registers, EFER, PAT, segments, descriptor tables
 *           and the task register as they were; not the bases of FS and GS
 * Clobbers: what a call may
 * Memory:   a frame on the stack, which comes back with the rest of memory; libkx's own page; the busy
 *           bit of the host's task state
 * Spec:     System V ABI "Registers and the Stack Frame"; SDM "Task Register", "Process-Context
 *           Identifiers (PCIDs)": they can be switched on only while the current one is 0
 */
	.text
	.globl	kx_call_
	.hidden	kx_call_
kx_call_:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	returned
	pushfq
	sub	$FRAME, %rsp
	sgdt	GDTR(%rsp)
	sidt	IDTR(%rsp)
	mov	%cs, %eax
	mov	%eax, SELECTOR(0)(%rsp)
	mov	%ss, %eax
	mov	%eax, SELECTOR(1)(%rsp)
	mov	%ds, %eax
	mov	%eax, SELECTOR(2)(%rsp)
	mov	%es, %eax
	mov	%eax, SELECTOR(3)(%rsp)
	mov	%fs, %eax
	mov	%eax, SELECTOR(4)(%rsp)
	mov	%gs, %eax
	mov	%eax, SELECTOR(5)(%rsp)
	str	%eax
	mov	%eax, SELECTOR(6)(%rsp)
	sldt	%eax
	mov	%eax, SELECTOR(7)(%rsp)
	mov	%cr0, %rax
	mov	%rax, KX_HOST_CR0(own_va)
	mov	%cr3, %rax
	mov	%rax, KX_HOST_CR3(own_va)
	mov	%cr4, %rax
	mov	%rax, KX_HOST_CR4(own_va)
	mov	%rsp, KX_HOST_STACK(own_va)
	lea	.Lresume(%rip), %rax
	mov	%rax, KX_HOST_RESUME(own_va)
	mov	%rdx, %r10
	mov	own_va, %r11
	save_msr MSR_EFER, KX_HOST_EFER
	save_msr MSR_PAT, KX_HOST_PAT
	mov	%r10, %rdx
	mov	%r11, own_va
	lea	KX_CONTROL_ENTRY(run_va), %rax
	jmp	*%rax

.Lresume:
	mov	%cr0, %rax
	and	$~CR0_WP, %eax
	mov	%rax, %cr0			/* the descriptor table may be read-only */
	mov	KX_HOST_STACK(own_va), %rax	/* not yet the stack: kx_fault_ finds libkx's own page by that */
	lidt	IDTR(%rax)
	lgdt	GDTR(%rax)
	mov	%rax, %rsp
	mov	SELECTOR(1)(%rsp), %ss
	mov	SELECTOR(2)(%rsp), %ds
	mov	SELECTOR(3)(%rsp), %es
	mov	SELECTOR(4)(%rsp), %fs
	mov	SELECTOR(5)(%rsp), %gs
	mov	SELECTOR(0)(%rsp), %eax
	push	%rax
	lea	1f(%rip), %rax
	push	%rax
	lretq
1:	lldt	SELECTOR(7)(%rsp)
	mov	SELECTOR(6)(%rsp), %eax
	mov	%eax, %edx
	and	$~7, %edx			/* its place in the table, without privilege level */
	jz	2f				/* the host has none */
	/* Nor has it where that is libkx's, of a time before: the register cannot be emptied. */
	movzwl	GDTR(%rsp), %esi
	cmp	%esi, %edx
	ja	2f
	add	(GDTR + 2)(%rsp), %rdx
	mov	5(%rdx), %esi
	and	$TSS_BITS, %esi
	cmp	$TSS_AVAILABLE, %esi
	jne	2f
	andb	$~TSS_BUSY, 5(%rdx)
	ltr	%ax
2:	mov	KX_HOST_CR0(own_va), %rax
	mov	%rax, %cr0
	mov	KX_HOST_CR4(own_va), %rdi
	bt	$CR4_CET_BIT, %edi
	jnc	3f
	mov	own_va, %rsi
	mov	$MSR_S_CET, %ecx		/* as the new image has left it it must not judge the host's code */
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	mov	%rsi, own_va
3:	mov	%rdi, %cr4
	mov	KX_HOST_CR3(own_va), %rax
	mov	%rax, %cr3
	mov	KX_HOST_VALUE(own_va), %rax
	mov	KX_HOST_DETAIL(own_va), %rdx
	add	$FRAME, %rsp
	popfq
	pop	returned
	mov	%rax, (returned)
	mov	%rdx, 8(returned)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	.section .note.GNU-stack, "", @progbits
