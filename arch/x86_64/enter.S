/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: from the host's address space to the control page's physical address. */
#include <kx/abi.h>

#include "cpu.h"

#define tables   %rdi
#define handoff  %rbp
#define page_pa  %rdx

#define CPU(word) (KX_HANDOFF_CPU + 8 * (word))

/*
 * kx_enter_ - leave the host's address space
 *
 * Runs:     first in a copy of the control page that the host has mapped executable, and from the
 *           write of CR3 on in the control page itself, which libkx's tables map at that address.
 *           Both hold the same instructions, so it does not matter when the CPU fetches from which.
 * In:       rdi = CR3 value of libkx's tables
 * Out:      goes on in kx_trampoline_ at its physical address, CR3 still as In
 * Live:     tables handoff page_pa
 * Clobbers: rax, rbp, rdx, rsp, CR0.WP, all of CR4 but PAE and LA57, DR7, GDTR, IDTR, RFLAGS.IF, DF
 * Memory:   reads the handoff; no stack until it has its own
 * Spec:     SDM "Invalidation of TLBs and Paging-Structure Caches"
 */
	.section .text.enter, "ax"
	.globl	kx_enter_
kx_enter_:
	endbr64				/* called by pointer, perhaps with CET on */
	cli
	cld
	/* PGE off drops the host's global entries, PCIDE off those of every PCID; CET off before the
	 * jump below, which lands on no ENDBR64; SMEP, PKE and FRED would judge what libkx's tables
	 * and gates do not provide for. If this faults, by VMX operation, the host is still whole. */
	mov	%cr4, %rax
	and	$(CR4_PAE | CR4_LA57), %eax
	mov	%rax, %cr4
	mov	%cr0, %rax
	or	$CR0_WP, %eax		/* the control page is read-only to its own code too */
	mov	%rax, %cr0
	mov	$DR7_OFF, %eax
	mov	%rax, %dr7		/* a breakpoint of the host's must not stop the copy */
	mov	tables, %cr3
	/* Now surely in the control page. Gates and descriptors go by physical address. */
	lea	kx_page_(%rip), handoff
	lidt	(CPU(KX_CPU_IDT) + 6)(handoff)	/* from here on a fault is reported, not lost */
	lgdt	(CPU(KX_CPU_GDT) + 6)(handoff)
	mov	CPU(KX_CPU_STACK)(handoff), %rsp
	/* Its physical address is in its handoff; its virtual one is where this code runs: no offset
	 * is passed in, so none can be wrong. */
	mov	KX_HANDOFF_CONTROL_PA(handoff), page_pa
	lea	kx_trampoline_(%rip), %rax
	sub	handoff, %rax
	add	page_pa, %rax
	jmp	*%rax

/* Selectors 0x08, 0x10 and 0x18, base 0, limit 4 GiB; marked as accessed, because the page is
 * read-only. SDM "Segment Descriptors". */
	.org	kx_enter_ + (KX_CONTROL_GDT - KX_CONTROL_ENTRY)
	.quad	0, 0x00cf9b000000ffff, 0x00af9b000000ffff, 0x00cf93000000ffff	/* 0x10: 64-bit code */
	.quad	0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff			/* 0x10: 32-bit code */

/* An exception's entry leaves its number on the stack. The gates in idmap.c lead here. */
	.org	kx_enter_ + (KX_CONTROL_VECTOR - KX_CONTROL_ENTRY)
	.set	vector, 0
	.rept	KX_VECTORS
	push	$vector
	jmp	kx_fault_
	.org	kx_enter_ + (KX_CONTROL_VECTOR - KX_CONTROL_ENTRY) + KX_VECTOR_SIZE * (vector + 1)
	.set	vector, vector + 1
	.endr
