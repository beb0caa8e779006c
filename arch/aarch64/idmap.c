/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: the tables that the copy runs on, and where the host runs in the lower half of the
 * address space, tables for the way there.
 *
 * A host in the upper half (TTBR1) leaves the lower one (TTBR0) to libkx: kx_enter_ switches to the
 * tables of the copy at once. A host in the lower half runs from the register that must change:
 * kx_enter_ switches to tables that hold the control page and libkx's own twice, where the host sees
 * them and at their physical addresses, and the trampoline from there to the tables of the copy, in
 * which every address leads to itself. Both are made in the host's own geometry.
 * Spec: Arm "The AArch64 Virtual Memory System Architecture", "VMSAv8-64 descriptor formats".
 */
#include "arch.h"

#include "arena.h"
#include "cpu.h"
#include "memory.h"
#include "range.h"
#include "table.h"

/* Descriptors */
#define DESC_BLOCK 0x1
#define DESC_TABLE 0x3 /* on the last level: a page */
#define DESC_TYPE  0x3
#define DESC_ATTR_SHIFT 2
#define DESC_AP1   0x40 /* RES1 where there is no EL0 below */
#define DESC_AP2   0x80 /* read only */
#define DESC_SH_SHIFT 8
#define DESC_AF    0x400
#define DESC_PXN   (1ull << 53)
#define DESC_XN    (1ull << 54) /* UXN where there is an EL0 below */

/* Arm "TCR_EL1", "TCR_EL2" */
#define TCR_SIZE       0x3f /* T0SZ; T1SZ is 16 bits up, as are the next two */
#define TCR_T1_SHIFT   16
#define TCR_CACHED     0x3f00     /* SH0, ORGN0, IRGN0 */
#define TCR_LOWER      0xffbf     /* all of these, EPD0 and TG0 */
#define TCR_WRITE_BACK 0x3500     /* inner shareable; walks write-back, write-allocate */
#define TCR_SH0_SHIFT  12
#define TCR_TG0_SHIFT  14
#define TCR_TG1_SHIFT  30
#define TCR_EPD1       (1ull << 23) /* no walks for the upper half; RES1 where there is none */
#define TCR_PS_SHIFT   16         /* one half */
#define TCR_IPS_SHIFT  32         /* two halves */
#define TCR_PS         0x7
#define TCR_EL2_RES1   0x80800000 /* one half */
#define TCR_EL2_DS     (1ull << 32)
#define TCR_EL1_DS     (1ull << 59)

#define TSZ_48 16 /* the widest space that every CPU has, with every granule */

#define TG_BAD 0
#define SHIFT_4K  12
#define SHIFT_16K 14
#define SHIFT_64K 16

/* Arm "ID_AA64MMFR0_EL1" */
#define MMFR0_PARANGE        0xf
#define MMFR0_PARANGE_48     5
#define MMFR0_TGRAN16_SHIFT  20
#define MMFR0_TGRAN4_SHIFT   28
#define MMFR0_TGRAN          0xf
#define MMFR0_TGRAN16_NONE   0x0
#define MMFR0_TGRAN4_NONE    0xf

/* Arm "MAIR_EL1": Normal memory, write-back, read- and write-allocate, inner and outer */
#define MAIR_NORMAL 0xff
#define MAIR_DEVICE 0x00 /* Device-nGnRnE, and with early acknowledgement */
#define MAIR_EARLY  0x04

/* ---- entries: called by lib/table.c ---- */

/* Bits 51 to 48 of an address lie elsewhere; where there are none, zero is right too. */
static uint64_t put_address(const struct kx_table *table, uint64_t pa)
{
	if (table->page_shift == SHIFT_64K)
		return (pa & 0x0000ffffffff0000) | (pa >> 48 & 0xf) << 12;
	return (pa & 0x0003fffffffff000) | (pa >> 50 & 0x3) << 8;
}

uint64_t kx_table_target_(const struct kx_table *table, uint64_t entry)
{
	if (table->page_shift == SHIFT_64K)
		return (entry & 0x0000ffffffff0000) | (entry >> 12 & 0xf) << 48;
	return (entry & 0x0003fffffffff000) | (entry >> 8 & 0x3) << 50;
}

uint64_t kx_table_link_(const struct kx_table *table, uint64_t table_pa)
{
	return put_address(table, table_pa) | DESC_TABLE;
}

int kx_table_is_link_(uint64_t entry, unsigned int level)
{
	return level && (entry & DESC_TYPE) == DESC_TABLE;
}

