/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: the symbols of purgatory.ro. The loader sets them by name, so these names are its own. Sizes:
 * kexec-tools 2.0.32.
 */
#include "kexec_symbols.inc"

	.section .head.rest, "a"
	zeros	sha256_regions 256
	zeros	sha256_digest 32
	zeros	skip_checks 4
	zeros	arm64_sink 8
	zeros	arm64_kernel_entry 8
	zeros	arm64_dtb_addr 8

	.section .note.GNU-stack, "", %progbits
