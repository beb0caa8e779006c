/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 in halves: two hashes side by side, and a digest of both. Rounds of one hash wait for one
 * another; those of two do not. Called by hosts, seal.c and purgatory.
 */
#include "sha256_blocks.h"

_Static_assert(sizeof(struct kx_sha256) == KX_SHA256_SIZEOF, "kx_sha256 has changed its size");

void kx_sha256_halves_begin_(struct kx_sha256 hashes[2], uint32_t method)
{
	for (int i = 0; i < 2; i++) {
		kx_sha256_init(&hashes[i]);
		hashes[i].method = method;
	}
}

void kx_sha256_halves_update_(struct kx_sha256 hashes[2], const void *first, const void *second,
			      uint64_t size)
{
	uint64_t blocks = size / KX_SHA256_BLOCK_SIZE;

	hashes[0].length += size;
	hashes[1].length += size;
	if (hashes[0].method == KX_SHA256_CPU) {
		kx_sha256_pair_(hashes, first, second, blocks);
	} else {
		kx_sha256_blocks_(&hashes[0], first, blocks);
		kx_sha256_blocks_(&hashes[1], second, blocks);
	}
}

void kx_sha256_halves_final_(struct kx_sha256 hashes[2], uint8_t digest[KX_SHA256_SIZE])
{
	uint8_t both[2 * KX_SHA256_SIZE];

	kx_sha256_final(&hashes[0], both);
	kx_sha256_final(&hashes[1], both + KX_SHA256_SIZE);
	kx_sha256_init(&hashes[0]);
	kx_sha256_update(&hashes[0], both, sizeof(both));
	kx_sha256_final(&hashes[0], digest);
}

void kx_sha256_halves(const void *data, uint64_t size, uint32_t method,
		      uint8_t digest[KX_SHA256_SIZE])
{
	uint64_t half = KX_SHA256_HALF(size);
	const uint8_t *at = data;
	struct kx_sha256 hashes[2];

	kx_sha256_halves_begin_(hashes, method);
	kx_sha256_halves_update_(hashes, at, at + half, half);
	kx_sha256_update(&hashes[1], at + 2 * half, size - 2 * half);
	kx_sha256_halves_final_(hashes, digest);
}
