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

#define STUB_SIZE 5 /* of a call with a 32-bit displacement */

	.section .head, "ax"
	.code64

/*
 * kx_purgatory_start_ - take over the CPU
 *
 * Runs:     at purgatory's first byte; 64-bit, paging on, PA = VA for all that is used
 * In:       rsp, for kexec.c; segments, descriptor tables and flags may be anything
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
	lea	kx_purgatory_stack_(%rip), %rsp
	lea	.Lgdt(%rip), %rax
	movw	$.Lgdt_end - .Lgdt - 1, .Lgdtr(%rip)
	mov	%rax, 2 + .Lgdtr(%rip)
	lgdt	.Lgdtr(%rip)
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
2:	mov	%eax, %esi			/* offset 15..0, selector; gate; offset 63..16 */
	and	$0xffff, %esi
	or	$SEL_CODE << 16, %esi
	mov	%esi, (%rdx)
	mov	%eax, %esi
	mov	$0x8e00, %si			/* present, interrupt gate, no stack of its own */
	mov	%esi, 4(%rdx)
	mov	%rax, %rsi
	shr	$32, %rsi
	mov	%rsi, 8(%rdx)
	add	$STUB_SIZE, %rax
	add	$16, %rdx
	dec	%ecx
	jnz	2b
	lidt	.Lidtr(%rip)
	mov	%cr0, %rax			/* all that is read is read through the caches */
	and	$~(CR0_NW | CR0_CD), %eax
	mov	%rax, %cr0
	xor	%ebp, %ebp
	call	kx_purgatory_main_

/* One call per vector: the return address tells which */
.Lstubs:
	.rept	KX_VECTORS
	.byte	0xe8
	.long	.Ltrap - (. + 4)
	.endr

/*
 * .Ltrap - an exception
 *
 * Runs:     as every vector, interrupts masked
 * In:       on the stack: address in .Lstubs, error code where there is one, RIP
 * Out:      goes on in kx_purgatory_trap_(vector, RIP, CR2 or error code)
 * Clobbers: everything
 * Memory:   a stack of its own: the other may be why we are here
 * Spec:     SDM "Exception and Interrupt Reference"
 */
.Ltrap:
	pop	%rax
	lea	STUB_SIZE + .Lstubs(%rip), %rdx
	sub	%edx, %eax
	xor	%edx, %edx
	mov	$STUB_SIZE, %ecx
	div	%ecx
	mov	%eax, %edi			/* vector */
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
4:	lea	kx_purgatory_trap_stack_(%rip), %rsp
	xor	%ebp, %ebp
	call	kx_purgatory_trap_
5:	mov	8 + 8(%rsp), %rsp		/* CS, RFLAGS, RSP, SS are left: back to the reader */
	xor	%eax, %eax
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
 * In:       rdi = entry, rsi = args[4], rdx = KX_ENTER_32 or 0; with that, entry and purgatory below 4 GiB
 * Out:      does not return; rax, rbx, rsi, rdi = args[0..3] or their lower halves, other registers 0,
 *           rsp good for a while; in 64-bit mode, or in 32-bit mode, flat, paging off
 * Clobbers: everything
 * Memory:   reads args; purgatory's stack and descriptor tables
 * Spec:     Linux Documentation/arch/x86/boot.rst, "64-bit Boot Protocol"; Xen "x86/HVM direct boot ABI";
 *           SDM "Switching Out of IA-32e Mode Operation"
 */
	.globl	kx_jump_
	.hidden	kx_jump_
kx_jump_:
	and	$-16, %rsp
	push	$0
	push	$0
	lidt	(%rsp)			/* no gates: the image will write over purgatory */
	test	$KX_ENTER_32, %edx
	jnz	.Lenter_32
	push	%rdi
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
	ret

	/* A far return, not a far jump: with a 64-bit operand size AMD's and Intel's CPUs disagree
	 * about what that is. */
.Lenter_32:
	lea	.Lgdt32(%rip), %rax
	movw	$.Lgdt32_end - .Lgdt32 - 1, .Lgdtr(%rip)
	mov	%rax, 2 + .Lgdtr(%rip)
	lgdt	.Lgdtr(%rip)
	lea	1f(%rip), %rax
	push	$SEL_CODE
	push	%rax
	lretq

	.code32
1:	mov	$SEL_DATA, %eax
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
.Lgdt:	.quad	0
	.quad	0
	.quad	0x00af9b000000ffff		/* 0x10: 64-bit code; accessed, so never written */
	.quad	0x00cf93000000ffff		/* 0x18: flat data */
.Lgdt_end:
.Lgdt32:
	.quad	0
	.quad	0
	.quad	0x00cf9b000000ffff		/* 0x10: flat 32-bit code */
	.quad	0x00cf93000000ffff		/* 0x18: flat data */
.Lgdt32_end:

	.bss
	.balign	16
.Lidt:	.zero	16 * KX_VECTORS
.Lgdtr:	.zero	16
.Lidtr:	.zero	16

	.section .note.GNU-stack, "", @progbits
