/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: from the new image, if it comes back, to the host's address space. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define tables   %rdi	/* where kx_fault_ looks for them, as in kx_enter_ */
#define own_va   %rcx	/* where kx_call_ does */
#define host_cr3 %rbx
#define resume   %rsi

	/* An MSR from libkx's own page */
	.macro	restore_msr number, from
	mov	$\number, %ecx
	mov	\from(own), %eax
	mov	(\from + 4)(own), %edx
	wrmsr
	.endm

/*
 * kx_return_ - put the old system back, and go on in it
 *
 * Runs:     in the control page at its physical address, where KX_ENTER_RETURN has said; 64-bit; tables
 *           that map RAM to itself; any descriptors, any CR0 and CR4 that go with that
 * In:       rax, rdx = what the new image has come back with
 * Out:      goes on where the host's kx_call_ waits, on its tables, with its EFER and PAT: rcx = libkx's own
 *           page where the host sees it, where rax and rdx are
 * Live:     handoff stage own; those of kx_walk_; tables own_va host_cr3 resume
 * Clobbers: everything
 * Memory:   that of kx_walk_; writes the status record; the stack of libkx's own page
 * Spec:     as enter.S and trampoline.S, the other way round
 */
	.section .text.return, "ax"
	.globl	kx_return_
kx_return_:
	cli
	cld
	lea	kx_page_(%rip), handoff
	mov	KX_HANDOFF_OWN_PA(handoff), own
	mov	%rax, KX_HOST_VALUE(own)
	mov	%rdx, KX_HOST_DETAIL(own)
	lea	KX_OWN_STACK(own), %rsp
	mov	%cr4, %rax
	and	$(CR4_PAE | CR4_LA57), %eax
	mov	%rax, %cr4			/* no shadow stack, no PCID, as in kx_enter_ */
	mov	$KX_STATUS_RETURN, %r12d	/* stage */
	xor	%r15d, %r15d			/* count */
	call	kx_gates_
	mov	$(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_PE), %eax
	mov	%rax, %cr0
	mov	%cr4, %rax
	mov	KX_HOST_CR4(own), %rcx
	and	$(CR4_PAE | CR4_LA57), %ecx
	cmp	%eax, %ecx
	je	1f
	/* The new image has another number of levels, by KX_ENTER_4LEVEL. */
	mov	CPU(KX_CPU_IDENTITY)(handoff), %rdi
	lea	1f(%rip), %rsi
	push	$KX_SELECTOR_DOWN
	lea	kx_levels_(%rip), %rax
	push	%rax
	lretq
1:	mov	%cr4, %rax
	or	$CR4_MCE, %eax
	mov	%rax, %cr4
	mov	$KX_STATUS_RETURN, %r12d	/* 32-bit mode may have spent them */
	xor	%r15d, %r15d
	lea	2f(%rip), %rcx
	jmp	kx_settle_
2:	call	kx_stage_
	mov	KX_HANDOFF_HEAD(handoff), %rdi
	lea	KX_HANDOFF_KICK(handoff), %rsi
	mov	$KX_ENTER_RETURN, %r14d		/* swap */
	call	kx_walk_
	test	%eax, %eax
	jnz	kx_refuse_
	mov	KX_HANDOFF_OWN_PA(handoff), own
	restore_msr MSR_EFER, KX_HOST_EFER	/* its tables may have bits that want NXE */
	restore_msr MSR_PAT, KX_HOST_PAT
	mov	KX_HOST_CR3(own), host_cr3
	and	$~KX_PAGE_MASK, host_cr3	/* a PCID has to wait for CR4 */
	mov	KX_HOST_RESUME(own), resume
	mov	KX_HOST_OWN(own), own_va
	/* First to where the host runs this page, which libkx's tables know too. */
	mov	KX_HANDOFF_TABLES(handoff), tables
	mov	tables, %cr3
	lea	KX_OWN_STACK(own_va), %rsp
	lgdt	(KX_OWN_GDTR_VA + 6)(own_va)
	lidt	(KX_OWN_IDTR_VA + 6)(own_va)
	lea	3f(%rip), %rax
	sub	handoff, %rax
	add	KX_HOST_RUN(own_va), %rax
	jmp	*%rax
3:	mov	host_cr3, %cr3			/* and serializes: it was written as data */
	jmp	*resume
