/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: behind the control page's vectors: what went wrong is told, recorded, and answered. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define cause    %rbx
#define pc       %r13
#define at       %r11
#define number   %r10
#define string   %rsi
#define index    %r9d	/* of a register */

#define REGISTER(n) (KX_OWN_REGISTERS + 8 * (n))

	.section .text.fault, "ax"

/*
 * kx_refuse_ - a word of the list that means nothing
 *
 * Runs:     behind the walk
 * In:       rax, rcx, rsi = what kx_walk_ returned
 * Out:      as kx_fault_
 * Live:     count stage
 */
	.globl	kx_refuse_
kx_refuse_:
	push	$0			/* what an exception would leave there */
	push	%rsp
	push	$0
	push	$0
	call	1f
1:	push	$KX_VECTORS		/* a number that none has */

/*
 * kx_fault_ - say what went wrong, and do what the policy wants
 *
 * Runs:     as the end of every exception's entry, in the control page or in the host's copy of it, on
 *           the host's tables or libkx's
 * In:       what the CPU pushed, and on top of it the vector; CR2, or where the copy stood
 * Out:      does not return. A line and the registers on the console of the handoff, the status record,
 *           and then the policy; a second fault on the way goes to the policy at once, at a third it waits
 * Live:     count stage
 * Clobbers: everything
 * Memory:   reads the control page; writes libkx's own and the status record; any stack, purgatory's too
 * Spec:     SDM "64-Bit Mode Stack Frame"; TL16C550 "Line Status Register"; Intel ICH9 "Reset Control"
 */
	.globl	kx_fault_
kx_fault_:
	push	%rax
	/* libkx's own page: at its physical address the page knows where that is, whoever's stack this is; and
	 * at the host's the stack is in it. */
	lea	kx_page_(%rip), %rax
	cmp	%rax, KX_HANDOFF_CONTROL_PA(%rax)
	mov	KX_HANDOFF_OWN_PA(%rax), %rax
	je	1f
	mov	%rsp, %rax
	and	$-KX_PAGE_SIZE, %rax
1:	incl	KX_OWN_FAULTED(%rax)	/* what can go wrong comes behind this */
	cmpl	$3, KX_OWN_FAULTED(%rax)
	jae	.Lwait
	mov	%rcx, REGISTER(1)(%rax)	/* the numbers that instructions have for them */
	mov	%rdx, REGISTER(2)(%rax)
	mov	%rbx, REGISTER(3)(%rax)
	mov	%rbp, REGISTER(5)(%rax)
	mov	%rsi, REGISTER(6)(%rax)
	mov	%rdi, REGISTER(7)(%rax)
	mov	%r8, REGISTER(8)(%rax)
	mov	%r9, REGISTER(9)(%rax)
	mov	%r10, REGISTER(10)(%rax)
	mov	%r11, REGISTER(11)(%rax)
	mov	%r12, REGISTER(12)(%rax)
	mov	%r13, REGISTER(13)(%rax)
	mov	%r14, REGISTER(14)(%rax)
	mov	%r15, REGISTER(15)(%rax)
	mov	%rax, own
	popq	REGISTER(0)(own)
	pop	cause
	mov	$ERROR_CODES, %eax
	bt	%ebx, %eax
	jnc	1f			/* kx_refuse_'s is bit 0 here, which is clear */
	pop	%rax
1:	pop	pc
	mov	16(%rsp), %rax
	mov	%rax, REGISTER(4)(own)
	mov	dest, at		/* an address that is not canonical has no CR2 */
	cmp	$PAGE_FAULT, %ebx
	jne	2f
	mov	%cr2, %rax
	mov	%rax, at
2:	cmp	$KX_VECTORS, %ebx
	jne	3f
	mov	REGISTER(0)(own), cause
	mov	REGISTER(1)(own), pc
	mov	REGISTER(6)(own), at
