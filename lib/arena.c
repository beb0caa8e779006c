/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking memory from struct kx_arena; called by the list builder, the tables and the seal. */
#include "arena.h"

#include "mem.h"
#include "range.h"

int kx_arena_check_(const struct kx_arena *arena)
{
	if (!arena || !arena->base || !arena->pa || !kx_aligned_(arena->pa, KX_PAGE_SIZE))
		return -KX_ERR_ARGUMENT;
	if (((uintptr_t)arena->base & 7) || arena->used > arena->size)
		return -KX_ERR_ARGUMENT;
	if (kx_wraps_(arena->pa, arena->size))
		return -KX_ERR_ARGUMENT;
	return 0;
}

void *kx_arena_take_(struct kx_arena *arena, uint64_t size, uint64_t align, uint64_t *pa)
{
	uint64_t start = arena->pa + arena->used;
	uint64_t padding = -start & (align - 1);
	uint64_t left = arena->size - arena->used;
	void *taken;

	if (padding > left || size > left - padding)
		return NULL;
	taken = (uint8_t *)arena->base + arena->used + padding;
	arena->used += padding + size;
	*pa = start + padding;
	kx_mem_zero_(taken, size);
	return taken;
}

void *kx_arena_lend_(struct kx_arena *arena, uint64_t size)
{
	uint64_t end = kx_align_down_(arena->size, 8);
	void *lent;

	if (size > arena->size)
		return NULL;
	size = kx_align_up_(size, 8);
	if (end < arena->used || size > end - arena->used)
		return NULL;
	arena->size = end - size;
	lent = (uint8_t *)arena->base + arena->size;
	kx_mem_zero_(lent, size);
	return lent;
}

const void *kx_arena_at_(const void *context, uint64_t pa)
{
	const struct kx_arena *arena = context;

	if (!kx_contains_((struct kx_range){ arena->pa, arena->used }, pa, KX_PAGE_SIZE))
		return NULL;
	return (const uint8_t *)arena->base + (pa - arena->pa);
}
