/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: how SHA-256 blocks are hashed. Intel SDM volume 2, "CPUID". */
#include "sha256_blocks.h"

#include "msr.h"

#define CPUID1_ECX_SSSE3 (1u << 9)
#define CPUID1_ECX_SSE41 (1u << 19)
#define CPUID7_EBX_SHA   (1u << 29)

uint32_t kx_sha256_best(void)
{
	const uint32_t vector = CPUID1_ECX_SSSE3 | CPUID1_ECX_SSE41;

	if (cpuid(0, 0).eax < 7 || (cpuid(1, 0).ecx & vector) != vector)
		return KX_SHA256_PORTABLE;
	return cpuid(7, 0).ebx & CPUID7_EBX_SHA ? KX_SHA256_CPU : KX_SHA256_PORTABLE;
}

void kx_sha256_blocks_(struct kx_sha256 *hash, const void *data, uint64_t count)
{
	if (hash->method == KX_SHA256_CPU)
		kx_sha256_cpu_(hash->state, data, count);
	else
		kx_sha256_portable_(hash->state, data, count);
}
