/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what makes host and payload loadable, in two ways. The ELF file has a PVH note, for QEMU and
 * for a 32-bit entry. Their flat file with .setup in front is a bzImage, relocatable, with no real-mode
 * code. Spec: Linux Documentation/arch/x86/boot.rst; Xen "x86/HVM direct boot ABI".
 */
#define PA(symbol) (symbol - IMAGE_VA + IMAGE_PA) /* where the ELF file has it */

	/* Goes to boot_32 from offset 0, in 32-bit mode, and to boot_64 from offset 0x200. */
	.macro	image_header boot_32 boot_64
	.section .head, "ax"
	.globl	_start
_start:
	.code32
	jmp	\boot_32
	.org	_start + 0x200
	.code64
	jmp	\boot_64

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, 18			/* name and value of 4 bytes; PHYS32_ENTRY */
	.ascii	"Xen\0"
	.long	PA(_start)

	.section .setup, "", @progbits
.Lsetup:
	.org	.Lsetup + 0x1f1
	.byte	1				/* setup_sects: one, and the boot sector */
	.org	.Lsetup + 0x1f4
	.long	image_paragraphs		/* syssize */
	.org	.Lsetup + 0x1fe
	.short	0xaa55				/* boot_flag */
	.byte	0xeb, 0x6a			/* jump; the header ends at 0x26c */
	.ascii	"HdrS"
	.short	0x20f				/* version */
	.org	.Lsetup + 0x211
	.byte	1				/* loadflags: LOADED_HIGH */
	.org	.Lsetup + 0x22c
	.long	0x7fffffff			/* initrd_addr_max */
	.long	0x200000			/* kernel_alignment */
	.byte	1				/* relocatable_kernel */
	.byte	21				/* min_alignment, as a power of two */
	.short	0x23				/* xloadflags: KERNEL_64, ABOVE_4G, 5LEVEL */
	.long	2047				/* cmdline_size */
	.org	.Lsetup + 0x258
	.quad	IMAGE_PA			/* pref_address */
	.long	image_size			/* init_size */
	.org	.Lsetup + 0x400

	.section .head, "ax"
	.endm
