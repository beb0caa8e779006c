/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 of several parts of memory, each with a digest of its own. Rounds of one digest wait for one
 * another; those of two do not, so where that gains something two parts are hashed side by side.
 */
#include "sha256_blocks.h"

/** struct lane - one of two parts that are being hashed */
struct lane {
	struct kx_sha256 hash;
	struct kx_sha256_part *part; /* NULL: no more of them */
	const uint8_t *at;
	uint64_t left; /* bytes from there */
};

/** struct queue - parts, the largest first, so that none is left alone for long at the end */
struct queue {
	struct kx_sha256_part *parts;
	size_t count;
	struct kx_sha256_part *last; /* that was taken; NULL: none yet */
	uint32_t method;
};

static int comes_after(const struct kx_sha256_part *part, const struct kx_sha256_part *last)
{
	return !last || part->size < last->size || (part->size == last->size && part > last);
}

static struct kx_sha256_part *take(struct queue *queue)
{
	struct kx_sha256_part *next = NULL;

	for (size_t i = 0; i < queue->count; i++) {
		struct kx_sha256_part *part = &queue->parts[i];

		if (comes_after(part, queue->last) && (!next || comes_after(next, part)))
			next = part;
	}
	if (next)
		queue->last = next;
	return next;
}

static void begin(struct lane *lane, struct queue *queue)
{
	lane->part = take(queue);
	if (!lane->part)
		return;
	kx_sha256_init(&lane->hash);
	lane->hash.method = queue->method;
	lane->at = lane->part->data;
	lane->left = lane->part->size;
}

static void finish(struct lane *lane)
{
	kx_sha256_update(&lane->hash, lane->at, lane->left);
	kx_sha256_final(&lane->hash, lane->part->digest);
}

/* Whole blocks, as many as the shorter one has */
static void advance(struct lane *a, struct lane *b)
{
	uint64_t least = a->left < b->left ? a->left : b->left;
	uint64_t blocks = least / KX_SHA256_BLOCK_SIZE;
	struct lane *lanes[2] = { a, b };

	if (blocks)
		kx_sha256_pair_((struct kx_sha256_run[2]){ { &a->hash, a->at }, { &b->hash, b->at } },
				blocks);
	for (int i = 0; i < 2; i++) {
		lanes[i]->hash.length += blocks * KX_SHA256_BLOCK_SIZE;
		lanes[i]->at += blocks * KX_SHA256_BLOCK_SIZE;
		lanes[i]->left -= blocks * KX_SHA256_BLOCK_SIZE;
	}
}

void kx_sha256_each(struct kx_sha256_part *parts, size_t count, uint32_t method)
{
	struct queue queue = { parts, count, NULL, method };
	struct lane a, b;

	begin(&a, &queue);
	begin(&b, &queue);
	while (a.part && b.part) {
		if (method == KX_SHA256_CPU)
			advance(&a, &b);
		if (a.left < KX_SHA256_BLOCK_SIZE || method != KX_SHA256_CPU) {
			finish(&a);
			begin(&a, &queue);
		} else {
			finish(&b);
			begin(&b, &queue);
		}
	}
	if (a.part)
		finish(&a);
	if (b.part)
		finish(&b);
}
