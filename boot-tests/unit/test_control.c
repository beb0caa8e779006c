/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_control_seal(): what the control page holds, in each of a host's modes, and what is refused. */
#include "seal_test.h"

#include "cpu.h"

/* Of a host that runs untranslated, where the architecture has such a thing. */
static void test_off(void **state)
{
	(void)state;
	if (!kx_idmap_off_(&paging_off))
		skip();
	jump.run_va = 0x7000; /* means nothing there */
	assert_result(seal(), 0);
	seal_check_handoff();
	assert_int_equal(control.run_va, control.pa);
	assert_int_equal(control.tables_root != 0, paging_maps_ram);
	assert_int_equal(control.tables.size != PAGE, paging_maps_ram); /* the page is libkx's own */
}

static void test_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		struct kx_arena before = lab.arena;

		fake.published = 0;
		fake.paging = paging_modes[i].paging;
		if (kx_idmap_granule_(&fake.paging) != PAGE)
			continue; /* too large for this small a machine */
		jump.run_va = paging_modes[i].high_va;
		assert_result(seal(), 0);
		seal_check_handoff();
		assert_int_equal(control.run_va, jump.run_va);
		assert_int_not_equal(control.tables_root, 0);
		assert_in_range(control.tables.pa, control.pa + PAGE, lab.arena.pa + lab.arena.used);
		assert_int_equal(control.tables.pa + control.tables.size,
				 lab.arena.pa + lab.arena.used);
		assert_int_equal(lab.arena.size, before.size);
		lab.arena = before;
	}
}

/* No place of the host's own: the page inside libkx is what will run. */
static void test_own_page(void **state)
{
	(void)state;
	fake.paging = paging_modes[0].paging;
	jump.run_va = 0;
	assert_result(seal(), 0);
	assert_int_equal(control.run_va, (uintptr_t)kx_trampoline_page_);
}

/* A machine whose physical addresses are these pointers, `ahead` of them. */
static void place(uint64_t ahead)
{
	lab.arena.used = 0;
	lab.arena.pa = (uintptr_t)lab.arena.base + ahead;
	lab.range[0] = (struct kx_range){ lab.arena.pa, LAB_PAGES * PAGE };
	lab_segment(&lab, 0, 8, 16, 2);
	lab.segment[0].dest_pa = jump.entry_pa = lab.arena.pa + 40 * PAGE;
	lab.piece[0].pa = lab.arena.pa + 30 * PAGE;
	assert_result(lab_build(&lab), 0);
	jump.run_va = lab.arena.pa + lab.arena.used; /* where the control page will be */
}

/* One table cannot lead from one address to two places: a host may be identity-mapped, but not nearly so. */
static void test_clash(void **state)
{
	const struct paging_mode *mode = NULL;
	uint64_t own_pa;

	(void)state;
	for (size_t i = 0; i < paging_mode_count && !mode; i++)
		if (kx_idmap_granule_(&paging_modes[i].paging) == PAGE &&
		    paging_modes[i].limit_pa > (uintptr_t)lab.arena.base + LAB_PAGES * PAGE)
			mode = &paging_modes[i];
	if (!mode)
		skip();
	fake.paging = mode->paging;
	place(0);
	assert_result(seal(), 0);
	own_pa = control.tables.pa;
	lab.arena.used = jump.run_va - lab.arena.pa;
	jump.run_va = own_pa; /* where libkx's own page is, in both */
	seal_refused(KX_ERR_IDMAP_RANGE);
	place(PAGE); /* libkx's own page is seen where the control page is */
	seal_refused(KX_ERR_IDMAP_RANGE);
	place(8 * PAGE);
	jump.run_va -= 7 * PAGE; /* the control page is run where libkx's own is seen */
	seal_refused(KX_ERR_IDMAP_RANGE);
	jump.run_va -= PAGE;
	assert_result(seal(), 0);
}