uint64_t kx_table_leaf_(const struct kx_table *table, uint64_t pa, unsigned int level, int kind)
{
	int one_half = (table->attributes & DESC_AP1) != 0;
	uint64_t entry = put_address(table, pa);

	entry |= kind == KX_MAP_DEVICE ? table->device : table->attributes;
	entry |= level ? DESC_BLOCK : DESC_TABLE;
	if (kind == KX_MAP_CODE)
		return entry | DESC_AP2 | (one_half ? 0 : DESC_XN);
	return entry | DESC_XN | (one_half ? 0 : DESC_PXN);
}

/* ---- geometry ---- */

static int has_halves(const struct kx_paging *paging)
{
	return (paging->level & KX_LEVEL_EL) == 1 || (paging->level & KX_LEVEL_E2H);
}

static int in_upper_half(const struct kx_paging *paging, uint64_t va)
{
	return has_halves(paging) && (va >> 55 & 1);
}

static int runs_in_upper_half(const struct kx_idmap_want *want)
{
	return in_upper_half(&want->paging, want->run_va);
}

int kx_idmap_off_(const struct kx_paging *paging)
{
	return !(paging->level & KX_LEVEL_MMU);
}

static unsigned int lower_shift(uint64_t tcr)
{
	switch (tcr >> TCR_TG0_SHIFT & 3) {
	case 0: return SHIFT_4K;
	case 1: return SHIFT_64K;
	case 2: return SHIFT_16K;
	}
	return TG_BAD;
}

static unsigned int upper_shift(uint64_t tcr)
{
	switch (tcr >> TCR_TG1_SHIFT & 3) {
	case 1: return SHIFT_16K;
	case 2: return SHIFT_4K;
	case 3: return SHIFT_64K;
	}
	return TG_BAD;
}

/* The same granule as TG0 says it. */
static uint64_t lower_tg(unsigned int shift)
{
	switch (shift) {
	case SHIFT_16K: return 2u << TCR_TG0_SHIFT;
	case SHIFT_64K: return 1u << TCR_TG0_SHIFT;
	}
	return 0;
}

/* For a host without translation: the smallest granule, 48 bits, what the CPU has of memory. */
static uint64_t own_tcr(const struct kx_paging *paging)
{
	uint64_t range = paging->features & MMFR0_PARANGE;
	uint64_t tcr = TSZ_48 | TCR_WRITE_BACK | TCR_EPD1;

	if ((paging->features >> MMFR0_TGRAN4_SHIFT & MMFR0_TGRAN) == MMFR0_TGRAN4_NONE)
		tcr |= lower_tg((paging->features >> MMFR0_TGRAN16_SHIFT & MMFR0_TGRAN) ==
				MMFR0_TGRAN16_NONE ? SHIFT_64K : SHIFT_16K);
	if (range > MMFR0_PARANGE_48)
		range = MMFR0_PARANGE_48;
	if (has_halves(paging))
		return tcr | range << TCR_IPS_SHIFT;
	return tcr | range << TCR_PS_SHIFT | TCR_EL2_RES1;
}

/* A host in the upper half: the lower one becomes like it, and no narrower than 48 bits. */
static uint64_t mirrored_tcr(uint64_t tcr)
{
	uint64_t size = tcr >> TCR_T1_SHIFT & TCR_SIZE;

	return (tcr & ~(uint64_t)TCR_LOWER) | (size < TSZ_48 ? size : TSZ_48) |
	       (tcr >> TCR_T1_SHIFT & TCR_CACHED) | lower_tg(upper_shift(tcr));
}

/* TCR with which kx_enter_ switches. */
static uint64_t enter_tcr(const struct kx_idmap_want *want)
{
	if (kx_idmap_off_(&want->paging))
		return own_tcr(&want->paging);
	return runs_in_upper_half(want) ? mirrored_tcr(want->paging.mode) : want->paging.mode;
}

uint64_t kx_idmap_granule_(const struct kx_paging *paging)
{
	unsigned int shift, upper = TG_BAD;

	if (!paging->level) /* nothing is known: the largest there is */
		return (uint64_t)1 << SHIFT_64K;
	shift = lower_shift(kx_idmap_off_(paging) ? own_tcr(paging) : paging->mode);
	if (!kx_idmap_off_(paging) && has_halves(paging))
		upper = upper_shift(paging->mode);
	if (upper > shift)
		shift = upper;
	return (uint64_t)1 << (shift == TG_BAD ? SHIFT_64K : shift);
}

