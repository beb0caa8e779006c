/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: put the new image in place and jump to it; report a fault on the way. */
#include <kx/abi.h>

#include "cpu.h"

#define handoff  %rbp
#define entry    %rbx
#define dest     %rdi	/* of kx_walk_ */

#define CPU(number) (KX_HANDOFF_CPU + 8 * (number))

/*
 * kx_trampoline_ - walk the page list, then enter the new image
 *
 * Runs:     in the control page at its physical address; libkx's tables; interrupts masked; one CPU
 * In:       nothing but its own address; rsp = the stack of the handoff
 * Out:      does not return; enters handoff.entry_pa with rax, rbx, rsi, rdi = args[0..3], in the
 *           mode of the handoff's flags, RAM mapped to itself unless that is 32-bit mode
 * Live:     handoff entry; those of kx_walk_
 * Clobbers: everything
 * Memory:   that of kx_walk_; a few words of stack
 * Spec:     Linux Documentation/arch/x86/boot.rst "64-bit Boot Protocol"; SDM "Switching Out of
 *           IA-32e Mode Operation"
 */
	.section .text.trampoline, "ax"
	.globl	kx_trampoline_
kx_trampoline_:
	/* PC is physical already, so the alias can go. */
	lea	kx_page_(%rip), handoff
	mov	CPU(KX_CPU_IDENTITY)(handoff), %rax
	mov	%rax, %cr3
	mov	KX_HANDOFF_HEAD(handoff), %rdi
	call	kx_walk_
	test	%eax, %eax
	jnz	.Lreport
	mov	KX_HANDOFF_ENTRY_PA(handoff), entry
	/* What the new image must not inherit: pointers into memory that is no longer ours, and
	 * settings of the host's. CR4 and DR7 are as they should be since kx_enter_. */
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
	push	$0				/* no gates: the host's are gone, and ours will be */
	push	$0
	lidt	(%rsp)
	xor	%r8d, %r8d			/* 32-bit code finds them again in long mode */
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d

	testl	$KX_ENTER_32, KX_HANDOFF_FLAGS(handoff)
	jnz	.Lenter_32
	testl	$KX_ENTER_4LEVEL, KX_HANDOFF_FLAGS(handoff)
	jz	.Lenter
	mov	CPU(KX_CPU_4LEVEL)(handoff), %rdi
	test	%rdi, %rdi
	jz	.Lenter				/* 4-level paging it is */
	/* LA57 cannot be changed in long mode: out of it, and back in. */
	lea	.Lenter(%rip), %rsi
	push	$KX_SELECTOR_DOWN
	lea	.Lnarrow(%rip), %rax
	push	%rax
	lretq

.Lenter:
	mov	$KX_SELECTOR_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	CPU(KX_CPU_STACK)(handoff), %rsp
	push	$KX_SELECTOR_CODE
	push	entry
	push	$2				/* RFLAGS: the bit that is always set */
	mov	(KX_HANDOFF_ARGS + 0)(handoff), %rax
	mov	(KX_HANDOFF_ARGS + 8)(handoff), %rbx
	mov	(KX_HANDOFF_ARGS + 16)(handoff), %rsi
	mov	(KX_HANDOFF_ARGS + 24)(handoff), %rdi
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%ebp, %ebp
	popf
	lretq

	/* A far return, not a far jump: with a 64-bit operand size AMD's and Intel's CPUs disagree
	 * about what that is. */
.Lenter_32:
	sub	$16, %rsp
	mov	CPU(KX_CPU_GDT)(handoff), %rax
	mov	%rax, (%rsp)
	mov	CPU(KX_CPU_GDT + 1)(handoff), %rax
	add	$KX_GDT_SIZE, %rax		/* the second one */
	mov	%rax, 8(%rsp)
	lgdt	6(%rsp)
	push	$KX_SELECTOR_CODE
	lea	.Lprotected(%rip), %rax
	push	%rax
	lretq

	.code32
