/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: the symbols of purgatory.ro and the ways out that they ask for. The loaders set them by name,
 * so these names are theirs. Sizes and order of members: kexec-tools 2.0.32, Linux 6.1 to 6.16.
 * SDM: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3.
 */
#include <kx/abi.h>

#include "kexec_symbols.inc"

	/* Known by its address: its size is nothing to anybody. */
	.macro	place symbol align=1
	name	\symbol 1 \align %function
	.endm

	/* Code that has no instruction for its own address finds all by its distance from here. */
	.section .head.rest, "ax"
	.balign	16
anchor:
	zeros	sha256_regions 256
	zeros	sha256_digest 32
	zeros	purgatory_sha_regions 256
	zeros	purgatory_sha256_digest 32
	name	entry64_regs 136	/* rax rbx rcx rdx rsi rdi rsp rbp r8..r15 rip; the kernel's: rax rcx */
	.zero	136			/* rdx rbx rsp rbp rsi rdi r8..r15 rip. rip 0: go on with entry32_regs */
	name	entry32_regs 36		/* eax ebx ecx edx esi edi esp ebp eip; eip 0: with entry16_regs */
	zeros	entry32_regs32 36	/* as kexec-tools' NBI loader calls it */
	zeros	entry16_regs 48		/* eax ebx ecx edx esi edi esp ebp, ds es ss fs gs ip cs pad */
	zeros	entry16_debug_regs 48
	zeros	cmdline_end 8
	zeros	backup_src_start 8
	zeros	backup_src_size 8
	zeros	backup_start 8
	zeros	stack_arg32_2 4		/* an ELF kernel's first words of stack */
	zeros	stack_arg32_1 4 4
	zeros	skip_checks 4 4
	zeros	serial_baud 4 4
	zeros	entry16_debug_old_first32 4 4
	name	serial_base 2 2
	.short	0x3f8
	zeros	reset_vga 1 1
	zeros	console_vga 1 1
	name	console_serial 1 1	/* kexec-tools always sets it; the kernel never does */
	.byte	1
	zeros	legacy_pic 1 1
	zeros	panic_kernel 1 1
	.balign	8

#define REGS64_RIP 128
#define REGS32_ESP 24
#define REGS32_EIP 32
#define REGS16_SEGMENTS 32
#define REGS16_IP 42

#define SEL_CODE 0x10
#define SEL_DATA 0x18
#define SEL_CODE16 0x20
#define SEL_DATA16 0x28

#define CR0_PE 0x00000001
#define CR0_OFF 0x8005000c /* PG AM WP TS EM */
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100

/*
 * kx_kexec_enter_tools_, kx_kexec_enter_kernel_ - enter the image by entry64_regs
 *
 * Runs:     in purgatory
 * In:       entry64_regs in the order of kexec-tools, or of the kernel
 * Out:      does not return
 * Clobbers: everything
 * Memory:   reads the registers' values
 */
	.globl	kx_kexec_enter_tools_
	.hidden	kx_kexec_enter_tools_
kx_kexec_enter_tools_:
	lea	entry64_regs(%rip), %rax
	mov	8(%rax), %rbx
	mov	16(%rax), %rcx
	mov	24(%rax), %rdx
	mov	32(%rax), %rsi
	mov	40(%rax), %rdi
	mov	48(%rax), %rsp
	mov	56(%rax), %rbp
	jmp	1f

	.globl	kx_kexec_enter_kernel_
	.hidden	kx_kexec_enter_kernel_
kx_kexec_enter_kernel_:
	lea	entry64_regs(%rip), %rax
	mov	8(%rax), %rcx
	mov	16(%rax), %rdx
	mov	24(%rax), %rbx
	mov	32(%rax), %rsp
	mov	40(%rax), %rbp
	mov	48(%rax), %rsi
	mov	56(%rax), %rdi
