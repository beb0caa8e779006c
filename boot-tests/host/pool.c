/* SPDX-License-Identifier: BSD-2-Clause */
/* Which physical memory is free: RAM, less what is reserved, less what has been taken. */
#include "host.h"

void pool_take(struct pool *pool, uint64_t pa, uint64_t size)
{
	if (size && pool->taken_count < POOL_TAKEN)
		pool->taken[pool->taken_count++] = (struct kx_range){ pa, size };
}

static const struct kx_range *touched(const struct kx_range *range, size_t count, struct kx_range by)
{
	for (; count; range++, count--)
		if (by.pa < range->pa + range->size && range->pa < by.pa + by.size)
			return range;
	return NULL;
}

/* The range that is in the way, because it is taken, reserved or still in use; NULL: none. */
static const struct kx_range *in_the_way(const struct pool *pool, uint64_t pa, uint64_t size)
{
	const struct kx_memory *memory = pool->memory;
	struct kx_range by = { pa, size };
	const struct kx_range *range = touched(pool->taken, pool->taken_count, by);

	if (!range)
		range = touched(memory->reserved, memory->reserved_count, by);
	if (!range)
		range = touched(memory->parked, memory->parked_count, by);
	return range ? range : touched(memory->written, memory->written_count, by);
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
