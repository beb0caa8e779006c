/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The payload in pieces all over RAM, as a running system's allocator would leave it: most of them a
 * page, some a few, a few long, in an order drawn from a seed. They may lie where the new image will:
 * sorting that out is the library's part.
 */
#include "host.h"

#define PAGE KX_PAGE_SIZE

static uint64_t draw(uint64_t *seed) /* splitmix64 */
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t draw_pages(uint64_t *seed)
{
	uint64_t kind = draw(seed) % 100;

	if (kind < 75)
		return 1;
	if (kind < 98)
		return 2 + draw(seed) % 15;
	return 128 + draw(seed) % 512;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Cut a part into pieces; where they will lie comes later. */
static int cut(struct scatter *scatter, const struct scatter_part *part)
{
	struct kx_segment *segment = &scatter->segments[scatter->count++];
	uint64_t rest = part->bytes.size;

	segment->dest_pa = part->dest_pa;
	segment->memsz = part->memsz;
	segment->filesz = rest;
	segment->pieces = &scatter->pieces[scatter->piece_count];
	while (rest) {
		uint64_t size = least(rest, draw_pages(&scatter->seed) * PAGE);

		if (scatter->piece_count == scatter->piece_max)
			return 0;
		scatter->pieces[scatter->piece_count++].size = size;
		segment->piece_count++;
		rest -= size;
	}
	return 1;
}

/* Lay the pieces out one after the other in a shuffled order, with gaps. */
static int lay_out(struct scatter *scatter, struct pool *pool, uint32_t *order)
{
	uint64_t room = 0, pa;
	size_t count = scatter->piece_count;

	for (size_t i = 0; i < count; i++) {
		size_t j = draw(&scatter->seed) % (i + 1);

		order[i] = order[j];
		order[j] = (uint32_t)i;
		room += (scatter->pieces[i].size + PAGE - 1) / PAGE * PAGE + PAGE;
	}
	pa = pool_lowest(pool, room, PAGE, 0);
	if (pa == UINT64_MAX)
		return 0;
	scatter->span = (struct kx_range){ pa, room };
	for (size_t i = 0; i < count; i++) {
		struct kx_piece *piece = &scatter->pieces[order[i]];

		piece->pa = pa;
		piece->data = mmu_ptr(pa);
		pa += (piece->size + PAGE - 1) / PAGE * PAGE + draw(&scatter->seed) % 2 * PAGE;
	}
	return 1;
}

static void copy(const struct kx_segment *segment, const uint8_t *data)
{
	for (size_t i = 0; i < segment->piece_count; i++) {
		memcpy(mmu_ptr(segment->pieces[i].pa), data, segment->pieces[i].size);
		data += segment->pieces[i].size;
	}
}

int scatter(struct scatter *scatter, struct pool *pool, const struct scatter_part *parts,
	    size_t count)
{
	uint64_t pages = 0, table;

	for (size_t i = 0; i < count; i++)
		pages += parts[i].bytes.size / PAGE + 1;
	scatter->piece_max = pages;
	table = pool_highest(pool, pages * (sizeof(struct kx_piece) + sizeof(uint32_t)), PAGE);
	if (table == UINT64_MAX)
		return 0;
	scatter->pieces = mmu_ptr(table);
	for (size_t i = 0; i < count; i++)
		if (!cut(scatter, &parts[i]))
			return 0;
	if (!lay_out(scatter, pool, (uint32_t *)(void *)(scatter->pieces + pages)))
		return 0;
	for (size_t i = 0; i < count; i++)
		copy(&scatter->segments[i], parts[i].bytes.data);
	pool_take(pool, scatter->span.pa, scatter->span.size);
	return 1;
}
