/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: two sets of tables, 4- or 5-level as the host's are. The first holds the control page at
 * both its addresses and takes the CPU from one to the other. The second holds all RAM, PA = VA, and
 * nothing else; the copy runs on it, and so does the new kernel. They are two, because a bootloader
 * that is identity-mapped itself runs the control page at an address that is RAM's too.
 * Spec: SDM "4-Level Paging and 5-Level Paging".
 */
#include "arch.h"

#include "arena.h"
#include "cpu.h"
#include "memory.h"
#include "range.h"
#include "table.h"

#define PTE_P        0x01
#define PTE_RW       0x02
#define PTE_A        0x20 /* accessed and dirty in advance: nothing needs to be written back */
#define PTE_D        0x40
#define PTE_PS       0x80 /* a leaf above level 0 */
#define PTE_ADDRESS  0x000ffffffffff000
#define PA_BITS_MAX  52

#define LARGE_LEVEL 1 /* 2 MiB; whether a CPU has 1 GiB leaves would have to be asked */
#define GIB_SHIFT   30 /* what a table of large leaves spans */

#define GATE_INTERRUPT 0x8e /* SDM "64-Bit Mode IDT": present, interrupts masked */
#define BELOW_4G       0xffffffff

/** struct maps - what is being built */
struct maps {
	const struct kx_idmap_want *want;
	struct kx_arena *arena;
	struct kx_table alias;
	struct kx_table identity;
	uint64_t *fault_page; /* gates from its start, a stack from its end */
	uint64_t fault_pa;
};

uint64_t kx_table_link_(const struct kx_table *table, uint64_t table_pa)
{
	(void)table;
	return table_pa | PTE_P | PTE_RW | PTE_A;
}

int kx_table_is_link_(uint64_t entry, unsigned int level)
{
	return level && !(entry & PTE_PS);
}

uint64_t kx_table_target_(const struct kx_table *table, uint64_t entry)
{
	(void)table;
	return entry & PTE_ADDRESS;
}

/* Never without execution: the new kernel runs where RAM is mapped, and EFER.NXE will be off. */
uint64_t kx_table_leaf_(const struct kx_table *table, uint64_t pa, unsigned int level, int code)
{
	(void)table;
	return pa | PTE_P | PTE_A | (code ? 0 : PTE_RW | PTE_D) | (level ? PTE_PS : 0);
}

int kx_idmap_off_(const struct kx_paging *paging)
{
	(void)paging; /* long mode is always translated */
	return 0;
}

uint64_t kx_idmap_granule_(const struct kx_paging *paging)
{
	(void)paging;
	return KX_PAGE_SIZE;
}

static unsigned int levels_of(const struct kx_paging *paging)
{
	return paging->mode & CR4_LA57 ? 5 : 4;
}

uint64_t kx_idmap_pages_(const struct kx_paging *paging, const struct kx_memory *memory)
{
	unsigned int levels = paging->mode ? levels_of(paging) : 5;
	uint64_t stretches = memory->ram_count + memory->reserved_count;
	uint64_t pages = 1 + 1 + 3 * (levels - 1); /* faults; alias root and its three paths */

	/* The identity's root, the paths to the control page and to the page for faults. A stretch
	 * has up to two ends of 4 KiB leaves, and begins and ends in tables of its own above. */
	pages += 1 + 2 * (1 + stretches) * (levels - 1);
	for (size_t i = 0; i < memory->ram_count; i++)
		pages += (memory->ram[i].size >> GIB_SHIFT) +
			 (memory->ram[i].size >> (GIB_SHIFT + 9));
	return pages;
}

/* One interrupt gate for each exception, all to the control page where it is. */
static void fill_gates(struct maps *maps)
{
	uint64_t handler = maps->want->control_pa + KX_CONTROL_VECTOR;

	for (unsigned int i = 0; i < KX_VECTORS; i++, handler += KX_VECTOR_SIZE) {
		maps->fault_page[2 * i] = (handler & 0xffff) | KX_SELECTOR_CODE << 16 |
					  (uint64_t)GATE_INTERRUPT << 40 |
					  (handler >> 16 & 0xffff) << 48;
		maps->fault_page[2 * i + 1] = handler >> 32;
	}
}

/* What a fault needs, mapped in both. First of all: what is mapped stays as it is, so the control
 * page is read-only wherever it lies. */
static int map_own(const struct maps *maps, struct kx_table *table)
{
	uint64_t control_pa = maps->want->control_pa;
	struct kx_mapping page = { control_pa, control_pa, KX_PAGE_SIZE, 1 };
	struct kx_mapping faults = { maps->fault_pa, maps->fault_pa, KX_PAGE_SIZE, 0 };
	int error = kx_table_init_(table, maps->arena);

	if (!error)
		error = kx_table_map_(table, &page);
	return error ? error : kx_table_map_(table, &faults);
}

