/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: how SHA-256 blocks are hashed. */
#include "sha256_blocks.h"

/* No instruction tells supervisor or user mode what a hart has. */
uint32_t kx_sha256_best(void)
{
	return KX_SHA256_PORTABLE;
}

void kx_sha256_blocks_(struct kx_sha256 *hash, const void *data, uint64_t count)
{
	/* Doublewords are loaded as such: at an odd address that may trap. Vectors are loaded as bytes. */
	if (hash->method == KX_SHA256_VECTOR)
		kx_sha256_vector_(hash->state, data, count);
	else if (hash->method == KX_SHA256_CPU && ((uintptr_t)data & 7) == 0)
		kx_sha256_cpu_(hash->state, data, count);
	else
		kx_sha256_portable_(hash->state, data, count);
}
