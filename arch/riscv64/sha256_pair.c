/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: two hashes, one after the other. Called by lib/sha256_halves.c. In turns they would take as
 * many instructions, 20.9 a byte by Zknh; whether a CPU would wait less, no emulator can tell.
 */
#include "sha256_blocks.h"

void kx_sha256_pair_(struct kx_sha256 hashes[2], const void *first, const void *second, uint64_t count)
{
	kx_sha256_blocks_(&hashes[0], first, count);
	kx_sha256_blocks_(&hashes[1], second, count);
}