static int map_alias(struct maps *maps)
{
	struct kx_mapping page = { maps->want->run_va, maps->want->control_pa, KX_PAGE_SIZE, 1 };
	int error = map_own(maps, &maps->alias);

	return error ? error : kx_table_map_(&maps->alias, &page);
}

static int map_identity(struct maps *maps)
{
	struct kx_range free;
	uint64_t from = 0;
	int error = map_own(maps, &maps->identity);

	while (!error && kx_memory_next_free_(maps->want->memory, from, &free)) {
		uint64_t start = kx_align_up_(free.pa, KX_PAGE_SIZE);
		uint64_t end = kx_align_down_(free.pa + free.size, KX_PAGE_SIZE);
		struct kx_mapping ram = { start, start, end - start, 0 };

		if (start < end)
			error = kx_table_map_(&maps->identity, &ram);
		from = free.pa + free.size;
	}
	return error;
}

/* PA = VA reaches no further than the lower half of the space that the new kernel will have, and no
 * further than an entry can say. */
static int check_memory(const struct kx_idmap_want *want, unsigned int levels)
{
	const struct kx_memory *memory = want->memory;
	unsigned int bits = levels == 5 ? PA_BITS_MAX : KX_PAGE_SHIFT + 9 * levels - 1;

	for (size_t i = 0; i < memory->ram_count; i++)
		if ((memory->ram[i].pa + memory->ram[i].size - 1) >> bits)
			return -KX_ERR_IDMAP_RANGE;
	return 0;
}

/* Out of long mode, if only to come back, the CPU reaches 4 GiB. */
static int check_entry(const struct maps *maps, const struct kx_handoff *handoff)
{
	uint64_t own = maps->arena->pa + maps->arena->used - 1;
	int leaves = handoff->flags & KX_ENTER_32 ||
		     (handoff->flags & KX_ENTER_4LEVEL && maps->identity.levels == 5);

	/* Then the page of gates and stack, being mapped first, would hide the control page. */
	if (maps->want->run_va == maps->fault_pa)
		return -KX_ERR_IDMAP_RANGE;
	if (leaves && own > BELOW_4G)
		return -KX_ERR_ENTER_RANGE;
	if (handoff->flags & KX_ENTER_32 && handoff->entry_pa > BELOW_4G)
		return -KX_ERR_ENTER_RANGE;
	return 0;
}

static int build(struct maps *maps)
{
	int error;

	maps->fault_page = kx_arena_take_(maps->arena, KX_PAGE_SIZE, KX_PAGE_SIZE, &maps->fault_pa);
	if (!maps->fault_page)
		return -KX_ERR_ARENA_SMALL;
	fill_gates(maps);
	error = map_alias(maps);
	return error ? error : map_identity(maps);
}

int kx_idmap_build_(const struct kx_idmap_want *want, struct kx_arena *arena,
		    struct kx_handoff *handoff)
{
	unsigned int levels = levels_of(&want->paging);
	struct kx_table table = { .page_shift = KX_PAGE_SHIFT, .levels = levels,
				  .va_bits = KX_PAGE_SHIFT + 9 * levels,
				  .leaf_level = LARGE_LEVEL };
	struct maps maps = { .want = want, .arena = arena, .alias = table, .identity = table };
	int narrow = handoff->flags & KX_ENTER_4LEVEL;
	int error = check_memory(want, narrow ? 4 : levels);

	if (!error)
		error = build(&maps);
	if (!error)
		error = check_entry(&maps, handoff);
	if (error)
		return error;
	handoff->tables = maps.alias.root_pa;
	handoff->cpu[KX_CPU_IDENTITY] = maps.identity.root_pa;
	/* The first table below a 5-level root is the root of the same map with 4 levels. */
	if (levels == 5)
		handoff->cpu[KX_CPU_4LEVEL] = maps.identity.root[0] & PTE_ADDRESS;
	handoff->cpu[KX_CPU_GDT] = (uint64_t)(KX_GDT_SIZE - 1) << KX_LIMIT_SHIFT;
	handoff->cpu[KX_CPU_GDT + 1] = want->control_pa + KX_CONTROL_GDT;
	handoff->cpu[KX_CPU_IDT] = (uint64_t)(16 * KX_VECTORS - 1) << KX_LIMIT_SHIFT;
	handoff->cpu[KX_CPU_IDT + 1] = maps.fault_pa;
	handoff->cpu[KX_CPU_STACK] = maps.fault_pa + KX_PAGE_SIZE - 16; /* its top is zero */
	return 0;
}
