/* SPDX-License-Identifier: BSD-2-Clause */
/* A digest for each region; by run.c. Kexec has none: see no_each.c. */
#include "purgatory.h"

void kx_purgatory_each_(struct kx_purgatory *purgatory)
{
	const struct kx_purgatory_info *info = purgatory->info;
	uint8_t actual[KX_DIGEST_SIZE];
	struct kx_sha256 hash;

	for (uint32_t i = 0; i < info->region_count; i++) {
		if (kx_purgatory_in_halves_(info)) {
			kx_purgatory_halves_(purgatory, i, actual);
		} else {
			kx_sha256_init(&hash);
			hash.method = purgatory->method;
			kx_purgatory_hash_(purgatory, &hash, i);
			kx_sha256_final(&hash, actual);
		}
		kx_purgatory_judge_(purgatory, actual, info->digests[i], i);
	}
}