1:	mov	64(%rax), %r8
	mov	72(%rax), %r9
	mov	80(%rax), %r10
	mov	88(%rax), %r11
	mov	96(%rax), %r12
	mov	104(%rax), %r13
	mov	112(%rax), %r14
	mov	120(%rax), %r15
	mov	(%rax), %rax
	jmp	*(REGS64_RIP + entry64_regs)(%rip)

/*
 * kx_kexec_enter32_ - leave long mode, then enter the image by entry32_regs, or by entry16_regs
 *
 * Runs:     in purgatory, below 4 GiB, PA = VA
 * In:       entry32_regs; eip is where to go, or 0, entry16 or entry16_debug to go on to real mode
 * Out:      does not return; 32-bit: flat segments 0x10 and 0x18, paging off, CR4 = 0
 * Live:     ebx = address of anchor
 * Clobbers: everything
 * Memory:   purgatory's own, and in real mode the stack of entry16_regs
 * Spec:     SDM "Switching Out of IA-32e Mode Operation", "Switching Back to Real-Address Mode"; Linux
 *           Documentation/arch/x86/boot.rst, "32-bit Boot Protocol". By lretq: a far jump through memory
 *           with a 64-bit operand is another instruction on AMD's processors.
 */
	.globl	kx_kexec_enter32_
	.hidden	kx_kexec_enter32_
kx_kexec_enter32_:
	lea	anchor(%rip), %rbx
	lea	.Lgdt32(%rip), %rsi
	lea	.Lgdt(%rip), %rdi
	mov	$.Lgdt32_end - .Lgdt32, %ecx
	rep	movsb
	mov	%ebx, %eax			/* the 16-bit segments begin at anchor */
	shl	$16, %eax
	or	%eax, SEL_CODE16 + .Lgdt(%rip)
	or	%eax, SEL_DATA16 + .Lgdt(%rip)
	mov	%ebx, %eax
	shr	$16, %eax
	mov	%al, 4 + SEL_CODE16 + .Lgdt(%rip)
	mov	%al, 4 + SEL_DATA16 + .Lgdt(%rip)
	mov	%ah, 7 + SEL_CODE16 + .Lgdt(%rip)
	mov	%ah, 7 + SEL_DATA16 + .Lgdt(%rip)
	lea	.Lgdt(%rip), %rax
	movw	$.Lgdt32_end - .Lgdt32 - 1, .Lpseudo(%rip)
	mov	%rax, 2 + .Lpseudo(%rip)
	lgdt	.Lpseudo(%rip)
	lea	2f(%rip), %rax
	push	$SEL_CODE
	push	%rax
	lretq					/* on the stack of 64-bit purgatory */

	.code32
2:	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%cr0, %eax
	and	$~CR0_OFF, %eax
	mov	%eax, %cr0
	mov	$MSR_EFER, %ecx
	rdmsr
	and	$~EFER_LME, %eax
	wrmsr
	xor	%eax, %eax
	mov	%eax, %cr4
	mov	%eax, %cr3
	lea	(entry32_regs - anchor)(%ebx), %ebp
	mov	REGS32_EIP(%ebp), %edx
	mov	$entry16_regs - anchor, %esi
	test	%edx, %edx
	jz	.Lreal
	lea	(entry16 - anchor)(%ebx), %eax
	cmp	%eax, %edx
	je	.Lreal
	mov	$entry16_debug_regs - anchor, %esi
	lea	(entry16_debug - anchor)(%ebx), %eax
	cmp	%eax, %edx
	je	.Lreal
	/* Every register is the image's, esp too: what is left to jump by is the instruction itself. */
	lea	(.Lnext - anchor)(%ebx), %eax
	sub	%eax, %edx
	mov	%edx, -4(%eax)
	mov	0(%ebp), %eax
	mov	4(%ebp), %ebx
	mov	8(%ebp), %ecx
	mov	12(%ebp), %edx
	mov	16(%ebp), %esi
	mov	20(%ebp), %edi
	mov	REGS32_ESP(%ebp), %esp
	mov	28(%ebp), %ebp
	.byte	0xe9				/* jmp, relative to what follows it */
	.long	0
