/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: Linux's Image header, at byte 0 of host and payload, so that firmware, QEMU and the host
 * can load them as kernels. Spec: Linux Documentation/arch/arm64/booting.rst.
 */
	.macro	image_header boot
	b	\boot
	.word	0
	.quad	0				/* text_offset */
	.quad	image_size
	.quad	0x8				/* flags: little-endian, any page size, anywhere */
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.word	0
	.endm