.Lprotected:
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
	mov	CPU(KX_CPU_STACK)(%ebp), %esp
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

	/* edi = root of 4-level tables, esi = where to go on in 64-bit mode */
.Lnarrow:
	mov	$KX_SELECTOR_DATA, %eax
	mov	%eax, %ss			/* a stack that 32-bit code can use */
	mov	%cr0, %eax
	and	$~CR0_PG, %eax
	mov	%eax, %cr0			/* long mode is off while EFER.LME stays on */
	mov	$CR4_PAE, %eax
	mov	%eax, %cr4
	mov	%edi, %cr3
	mov	%cr0, %eax
	or	$CR0_PG, %eax
	mov	%eax, %cr0
	push	$KX_SELECTOR_CODE
	push	%esi
	lret
	.code64

/*
 * kx_fault_ - say what went wrong, and stop
 *
 * Runs:     as the end of every exception's entry, at the physical address of the control page
 * In:       what the CPU pushed, and on top of it the vector; CR2, or where the copy stood
 * Out:      does not return; one line on the console of the handoff, then the CPU halts for ever
 * Live:     handoff
 * Clobbers: everything
 * Memory:   reads the control page; the stack of the handoff
 * Spec:     SDM "64-Bit Mode Stack Frame"; TL16C550 "Line Status Register"
 */
	.globl	kx_fault_
kx_fault_:
	pop	%rax				/* the vector */
	mov	$ERROR_CODES, %ecx
	bt	%eax, %ecx
	jnc	1f
	pop	%rcx
1:	pop	%rcx				/* PC */
	mov	dest, %rsi			/* an address that is not canonical has no CR2 */
	cmp	$PAGE_FAULT, %eax
	jne	.Lreport
	mov	%cr2, %rsi
.Lreport:
	lea	kx_page_(%rip), handoff
	mov	CPU(KX_CPU_STACK)(handoff), %rsp
	cmpl	$KX_DEVICE_UART8250_IO, (KX_HANDOFF_CONSOLE + KX_DEVICE_KIND)(handoff)
	jne	.Lstop
	mov	%rsi, %r14
	mov	%rcx, %r13
	sub	handoff, %r13			/* PC as an offset in the control page */
	lea	.Lsay_cause(%rip), %rsi
	mov	%rax, %rbx
	call	.Lsay
	lea	.Lsay_pc(%rip), %rsi
	mov	%r13, %rbx
	call	.Lsay
	lea	.Lsay_at(%rip), %rsi
	mov	%r14, %rbx
	call	.Lsay
	mov	$'\n', %al
	call	.Lput
.Lstop:
	cli
	hlt
	jmp	.Lstop

/* rsi = string, rbx = number printed behind it in hexadecimal; clobbers rax, rcx, rdx, rdi */
.Lsay:
	lodsb
	test	%al, %al
	jz	.Lsay_number
	call	.Lput
	jmp	.Lsay
.Lsay_number:
	mov	$16, %edi
.Lsay_digit:
	rol	$4, %rbx
	mov	%ebx, %eax
	and	$15, %eax
	cmp	$10, %eax
	jb	1f
	add	$('a' - '0' - 10), %eax
1:	add	$'0', %eax
	call	.Lput
	dec	%edi
	jnz	.Lsay_digit
	ret

/* al = character; one that the UART does not take in time is lost; clobbers rcx, rdx */
.Lput:
	mov	%eax, %r8d
	mov	(KX_HANDOFF_CONSOLE + KX_DEVICE_BASE)(handoff), %edx
	add	$UART_LSR, %edx
	mov	$UART_TRIES, %ecx
1:	in	%dx, %al
	test	$UART_LSR_THRE, %al
	jnz	2f
	dec	%ecx
	jnz	1b
2:	sub	$UART_LSR, %edx
	mov	%r8d, %eax
	out	%al, %dx
	ret

.Lsay_cause:
	.asciz	"kx: fault: trampoline cause=0x"
.Lsay_pc:
	.asciz	" pc=control+0x"
.Lsay_at:
	.asciz	" at=0x"
