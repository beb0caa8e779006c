/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's address space: how its tables are walked, and where memory is before and after they are in force. */
#include "space.h"

#include "host.h"

uint64_t mmu_image_pa, mmu_linear_va;
uint64_t mmu_image_va; /* aarch64: read by start.S */

/* Do we run where start.S has taken us, or still where we were loaded? */
static int is_up(void)
{
	return mmu_image_at() == mmu_image_va;
}

void *mmu_ptr(uint64_t pa)
{
	return (void *)(uintptr_t)(is_up() ? mmu_linear_va + pa : pa);
}

uint64_t mmu_pa(const void *ptr)
{
	uint64_t va = (uintptr_t)ptr;

	if (!is_up())
		return va;
	return va - mmu_image_va < (uint64_t)(image_end - image_start) ? va - mmu_image_va + mmu_image_pa :
									   va - mmu_linear_va;
}

uint64_t *space_entry(const struct space *space, uint64_t va, unsigned int level)
{
	unsigned int index_bits = space->shift - 3;
	unsigned int i = (space->bits - space->shift + index_bits - 1) / index_bits - 1;
	uint64_t *table = mmu_ptr(space->root_pa);

	va &= ((uint64_t)1 << space->bits) - 1;
	for (;; i--) {
		uint64_t *entry = &table[va >> (space->shift + index_bits * i) & ((1u << index_bits) - 1)];

		if (i == level)
			return entry;
		if (!*entry)
			*entry = mmu_link(mmu_new_table());
		table = mmu_ptr(mmu_linked_pa(*entry));
	}
}

void space_map_image(const struct space *space, const char *from, const char *to, uint64_t bits)
{
	uint64_t offset = (uint64_t)(from - image_start), end = (uint64_t)(to - image_start);

	for (; offset < end; offset += (uint64_t)1 << space->shift)
		*space_entry(space, mmu_image_va + offset, 0) = mmu_leaf(mmu_image_pa + offset, bits);
}