.Lnext:

/*
 * entry16, entry16_debug - go on to real mode
 *
 * Runs:     32-bit, paging off, purgatory below 1 MiB
 * In:       ebx = address of anchor, esi = distance of the registers, esp = top of a stack
 * Out:      does not return; enters the image in real mode
 * Clobbers: everything
 * Memory:   the stack of the image, eight bytes of it
 * Spec:     SDM "Switching Back to Real-Address Mode"
 */
	place	entry16
	nop					/* known by their addresses: nobody comes by here */
	.balign	16				/* kexec-tools takes its address for a segment */
	place	entry16_debug
	nop
.Lreal:	mov	%ebx, %edi
	shr	$4, %edi			/* real-mode segment of anchor */
	sub	%ebx, %esp			/* the stack, in a segment that begins at anchor */
	lidt	(.Lidt16 - anchor)(%ebx)
	ljmp	$SEL_CODE16, $(1f - anchor)

	.code16
1:	mov	$SEL_DATA16, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%cr0, %eax
	and	$~CR0_PE, %eax
	mov	%eax, %cr0
	push	%di				/* ss keeps its base until it is written */
	push	$(2f - anchor)
	lretw
2:	mov	%di, %ds
	mov	(REGS16_SEGMENTS + 4)(%si), %ss
	mov	24(%si), %esp
	pushw	(REGS16_SEGMENTS + 12)(%si)	/* cs */
	pushw	(REGS16_IP)(%si)
	pushw	(REGS16_SEGMENTS + 0)(%si)	/* ds */
	pushl	16(%si)				/* esi */
	mov	(REGS16_SEGMENTS + 2)(%si), %es
	mov	(REGS16_SEGMENTS + 6)(%si), %fs
	mov	(REGS16_SEGMENTS + 8)(%si), %gs
	mov	0(%si), %eax
	mov	4(%si), %ebx
	mov	8(%si), %ecx
	mov	12(%si), %edx
	mov	20(%si), %edi
	mov	28(%si), %ebp
	popl	%esi
	popw	%ds
	lretw

/*
 * entry16_debug_pre32 - the kernel's real-mode hook: called far before it goes to protected mode
 *
 * Runs:     in real mode
 * In:       nothing
 * Out:      returns far; interrupts and NMIs off
 * Clobbers: al
 * Spec:     Linux Documentation/arch/x86/boot.rst, "Advanced Boot Loader Hooks"
 */
	place	entry16_debug_pre32
	cli
	mov	$0x80, %al
	out	%al, $0x70
	lretw

/*
 * entry16_debug_first32 - the kernel's protected-mode hook: goes on where the kernel would have begun
 *
 * Runs:     32-bit, flat, on the kernel's stack
 * In:       entry16_debug_old_first32
 * Out:      does not return
 * Clobbers: eax
 * Spec:     Linux Documentation/arch/x86/boot.rst, "code32_start"
 */
	.code32
	place	entry16_debug_first32
	call	1f
1:	pop	%eax
	jmp	*(entry16_debug_old_first32 - 1b)(%eax)
	.code64

	.balign	8
.Lgdt32:
	.quad	0
	.quad	0
	.quad	0x00cf9b000000ffff		/* 0x10: flat 32-bit code */
	.quad	0x00cf93000000ffff		/* 0x18: flat data */
	.quad	0x00009b000000ffff		/* 0x20: 16-bit code, base added above */
	.quad	0x000093000000ffff		/* 0x28: 16-bit data, the same */
.Lgdt32_end:
.Lidt16:
	.short	0x3ff				/* as the BIOS has it */
	.long	0

	.bss
	.balign	8
.Lgdt:	.zero	48
.Lpseudo:
	.zero	16

	.section .note.GNU-stack, "", @progbits
