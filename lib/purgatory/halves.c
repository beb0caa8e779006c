/* SPDX-License-Identifier: BSD-2-Clause */
/* The digest of a region in halves, two hashes at once; by each.c. Where that gains nothing: no_halves.c. */
#include "purgatory.h"

#include "sha256_blocks.h"

static void open_region(struct kx_purgatory *purgatory, uint32_t number)
{
	int error;

	purgatory->region = number;
	error = kx_region_open_(purgatory, purgatory->info->regions[number]);
	if (!error)
		return;
	kx_purgatory_blame_(purgatory, error, number);
	kx_purgatory_give_up_(purgatory);
}

void kx_purgatory_halves_(struct kx_purgatory *purgatory, uint32_t number,
			  uint8_t digest[KX_DIGEST_SIZE])
{
	const struct kx_region *region = &purgatory->info->regions[number];
	const uint8_t *at = (const uint8_t *)(uintptr_t)region->pa;
	uint64_t half = KX_SHA256_HALF(region->size), left = half;
	struct kx_sha256 hashes[2];

	open_region(purgatory, number);
	kx_sha256_halves_begin_(hashes, purgatory->method);
	do {
		struct kx_sha256_run runs[2] = { { &hashes[0], at }, { &hashes[1], at + half } };
		uint64_t size = left < KX_CHUNK / 2 ? left : KX_CHUNK / 2;

		kx_record_kick_(purgatory);
		kx_sha256_halves_update_(runs, size);
		at += size;
		left -= size;
		kx_purgatory_progress_(purgatory, 2 * size);
	} while (left);
	kx_sha256_update(&hashes[1], at + half, region->size - 2 * half);
	purgatory->done += region->size - 2 * half;
	kx_region_close_(purgatory, *region);
	kx_sha256_halves_final_(hashes, digest);
}
