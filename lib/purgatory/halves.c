/* SPDX-License-Identifier: BSD-2-Clause */
/* Both halves of a region, two hashes at once; by run.c. Where that gains nothing: no_halves.c. */
#include "purgatory.h"

#include "sha256_blocks.h"

void kx_purgatory_open_(const struct kx_purgatory *purgatory, struct kx_sha256 hashes[2])
{
	kx_sha256_halves_begin_(hashes, purgatory->method);
}

uint64_t kx_purgatory_both_(struct kx_purgatory *purgatory, struct kx_sha256 hashes[2],
			    const struct kx_region *region)
{
	const uint8_t *at = (const uint8_t *)(uintptr_t)region->pa;
	uint64_t half = KX_SHA256_HALF(region->size), left = half;

	while (left) {
		uint64_t size = left < KX_CHUNK / 2 ? left : KX_CHUNK / 2;

		kx_record_kick_(purgatory);
		kx_sha256_halves_update_(hashes, at, at + half, size);
		at += size;
		left -= size;
		kx_purgatory_progress_(purgatory, 2 * size);
	}
	return 2 * half;
}

void kx_purgatory_close_(const struct kx_purgatory *purgatory, struct kx_sha256 hashes[2],
			 uint8_t digest[KX_DIGEST_SIZE])
{
	if (kx_purgatory_in_halves_(purgatory->info))
		kx_sha256_halves_final_(hashes, digest);
	else
		kx_sha256_final(&hashes[0], digest);
}
