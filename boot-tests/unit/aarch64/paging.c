/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: what tables map, read as the hardware reads them. Spec: Arm "VMSAv8-64 descriptor
 * formats", "TCR_EL1", "TCR_EL2". */
#include "paging.h"

#include "cpu.h"

#define MOST_LEVELS 5
#define BIT(n)      ((uint64_t)1 << (n))

/* TCR of an address space with two halves: both of `bits`, PS as in the manual, granules */
#define HALVES(bits, ps, tg0, tg1) \
	((64u - (bits)) | (64u - (bits)) << 16 | 0x35003500u | (uint64_t)(ps) << 32 | \
	 (uint64_t)(tg0) << 14 | (uint64_t)(tg1) << 30)
/* and with one */
#define ONE_HALF(bits, ps, tg0) \
	((64u - (bits)) | 0x80803500u | (uint64_t)(ps) << 16 | (uint64_t)(tg0) << 14)

#define ON   (KX_LEVEL_MMU | KX_LEVEL_CACHE)
#define MAIR 0x00000044ff00 /* Normal write-back is number 1 */

const struct paging_mode paging_modes[] = {
	{ "EL1, 4 KiB, 48 bits", { HALVES(48, 5, 0, 2), MAIR, 1 | ON, 0 }, 0xffff800010003000, BIT(48) },
	{ "EL1, 4 KiB, 39 bits", { HALVES(39, 5, 0, 2), MAIR, 1 | ON, 0 }, 0xffffffc010003000, BIT(48) },
	{ "EL1, 16 KiB", { HALVES(47, 5, 2, 1), MAIR, 1 | ON, 0 }, 0xffffc00010004000, BIT(48) },
	{ "EL1, 64 KiB", { HALVES(48, 5, 1, 3), MAIR, 1 | ON, 0 }, 0xffff800010030000, BIT(48) },
	{ "EL2 with E2H", { HALVES(48, 2, 0, 2), MAIR, 2 | KX_LEVEL_E2H | ON, 0 }, 0xffff800010003000,
	  BIT(40) },
	{ "EL1, lower half", { HALVES(39, 5, 0, 2), MAIR, 1 | ON, 0 }, 0x4010003000, BIT(39) },
	{ "EL2", { ONE_HALF(44, 4, 0), MAIR, 2 | ON, 0 }, 0x80010003000, BIT(44) },
	{ "EL2, 64 KiB", { ONE_HALF(48, 5, 1), MAIR, 2 | ON, 0 }, 0x800010030000, BIT(48) },
};
const size_t paging_mode_count = sizeof(paging_modes) / sizeof(paging_modes[0]);
const int paging_maps_ram = 1;
const int paging_maps_console = 0;
const struct kx_paging paging_unknown[] = {
	{ HALVES(48, 5, 0, 2), MAIR, 3 | ON, 0 }, { HALVES(48, 5, 0, 2), MAIR, 1 | ON | KX_LEVEL_OTHERS, 0 },
};
const size_t paging_unknown_count = 2;
const struct kx_paging paging_untyped[] = { { HALVES(48, 5, 0, 2), 0x44bb04, 1 | ON, 0 } };
const size_t paging_untyped_count = 1;
const struct kx_paging paging_off = { 0, 0, 1, 5 }; /* EL1, 48 bits of memory, every granule */

static int has_halves(const struct paging_mode *mode)
{
	return (mode->paging.level & KX_LEVEL_E2H) || (mode->paging.level & KX_LEVEL_EL) == 1;
}

int paging_roots(const struct kx_handoff *handoff, struct paging_root roots[2])
{
	roots[0] = (struct paging_root){ handoff->tables, handoff->cpu[KX_CPU_ENTER_TCR] };
	roots[1] = (struct paging_root){ handoff->cpu[KX_CPU_COPY_TTBR], handoff->cpu[KX_CPU_COPY_TCR] };
	return roots[0].tables == roots[1].tables ? 1 : 2;
}

int paging_keeps(const struct paging_mode *mode, uint64_t run_va)
{
	return has_halves(mode) && run_va >> 63;
}

int paging_reaches(const struct paging_mode *mode, uint64_t va)
{
	unsigned int size = mode->paging.mode & 0x3f;
	int upper = mode->high_va >> 63 != 0;

	/* A mode stands for the half that its high_va is in. */
	if (va >> 63)
		return upper && has_halves(mode) && !(~va >> (64 - size));
	return !upper && !(va >> (64 - size));
}

static const uint64_t *table_at(const struct kx_arena *arena, uint64_t pa, uint64_t granule)
{
	if (pa % granule || pa < arena->pa || pa - arena->pa + granule > arena->used)
		return NULL;
	return (const uint64_t *)(const void *)((const uint8_t *)arena->base + (pa - arena->pa));
}

static int is_device(const struct paging_mode *mode, uint64_t entry)
{
	return (mode->paging.mode2 >> 8 * (entry >> 2 & 7) & 0xff) == 0;
}

/* May a leaf stand here? Access flag set, not for EL0, Normal memory, or a device by a page that nobody
 * fetches from; a block only where there are. */
static int is_sound(const struct paging_mode *mode, uint64_t entry, int level, int shift)
{
	unsigned int index = entry >> 2 & 7;

	if (is_device(mode, entry) ? level || !(entry & BIT(54)) || (entry & BIT(7)) :
	    (mode->paging.mode2 >> 8 * index & 0xff) != 0xff)
		return 0;
	if (!(entry & BIT(10)) || entry >> 55 || (entry & BIT(11)))
		return 0;
	if (!(entry & BIT(6)) == !has_halves(mode))
		return 0;
	return !level || level == 1 || (level == 2 && shift == 12);
}

int paging_leaves(const struct paging_mode *mode, const struct paging_root *root,
		  const struct kx_arena *arena, struct paging_leaf *leaves, int most)
{
	static const int shifts[] = { 12, 16, 14 }; /* TG0 */
	int shift = shifts[root->mode >> 14 & 3], step = shift - 3, level, count = 0;
	int bits = 64 - (int)(root->mode & 0x3f), levels = (bits - shift + step - 1) / step;
	uint64_t address = (BIT(48) - 1) & -BIT(shift);
	const uint64_t *table[MOST_LEVELS];
	unsigned int index[MOST_LEVELS] = { 0 };

	level = levels - 1;
	table[level] = table_at(arena, root->tables, BIT(shift));
	while (level < levels) {
		int exec_bit = has_halves(mode) ? 53 : 54;
		uint64_t entry, va = 0;

		if (!table[level])
			return -1;
		if (index[level] == 1u << step) {
			index[level++] = 0;
			continue;
		}
		entry = table[level][index[level]++];
		if (!(entry & 1)) {
			if (entry)
				return -1;
			continue;
		}
		if (level && (entry & 2)) {
			if (entry & ~(address | 3))
				return -1;
			table[--level] = table_at(arena, entry & address, BIT(shift));
			continue;
		}
		if (count == most || (!level && !(entry & 2)) || !is_sound(mode, entry, level, shift))
			return -1;
		for (int i = level; i < levels; i++)
			va |= (uint64_t)(index[i] - 1) << (shift + step * i);
		if (va >> bits || (entry & address & (BIT(shift + step * level) - 1)))
			return -1;
		leaves[count++] = (struct paging_leaf){
			va, entry & address, BIT(shift + step * level), !(entry & BIT(7)),
			!(entry & BIT(exec_bit)), is_device(mode, entry)
		};
	}
	return count;
}
