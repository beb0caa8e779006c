/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: how SHA-256 blocks are hashed. Arm "ID_AA64ISAR0_EL1", "ID_AA64PFR0_EL1". */
#include "sha256_blocks.h"

#define ISAR0_SHA2_SHIFT   12
#define PFR0_ADVSIMD_SHIFT 20
#define PFR0_NO_ADVSIMD    15

uint32_t kx_sha256_best(void)
{
	uint64_t isar0, pfr0;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0));
	__asm__("mrs %0, id_aa64pfr0_el1" : "=r"(pfr0));
	if ((pfr0 >> PFR0_ADVSIMD_SHIFT & 15) == PFR0_NO_ADVSIMD)
		return KX_SHA256_PORTABLE;
	return isar0 >> ISAR0_SHA2_SHIFT & 15 ? KX_SHA256_CPU : KX_SHA256_PORTABLE;
}

void kx_sha256_blocks_(struct kx_sha256 *hash, const void *data, uint64_t count)
{
	/* Words are loaded as such: with the MMU off that faults at an odd address. */
	if (hash->method == KX_SHA256_CPU && ((uintptr_t)data & 3) == 0)
		kx_sha256_cpu_(hash->state, data, count);
	else
		kx_sha256_portable_(hash->state, data, count);
}
