/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: what tables map, read as the hardware reads them. Spec: SDM "4-Level Paging and 5-Level
 * Paging". */
#include "paging.h"

#include "cpu.h"

#define MOST_LEVELS 5
#define ADDRESS     0x000ffffffffff000
#define IGNORED     0x60 /* accessed, dirty */
#define UNCACHED    0x18 /* PWT, PCD */

/* SDM "Page Attribute Table (PAT)": as Linux has it */
#define PAT_LINUX 0x0407050600070106

const struct paging_mode paging_modes[] = {
	{ "4-level", { .mode = CR4_PAE, .mode2 = PAT_AT_RESET }, 0xffff888000003000, (uint64_t)1 << 47 },
	{ "5-level", { .mode = CR4_PAE | CR4_LA57, .mode2 = PAT_LINUX }, 0xff11000000003000, (uint64_t)1 << 52 },
};
const size_t paging_mode_count = sizeof(paging_modes) / sizeof(paging_modes[0]);
const int paging_maps_ram = 1;
const int paging_maps_console = 1;
const struct kx_paging paging_unknown[] = { { CR4_PAE, PAT_AT_RESET, KX_LEVEL_ENCRYPTED, 0 } };
const size_t paging_unknown_count = 1;
const struct kx_paging paging_untyped[] = {
	{ .mode = CR4_PAE, .mode2 = PAT_AT_RESET ^ 2 }, { .mode = CR4_PAE, .mode2 = PAT_AT_RESET ^ 1 << 24 },
};
const size_t paging_untyped_count = 2;
const struct kx_paging paging_off = { .mode = 0, .mode2 = PAT_AT_RESET }; /* there is no such thing in long mode */

int paging_roots(const struct kx_handoff *handoff, struct paging_root roots[2])
{
	roots[0] = (struct paging_root){ handoff->tables, 0 };
	roots[1] = (struct paging_root){ handoff->cpu[KX_CPU_IDENTITY], 0 };
	return 2;
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
	int bits = mode->paging.mode & CR4_LA57 ? 57 : 48;
	uint64_t sign = va >> (bits - 1);

	return !sign || sign == UINT64_MAX >> (bits - 1);
}

static const uint64_t *table_at(const struct kx_arena *arena, uint64_t pa)
{
	if (pa % KX_PAGE_SIZE || pa < arena->pa || pa - arena->pa + KX_PAGE_SIZE > arena->used)
		return NULL;
	return (const uint64_t *)(const void *)((const uint8_t *)arena->base + (pa - arena->pa));
}

/* 0: a link, 1: a leaf, -1: what faults, or that libkx has no reason to write */
static int kind_of(uint64_t entry, int level)
{
	uint64_t rest = entry & ~(uint64_t)(ADDRESS | IGNORED | 0x3);

	if (!(entry & 1))
		return -1;
	if (!level)
		return rest && rest != UNCACHED ? -1 : 1;
	if (rest == 0x80) /* a large page */
		return level > 2 || entry & (((uint64_t)0x200 << (9 * level)) * 8 - 1) & ADDRESS ? -1 : 1;
	return rest ? -1 : 0;
}

int paging_leaves(const struct paging_mode *mode, const struct paging_root *root,
		  const struct kx_arena *arena, struct paging_leaf *leaves, int most)
{
	int levels = mode->paging.mode & CR4_LA57 ? 5 : 4, level = levels - 1, count = 0;
	const uint64_t *table[MOST_LEVELS];
	unsigned int index[MOST_LEVELS] = { 0 };

	if (root->tables & ~(uint64_t)ADDRESS)
		return -1;
	table[level] = table_at(arena, root->tables);
	while (level < levels) {
		uint64_t entry, va = 0;
		int kind;

		if (!table[level])
			return -1;
		if (index[level] == 512) {
			index[level++] = 0;
			continue;
		}
		entry = table[level][index[level]++];
		if (!entry)
			continue;
		kind = kind_of(entry, level);
		if (kind < 0 || count == most)
			return -1;
		if (!kind) {
			table[--level] = table_at(arena, entry & ADDRESS);
			continue;
		}
		for (int i = level; i < levels; i++)
			va |= (uint64_t)(index[i] - 1) << (12 + 9 * i);
		if (va >> (11 + 9 * levels))
			va |= -((uint64_t)1 << (12 + 9 * levels));
		leaves[count++] = (struct paging_leaf){
			va, entry & ADDRESS, (uint64_t)1 << (12 + 9 * level), (entry & 2) != 0, 1,
			(entry & UNCACHED) != 0
		};
	}
	return count;
}
