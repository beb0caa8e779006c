/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: from the host's address space to the control page's physical address. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define tables   %rdi
#define own_va   %rcx
#define page_pa  %rdx

/*
 * kx_enter_ - leave the host's address space
 *
 * Runs:     first in a copy of the control page that the host has mapped executable, and from the
 *           write of CR3 on in the control page itself, which libkx's tables map at that address.
 *           Both hold the same instructions, so it does not matter when the CPU fetches from which.
 * In:       rdi = CR3 value of libkx's tables
 *           rcx = libkx's own page where the host sees it, which those tables map there too
 * Out:      goes on in kx_trampoline_ at its physical address, CR3 still as In
 * Live:     tables own_va handoff page_pa stage count
 * Clobbers: rax, rbp, rdx, rsp, r12, r15, CR0.WP, all of CR4 but PAE and LA57, DR7, GDTR, IDTR, RFLAGS.IF, DF
 * Memory:   reads the handoff and libkx's own page; no stack
 * Spec:     SDM "Invalidation of TLBs and Paging-Structure Caches"
 */
	.section .text.enter, "ax"
	.globl	kx_enter_
kx_enter_:
	endbr64				/* called by pointer, perhaps with CET on */
	cli
	cld
	mov	$KX_STATUS_ENTER, %r12d		/* stage */
	xor	%r15d, %r15d			/* count */
	/* Gates, descriptors and stack at addresses that both the host's tables and libkx's have. */
	lea	KX_OWN_STACK(own_va), %rsp
	lgdt	(KX_OWN_GDTR_VA + 6)(own_va)
	lidt	(KX_OWN_IDTR_VA + 6)(own_va)	/* from here on a fault is reported, not lost */
	/* PGE off drops the host's global entries, PCIDE off those of every PCID; CET off before the
	 * jump below, which lands on no ENDBR64; SMEP, PKE and FRED would judge what libkx's tables
	 * and gates do not provide for. MCE on: else a machine check is a shutdown. */
	mov	%cr4, %rax
	and	$(CR4_PAE | CR4_LA57), %eax
	or	$CR4_MCE, %eax
	mov	%rax, %cr4
	mov	%cr0, %rax
	or	$CR0_WP, %eax		/* the control page is read-only to its own code too */
	mov	%rax, %cr0
	mov	$DR7_OFF, %eax
	mov	%rax, %dr7		/* a breakpoint of the host's must not stop the copy */
	mov	tables, %cr3
	/* Now surely in the control page. Its physical address is in its handoff; its virtual one is
	 * where this code runs: no offset is passed in, so none can be wrong. */
	lea	kx_page_(%rip), handoff
	mov	KX_HANDOFF_CONTROL_PA(handoff), page_pa
	lea	kx_trampoline_(%rip), %rax
	sub	handoff, %rax
	add	page_pa, %rax
	jmp	*%rax

/* Selectors 0x08, 0x10 and 0x18 of the new kernel: here, because the page is read-only and lives on. */
kx_gdt_:
	.org	kx_enter_ + (KX_CONTROL_GDT - KX_CONTROL_ENTRY)
	.quad	0, KX_DESCRIPTOR_CODE32, KX_DESCRIPTOR_CODE64, KX_DESCRIPTOR_DATA
	.quad	0, 0, KX_DESCRIPTOR_CODE32, KX_DESCRIPTOR_DATA

/* An exception's entry leaves its number on the stack. The gates in idmap.c lead here, perhaps with CET
 * still on. */
	.org	kx_enter_ + (KX_CONTROL_VECTOR - KX_CONTROL_ENTRY)
kx_vectors_:
	.set	vector, 0
	.rept	KX_VECTORS
	endbr64
	push	$vector
	jmp	kx_fault_
	.org	kx_enter_ + (KX_CONTROL_VECTOR - KX_CONTROL_ENTRY) + KX_VECTOR_SIZE * (vector + 1), 0xcc
	.set	vector, vector + 1
	.endr
	/* KX_CONTROL_NMI: a system that dies may go on sending them. */
	iretq
