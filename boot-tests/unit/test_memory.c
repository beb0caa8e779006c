/* SPDX-License-Identifier: BSD-2-Clause */
/* Free stretches of memory, and taking and lending from the arena. */
#include "unit.h"

#include "arena.h"
#include "mem.h"
#include "memory.h"
#include "range.h"

static void test_range(void **state)
{
	const struct kx_range range = { 0x1000, 0x1000 }, wraps = { -PAGE, 2 * PAGE };

	(void)state;
	assert_true(kx_overlaps_(0x1fff, 1, range));
	assert_true(kx_overlaps_(0, 0x1001, range));
	assert_false(kx_overlaps_(0x2000, 1, range));
	assert_false(kx_overlaps_(0, 0x1000, range));
	assert_false(kx_overlaps_(0x1800, 0, range)); /* nothing is in nothing's way */
	assert_false(kx_overlaps_(0, 0x4000, (struct kx_range){ 0x1800, 0 }));
	assert_true(kx_contains_(range, 0x1000, 0x1000));
	assert_true(kx_contains_(range, 0x2000, 0));
	assert_false(kx_contains_(range, 0x1000, 0x1001));
	assert_false(kx_contains_(range, 0x1001, 0x1000));
	assert_false(kx_contains_(range, 0xfff, 1));
	assert_false(kx_contains_(range, 0x1000, 0x2000));
	assert_false(kx_contains_(wraps, 0, 1));
	assert_true(kx_wraps_(1, UINT64_MAX));
	assert_true(kx_wraps_(-PAGE, PAGE));
	assert_false(kx_wraps_(0, UINT64_MAX));
	assert_int_equal(kx_align_up_(0x1001, PAGE), 0x2000);
	assert_int_equal(kx_align_up_(0x1000, PAGE), 0x1000);
}

static void assert_free(const struct kx_memory *memory, uint64_t from_pa, uint64_t pa, uint64_t end)
{
	struct kx_range free_range = { 0, 0 };

	assert_int_equal(kx_memory_next_free_(memory, from_pa, &free_range), pa != end);
	assert_int_equal(free_range.pa, pa);
	assert_int_equal(free_range.pa + free_range.size, end);
}

static void test_next_free(void **state)
{
	const struct kx_range ram[] = { { 0x1000, 0x4000 }, { 0x5000, 0x1000 }, { 0x8000, 0x2000 } };
	const struct kx_range reserved[] = {
		{ 0x2800, 0x100 }, { 0x2100, 0x700 }, { 0x3000, 0 }, { 0x8000, 0x2000 }, { 0, 0x1000 }
	};
	struct kx_memory memory = { .ram = ram, .ram_count = 3, .reserved = reserved };

	(void)state;
	assert_free(&memory, 0, 0x1000, 0x6000);
	assert_free(&memory, 0x1001, 0x1001, 0x6000);
	assert_free(&memory, 0x5000, 0x5000, 0x6000);
	assert_free(&memory, 0x6000, 0x8000, 0xa000);
	assert_free(&memory, 0x9fff, 0x9fff, 0xa000);
	assert_free(&memory, 0xa000, 0, 0);
	assert_free(&memory, UINT64_MAX, 0, 0);
	memory.reserved_count = 5;
	assert_free(&memory, 0, 0x1000, 0x2100);
	assert_free(&memory, 0x2100, 0x2900, 0x6000);
	assert_free(&memory, 0x27ff, 0x2900, 0x6000);
	assert_free(&memory, 0x2900, 0x2900, 0x6000);
	assert_free(&memory, 0x6000, 0, 0);
}

/* However many pieces a firmware has cut it into, memory goes on. */
static void test_next_free_touching(void **state)
{
	const struct kx_range ram[] = {
		{ 0x1000, 0x1000 }, { 0x2000, 0x3000 }, { 0x5000, 0x1000 }, { 0x6000, 0x1000 },
		{ 0x8000, 0x1000 }
	};
	struct kx_memory memory = { .ram = ram, .ram_count = 5 };

	(void)state;
	assert_free(&memory, 0, 0x1000, 0x7000);
	assert_free(&memory, 0x4000, 0x4000, 0x7000);
	assert_free(&memory, 0x7000, 0x8000, 0x9000);
}

static void test_usable(void **state)
{
	const struct kx_range ram[] = { { 0x1000, 0x1000 }, { 0x2000, 0x1000 }, { 0x4000, 0x1000 } };
	const struct kx_range top = { -2 * PAGE, PAGE };
	struct kx_memory memory = { .ram = ram, .ram_count = 3 };

	(void)state;
	assert_result(kx_memory_usable_(&memory, 0x1000, 0x2000), 0);
	assert_result(kx_memory_usable_(&memory, 0x1fff, 2), 0);
	assert_result(kx_memory_usable_(&memory, 0x2fff, 2), KX_ERR_OUTSIDE_RAM);
	assert_result(kx_memory_usable_(&memory, 0xfff, 2), KX_ERR_OUTSIDE_RAM);
	assert_result(kx_memory_usable_(&memory, 0x1000, 0x4000), KX_ERR_OUTSIDE_RAM);
	assert_result(kx_memory_usable_(&memory, 0x4fff, 1), 0);
	assert_result(kx_memory_usable_(&memory, 0x4fff, 2), KX_ERR_OUTSIDE_RAM);
	assert_result(kx_memory_usable_(&memory, 0x1000, UINT64_MAX), KX_ERR_OUTSIDE_RAM);
	memory.ram = &top;
	memory.ram_count = 1;
	assert_result(kx_memory_check_(&memory), 0);
	assert_result(kx_memory_usable_(&memory, -2 * PAGE, PAGE), 0);
	assert_result(kx_memory_usable_(&memory, -2 * PAGE, PAGE + 1), KX_ERR_OUTSIDE_RAM);
}