static void test_jump(void **state)
{
	struct kx_jump good = jump;

	(void)state;
	jump.entry_pa = LAB_PA - PAGE;
	seal_refused(KX_ERR_OUTSIDE_RAM);
	jump.entry_pa = LAB_PAGE(LAB_PAGES);
	seal_refused(KX_ERR_OUTSIDE_RAM);
	jump = good;
	for (uint64_t off = 1; off < KX_ENTRY_ALIGN; off++) {
		jump.entry_pa = good.entry_pa + off;
		seal_refused(KX_ERR_MISALIGNED);
	}
	jump = good;
	jump.run_va = 8;
	seal_refused(KX_ERR_MISALIGNED);
	jump = good;
	jump.memory = NULL;
	seal_refused(KX_ERR_ARGUMENT);
	jump = good;
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(8), 1 };
	seal_refused(KX_ERR_RESERVED);
	lab.reserved[0] = (struct kx_range){ lab.arena.pa, 1 };
	seal_refused(KX_ERR_RESERVED);
	lab.memory.reserved_count = 0;
	lab.memory.parked_count = 1;
	lab.parked[0] = lab.reserved[0];
	seal_refused(KX_ERR_DEST_OVER_CPU);
}

/* The ways in that an architecture has are told to the trampoline, the others refused. */
static void test_flags(void **state)
{
	struct kx_arena before = lab.arena;

	(void)state;
	seal_in(&paging_modes[0]);
	for (unsigned int bit = 0; bit < 64; bit++) {
		jump.flags = (uint64_t)1 << bit;
		lab.arena = before;
		if (!(jump.flags & KX_ENTER_KNOWN)) {
			seal_refused(KX_ERR_ARGUMENT);
			continue;
		}
		if (jump.flags == KX_ENTER_RETURN)
			continue; /* wants another list: see test_return() */
		assert_result(seal(), 0);
		seal_check_handoff();
	}
}

/* ---- hosts whose granule is larger than a page ---- */

#define GRANULES 64 /* of RAM; the upper half is the arena */

/* A page to the start of granule 3 from the start of granule 8. */
static int seal_page(uint64_t granule)
{
	struct kx_piece piece = { NULL, LAB_PA + 8 * granule, PAGE };
	struct kx_segment segment = { LAB_PA + 3 * granule, PAGE, PAGE, &piece, 1 };
	struct kx_plan plan = { .segments = &segment, .segment_count = 1, .memory = &lab.memory };

	lab.arena.used = 0;
	jump.entry_pa = segment.dest_pa;
	assert_result(kx_segments_check(&segment, 1, &lab.memory, NULL), 0);
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), 0);
	return seal();
}

static void check_granule(const struct paging_mode *mode, uint64_t granule)
{
	struct kx_range ram = { LAB_PA, GRANULES * granule };
	uint64_t size = GRANULES / 2 * granule;
	uint8_t *memory = aligned_alloc(granule, size);

	lab.memory = (struct kx_memory){ .ram = &ram, .ram_count = 1, .reserved = lab.reserved };
	lab.arena = (struct kx_arena){ memory, LAB_PA + size, size, 0 };
	fake.paging = mode->paging;
	for (uint64_t off = 0; off < granule; off += PAGE) {
		jump.run_va = (mode->high_va & -granule) + off;
		assert_result(seal_page(granule), 0);
		assert_int_equal(control.pa & (granule - 1), off);
		seal_check_page();
	}
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PA + 5 * granule - 1, 1 };
	assert_result(seal_page(granule), 0);
	lab.reserved[0].pa -= granule; /* in the granule of the destination */
	assert_result(seal_page(granule), KX_ERR_RESERVED);
	free(memory);
}

/* The control page lies as far into its granule as where it is run; all that is mapped is RAM. */
static void test_granules(void **state)
{
	int done = 0;

	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		uint64_t granule = kx_idmap_granule_(&paging_modes[i].paging);

		if (granule > PAGE) {
			check_granule(&paging_modes[i], granule);
			done++;
		}
	}
	if (!done)
		skip();
}

