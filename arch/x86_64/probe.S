/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: what stands in the control page for walk.S, and for the new image, while kx_dry_run() uses it. */
#include <kx/abi.h>

#include "cpu.h"
#include "live.h"
#include "own.h"

#define cause    %rbx	/* as kx_fault_ leaves them */
#define pc       %r13

#define back     %rbx	/* of kx_walk_: the stack is kx_settle_'s while a fault is answered */
#define BACK     (KX_OWN_REGISTERS + 8 * 3)

/*
 * kx_walk_ - try the vectors, then read a word of every page that the list would have copied or written
 *
 * Runs:     as in walk.S, in the control page
 * In:       as in walk.S; stage, handoff
 * Out:      as in walk.S; on the way back nothing is done. Or goes on in kx_return_
 * Live:     cursor dest src word flag end kick count
 * Clobbers: rax, rbx, rcx, rdx, rsi, rdi, r8..r11, r13..r15; CR2
 * Memory:   reads a word of each page of the list, of sources and of destinations; does the kick before
 *           each word of the list; the stacks of libkx's own page, and kx_fault_ writes there
 * Spec:     <kx/abi.h> "Page list"; SDM "Software-Generated Exceptions"
 */
	.section .text.walk, "ax"
	.balign	32				/* as walk.S */
	.globl	kx_walk_
kx_walk_:
	cmp	$KX_STATUS_RETURN, stage
	je	.Lnothing
	mov	KX_HANDOFF_OWN_PA(handoff), own
	push	$0
	push	$0
	sidt	6(%rsp)
	pop	%rax				/* the limit, above what is nobody's */
	pop	%rcx
	lea	KX_OWN_GATES(own), %rdx
	mov	$KX_DRY_VECTORS, %eax
	cmp	%rdx, %rcx
	jne	.Lgive_up			/* there is nobody to answer */
	pop	back
	/* Those that have stacks of their own too: by their numbers, as an NMI cannot be sent to oneself
	 * without the APIC. Not double faults: a number brings no error code along. */
.Ltry:
	ud2
.Ltry_nmi:
	int	$NMI
.Ltry_machine_check:
	int	$MACHINE_CHECK
.Lanswered:
	push	back
	mov	KX_HANDOFF_HEAD(handoff), %rdi
	lea	KX_HANDOFF_KICK(handoff), %rsi
#include "list.inc"

	/* Through dest, where kx_fault_ looks for an address that is not canonical */
.Lcopy:
	xchg	src, dest
	mov	(dest), %rax
	xchg	src, dest
	mov	(dest), %rax
	add	$KX_PAGE_SIZE, src
	add	$KX_PAGE_SIZE, dest
	cmp	end, dest
	jne	.Lcopy
	jmp	.Lnext

.Lzero:
	test	src, src
	jnz	.Lbad_zero
	mov	(dest), %rax
	add	$KX_PAGE_SIZE, dest
	cmp	end, dest
	jne	.Lzero
	jmp	.Lnext

.Ldone:
.Lnothing:
	xor	%eax, %eax
	ret

/*
 * kx_landing_ - what is entered in the place of the new image: it has nothing to do, and comes back
 *
 * Runs:     as the new image, in 64-bit or in 32-bit mode
 * Out:      rax, rdx = 0; to where it was called from, or from 32-bit mode, which calls nothing, to
 *           kx_return_
 * Clobbers: everything
 * Memory:   reads the handoff and libkx's own page; the stack that it was entered with
 * Spec:     SDM "Initializing IA-32e Mode"; "REX Prefixes": in 32-bit mode they are DEC and INC
 */
	.section .landing, "a"
	.quad	kx_landing_			/* the page is linked at 0 */

	.section .text.walk, "ax"
	.globl	kx_landing_
kx_landing_:
	xor	%eax, %eax
	test	%rax, %rax			/* in 32-bit mode: dec %eax, test %eax, %eax */
	jnz	.Lprotected
.Lback:
	xor	%eax, %eax
	xor	%edx, %edx
	ret
.Llong:
	lea	kx_return_(%rip), %rax
	push	%rax
	jmp	.Lback

	.code32
.Lprotected:
	call	1f
1:	pop	%ebp
	and	$-KX_PAGE_SIZE, %ebp		/* handoff */
	mov	KX_HANDOFF_OWN_PA(%ebp), %ebx
	lgdt	(CPU(KX_CPU_GDT) + 6)(%ebp)
	mov	$MSR_EFER, %ecx
	mov	$EFER_LME, %eax
	xor	%edx, %edx
	wrmsr
	mov	CPU(KX_CPU_IDENTITY)(%ebp), %edi
	mov	KX_HOST_CR4(%ebx), %ecx
	and	$(CR4_PAE | CR4_LA57), %ecx
	lea	.Llong(%ebp), %esi		/* the page is linked at 0 */
	jmp	kx_levels_
	.code64

/*
 * kx_answer_ - a fault: those that were asked for are answered, any other taken back to the host
 *
 * Runs:     in the place of kx_tell_, which tells of what cannot be taken back
 * In:       cause pc at, as kx_fault_ has found them; handoff own stage count
 * Out:      goes on in kx_return_: rax = KX_DRY_FAULT, rdx = stage
 * Clobbers: rax, rcx, rdx, r10
 * Memory:   writes libkx's own page and the status record; the stack
 */
	.globl	kx_answer_
kx_answer_:
	add	handoff, pc
	/* In: the fault, where it left PC, where to go on */
	.macro	answer vector, at, then
	cmp	$\vector, cause
	jne	1f
	lea	\at(%rip), %rax
	cmp	%rax, pc
	jne	1f
	mov	BACK(own), back
	movl	$0, KX_OWN_FAULTED(own)
	jmp	\then
1:
	.endm
	answer	INVALID_OPCODE, .Ltry, .Ltry_nmi
	answer	NMI, .Ltry_machine_check, .Ltry_machine_check
	answer	MACHINE_CHECK, .Lanswered, .Lanswered
	sub	handoff, pc
	cmp	$KX_STATUS_RETURN, stage
	je	kx_tell_			/* the way back is what is broken */
	call	kx_record_
	movl	$0, KX_OWN_FAULTED(own)
	mov	$KX_DRY_FAULT, %eax
.Lgive_up:
	mov	stage, %rdx
	jmp	kx_return_
