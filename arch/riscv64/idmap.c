/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: tables in the host's own mode, Sv39, Sv48 or Sv57. They hold the control page and libkx's
 * own twice and nothing else, because the copy runs untranslated.
 * Spec: Priv "Sv39: Page-Based 39-bit Virtual-Memory System" and its two sisters.
 */
#include "arch.h"

#include "arena.h"
#include "cpu.h"
#include "range.h"
#include "table.h"

#define PTE_V 0x01
#define PTE_R 0x02
#define PTE_W 0x04
#define PTE_X 0x08
#define PTE_A 0x40 /* set in advance: hardware may fault instead of setting it */
#define PTE_D 0x80

#define PTE_PPN_SHIFT 10

#define LEVELS_MAX 5

#define PATHS 4 /* the aliases and the identities: each at most one table a level */

uint64_t kx_table_link_(const struct kx_table *table, uint64_t table_pa)
{
	(void)table;
	return table_pa >> KX_PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V;
}

int kx_table_is_link_(uint64_t entry, unsigned int level)
{
	(void)level;
	return !(entry & (PTE_R | PTE_W | PTE_X));
}

uint64_t kx_table_target_(const struct kx_table *table, uint64_t entry)
{
	(void)table;
	return entry >> PTE_PPN_SHIFT << KX_PAGE_SHIFT;
}

uint64_t kx_table_leaf_(const struct kx_table *table, uint64_t pa, unsigned int level, int kind)
{
	uint64_t rights = kind == KX_MAP_CODE ? PTE_R | PTE_X | PTE_A : PTE_R | PTE_W | PTE_A | PTE_D;

	(void)table;
	(void)level;
	return pa >> KX_PAGE_SHIFT << PTE_PPN_SHIFT | rights | PTE_V;
}

static unsigned int levels_of(uint64_t satp)
{
	switch (satp >> SATP_MODE_SHIFT) {
	case SATP_MODE_SV39: return 3;
	case SATP_MODE_SV48: return 4;
	case SATP_MODE_SV57: return 5;
	}
	return 0;
}

int kx_idmap_off_(const struct kx_paging *paging)
{
	return paging->mode >> SATP_MODE_SHIFT == SATP_MODE_BARE;
}

uint64_t kx_idmap_granule_(const struct kx_paging *paging)
{
	(void)paging;
	return KX_PAGE_SIZE;
}

uint64_t kx_idmap_pages_(const struct kx_paging *paging, const struct kx_memory *memory)
{
	unsigned int levels = levels_of(paging->mode);

	(void)memory;
	return 1 + PATHS * ((levels ? levels : LEVELS_MAX) - 1);
}

/* A page at the address where the host sees it, and at its own. */
static int map_twice(struct kx_table *table, uint64_t va, uint64_t pa, int kind)
{
	struct kx_mapping page = { va, pa, KX_PAGE_SIZE, kind };
	int error = kx_table_map_(table, &page);

	page.va = pa;
	return error ? error : kx_table_map_(table, &page);
}

int kx_idmap_build_(const struct kx_idmap_want *want, struct kx_arena *arena,
		    struct kx_handoff *handoff)
{
	struct kx_table table = { .page_shift = KX_PAGE_SHIFT };
	int error;

	handoff->tables = 0;
	if (kx_idmap_off_(&want->paging))
		return 0;
	table.levels = levels_of(want->paging.mode);
	if (!table.levels || want->paging.level & KX_LEVEL_MAEE)
		return -KX_ERR_PAGING_MODE;
	table.va_bits = KX_PAGE_SHIFT + 9 * table.levels;
	/* The upper half of the space is for addresses with the sign bit set; PA = VA has none. */
	if ((want->control_pa | want->own_pa) >> (table.va_bits - 1))
		return -KX_ERR_IDMAP_RANGE;
	error = kx_table_init_(&table, arena);
	if (!error)
		error = map_twice(&table, want->run_va, want->control_pa, KX_MAP_CODE);
	if (!error)
		error = map_twice(&table, (uintptr_t)want->own, want->own_pa, KX_MAP_DATA);
	/* ASID 0: the fence behind the switch leaves nothing of the host's in the TLB. */
	handoff->tables = want->paging.mode >> SATP_MODE_SHIFT << SATP_MODE_SHIFT |
			  table.root_pa >> KX_PAGE_SHIFT;
	return error;
}