static void test_take(void **state)
{
	uint8_t *base = aligned_alloc(PAGE, 4 * PAGE);
	struct kx_arena arena = { base, 0x7000, 3 * PAGE + 100, 0 };
	uint64_t pa = 0;

	(void)state;
	memset(base, 0xff, 4 * PAGE);
	assert_ptr_equal(kx_arena_take_(&arena, 8, 8, &pa), base);
	assert_int_equal(pa, 0x7000);
	assert_int_equal(base[7], 0);
	assert_int_equal(base[8], 0xff);
	assert_ptr_equal(kx_arena_take_(&arena, PAGE, 2 * PAGE, &pa), base + PAGE);
	assert_int_equal(pa, 0x8000);
	assert_int_equal(arena.used, 2 * PAGE);
	assert_null(kx_arena_take_(&arena, PAGE + 101, 1, &pa));
	assert_null(kx_arena_take_(&arena, PAGE, 4 * PAGE, &pa));
	assert_null(kx_arena_take_(&arena, UINT64_MAX, 1, &pa));
	assert_null(kx_arena_take_(&arena, 1, (uint64_t)1 << 63, &pa));
	assert_int_equal(arena.used, 2 * PAGE);
	assert_ptr_equal(kx_arena_take_(&arena, PAGE + 100, 1, &pa), base + 2 * PAGE);
	assert_null(kx_arena_take_(&arena, 1, 1, &pa));
	assert_ptr_equal(kx_arena_take_(&arena, 0, 1, &pa), base + 3 * PAGE + 100);
	arena.used = 1; /* padding counts, and the end is as far as it goes */
	assert_null(kx_arena_take_(&arena, 2 * PAGE + 101, PAGE, &pa));
	arena.size = PAGE;
	assert_ptr_equal(kx_arena_take_(&arena, 0, PAGE, &pa), base + PAGE);
	assert_int_equal(arena.used, PAGE);
	free(base);
}

static void test_lend(void **state)
{
	uint8_t *base = aligned_alloc(PAGE, PAGE);
	struct kx_arena arena = { base, 0x7000, 103, 9 };

	(void)state;
	memset(base, 0xff, PAGE);
	assert_null(kx_arena_lend_(&arena, 88));
	assert_null(kx_arena_lend_(&arena, UINT64_MAX));
	assert_null(kx_arena_lend_(&arena, UINT64_MAX - 7));
	assert_ptr_equal(kx_arena_lend_(&arena, 9), base + 80);
	assert_int_equal(arena.size, 80);
	assert_int_equal(base[79], 0xff);
	assert_int_equal(base[80], 0);
	assert_int_equal(base[95], 0);
	assert_int_equal(base[96], 0xff);
	assert_ptr_equal(kx_arena_lend_(&arena, 64), base + 16);
	assert_null(kx_arena_lend_(&arena, 1));
	assert_ptr_equal(kx_arena_lend_(&arena, 0), base + 16);
	arena = (struct kx_arena){ base, 0x7000, 103, 100 }; /* the last 8 bytes begin before that */
	assert_null(kx_arena_lend_(&arena, 8));
	arena.used = 96;
	assert_non_null(kx_arena_lend_(&arena, 0));
	arena = (struct kx_arena){ base, 0x7000, 104, 0 };
	assert_ptr_equal(kx_arena_lend_(&arena, 104), base);
	free(base);
}

/* Only whole pages that have been taken can be looked at. */
static void test_at(void **state)
{
	uint8_t base[1];
	struct kx_arena arena = { base, 0x7000, 3 * PAGE, PAGE + 1 };

	(void)state;
	assert_ptr_equal(kx_arena_at_(&arena, 0x7000), base);
	assert_null(kx_arena_at_(&arena, 0x6000));
	assert_null(kx_arena_at_(&arena, 0x8000));
	assert_null(kx_arena_at_(&arena, 0x9000));
	assert_null(kx_arena_at_(&arena, 0));
	assert_null(kx_arena_at_(&arena, -PAGE));
	arena.used = 1;
	assert_null(kx_arena_at_(&arena, 0x7000));
}

static void test_mem(void **state)
{
	uint8_t from[64], to[64];

	(void)state;
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)i;
	for (size_t start = 0; start < 9; start++) {
		for (size_t source = 0; source < 9; source++) {
			for (size_t size = 0; size < 40; size++) {
				memset(to, 0xff, sizeof(to));
				kx_mem_copy_(to + start, from + source, size);
				for (size_t i = 0; i < sizeof(to); i++)
					assert_int_equal(to[i], i < start || i >= start + size ?
							 0xff : from[i - start + source]);
				kx_mem_zero_(to + start, size);
				for (size_t i = 0; i < sizeof(to); i++)
					assert_int_equal(to[i], i < start || i >= start + size ?
							 0xff : 0);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_next_free),
		cmocka_unit_test(test_next_free_touching),
		cmocka_unit_test(test_usable),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_lend),
		cmocka_unit_test(test_at),
		cmocka_unit_test(test_mem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
