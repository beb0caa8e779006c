/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: put the new image in place and jump to it. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

/*
 * kx_trampoline_ - walk the page list, then enter the new image
 *
 * Runs:     in the control page at its physical address; libkx's tables; interrupts masked; one CPU
 * In:       nothing but its own address
 * Out:      enters handoff.entry_pa with rax, rbx, rsi, rdi = args[0..3], in the mode of the handoff's
 *           flags, RAM mapped to itself unless that is 32-bit mode; with KX_ENTER_RETURN it is called,
 *           and kx_return_ follows
 * Live:     handoff entry stage own; those of kx_walk_
 * Clobbers: everything
 * Memory:   that of kx_walk_; writes the status record; the stack of libkx's own page
 * Spec:     Linux Documentation/arch/x86/boot.rst "64-bit Boot Protocol"; SDM "Switching Out of
 *           IA-32e Mode Operation"
 */
	.section .text.trampoline, "ax"
	.globl	kx_trampoline_
kx_trampoline_:
	mov	$KX_STATUS_COPY, %r12d		/* stage */
	xor	%r15d, %r15d			/* count */
	lea	.Lsettled(%rip), %rcx

/*
 * kx_settle_ - to what is at physical addresses alone
 *
 * Runs:     in the control page at its physical address; any tables that map it there
 * In:       rcx = where to go on
 * Out:      handoff, own; stack, descriptors, gates and tables in force
 * Clobbers: rax, rdx, rsp, rbp, r14
 */
	.globl	kx_settle_
kx_settle_:
	lea	kx_page_(%rip), handoff
	mov	KX_HANDOFF_OWN_PA(handoff), own
	lea	KX_OWN_STACK(own), %rsp
	call	kx_gates_
	/* PC is physical already, so the alias can go. Behind kx_levels_ there are 4 levels. */
	mov	%cr4, %rdx
	mov	CPU(KX_CPU_IDENTITY)(handoff), %rax
	test	$CR4_LA57, %edx
	jnz	1f
	mov	CPU(KX_CPU_4LEVEL)(handoff), %rdx
	test	%rdx, %rdx
	cmovnz	%rdx, %rax
1:	mov	%rax, %cr3
	jmp	*%rcx

.Lsettled:
	call	kx_stage_
	mov	KX_HANDOFF_HEAD(handoff), %rdi
	lea	KX_HANDOFF_KICK(handoff), %rsi
	mov	KX_HANDOFF_FLAGS(handoff), swap
	and	$KX_ENTER_RETURN, swap
	call	kx_walk_
	test	%eax, %eax
	jnz	kx_refuse_
	mov	$KX_STATUS_JUMP, %r12d
	call	kx_stage_
	/* What the new image must not inherit: pointers into memory that is no longer ours, and
	 * settings of the host's. DR7 is as it should be since kx_enter_. */
	xor	%eax, %eax
	mov	%rax, %cr2
	mov	%rax, %cr8
	lldt	%ax
	mov	$MSR_EFER, %ecx
	rdmsr
	and	$(EFER_LME | EFER_LMA), %eax	/* libkx's tables have no bit that needs NXE */
	xor	%edx, %edx
	wrmsr
	mov	$MSR_PAT, %ecx
	mov	CPU(KX_CPU_PAT)(handoff), %eax
	mov	(CPU(KX_CPU_PAT) + 4)(handoff), %edx
	wrmsr					/* libkx's tables use the first of its types alone */
	mov	$(CR0_PG | CR0_PE | CR0_ET | CR0_NE), %eax
	mov	%rax, %cr0			/* and serializes: the new image was written as data */
	mov	%cr4, %rax
	and	$~CR4_MCE, %eax
	mov	%rax, %cr4
	testl	$KX_ENTER_32, KX_HANDOFF_FLAGS(handoff)
	jnz	.Lleveled
	testl	$KX_ENTER_4LEVEL, KX_HANDOFF_FLAGS(handoff)
	jz	.Lleveled
	mov	CPU(KX_CPU_4LEVEL)(handoff), %rdi
	test	%rdi, %rdi
	jz	.Lleveled			/* 4-level paging it is */
	/* LA57 cannot be changed in long mode: out of it, and back in. */
	mov	%r15d, %ebx			/* of all registers 32-bit mode may leave no more than such a half */
	lea	1f(%rip), %rsi
	mov	$CR4_PAE, %ecx
	push	$KX_SELECTOR_DOWN
	lea	kx_levels_(%rip), %rax
	push	%rax
	lretq
1:	mov	%ebx, %r15d			/* count */
	mov	$KX_STATUS_JUMP, %r12d		/* stage */
