/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: two sets of tables, 4- or 5-level as the host's are. The first holds the control page and
 * libkx's own at both their addresses and takes the CPU from one to the other. The second holds all
 * RAM, PA = VA, and the record, console and watchdog if they lie elsewhere; the copy runs on it, and so
 * does the new kernel. They are two, because a bootloader that is identity-mapped itself runs the
 * control page at an address that is RAM's too.
 * Spec: SDM "4-Level Paging and 5-Level Paging".
 */
#include "arch.h"

#include "cpu.h"
#include "mem.h"
#include "memory.h"
#include "own.h"
#include "range.h"
#include "table.h"

#define PTE_P        0x01
#define PTE_RW       0x02
#define PTE_UC       0x18 /* PWT, PCD: PAT's entry 3; all else is of entry 0 */
#define PTE_A        0x20 /* accessed and dirty in advance: nothing needs to be written back */
#define PTE_D        0x40
#define PTE_PS       0x80 /* a leaf above level 0 */
#define PTE_ADDRESS  0x000ffffffffff000
#define PA_BITS_MAX  52

/* SDM "Page Attribute Table (PAT)": what its entries 0 and 3 have to be, and are from reset on */
#define PAT_USED 0xff0000ff
#define PAT_IS   0x00000006 /* write-back; uncacheable */

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
uint64_t kx_table_leaf_(const struct kx_table *table, uint64_t pa, unsigned int level, int kind)
{
	uint64_t entry = pa | PTE_P | PTE_A | (level ? PTE_PS : 0);

	(void)table;
	if (kind == KX_MAP_CODE)
		return entry;
	return entry | PTE_RW | PTE_D | (kind == KX_MAP_DEVICE ? PTE_UC : 0);
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
	uint64_t pages = 1 + 4 * (levels - 1); /* alias root, paths to two pages at two addresses */

	/* The identity's root, the paths to those pages, the record, the console and the watchdog. A
	 * stretch has up to two ends of 4 KiB leaves, and begins and ends in tables of its own above. */
	pages += 1 + (5 + 2 * stretches) * (levels - 1);
	for (size_t i = 0; i < memory->ram_count; i++)
		pages += (memory->ram[i].size >> GIB_SHIFT) +
			 (memory->ram[i].size >> (GIB_SHIFT + 9));
	return pages;
}

static void fill_gate(uint64_t *gate, uint64_t handler)
{
	gate[0] = (handler & 0xffff) | KX_SELECTOR_CODE << 16 | (uint64_t)GATE_INTERRUPT << 40 |
		  (handler >> 16 & 0xffff) << 48;
	gate[1] = handler >> 32;
}

/* One interrupt gate for each exception, all to the control page at this address. */
static void fill_gates(uint64_t *gates, uint64_t page, uint64_t flags)
{
	uint64_t handler = page + KX_CONTROL_VECTOR;

	for (unsigned int i = 0; i < KX_VECTORS; i++, handler += KX_VECTOR_SIZE)
		fill_gate(gates + 2 * i, handler);
	if (flags & KX_ENTER_CRASH)
		fill_gate(gates + 2 * NMI, page + KX_CONTROL_NMI);
}

/* Those that find a stack of their own in the task state. */
static void fill_stacks(uint64_t *gates)
{
	gates[2 * DOUBLE_FAULT] |= (uint64_t)KX_IST_DOUBLE_FAULT << 32;
	gates[2 * NMI] |= (uint64_t)KX_IST_NMI << 32;
	gates[2 * MACHINE_CHECK] |= (uint64_t)KX_IST_MACHINE_CHECK << 32;
}

/* An operand of LGDT or LIDT: 16 bits of limit, in the word before the base's. */
static void fill_operand(uint64_t *operand, uint64_t size, uint64_t base)
{
	operand[0] = (size - 1) << KX_LIMIT_SHIFT;
	operand[1] = base;
}

/* SDM "TSS Descriptor in 64-bit mode", "64-Bit TSS": what an exception needs of a stack. */
static void fill_tss(uint64_t *own, uint64_t own_pa)
{
	uint64_t *gdt = own + KX_OWN_GDT / 8, pa = own_pa + KX_OWN_TSS;
	uint8_t *tss = (uint8_t *)own + KX_OWN_TSS;

	gdt[1] = KX_DESCRIPTOR_CODE32;
	gdt[2] = KX_DESCRIPTOR_CODE64;
	gdt[3] = KX_DESCRIPTOR_DATA;
	gdt[4] = (KX_TSS_SIZE - 1) | (pa & 0xffffff) << 16 | (uint64_t)TSS_AVAILABLE << 40 |
		 (pa >> 24 & 0xff) << 56;
	gdt[5] = pa >> 32;
	for (unsigned int i = 1; i <= KX_IST_MACHINE_CHECK; i++) {
		uint64_t top = own_pa + KX_OWN_STACKS + i * KX_STACK_SIZE;

		kx_mem_copy_(tss + 0x1c + 8 * i, &top, sizeof(top)); /* not aligned */
	}
	tss[0x66] = KX_TSS_SIZE; /* no I/O map */
}