static unsigned int pa_bits(const struct kx_paging *paging, uint64_t tcr)
{
	int halves = has_halves(paging);
	unsigned int bits;

	switch (tcr >> (halves ? TCR_IPS_SHIFT : TCR_PS_SHIFT) & TCR_PS) {
	case 0: bits = 32; break;
	case 1: bits = 36; break;
	case 2: bits = 40; break;
	case 3: bits = 42; break;
	case 4: bits = 44; break;
	case 5: bits = 48; break;
	default: bits = 52; break;
	}
	/* More than 48 bits fit descriptors of 64 KiB, and with TCR.DS those of the others. */
	if (bits > 48 && lower_shift(tcr) != SHIFT_64K &&
	    !(tcr & (halves ? TCR_EL1_DS : TCR_EL2_DS)))
		bits = 48;
	return bits;
}

/* The index of a type of memory in MAIR; 8 where the host has none. */
static unsigned int index_of(uint64_t mair, uint64_t type)
{
	unsigned int i = 0;

	while (i < 8 && (mair >> 8 * i & 0xff) != type)
		i++;
	return i;
}

static unsigned int device_index(uint64_t mair)
{
	unsigned int i = index_of(mair, MAIR_DEVICE);

	return i < 8 ? i : index_of(mair, MAIR_EARLY);
}

/* What leaves say of memory and of devices. */
static int read_types(const struct kx_idmap_want *want, uint64_t tcr, struct kx_table *table)
{
	const struct kx_paging *paging = &want->paging;
	int halves = has_halves(paging);
	uint64_t mair = kx_idmap_off_(paging) ? MAIR_NORMAL : paging->mode2;
	unsigned int memory = index_of(mair, MAIR_NORMAL), device = device_index(mair);

	if (memory == 8 || (want->kick_pa && device == 8))
		return -KX_ERR_MEMORY_TYPE;
	table->attributes = DESC_AF | (halves ? 0 : DESC_AP1);
	table->device = table->attributes | (uint64_t)device << DESC_ATTR_SHIFT;
	table->attributes |= (uint64_t)memory << DESC_ATTR_SHIFT;
	if (!(tcr & (halves ? TCR_EL1_DS : TCR_EL2_DS))) /* else TCR says it for all */
		table->attributes |= (tcr >> TCR_SH0_SHIFT & 3) << DESC_SH_SHIFT;
	return 0;
}

/* Fills in all of the table but its root and its types. */
static int read_geometry(const struct kx_paging *paging, uint64_t tcr, struct kx_table *table)
{
	unsigned int index_bits;

	table->page_shift = lower_shift(tcr);
	if (table->page_shift == TG_BAD || (paging->level & KX_LEVEL_OTHERS) ||
	    (paging->level & KX_LEVEL_EL) == KX_LEVEL_EL)
		return -KX_ERR_PAGING_MODE;
	table->va_bits = 64 - (unsigned int)(tcr & TCR_SIZE);
	if (table->va_bits > 52 || table->va_bits <= table->page_shift)
		return -KX_ERR_PAGING_MODE;
	index_bits = table->page_shift - 3;
	table->levels = (table->va_bits - table->page_shift + index_bits - 1) / index_bits;
	/* The largest block that needs no extension: 1 GiB, 32 MiB, 512 MiB. */
	table->leaf_level = table->page_shift == SHIFT_4K ? 2 : 1;
	if (table->leaf_level >= table->levels)
		table->leaf_level = table->levels - 1;
	return 0;
}

/* ---- tables ---- */

static uint64_t granule_of(const struct kx_table *table)
{
	return (uint64_t)1 << table->page_shift;
}

/* Map the granule that holds this address. */
static int map_granule(struct kx_table *table, uint64_t va, uint64_t pa, int kind)
{
	uint64_t granule = granule_of(table);
	struct kx_mapping page = { kx_align_down_(va, granule), kx_align_down_(pa, granule),
				   granule, kind };

	return kx_table_map_(table, &page);
}

/* The control page and libkx's own, where they are. */
static int map_own(struct kx_table *table, const struct kx_idmap_want *want)
{
	int error = map_granule(table, want->control_pa, want->control_pa, KX_MAP_CODE);

	return error ? error : map_granule(table, want->own_pa, want->own_pa, KX_MAP_DATA);
}

/* What the copy touches beside RAM. */
static int map_beside(struct kx_table *table, const struct kx_idmap_want *want, unsigned int bits)
{
	int error = 0;

	if ((want->status_pa | want->kick_pa) >> bits)
		return -KX_ERR_IDMAP_RANGE;
	if (want->status_pa)
		error = map_granule(table, want->status_pa, want->status_pa, KX_MAP_DATA);
	if (!error && want->kick_pa)
		error = map_granule(table, want->kick_pa, want->kick_pa, KX_MAP_DEVICE);
	return error;
}

