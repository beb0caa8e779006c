/* SPDX-License-Identifier: BSD-2-Clause */
/* The digests of what a plan of purgatory vouches for, computed on the host. Called by seal.c. */
#include "purgatory.h"

#include "sha256_blocks.h"

/* Where one is among the bytes of a segment: in a piece, or in the zeros behind the last */
struct cursor {
	const struct kx_segment *segment;
	size_t piece;
	uint64_t at; /* in it */
};

static void move(struct cursor *cursor, uint64_t size)
{
	const struct kx_segment *segment = cursor->segment;

	cursor->at += size;
	while (cursor->piece < segment->piece_count && cursor->at >= segment->pieces[cursor->piece].size)
		cursor->at -= segment->pieces[cursor->piece++].size;
}

static void open_at(struct cursor *cursor, const struct kx_segment *segment, uint64_t offset)
{
	cursor->segment = segment;
	cursor->piece = 0;
	cursor->at = 0;
	move(cursor, offset);
}

/* How many bytes lie in one place from here on, and where; of zeros there is no end. */
static uint64_t in_row(const struct cursor *cursor, const void **data)
{
	static const uint8_t zeros[1024] = { 0 };
	const struct kx_piece *piece;

	*data = zeros;
	if (cursor->piece == cursor->segment->piece_count)
		return sizeof(zeros);
	piece = &cursor->segment->pieces[cursor->piece];
	*data = (const uint8_t *)piece->data + cursor->at;
	return piece->size - cursor->at;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void hash_on(struct kx_sha256 *hash, struct cursor *cursor, uint64_t size)
{
	while (size) {
		const void *data;
		uint64_t part = least(size, in_row(cursor, &data));

		kx_sha256_update(hash, data, part);
		move(cursor, part);
		size -= part;
	}
}

static void hash_halves(const struct kx_segment *segment, uint32_t method,
			uint8_t digest[KX_DIGEST_SIZE])
{
	uint64_t half = KX_SHA256_HALF(segment->memsz), left = half;
	struct cursor cursors[2];
	struct kx_sha256 hashes[2];
	const void *first, *second;

	open_at(&cursors[0], segment, 0);
	open_at(&cursors[1], segment, half);
	kx_sha256_halves_begin_(hashes, method);
	while (left) {
		uint64_t size = least(in_row(&cursors[0], &first), in_row(&cursors[1], &second));

		size = least(size, left) / KX_SHA256_BLOCK_SIZE * KX_SHA256_BLOCK_SIZE;
		kx_sha256_halves_update_(hashes, first, second, size);
		move(&cursors[0], size);
		move(&cursors[1], size);
		left -= size;
		if (size)
			continue;
		/* A block that lies in several pieces */
		hash_on(&hashes[0], &cursors[0], KX_SHA256_BLOCK_SIZE);
		hash_on(&hashes[1], &cursors[1], KX_SHA256_BLOCK_SIZE);
		left -= KX_SHA256_BLOCK_SIZE;
	}
	hash_on(&hashes[1], &cursors[1], segment->memsz - 2 * half);
	kx_sha256_halves_final_(hashes, digest);
}

/* Of these segments, one after the other */
static void hash_all(const struct kx_segment *segments, size_t count, uint32_t method,
		     uint8_t digest[KX_DIGEST_SIZE])
{
	struct kx_sha256 hash;

	kx_sha256_init(&hash);
	hash.method = method;
	for (size_t i = 0; i < count; i++) {
		struct cursor cursor;

		open_at(&cursor, &segments[i], 0);
		hash_on(&hash, &cursor, segments[i].memsz);
	}
	kx_sha256_final(&hash, digest);
}

void kx_purgatory_digests_(struct kx_purgatory_info *info, const struct kx_purgatory_plan *plan)
{
	if (info->flags & KX_PURGATORY_SKIP_CHECKS)
		return;
	if (!(info->flags & KX_PURGATORY_EACH_REGION)) {
		hash_all(plan->segments, plan->segment_count, plan->method, info->digest);
		return;
	}
	for (size_t i = 0; i < plan->segment_count; i++)
		if (info->flags & KX_PURGATORY_HALVES)
			hash_halves(&plan->segments[i], plan->method, info->digests[i]);
		else
			hash_all(&plan->segments[i], 1, plan->method, info->digests[i]);
}
