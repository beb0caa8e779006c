/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: Linux's Image header, at byte 0 of host and payload, so that firmware, QEMU and the host
 * can load them as kernels. Spec: Linux Documentation/arch/riscv/boot-image-header.rst.
 */
	.macro	image_header boot
	j	\boot
	.balign	8
	.dword	0x200000			/* text_offset */
	.dword	image_end - image_start		/* image_size */
	.dword	0				/* flags: little-endian */
	.word	2				/* header version 0.2 */
	.word	0
	.dword	0
	.ascii	"RISCV\0\0\0"
	.ascii	"RSC\x05"
	.word	0
	.endm
