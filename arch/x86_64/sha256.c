/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: how SHA-256 blocks are hashed. Intel SDM volume 2, "CPUID". */
#include "sha256_blocks.h"

#define CPUID1_ECX_SSSE3 (1u << 9)
#define CPUID1_ECX_SSE41 (1u << 19)
#define CPUID7_EBX_SHA   (1u << 29)

static void cpuid(uint32_t leaf, uint32_t *b, uint32_t *c)
{
	uint32_t a = leaf, d;

	*c = 0;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(*b), "+c"(*c), "=d"(d));
	if (leaf == 0)
		*b = a;
}

uint32_t kx_sha256_best(void)
{
	const uint32_t vector = CPUID1_ECX_SSSE3 | CPUID1_ECX_SSE41;
	uint32_t leaves, features, b, c;

	cpuid(0, &leaves, &c);
	cpuid(1, &b, &features);
	if (leaves < 7 || (features & vector) != vector)
		return KX_SHA256_PORTABLE;
	cpuid(7, &b, &c);
	return b & CPUID7_EBX_SHA ? KX_SHA256_CPU : KX_SHA256_PORTABLE;
}

void kx_sha256_blocks_(struct kx_sha256 *hash, const void *data, uint64_t count)
{
	if (hash->method == KX_SHA256_CPU)
		kx_sha256_cpu_(hash->state, data, count);
	else
		kx_sha256_portable_(hash->state, data, count);
}
