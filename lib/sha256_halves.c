/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 in halves: two hashes side by side, and a digest of both. Rounds of one hash wait for one
 * another; those of two do not. Called by hosts, seal.c and purgatory.
 */
#include "sha256_blocks.h"

void kx_sha256_halves_begin_(struct kx_sha256 hashes[2], uint32_t method)
{
	for (int i = 0; i < 2; i++) {
		kx_sha256_init(&hashes[i]);
		hashes[i].method = method;
	}
}

void kx_sha256_halves_update_(const struct kx_sha256_run runs[2], uint64_t size)
{
	uint64_t blocks = size / KX_SHA256_BLOCK_SIZE;

	if (runs[0].hash->method == KX_SHA256_CPU)
		kx_sha256_pair_(runs, blocks);
	for (int i = 0; i < 2; i++) {
		runs[i].hash->length += size;
		if (runs[i].hash->method != KX_SHA256_CPU)
			kx_sha256_blocks_(runs[i].hash, runs[i].data, blocks);
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
	kx_sha256_halves_update_((struct kx_sha256_run[2]){ { &hashes[0], at },
							    { &hashes[1], at + half } }, half);
	kx_sha256_update(&hashes[1], at + 2 * half, size - 2 * half);
	kx_sha256_halves_final_(hashes, digest);
}
