/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: what tables map, read as the hardware reads them. Spec: Priv "Virtual Address
 * Translation Process". */
#include "paging.h"

#include "cpu.h"

#define MODE(n)     ((uint64_t)(n) << 60)
#define PPN_OF_SATP (((uint64_t)1 << 44) - 1)
#define MOST_LEVELS 5

const struct paging_mode paging_modes[] = {
	{ "Sv39", { .mode = MODE(8) | 0x80123 }, 0xffffffffc0003000, (uint64_t)1 << 38 },
	{ "Sv48", { .mode = MODE(9) | 0x80123 }, 0xffff8f8000003000, (uint64_t)1 << 47 },
	{ "Sv57", { .mode = MODE(10) | 0x80123 }, 0xff1bfffffffff000, (uint64_t)1 << 56 },
};
const size_t paging_mode_count = sizeof(paging_modes) / sizeof(paging_modes[0]);
const int paging_maps_ram = 0;
const int paging_maps_console = 0;
const struct kx_paging paging_unknown[] = {
	{ .mode = MODE(11) }, { .mode = MODE(8), .level = KX_LEVEL_MAEE },
};
const size_t paging_unknown_count = 2;
const struct kx_paging paging_untyped[] = { { .mode = 0 } };
const size_t paging_untyped_count = 0; /* tables say nothing of it */
const struct kx_paging paging_off = { .mode = 0 };

int paging_roots(const struct kx_handoff *handoff, struct paging_root roots[2])
{
	roots[0] = (struct paging_root){ handoff->tables, 0 };
	return 1;
}

int paging_keeps(const struct paging_mode *mode, uint64_t run_va)
{
	(void)mode;
	(void)run_va;
	return 0;
}

/* Canonical addresses: bits from the sign bit up are all the same. */
int paging_reaches(const struct paging_mode *mode, uint64_t va)
{
	int bits = 12 + 9 * ((int)(mode->paging.mode >> 60) - 5);
	uint64_t sign = va >> (bits - 1);

	return !sign || sign == UINT64_MAX >> (bits - 1);
}

static const uint64_t *table_at(const struct kx_arena *arena, uint64_t pa)
{
	if (pa % KX_PAGE_SIZE || pa < arena->pa || pa - arena->pa + KX_PAGE_SIZE > arena->used)
		return NULL;
	return (const uint64_t *)(const void *)((const uint8_t *)arena->base + (pa - arena->pa));
}

/* Bits 0..7: V R W X U G A D. Returns 0 for a link, 1 for a leaf, -1 for what faults. */
static int kind_of(uint64_t entry)
{
	int rights = entry >> 1 & 7;

	if (entry >> 54 || (rights & 3) == 2) /* reserved bits; writable but not readable */
		return -1;
	if (!rights)
		return entry & 0xf0 ? -1 : 0;
	if ((entry & 0x30) || !(entry & 0x40)) /* user or global; A clear may fault */
		return -1;
	return (entry & 4) && !(entry & 0x80) ? -1 : 1; /* so may D */
}

int paging_leaves(const struct paging_mode *mode, const struct paging_root *root,
		  const struct kx_arena *arena, struct paging_leaf *leaves, int most)
{
	int levels = (int)(mode->paging.mode >> 60) - 5, level = levels - 1, count = 0;
	unsigned int index[MOST_LEVELS] = { 0 };
	const uint64_t *table[MOST_LEVELS];

	if (root->tables >> 60 != mode->paging.mode >> 60 || (root->tables >> 44 & 0xffff))
		return -1;
	table[level] = table_at(arena, (root->tables & PPN_OF_SATP) << 12);
	while (level < levels) {
		uint64_t entry, pa, va = 0;

		if (!table[level])
			return -1;
		if (index[level] == 512) {
			index[level++] = 0;
			continue;
		}
		entry = table[level][index[level]++];
		if (!(entry & 1)) {
			if (entry)
				return -1;
			continue;
		}
		pa = entry >> 10 << 12;
		if (kind_of(entry) < 0 || (!kind_of(entry) && !level) || count == most)
			return -1;
		if (!kind_of(entry)) {
			table[--level] = table_at(arena, pa);
			continue;
		}
		for (int i = level; i < levels; i++)
			va |= (uint64_t)(index[i] - 1) << (12 + 9 * i);
		if (va >> (11 + 9 * levels))
			va |= -((uint64_t)1 << (12 + 9 * levels));
		leaves[count++] = (struct paging_leaf){
			va, pa, (uint64_t)1 << (12 + 9 * level), (entry & 4) != 0,
			(entry & 8) != 0, 0
		};
	}
	return count;
}
