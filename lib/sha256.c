/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256: cutting data into blocks. Spec: FIPS 180-4, sections 5.1.1 and 5.3.3.
 * The blocks are hashed by arch/<a>/sha256.c.
 */
#include <kx/sha256.h>

#include "mem.h"
#include "sha256_blocks.h"

static void store_be32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

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
	static const uint8_t padding[KX_SHA256_BLOCK_SIZE] = { 0x80 };
	uint64_t bits = hash->length << 3;
	uint64_t held = hash->length % KX_SHA256_BLOCK_SIZE;
	uint8_t length[8];

	store_be32(length, (uint32_t)(bits >> 32));
	store_be32(length + 4, (uint32_t)bits);
	kx_sha256_update(hash, padding, 1 + (KX_SHA256_BLOCK_SIZE + 55 - held) % KX_SHA256_BLOCK_SIZE);
	kx_sha256_update(hash, length, sizeof(length));
	for (unsigned int i = 0; i < 8; i++)
		store_be32(digest + 4 * i, hash->state[i]);
}