/* RAM less the reserved ranges; a granule that is not RAM in whole stays out. */
static int map_ram(struct kx_table *table, const struct kx_memory *memory, unsigned int bits)
{
	uint64_t granule = granule_of(table), from = 0;
	struct kx_range free;
	int error = 0;

	while (!error && kx_memory_next_free_(memory, from, &free)) {
		uint64_t pa = kx_align_up_(free.pa, granule);
		uint64_t end = kx_align_down_(free.pa + free.size, granule);
		struct kx_mapping ram = { pa, pa, end - pa, 0 };

		from = free.pa + free.size;
		if ((from - 1) >> bits)
			return -KX_ERR_IDMAP_RANGE;
		if (end > pa)
			error = kx_table_map_(table, &ram);
	}
	return error;
}

static uint64_t ttbr_of(const struct kx_table *table)
{
	uint64_t pa = table->root_pa;

	return (pa & 0x0000ffffffffffff) | (pa >> 48 & 0xf) << 2;
}

static int build_copy(const struct kx_idmap_want *want, unsigned int bits, struct kx_table *table,
		      struct kx_arena *arena)
{
	int error = kx_table_init_(table, arena);

	if (!error)
		error = map_own(table, want);
	if (!error)
		error = map_beside(table, want, bits);
	return error ? error : map_ram(table, want->memory, bits);
}

static int build_way(const struct kx_idmap_want *want, struct kx_table *table,
		     struct kx_arena *arena)
{
	uint64_t own_va = (uintptr_t)want->own;
	int error = kx_table_init_(table, arena);

	if (!error)
		error = map_granule(table, want->run_va, want->control_pa, KX_MAP_CODE);
	if (!error && !in_upper_half(&want->paging, own_va))
		error = map_granule(table, own_va, want->own_pa, KX_MAP_DATA);
	return error ? error : map_own(table, want);
}

int kx_idmap_build_(const struct kx_idmap_want *want, struct kx_arena *arena,
		    struct kx_handoff *handoff)
{
	const struct kx_paging *paging = &want->paging;
	uint64_t tcr = enter_tcr(want);
	unsigned int bits = pa_bits(paging, tcr);
	struct kx_table table = { 0 };
	int off = kx_idmap_off_(paging);
	int error = read_geometry(paging, tcr, &table);

	if (!error)
		error = read_types(want, tcr, &table);
	if (error)
		return error;
	if (bits > table.va_bits)
		bits = table.va_bits;
	error = build_copy(want, bits, &table, arena);
	handoff->tables = ttbr_of(&table);
	handoff->cpu[KX_CPU_ENTER_TCR] = tcr;
	handoff->cpu[KX_CPU_COPY_TTBR] = handoff->tables;
	handoff->cpu[KX_CPU_COPY_TCR] = tcr | TCR_EPD1; /* nothing of the host's is left */
	handoff->cpu[KX_CPU_COPY_MAIR] = off ? MAIR_NORMAL : paging->mode2;
	handoff->cpu[KX_CPU_UNCACHED] = off || !(paging->level & KX_LEVEL_CACHE);
	if (error || off || runs_in_upper_half(want))
		return error;
	error = build_way(want, &table, arena);
	handoff->tables = ttbr_of(&table);
	return error;
}

/* ---- how much memory tables take at most ---- */

static uint64_t worst_pages(unsigned int shift, const struct kx_memory *memory)
{
	unsigned int index_bits = shift - 3;
	uint64_t below = (52 - shift + index_bits - 1) / index_bits - 1; /* levels below the root */
	unsigned int leaf_shift = shift + index_bits * (shift == SHIFT_4K ? 2 : 1);
	uint64_t stretches = memory->ram_count + memory->reserved_count, filled = 0;

	for (size_t i = 0; i < memory->ram_count; i++)
		filled += memory->ram[i].size >> leaf_shift >> index_bits;
	/* Two roots; on the way two pages at two addresses each, for the copy those, the record and the
	 * watchdog; the two ends of each stretch; and between them full tables of the largest leaves,
	 * and fewer tables of those. */
	return 2 + 8 * below + stretches * 2 * below + 2 * filled;
}

uint64_t kx_idmap_pages_(const struct kx_paging *paging, const struct kx_memory *memory)
{
	uint64_t bytes = 0;

	if (paging->level) {
		unsigned int shift = SHIFT_4K;

		while (((uint64_t)1 << shift) < kx_idmap_granule_(paging))
			shift += 2;
		return worst_pages(shift, memory);
	}
	for (unsigned int shift = SHIFT_4K; shift <= SHIFT_64K; shift += 2) {
		uint64_t here = worst_pages(shift, memory) << shift;

		if (here > bytes)
			bytes = here;
	}
	return (bytes >> SHIFT_64K) + 1;
}
