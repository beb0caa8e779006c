/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: first instructions of the payload, by the 64-bit boot protocol and by PVH. Every register is
 * saved before it is used; no flag changes before RFLAGS has been saved.
 */
#include "image_header.h"
#include "saved.h"

#define SAVED(number) (saved_registers + 8 * SAVED_##number)

	image_header payload_32 payload_64

	.code64
payload_64:
	mov	%rax, SAVED(RAX)(%rip)
	mov	%rbx, SAVED(RBX)(%rip)
	mov	%rcx, SAVED(RCX)(%rip)
	mov	%rdx, SAVED(RDX)(%rip)
	mov	%rsi, SAVED(RSI)(%rip)
	mov	%rdi, SAVED(RDI)(%rip)
	mov	%rbp, SAVED(RBP)(%rip)
	mov	%rsp, SAVED(RSP)(%rip)
	mov	%r8, SAVED(R8)(%rip)
	mov	%r9, SAVED(R9)(%rip)
	mov	%r10, SAVED(R10)(%rip)
	mov	%r11, SAVED(R11)(%rip)
	mov	%r12, SAVED(R12)(%rip)
	mov	%r13, SAVED(R13)(%rip)
	mov	%r14, SAVED(R14)(%rip)
	mov	%r15, SAVED(R15)(%rip)
	push	%rax				/* the stack that was handed over must bear it */
	pop	%rax
	lea	saved_stack_top(%rip), %rsp
	pushfq
	popq	SAVED(RFLAGS)(%rip)
	movq	$64, SAVED(MODE)(%rip)
	mov	%cr0, %rax
	mov	%rax, SAVED(CR0)(%rip)
	mov	%cr2, %rax
	mov	%rax, SAVED(CR2)(%rip)
	mov	%cr3, %rax
	mov	%rax, SAVED(CR3)(%rip)
	mov	%cr4, %rax
	mov	%rax, SAVED(CR4)(%rip)
	mov	%cr8, %rax
	mov	%rax, SAVED(CR8)(%rip)
	mov	$0xc0000080, %ecx
	rdmsr
	mov	%eax, SAVED(EFER)(%rip)
	mov	%cs, SAVED(CS)(%rip)
	mov	%ds, SAVED(DS)(%rip)
	mov	%es, SAVED(ES)(%rip)
	mov	%ss, SAVED(SS)(%rip)
	sgdt	SAVED(GDT)(%rip)
	sidt	SAVED(IDT)(%rip)

/* rsi = what was handed over. Is all that no file covers zero? What is saved lies before image_bss. */
	.globl	boot_64
boot_64:
	lea	image_bss(%rip), %rax
	lea	image_end(%rip), %rdx
	xor	%ecx, %ecx
1:	cmp	%rdx, %rax
	jae	3f
	cmpq	$0, (%rax)
	je	2f
	mov	%rax, %rcx
2:	movq	$0, (%rax)
	add	$8, %rax
	jmp	1b
3:	lea	image_stack_top(%rip), %rsp
	mov	%rsi, %rdi
	mov	%rcx, %rsi
	call	payload_main

/* payload_return - see payload.h */
	.globl	payload_return
payload_return:
	mov	$0xc0000102, %ecx		/* KERNEL_GS_BASE */
	mov	$-8, %eax
	mov	$-1, %edx
	wrmsr
	mov	$0xc0000100, %ecx		/* FS_BASE */
	wrmsr
	mov	%rax, %cr2
	mov	%rdi, %rax
	mov	%rsi, %rdx
	mov	SAVED(RSP)(%rip), %rsp
	.irp	name, rbx,rcx,rsi,rdi,rbp,r8,r9,r10,r11,r12,r13,r14,r15
	mov	$-8, %\name
	.endr
	std
	ret

	.code32
payload_32:
	mov	%eax, PA(SAVED(RAX))
	mov	%ebx, PA(SAVED(RBX))
	mov	%ecx, PA(SAVED(RCX))
	mov	%edx, PA(SAVED(RDX))
	mov	%esi, PA(SAVED(RSI))
	mov	%edi, PA(SAVED(RDI))
	mov	%ebp, PA(SAVED(RBP))
	mov	%esp, PA(SAVED(RSP))
	push	%eax
	pop	%eax
	mov	$PA(saved_stack_top), %esp
	pushf
	popl	PA(SAVED(RFLAGS))
	movl	$32, PA(SAVED(MODE))
	mov	%cr0, %eax
	mov	%eax, PA(SAVED(CR0))
	mov	%cr2, %eax
	mov	%eax, PA(SAVED(CR2))
	mov	%cr3, %eax
	mov	%eax, PA(SAVED(CR3))
	mov	%cr4, %eax
	mov	%eax, PA(SAVED(CR4))
	mov	$0xc0000080, %ecx
	rdmsr
	mov	%eax, PA(SAVED(EFER))
	mov	%cs, PA(SAVED(CS))
	mov	%ds, PA(SAVED(DS))
	mov	%es, PA(SAVED(ES))
	mov	%ss, PA(SAVED(SS))
	sgdt	PA(SAVED(GDT))
	sidt	PA(SAVED(IDT))
	mov	PA(SAVED(RBX)), %edi
	jmp	long_mode

	.section .bss.saved, "aw", @nobits
	.balign	8
	.globl	saved_registers
saved_registers:
	.zero	8 * SAVED_COUNT
	.zero	64
saved_stack_top:
