/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: first and last instructions of purgatory, and its traps.
 * SDM: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3.
 */
#include <kx/abi.h>

#include "cpu.h"

#define SEL_CODE KX_SELECTOR_CODE
#define SEL_DATA KX_SELECTOR_DATA

#define CR0_NW 0x20000000
#define CR0_CD 0x40000000

#define GDT_SIZE  0x30 /* two descriptors that are none, two of .Lgdt, and the TSS, which is as long as two */
#define STUB_SIZE 4 /* of a push and a jump, each with 8 bits */

#define FAULT_UNIT 0x56 /* a third makes a byte of them overflow */

	.section .head, "ax"
	.code64

/*
 * kx_purgatory_start_ - take over the CPU
 *
 * Runs:     at purgatory's first byte; 64-bit, paging on, PA = VA for all that is used
 * In:       rsp, for kexec.c, and for a return; segments, descriptor tables and flags may be anything
 * Out:      goes on in kx_purgatory_main_(rsp)
 * Clobbers: everything
 * Memory:   purgatory's own
 * Spec:     SDM "Segment Descriptors", "64-Bit Mode IDT", "Cache Control Registers and Bits"
 */
	.globl	kx_purgatory_start_
kx_purgatory_start_:
	cli
	cld
	mov	%rsp, %rdx
	lea	kx_purgatory_data_(%rip), %rdi
	lea	kx_purgatory_data_end_(%rip), %rcx
	sub	%edi, %ecx
	xor	%eax, %eax
	rep	stosb
	mov	%rdx, %rdi
	mov	%rdx, kx_purgatory_back_(%rip)
	lea	kx_purgatory_stack_(%rip), %rsp
	push	%rdi
	call	.Lload_gdt
	pop	%rdi
	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	lea	1f(%rip), %rax
	push	$SEL_CODE
	push	%rax
	lretq
1:	lea	.Lidt(%rip), %rdx
	lea	.Lstubs(%rip), %rax
	movw	$16 * KX_VECTORS - 1, .Lidtr(%rip)
	mov	%rdx, 2 + .Lidtr(%rip)
	mov	$KX_VECTORS, %ecx
2:	mov	%ax, (%rdx)			/* offset 15..0 */
	movl	$(0x8e00 << 16 | SEL_CODE), 2(%rdx)	/* present, interrupt gate, no stack of its own */
	mov	%rax, %rsi
	shr	$16, %rsi
	mov	%rsi, 6(%rdx)			/* offset 63..16 */
	add	$STUB_SIZE, %rax
	add	$16, %rdx
	dec	%ecx
	jnz	2b
	movb	$1, 16 * NMI + 4 + .Lidt(%rip)	/* on a stack of their own */
	movb	$1, 16 * DOUBLE_FAULT + 4 + .Lidt(%rip)
	movb	$1, 16 * MACHINE_CHECK + 4 + .Lidt(%rip)
	lidt	.Lidtr(%rip)			/* until now the control page's were in force, if it has been there */
	mov	%cr4, %rax
	or	$CR4_MCE, %eax			/* else a machine check is a shutdown */
	mov	%rax, %cr4
	mov	%cr0, %rax			/* all that is read is read through the caches */
	and	$~(CR0_NW | CR0_CD), %eax
	mov	%rax, %cr0
	xor	%ebp, %ebp
	call	kx_purgatory_main_

/* One per vector, which it pushes */
.Lstubs:
	.rept	KX_VECTORS
	.byte	0x6a, (. - .Lstubs) / STUB_SIZE	/* push, of a byte */
	jmp	.Ltrap
	.endr

/*
 * .Ltrap - an exception
 *
 * Runs:     as every vector, interrupts masked
 * In:       on the stack: vector, error code where there is one, RIP
 * Out:      goes on in kx_purgatory_trap_(vector, RIP, CR2 or error code); a third halts at once
 * Clobbers: everything
 * Memory:   writes kx_purgatory_registers_; a stack of its own: the other may be why we are here
 * Spec:     SDM "Exception and Interrupt Reference"
 */