/* What exceptions need: twice, by the host's addresses, for enter.S, and by physical ones. */
static void fill_own(const struct kx_idmap_want *want, uint64_t flags)
{
	uint64_t *own = want->own, own_va = (uintptr_t)want->own;

	fill_gates(own + KX_OWN_GATES_VA / 8, want->run_va, flags);
	fill_gates(own + KX_OWN_GATES / 8, want->control_pa, flags);
	fill_stacks(own + KX_OWN_GATES / 8);
	fill_tss(own, want->own_pa);
	fill_operand(own + KX_OWN_IDTR_VA / 8, 16 * KX_VECTORS, own_va + KX_OWN_GATES_VA);
	fill_operand(own + KX_OWN_IDTR / 8, 16 * KX_VECTORS, want->own_pa + KX_OWN_GATES);
	fill_operand(own + KX_OWN_GDTR_VA / 8, KX_OWN_GDT_SIZE, own_va + KX_OWN_GDT);
	fill_operand(own + KX_OWN_GDTR / 8, KX_OWN_GDT_SIZE, want->own_pa + KX_OWN_GDT);
}

static int map_page(struct kx_table *table, uint64_t va, uint64_t pa, int kind)
{
	struct kx_mapping page = { va, pa & ~(uint64_t)KX_PAGE_MASK, KX_PAGE_SIZE, kind };

	return kx_table_map_(table, &page);
}

/* The control page and libkx's own, mapped in both. First of all: what is mapped stays as it is, so the
 * control page is read-only wherever it lies. */
static int map_own(const struct maps *maps, struct kx_table *table)
{
	const struct kx_idmap_want *want = maps->want;
	int error = kx_table_init_(table, maps->arena);

	if (!error)
		error = map_page(table, want->control_pa, want->control_pa, KX_MAP_CODE);
	return error ? error : map_page(table, want->own_pa, want->own_pa, KX_MAP_DATA);
}

static int map_alias(struct maps *maps)
{
	const struct kx_idmap_want *want = maps->want;
	int error = map_own(maps, &maps->alias);

	if (!error)
		error = map_page(&maps->alias, want->run_va, want->control_pa, KX_MAP_CODE);
	return error ? error :
		map_page(&maps->alias, (uintptr_t)want->own, want->own_pa, KX_MAP_DATA);
}

/* What is touched beside RAM. */
static int map_beside(struct maps *maps)
{
	const struct kx_idmap_want *want = maps->want;
	struct kx_table *table = &maps->identity;
	uint64_t status = want->status_pa & ~(uint64_t)KX_PAGE_MASK;
	uint64_t console = want->console_pa & ~(uint64_t)KX_PAGE_MASK;
	uint64_t kick = want->kick_pa & ~(uint64_t)KX_PAGE_MASK;
	int error = 0;

	if (want->status_pa)
		error = map_page(table, status, status, KX_MAP_DATA);
	if (!error && want->console_pa)
		error = map_page(table, console, console, KX_MAP_DEVICE);
	if (!error && want->kick_pa)
		error = map_page(table, kick, kick, KX_MAP_DEVICE);
	return error;
}

static int map_identity(struct maps *maps)
{
	struct kx_range free;
	uint64_t from = 0;
	int error = map_own(maps, &maps->identity);

	if (!error)
		error = map_beside(maps);
	while (!error && kx_memory_next_free_(maps->want->memory, from, &free)) {
		uint64_t start = kx_align_up_(free.pa, KX_PAGE_SIZE);
		uint64_t end = kx_align_down_(free.pa + free.size, KX_PAGE_SIZE);
		struct kx_mapping ram = { start, start, end - start, KX_MAP_DATA };

		if (start < end)
			error = kx_table_map_(&maps->identity, &ram);
		from = free.pa + free.size;
	}
	return error;
}

/* What it means that an entry has no bit set but those that libkx sets. */
static int check_host(const struct kx_paging *paging)
{
	if (paging->level & KX_LEVEL_ENCRYPTED)
		return -KX_ERR_PAGING_MODE;
	return (paging->mode2 & PAT_USED) == PAT_IS ? 0 : -KX_ERR_MEMORY_TYPE;
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
	if ((want->status_pa | want->console_pa | want->kick_pa) >> bits)
		return -KX_ERR_IDMAP_RANGE;
	return 0;
}

/* Out of long mode, if only to come back, the CPU reaches 4 GiB. */
static int check_entry(const struct maps *maps, const struct kx_handoff *handoff)
{
	uint64_t own = maps->arena->pa + maps->arena->used - 1;
	int leaves = handoff->flags & KX_ENTER_32 ||
		     (handoff->flags & KX_ENTER_4LEVEL && maps->identity.levels == 5);

	if (leaves && own > BELOW_4G)
		return -KX_ERR_ENTER_RANGE;
	if (handoff->flags & KX_ENTER_32 && handoff->entry_pa > BELOW_4G)
		return -KX_ERR_ENTER_RANGE;
	return 0;
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
	int error = check_host(&want->paging);

	if (!error)
		error = check_memory(want, narrow ? 4 : levels);
	if (!error)
		error = map_alias(&maps);
	if (!error)
		error = map_identity(&maps);
	if (!error)
		error = check_entry(&maps, handoff);
	if (error)
		return error;
	fill_own(want, handoff->flags);
	handoff->tables = maps.alias.root_pa;
	handoff->cpu[KX_CPU_IDENTITY] = maps.identity.root_pa;
	/* The first table below a 5-level root is the root of the same map with 4 levels. */
	if (levels == 5)
		handoff->cpu[KX_CPU_4LEVEL] = maps.identity.root[0] & PTE_ADDRESS;
	fill_operand(&handoff->cpu[KX_CPU_GDT], KX_GDT_SIZE, want->control_pa + KX_CONTROL_GDT);
	fill_operand(&handoff->cpu[KX_CPU_GDT32], KX_GDT_SIZE,
		     want->control_pa + KX_CONTROL_GDT + KX_GDT_SIZE);
	return 0;
}
