/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two hashes, one after the other, on aarch64 and riscv64. Called by lib/sha256_halves.c. In turns they would
 * take as many instructions, 1.55 a byte by FEAT_SHA256 and 20.9 by Zknh; whether a CPU would wait less, no
 * emulator can tell. x86_64 has arch/x86_64/sha256_pair.S.
 */
#include "sha256_blocks.h"

void kx_sha256_pair_(struct kx_sha256 hashes[2], const void *first, const void *second, uint64_t count)
{
	kx_sha256_blocks_(&hashes[0], first, count);
	kx_sha256_blocks_(&hashes[1], second, count);
}