.Ltrap:
	addb	$FAULT_UNIT, .Lfaults(%rip)	/* what can go wrong comes behind this */
	jc	kx_halt_
	mov	%rsp, 8 * 16 + kx_purgatory_registers_(%rip)
	lea	8 * 16 + kx_purgatory_registers_(%rip), %rsp
	.irp	name, r15,r14,r13,r12,r11,r10,r9,r8,rdi,rsi,rbp,rsp,rbx,rdx,rcx,rax
	push	%\name
	.endr
	mov	8 * 16(%rsp), %rsp
	pop	%rdi				/* vector */
	xor	%edx, %edx
	mov	$ERROR_CODES, %ecx
	bt	%edi, %ecx
	jnc	3f
	pop	%rdx
3:	pop	%rsi				/* RIP */
	lea	kx_fixup_from_(%rip), %rax
	cmp	%rax, %rsi
	je	5f
	cmp	$PAGE_FAULT, %edi
	jne	4f
	mov	%cr2, %rdx
4:	mov	16(%rsp), %rax			/* CS, RFLAGS, RSP, SS are left */
	mov	%rax, 8 * 4 + kx_purgatory_registers_(%rip)
	lea	kx_purgatory_trap_stack_(%rip), %rsp
	xor	%ebp, %ebp
	call	kx_purgatory_trap_
5:	subb	$FAULT_UNIT, .Lfaults(%rip)
	mov	8 + 8(%rsp), %rsp		/* back to the reader */
	xor	%eax, %eax
	ret

/*
 * .Lload_gdt - descriptors of purgatory's own, and a task register for the stack of NMIs and their like
 *
 * Runs:     in purgatory, before its gates are in force
 * In:       rsp = kx_purgatory_stack_
 * Out:      returns
 * Clobbers: rax, rsi, rdi
 * Memory:   purgatory's own
 * Spec:     SDM "TSS Descriptor in 64-bit mode", "64-Bit TSS"
 */
.Lload_gdt:
	lea	.Lgdt(%rip), %rsi
	lea	.Lgdt_used(%rip), %rdi
	movw	$GDT_SIZE - 1, .Lgdtr(%rip)
	mov	%rdi, 2 + .Lgdtr(%rip)
	add	$SEL_CODE, %rdi
	movsq
	movsq					/* rdi = the descriptor of the TSS */
	lea	.Ltss(%rip), %rax
	movw	$KX_TSS_SIZE - 1, (%rdi)
	mov	%eax, 2(%rdi)			/* base 23..0 */
	movw	$0x89, 5(%rdi)			/* present, available */
	shr	$24, %rax
	mov	%rax, 7(%rdi)			/* base 63..24 */
	lea	kx_purgatory_trap_stack_(%rip), %rax
	mov	%rax, 0x24 + .Ltss(%rip)	/* IST1 */
	movw	$KX_TSS_SIZE, 0x66 + .Ltss(%rip)	/* no I/O map */
	lgdt	.Lgdtr(%rip)
	mov	$KX_SELECTOR_TSS, %eax
	ltr	%ax
	ret

/*
 * kx_peek_ - read a word that may not be there
 *
 * Runs:     in purgatory
 * In:       rdi = address
 * Out:      rax = what is there; 0 if nothing
 * Clobbers: rax
 * Memory:   reads the word
 */
	.globl	kx_peek_
	.hidden	kx_peek_
kx_peek_:
	.globl	kx_fixup_from_
	.hidden	kx_fixup_from_
kx_fixup_from_:
	mov	(%rdi), %rax
	ret

/*
 * kx_jump_ - enter an image
 *
 * Runs:     in purgatory, on its stack; 64-bit
 * In:       rdi = entry, rsi = args[4], rdx = KX_ENTER_32, KX_ENTER_RETURN or 0; with the first, entry
 *           and purgatory below 4 GiB
 * Out:      does not return; rax, rbx, rsi, rdi = args[0..3] or their lower halves, other registers 0,
 *           rsp good for a while; in 64-bit mode, or in 32-bit mode, flat, paging off; with
 *           KX_ENTER_RETURN rsp is purgatory's at its entry
 * Clobbers: everything
 * Memory:   reads args; purgatory's stack and descriptor tables
 * Spec:     Linux Documentation/arch/x86/boot.rst, "64-bit Boot Protocol"; Xen "x86/HVM direct boot ABI";
 *           SDM "Switching Out of IA-32e Mode Operation"
 */
	.globl	kx_jump_
	.hidden	kx_jump_
