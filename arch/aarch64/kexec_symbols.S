/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: the symbols of purgatory.ro. The loader sets them by name, so these names are its own. Sizes:
 * kexec-tools 2.0.32.
 */
	.macro	symbol name size
	.balign	8
	.globl	\name
	.hidden	\name
	.type	\name, %object
	.size	\name, \size
\name:
	.zero	\size
	.endm

	.section .head.rest, "a"
	symbol	sha256_regions 256
	symbol	sha256_digest 32
	symbol	skip_checks 4
	symbol	arm64_sink 8
	symbol	arm64_kernel_entry 8
	symbol	arm64_dtb_addr 8

	.section .note.GNU-stack, "", %progbits
