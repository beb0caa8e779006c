/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256: cutting data into blocks. Spec: FIPS 180-4, sections 5.1.1 and 5.3.3.
 * The blocks are hashed by arch/<a>/sha256.c.
 */
#include <kx/sha256.h>

#include "mem.h"
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
	uint64_t held = hash->length % KX_SHA256_BLOCK_SIZE;

	hash->length += size;
	if (held) {
		uint64_t room = KX_SHA256_BLOCK_SIZE - held;
		uint64_t part = size < room ? size : room;

		kx_mem_copy_(hash->block + held, in, part);
		if (part < room)
			return;
		kx_sha256_blocks_(hash, hash->block, 1);
		in += part;
		size -= part;
	}
	if (size >= KX_SHA256_BLOCK_SIZE)
		kx_sha256_blocks_(hash, in, size / KX_SHA256_BLOCK_SIZE);
	kx_mem_copy_(hash->block, in + size / KX_SHA256_BLOCK_SIZE * KX_SHA256_BLOCK_SIZE,
		     size % KX_SHA256_BLOCK_SIZE);
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
	for (unsigned int i = 0; i < 8; i++)
		hash->block[LENGTH_AT + i] = (uint8_t)(bits >> (56 - 8 * i));
	kx_sha256_blocks_(hash, hash->block, 1);
	for (unsigned int i = 0; i < KX_SHA256_SIZE; i++)
		digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}