kx_jump_:
	mov	%cr4, %rax
	and	$~CR4_MCE, %eax
	mov	%rax, %cr4
	and	$-16, %rsp
	push	$0
	push	$0
	test	$KX_ENTER_32, %edx
	jnz	.Lenter_32
	test	$KX_ENTER_RETURN, %edx
	jz	1f
	mov	kx_purgatory_back_(%rip), %rsp
1:	push	%rdi
	push	$2			/* RFLAGS: the bit that is always set */
	mov	%rsi, %rax
	mov	8(%rax), %rbx
	mov	16(%rax), %rsi
	mov	24(%rax), %rdi
	mov	0(%rax), %rax
	.irp	name, ecx,edx,ebp,r8d,r9d,r10d,r11d,r12d,r13d,r14d,r15d
	xor	%\name, %\name
	.endr
	popf
	lidt	.Lgdt_used(%rip)	/* zero: no gates. Nothing is left to go wrong, and the image writes over ours */
	ret

	/* A far return, not a far jump: with a 64-bit operand size AMD's and Intel's CPUs disagree
	 * about what that is. */
.Lenter_32:
	lea	.Lgdt(%rip), %rax
	movw	$.Lgdt_end - .Lgdt - 1, .Lgdtr(%rip)
	mov	%rax, 2 + .Lgdtr(%rip)
	lea	kx_protected_(%rip), %rax
	push	$SEL_CODE
	push	%rax
	lidt	16(%rsp)		/* no gates: ours are of long mode */
	lgdt	.Lgdtr(%rip)
	lretq

	.code32
kx_protected_:
	mov	$SEL_DATA, %eax
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
	push	%edi				/* entry */
	push	$2				/* EFLAGS */
	mov	%esi, %ebp			/* args */
	mov	0(%ebp), %eax
	mov	8(%ebp), %ebx
	mov	16(%ebp), %esi
	mov	24(%ebp), %edi
	xor	%ecx, %ecx
	xor	%ebp, %ebp
	popf
	ret
	.code64

/*
 * kx_back_ - go back to the old system
 *
 * Runs:     in purgatory
 * In:       rdi = value, rsi = detail
 * Out:      does not return; rax = value, rdx = detail, the stack as it was at purgatory's entry
 */
	.section .text.kx_back_, "ax"
	.globl	kx_back_
	.hidden	kx_back_
kx_back_:
	mov	%rdi, %rax
	mov	%rsi, %rdx
	mov	kx_purgatory_back_(%rip), %rsp
	ret

	.section .head, "ax"
/*
 * kx_halt_ - wait for ever
 *
 * Runs:     in purgatory, after it has said why
 * Out:      does not return
 */
	.globl	kx_halt_
	.hidden	kx_halt_
kx_halt_:
	cli
	hlt
	jmp	kx_halt_

	.section .rodata.gdt, "a"
	.balign	16
.Lgdt:	.quad	0x00af9b000000ffff		/* 0x10 of ours: 64-bit code; accessed, so never written */
	.quad	0x00cf93000000ffff		/* 0x18: flat data */
	.quad	0x00cf9b000000ffff		/* 0x10 of 32-bit mode, which begins above: flat 32-bit code */
	.quad	0x00cf93000000ffff		/* 0x18: flat data */
.Lgdt_end:

	.bss
	.balign	16
.Lgdt_used:
	.zero	GDT_SIZE
.Ltss:	.zero	KX_TSS_SIZE
	.balign	16
.Lidt:	.zero	16 * KX_VECTORS
.Lgdtr:	.zero	16
.Lidtr:	.zero	16
.Lfaults:
	.zero	1

	.section .note.GNU-stack, "", @progbits
