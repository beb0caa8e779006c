/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: the symbols of purgatory.ro. The loaders set them by name, so these names are theirs. Sizes:
 * Linux 6.1 to 6.16; what kexec-tools would set has the names it uses elsewhere.
 */
#include "kexec_symbols.inc"

	.section .head.rest, "a"
	name	sha256_regions 256
	zeros	purgatory_sha_regions 256
	name	sha256_digest 32
	zeros	purgatory_sha256_digest 32
	zeros	riscv_kernel_entry 8
	zeros	skip_checks 4
	.balign	8

	.section .note.GNU-stack, "", %progbits
