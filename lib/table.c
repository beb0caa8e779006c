/* SPDX-License-Identifier: BSD-2-Clause */
/* Building translation tables in the arena; called by arch/<a>/idmap.c. */
#include "table.h"

#include "arena.h"
#include "range.h"

static unsigned int shift_of(const struct kx_table *table, unsigned int level)
{
	return table->page_shift + level * (table->page_shift - 3);
}

/* Bits above va_bits are a sign or a tag; they choose the root, not an entry. */
static uint64_t index_of(const struct kx_table *table, uint64_t va, unsigned int level)
{
	uint64_t inside = va & (((uint64_t)1 << table->va_bits) - 1);
	uint64_t entries = (uint64_t)1 << (table->page_shift - 3);

	return (inside >> shift_of(table, level)) & (entries - 1);
}

static uint64_t *new_table(struct kx_table *table, uint64_t *pa)
{
	uint64_t size = (uint64_t)1 << table->page_shift;

	return kx_arena_take_(table->arena, size, size, pa);
}

int kx_table_init_(struct kx_table *table, struct kx_arena *arena)
{
	table->arena = arena;
	table->root = new_table(table, &table->root_pa);
	return table->root ? 0 : -KX_ERR_ARENA_SMALL;
}

static uint64_t *follow(struct kx_table *table, uint64_t *entry)
{
	uint64_t pa;
	uint64_t *next;

	if (*entry) {
		pa = kx_table_target_(table, *entry);
		return (uint64_t *)(void *)((uint8_t *)table->arena->base + (pa - table->arena->pa));
	}
	next = new_table(table, &pa);
	if (next)
		*entry = kx_table_link_(table, pa);
	return next;
}

/* Map the start of a mapping by one leaf, as large as alignment allows. *done: bytes dealt with. */
static int map_leaf(struct kx_table *table, const struct kx_mapping *mapping, uint64_t *done)
{
	uint64_t *entries = table->root;

	for (unsigned int level = table->levels - 1;; level--) {
		uint64_t *entry = &entries[index_of(table, mapping->va, level)];
		uint64_t size = (uint64_t)1 << shift_of(table, level);
		int fits = level <= table->leaf_level && mapping->size >= size &&
			   kx_aligned_(mapping->va | mapping->pa, size);

		if (*entry && !kx_table_is_link_(*entry, level)) {
			*done = size - (mapping->va & (size - 1));
			return 0; /* mapped before */
		}
		if (!*entry && (fits || !level)) {
			*entry = kx_table_leaf_(table, mapping->pa, level, mapping->kind);
			*done = size;
			return 0;
		}
		entries = follow(table, entry);
		if (!entries)
			return -KX_ERR_ARENA_SMALL;
	}
}

int kx_table_map_(struct kx_table *table, const struct kx_mapping *mapping)
{
	struct kx_mapping rest = *mapping;

	while (rest.size) {
		uint64_t done;
		int error = map_leaf(table, &rest, &done);

		if (error)
			return error;
		if (done > rest.size)
			done = rest.size;
		rest.va += done;
		rest.pa += done;
		rest.size -= done;
	}
	return 0;
}