static void test_arguments(void **state)
{
	struct kx_cpus alone = { .count = 0 };

	(void)state;
	assert_result(kx_control_seal(NULL, &jump, &lab.arena, &control), KX_ERR_ARGUMENT);
	assert_result(kx_control_seal(&lab.list, NULL, &lab.arena, &control), KX_ERR_ARGUMENT);
	assert_result(kx_control_seal(&lab.list, &jump, NULL, &control), KX_ERR_ARGUMENT);
	assert_result(kx_control_seal(&lab.list, &jump, &lab.arena, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_enter(NULL, &alone), KX_ERR_ARGUMENT);
	control.run_va = 0;
	assert_result(kx_enter(&control, &alone), KX_ERR_ARGUMENT);
}

static void test_paging(void **state)
{
	(void)state;
	jump.run_va = PAGE;
	for (size_t i = 0; i < paging_unknown_count; i++) {
		fake.paging = paging_unknown[i];
		seal_refused(KX_ERR_PAGING_MODE);
	}
}

/* A list that would overwrite what it stands on: the control page and the tables are known now. */
static void test_list(void **state)
{
	uint64_t *words = (uint64_t *)(void *)((uint8_t *)lab.arena.base +
					       ((lab.list.head & ~(uint64_t)KX_PAGE_MASK) -
						lab.arena.pa));
	uint64_t used = lab.arena.used, control_pa, tables_pa;

	(void)state;
	seal_in(&paging_modes[0]);
	assert_result(seal(), 0);
	control_pa = control.pa;
	tables_pa = control.tables.pa;
	lab.arena.used = used;
	words[0] = control_pa | KX_IND_DESTINATION;
	seal_refused(KX_ERR_DEST_OVER_CONTROL);
	words[0] = tables_pa | KX_IND_DESTINATION;
	seal_refused(KX_ERR_DEST_OVER_TABLES);
	words[0] = (lab.arena.pa - PAGE) | KX_IND_DESTINATION; /* of two pages */
	seal_refused(KX_ERR_DEST_OVER_LIST);
	words[0] = 0;
	seal_refused(KX_ERR_LIST_FLAG);
}

static void test_arena_exact(void **state)
{
	uint64_t used = lab.arena.used, enough;

	(void)state;
	seal_in(&paging_modes[0]);
	assert_result(seal(), 0);
	enough = lab.arena.used + kx_list_check_scratch(&lab.memory);
	for (uint64_t size = used; size < enough; size += size + PAGE < enough ? PAGE / 2 : 1) {
		lab.arena.used = used;
		lab.arena.size = size;
		seal_refused(KX_ERR_ARENA_SMALL);
	}
	lab.arena.size = enough;
	assert_result(seal(), 0);
	lab.arena.used = enough;
	lab.arena.size = enough - 1;
	seal_refused(KX_ERR_ARGUMENT);
}

/* kx_arena_size() is enough for the list and the seal, in every mode. */
static void test_arena_size(void **state)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = lab.count,
				 .memory = &lab.memory };
	struct kx_arena whole = lab.arena;

	(void)state;
	whole.used = 0;
	for (size_t i = 0; i < paging_mode_count; i++) {
		seal_in(&paging_modes[i]);
		if (kx_idmap_granule_(&fake.paging) != PAGE)
			continue;
		lab.arena = whole;
		lab.arena.size = kx_arena_size(&plan);
		if (lab.arena.size > whole.size)
			skip(); /* large granules do not fit this small a machine */
		assert_result(lab_build(&lab), 0);
		assert_result(seal(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEAL_TEST(test_off),
		SEAL_TEST(test_on),
		SEAL_TEST(test_own_page),
		SEAL_TEST(test_clash),
		SEAL_TEST(test_jump),
		SEAL_TEST(test_flags),
		SEAL_TEST(test_granules),
		SEAL_TEST(test_arguments),
		SEAL_TEST(test_paging),
		SEAL_TEST(test_list),
		SEAL_TEST(test_arena_exact),
		SEAL_TEST(test_arena_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
