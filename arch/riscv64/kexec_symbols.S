/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: the symbols of purgatory.ro. The loaders set them by name, so these names are theirs. Sizes:
 * Linux 6.1 to 6.16; what kexec-tools would set has the names it uses elsewhere.
 */
	.macro	symbol name size
	.globl	\name
	.hidden	\name
	.type	\name, %object
	.size	\name, \size
\name:
	.endm

	.section .head.rest, "a"
	.balign	8
	symbol	sha256_regions 256
	symbol	purgatory_sha_regions 256
	.zero	256
	symbol	sha256_digest 32
	symbol	purgatory_sha256_digest 32
	.zero	32
	symbol	riscv_kernel_entry 8
	.zero	8
	symbol	skip_checks 4
	.zero	8

	.section .note.GNU-stack, "", %progbits