.Lleveled:
	lea	kx_page_(%rip), handoff
	mov	KX_HANDOFF_ENTRY_PA(handoff), entry
	xor	%r8d, %r8d			/* 32-bit code finds them again in long mode */
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r13d, %r13d
	testl	$KX_ENTER_32, KX_HANDOFF_FLAGS(handoff)
	jnz	.Lenter_32

	mov	$KX_SELECTOR_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	KX_HANDOFF_OWN_PA(handoff), own	/* kx_walk_ has spent it, and 32-bit mode may have */
	lea	KX_OWN_STACK(own), %rsp
	lgdt	(CPU(KX_CPU_GDT) + 6)(handoff)	/* read-only, and lives as long */
	testl	$KX_ENTER_RETURN, KX_HANDOFF_FLAGS(handoff)
	jz	1f
	lea	kx_return_(%rip), %rax
	push	%rax
1:	push	$KX_SELECTOR_CODE
	push	entry
	push	$2				/* RFLAGS: the bit that is always set */
	push	KX_HANDOFF_FLAGS(handoff)
	mov	(KX_HANDOFF_ARGS + 0)(handoff), %rax
	mov	(KX_HANDOFF_ARGS + 8)(handoff), %rbx
	mov	(KX_HANDOFF_ARGS + 16)(handoff), %rsi
	mov	(KX_HANDOFF_ARGS + 24)(handoff), %rdi
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%ebp, %ebp
	xor	%r14d, %r14d
	testl	$(KX_ENTER_GUARDED | KX_ENTER_CRASH), (%rsp)
	lea	8(%rsp), %rsp
	jnz	1f				/* stage and count stay, for as long as the gates do */
	lidt	(kx_page_ + KX_HANDOFF_RESERVED)(%rip)	/* zero: none. Nothing is left to go wrong */
	xor	%r12d, %r12d
	xor	%r15d, %r15d
1:	popf
	lretq

	/* A far return, not a far jump: with a 64-bit operand size AMD's and Intel's CPUs disagree
	 * about what that is. */
.Lenter_32:
	push	$0
	push	$0
	push	$KX_SELECTOR_CODE
	lea	kx_protected_(%rip), %rax
	push	%rax
	xor	%r14d, %r14d
	lidt	16(%rsp)			/* no gates: ours are of long mode */
	lgdt	(CPU(KX_CPU_GDT32) + 6)(handoff)
	xor	%r12d, %r12d
	xor	%r15d, %r15d
	lretq

	.code32
kx_protected_:
	mov	$KX_SELECTOR_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	$(CR0_PE | CR0_ET), %eax
	mov	%eax, %cr0			/* paging off, and with it long mode */
	mov	$MSR_EFER, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	mov	%eax, %cr4
	mov	%eax, %cr3
	mov	KX_HANDOFF_OWN_PA(%ebp), %esp
	add	$KX_OWN_STACK, %esp
	push	%ebx				/* entry */
	push	$2				/* EFLAGS */
	mov	(KX_HANDOFF_ARGS + 0)(%ebp), %eax
	mov	(KX_HANDOFF_ARGS + 8)(%ebp), %ebx
	mov	(KX_HANDOFF_ARGS + 16)(%ebp), %esi
	mov	(KX_HANDOFF_ARGS + 24)(%ebp), %edi
	xor	%ecx, %ecx
	xor	%ebp, %ebp
	popf
	ret

/*
 * kx_levels_ - change the number of levels of the tables
 *
 * Runs:     in 32-bit mode, paging still on; all of it below 4 GiB
 * In:       edi = root of the other tables, ecx = CR4, esi = where to go on in 64-bit mode
 * Out:      there, with CS = KX_SELECTOR_CODE
 * Clobbers: eax, the upper halves of all registers, r8 to r15
 * Memory:   the stack
 * Spec:     SDM "Switching Out of IA-32e Mode Operation", "Initializing IA-32e Mode"
 */
	.globl	kx_levels_
kx_levels_:
	mov	$KX_SELECTOR_DATA, %eax
	mov	%eax, %ss			/* a stack that 32-bit code can use */
	mov	%cr0, %eax
	and	$~CR0_PG, %eax
	mov	%eax, %cr0			/* long mode is off while EFER.LME stays on */
	mov	%ecx, %cr4
	mov	%edi, %cr3
	mov	%cr0, %eax
	or	$CR0_PG, %eax
	mov	%eax, %cr0
	push	$KX_SELECTOR_CODE
	push	%esi
	lret
	.code64

/*
 * kx_gates_ - from here on a fault is reported, not lost
 *
 * Runs:     in 64-bit mode, where own is mapped, on its stack
 * In:       own
 * Out:      descriptors, task register and gates in force
 * Clobbers: rax
 * Spec:     SDM "Task Register"
 */
	.globl	kx_gates_
kx_gates_:
	lgdt	(KX_OWN_GDTR + 6)(own)
	andb	$~TSS_BUSY, (KX_OWN_GDT + KX_SELECTOR_TSS + 5)(own)	/* here for a second time? */
	mov	$KX_SELECTOR_TSS, %eax
	ltr	%ax				/* before the gates that want its stacks */
	lidt	(KX_OWN_IDTR + 6)(own)
	ret