3:	lea	kx_page_(%rip), handoff
	sub	handoff, pc
	cmp	handoff, KX_HANDOFF_CONTROL_PA(handoff)
	je	4f
	/* Still at the host's address: perhaps on its tables, perhaps in its copy of the page, whose
	 * handoff is empty. kx_enter_ keeps what it was given in rdi. In VMX operation VMXE cannot be cleared:
	 * perhaps that is what we are here for. */
	mov	%cr4, %rax
	and	$(CR4_PAE | CR4_LA57 | CR4_VMXE), %eax
	or	$CR4_MCE, %eax
	mov	%rax, %cr4
	mov	REGISTER(7)(own), %rax
	mov	%rax, %cr3
	lea	4f(%rip), %rax
	sub	handoff, %rax
	add	KX_HANDOFF_CONTROL_PA(handoff), %rax
	jmp	*%rax
4:	lea	kx_tell_(%rip), %rcx
	cmpl	$1, KX_OWN_FAULTED(own)
	jne	kx_settle_
	lea	kx_answer_(%rip), %rcx
	jmp	kx_settle_

	/* Here, unless what is linked in has another answer: probe.S */
	.weak	kx_answer_
kx_answer_:
	.globl	kx_tell_
kx_tell_:
	cmpl	$1, KX_OWN_FAULTED(own)
	jne	.Lpolicy

	lea	.Lsay_fault(%rip), string
	call	.Lsay
	lea	(.Lnames - 8)(%rip), string	/* there is no stage 0 */
	lea	(string, stage, 8), string
	call	.Lsay
	lea	.Lsay_cause(%rip), string
	mov	cause, number
	call	.Lsay_number
	lea	.Lsay_pc(%rip), string
	mov	pc, number
	call	.Lsay_number
	lea	.Lsay_at(%rip), string
	mov	at, number
	call	.Lsay_number
	lea	.Lsay_entry(%rip), string
	mov	count, number
	call	.Lsay_number

	call	kx_record_
	xor	index, index
7:	lea	.Lsay_line(%rip), string	/* four to a line */
	test	$3, index
	jz	8f
	lea	.Lsay_register(%rip), string
8:	call	.Lsay
	mov	index, %eax
	mov	$10, %ecx
	xor	%edx, %edx
	div	%ecx
	mov	%edx, %ebx
	add	$'0', %eax
	call	.Lput
	lea	'0'(%rbx), %eax
	call	.Lput
	mov	REGISTER(0)(own, %r9, 8), number
	lea	.Lsay_equals(%rip), string
	call	.Lsay_number
	inc	index
	cmp	$16, index
	jne	7b

.Lpolicy:
	cmpl	$KX_POLICY_RESET, KX_HANDOFF_POLICY(handoff)
	jne	.Lhalt
	lea	.Lsay_reset(%rip), string
	call	.Lsay
	/* The reset register of the chipset, the keyboard controller, and a triple fault. Each is given
	 * time: a read of a port takes about 1 us. */
	mov	$RESET_CONTROL, %edx
	mov	$RESET_CONTROL_HARD, %al
	out	%al, %dx
	or	$RESET_CONTROL_NOW, %al
	out	%al, %dx
	call	.Ldelay
	mov	$KEYBOARD_RESET, %al
	out	%al, $KEYBOARD_COMMAND
	call	.Ldelay
	push	$0
	push	$0
	lidt	(%rsp)
	int3
.Lhalt:
	lea	.Lsay_halted(%rip), string
	call	.Lsay
.Lwait:
	cli
	hlt
	jmp	.Lwait

.Ldelay:
	mov	$RESET_TRIES, %ecx
1:	in	$0x80, %al
	dec	%ecx
	jnz	1b
	ret

/*
 * kx_stage_ - a stage begins: note it and the time in the status record
 *
 * Runs:     in the control page at its physical address
 * In:       stage
 * Live:     handoff stage
 * Clobbers: rax, rcx, rdx, r9, r10
 * Memory:   reads the handoff; writes the record; the stack of libkx's own page
 * Spec:     lib/status.c
 */
	.globl	kx_stage_
