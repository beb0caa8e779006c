/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: first instructions of the host, by PVH and by Linux's 64-bit boot protocol. */
#include "image_header.h"
#include "mmu.h"
#include "pen.h"

#define EFER_LMA_LME_NXE 0xd00
#define CR4_PGE          0x80
#define CR0_PG_WP_NE_PE  0x80010031
#define START_CODE       0x28
#define START_GDT_SIZE   0x30

	image_header host_32 boot_64

/* In: ebx = start information, 32-bit mode. */
	.code32
host_32:
	cli
	cld
	mov	%ebx, %edi
	jmp	long_mode

/*
 * In: rsi = start information or boot_params, 64-bit mode, RAM mapped to itself.
 * Out: host_main(APIC id, rsi), where mmu_build() says.
 */
	.code64
	.globl	boot_64
boot_64:
	cli
	cld
	mov	%rsi, %r12
	lea	image_bss(%rip), %rdi
	lea	image_end(%rip), %rcx
	sub	%rdi, %rcx
	xor	%eax, %eax
	rep stosb
	lea	image_stack_top(%rip), %rsp
	mov	$1, %eax
	cpuid
	shr	$24, %ebx
	mov	%ebx, %r13d			/* initial APIC id */
	mov	%r13, %rdi
	mov	%r12, %rsi
	call	host_early

	/* rax = root, and in its low bits how to switch to it. This code is mapped to itself there. */
	sub	$16, %rsp			/* our own descriptors: those we came with go away */
	movw	$(START_GDT_SIZE - 1), 6(%rsp)
	lea	start_gdt(%rip), %rdx
	mov	%rdx, 8(%rsp)
	lgdt	6(%rsp)
	mov	%rax, %rbx
	mov	$0xc0000080, %ecx
	rdmsr
	or	$EFER_LMA_LME_NXE, %eax
	wrmsr
	mov	%ebx, %esi			/* in 4 GiB, as the image is */
	and	$~4095, %esi
	mov	%cr4, %rdi
	mov	%edi, %eax
	btr	$12, %edi			/* LA57 */
	test	$MMU_LA57, %ebx
	jz	1f
	bts	$12, %edi
1:	cmp	%eax, %edi
	je	2f
	/* The number of levels changes outside of long mode only. */
	lea	2f(%rip), %rbp
	push	$8
	lea	3f(%rip), %rax
	push	%rax
	lretq
	.code32
3:	mov	$0x18, %eax
	mov	%eax, %ss
	mov	%cr0, %eax
	btr	$31, %eax
	mov	%eax, %cr0
	mov	%edi, %cr4
	mov	%esi, %cr3
	bts	$31, %eax
	mov	%eax, %cr0
	push	$START_CODE
	push	%ebp
	lret
	.code64
2:	mov	%rsi, %cr3
	mov	$CR0_PG_WP_NE_PE, %eax
	mov	%rax, %cr0
	mov	%cr4, %rax
	or	$CR4_PGE, %eax			/* what a kernel has: entries that survive a switch */
	mov	%rax, %cr4
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%ecx, %ecx
	test	$MMU_IDENTITY, %ebx
	jnz	4f
	mov	$image_start, %rcx
	lea	image_start(%rip), %rdx
	sub	%rdx, %rcx			/* VA - PA of the image */
4:	lea	5f(%rip), %rax
	add	%rcx, %rax
	add	%rcx, %rsp
	jmp	*%rax
5:	lea	start_gdt(%rip), %rdx
	mov	%rdx, 8(%rsp)
	lgdt	6(%rsp)
	push	$START_CODE
	lea	6f(%rip), %rax
	push	%rax
	lretq
6:	mov	%r13, %rdi
	mov	%r12, %rsi
	call	host_main

/* What comes over the page of beat.h, where the others run; see pen.h. ds is as smp_code has set it */
	.section .rodata.pen, "a"
	.globl	pen_nop, pen_other, pen_other_end
pen_nop:
	nop; nop; nop; nop
pen_other:
	.code16
	movl	$PEN_MARKED, PEN_MARK
1:	pause
	jmp	1b
pen_other_end:
	.code64

	.section .data.start_gdt, "aw"
	.balign	8
start_gdt:			/* not libkx's selectors: 0x10 is no code */
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cf93000000ffff
	.quad	0, 0x00af9b000000ffff
