/* SPDX-License-Identifier: BSD-2-Clause */
/* Which physical memory is free: RAM, less what is reserved, less what has been taken. */
#include "host.h"

void pool_take(struct pool *pool, uint64_t pa, uint64_t size)
{
	if (size && pool->taken_count < POOL_TAKEN)
		pool->taken[pool->taken_count++] = (struct kx_range){ pa, size };
}

/* The range, taken or reserved, that is in the way; NULL: none. */
static const struct kx_range *in_the_way(const struct pool *pool, uint64_t pa, uint64_t size)
{
	for (size_t i = 0; i < pool->taken_count + pool->memory->reserved_count; i++) {
		const struct kx_range *range = i < pool->taken_count ?
			&pool->taken[i] : &pool->memory->reserved[i - pool->taken_count];

		if (pa < range->pa + range->size && range->pa < pa + size)
			return range;
	}
	return NULL;
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

uint64_t pool_lowest(const struct pool *pool, uint64_t size, uint64_t align, uint64_t from_pa)
{
	for (size_t i = 0; i < pool->memory->ram_count; i++) {
		struct kx_range ram = pool->memory->ram[i];
		uint64_t pa = align_up(ram.pa > from_pa ? ram.pa : from_pa, align);

		while (pa + size <= ram.pa + ram.size) {
			const struct kx_range *range = in_the_way(pool, pa, size);

			if (!range)
				return pa;
			pa = align_up(range->pa + range->size, align);
		}
	}
	return UINT64_MAX;
}

uint64_t pool_highest(struct pool *pool, uint64_t size, uint64_t align)
{
	for (size_t i = pool->memory->ram_count; i--;) {
		struct kx_range ram = pool->memory->ram[i];
		uint64_t top = ram.pa + ram.size;

		while (top - ram.pa >= size) {
			uint64_t pa = (top - size) & ~(align - 1);
			const struct kx_range *range;

			if (pa < ram.pa)
				break;
			range = in_the_way(pool, pa, size);
			if (!range) {
				pool_take(pool, pa, size);
				return pa;
			}
			if (range->pa < ram.pa)
				break;
			top = range->pa;
		}
	}
	return UINT64_MAX;
}