kx_stage_:
	mov	KX_HANDOFF_STATUS_PA(handoff), %r9
	test	%r9, %r9
	jz	2f
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	KX_STATUS_SHIFT(%r9), %cl
	shr	%cl, %rax
	or	$1, %eax
	mov	%eax, (KX_STATUS_EDGES - 4)(%r9, stage, 4)
	mov	%r12b, KX_STATUS_STAGE(%r9)
	mov	%r9, %rax
	/* In: rax = the record, whose sum is to be right again; clobbers rcx, rdx, r10 */
kx_sum_:
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%r10d, %r10d
1:	add	(%rax, %rcx), %edx
	add	%edx, %r10d
	add	$4, %ecx
	cmp	$KX_STATUS_SUM, %ecx
	jne	1b
	add	%r10d, %r10d
	sub	%edx, %r10d
	mov	%r10d, (%rax, %rcx)
2:	ret

/*
 * kx_record_ - what has gone wrong, into the status record
 *
 * Runs:     in the control page at its physical address
 * In:       cause pc at count stage
 * Live:     handoff
 * Clobbers: rax, rcx, rdx, r10
 * Memory:   reads the handoff; writes the record; the stack of libkx's own page
 */
	.globl	kx_record_
kx_record_:
	mov	KX_HANDOFF_STATUS_PA(handoff), %rax
	test	%rax, %rax
	jz	2b
	mov	%r12b, KX_STATUS_STAGE(%rax)
	movb	$KX_FAULT_CPU, KX_STATUS_FAULT(%rax)
	mov	%ebx, KX_STATUS_CAUSE(%rax)
	mov	%r15d, KX_STATUS_INDEX(%rax)
	mov	pc, KX_STATUS_PC(%rax)
	mov	at, KX_STATUS_AT(%rax)
	jmp	kx_sum_

/* string, and number printed behind it in hexadecimal; clobbers rax, rcx, rdx, rdi, r8 */
.Lsay_number:
	call	.Lsay
	mov	$16, %edi
1:	rol	$4, number
	mov	%r10d, %eax
	and	$15, %eax
	cmp	$10, %eax
	jb	2f
	add	$('a' - '0' - 10), %eax
2:	add	$'0', %eax
	call	.Lput
	dec	%edi
	jnz	1b
	ret

/* string; clobbers rax, rcx, rdx, r8 */
.Lsay:
	lodsb
	test	%al, %al
	jz	1f
	call	.Lput
	jmp	.Lsay
1:	ret

/* al = character; a console that stays busy loses it, but does not hang what reports a hang */
.Lput:
	mov	%eax, %r8d
	mov	$UART_TRIES, %ecx
	cmpl	$KX_DEVICE_UART8250, (KX_HANDOFF_CONSOLE + KX_DEVICE_KIND)(handoff)
	je	3f
	cmpl	$KX_DEVICE_UART8250_IO, (KX_HANDOFF_CONSOLE + KX_DEVICE_KIND)(handoff)
	jne	2f
	mov	(KX_HANDOFF_CONSOLE + KX_DEVICE_BASE)(handoff), %edx
	add	$UART_LSR, %edx
1:	dec	%ecx
	jz	2f
	in	%dx, %al
	test	$UART_LSR_THRE, %al
	jz	1b
	sub	$UART_LSR, %edx
	mov	%r8d, %eax
	out	%al, %dx
2:	ret
3:	mov	(KX_HANDOFF_CONSOLE + KX_DEVICE_STRIDE)(handoff), %eax
	lea	(%rax, %rax, 4), %rdx		/* the fifth register */
	add	(KX_HANDOFF_CONSOLE + KX_DEVICE_BASE)(handoff), %rdx
	cmp	$4, %eax			/* registers four bytes apart are words */
	je	5f
4:	dec	%ecx
	jz	2b
	testb	$UART_LSR_THRE, (%rdx)
	jz	4b
	mov	(KX_HANDOFF_CONSOLE + KX_DEVICE_BASE)(handoff), %rdx
	mov	%r8b, (%rdx)
	ret
5:	dec	%ecx
	jz	2b
	testl	$UART_LSR_THRE, (%rdx)
	jz	5b
	mov	(KX_HANDOFF_CONSOLE + KX_DEVICE_BASE)(handoff), %rdx
	mov	%r8d, (%rdx)
	ret

#include "fault_words.inc"
