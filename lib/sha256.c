/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256: cutting data into blocks. Spec: FIPS 180-4, sections 5.1.1 and 5.3.3.
 * The blocks are hashed by arch/<a>/sha256.c.
 */
#include <kx/sha256.h>

#include "sha256_blocks.h"

#define LENGTH_AT (KX_SHA256_BLOCK_SIZE - 8) /* in the last block */

void kx_sha256_init(struct kx_sha256 *hash)
{
	static const uint32_t start[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	for (unsigned int i = 0; i < 8; i++)
		hash->state[i] = start[i];
	hash->method = KX_SHA256_PORTABLE;
	hash->reserved = 0;
	hash->length = 0;
}

void kx_sha256_update(struct kx_sha256 *hash, const void *data, uint64_t size)
{
	const uint8_t *in = data;

	while (size) {
		uint64_t held = hash->length % KX_SHA256_BLOCK_SIZE, part = 1;

		if (!held && size >= KX_SHA256_BLOCK_SIZE) {
			part = size & -(uint64_t)KX_SHA256_BLOCK_SIZE;
			kx_sha256_blocks_(hash, in, part / KX_SHA256_BLOCK_SIZE);
		} else { /* up to a block at each end, byte by byte */
			hash->block[held] = *in;
			if (held == KX_SHA256_BLOCK_SIZE - 1)
				kx_sha256_blocks_(hash, hash->block, 1);
		}
		hash->length += part;
		in += part;
		size -= part;
	}
}

/* Highest byte first */
static void store(uint8_t *to, uint64_t value, unsigned int count)
{
	for (; count; value >>= 8)
		to[--count] = (uint8_t)value;
}

void kx_sha256_final(struct kx_sha256 *hash, uint8_t digest[KX_SHA256_SIZE])
{
	unsigned int at = hash->length % KX_SHA256_BLOCK_SIZE;
	uint64_t bits = hash->length << 3;

	for (hash->block[at++] = 0x80; at != LENGTH_AT; hash->block[at++] = 0)
		if (at == KX_SHA256_BLOCK_SIZE) {
			kx_sha256_blocks_(hash, hash->block, 1);
			at = 0;
		}
	store(hash->block + LENGTH_AT, bits, 8);
	kx_sha256_blocks_(hash, hash->block, 1);
	for (unsigned int i = 0; i < 8; i++)
		store(digest + 4 * i, hash->state[i], 4);
}
