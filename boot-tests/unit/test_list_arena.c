/* SPDX-License-Identifier: BSD-2-Clause */
/* The planner's arena: what kx_arena_size() counts, what suffices to the byte, and what is refused. */
#include "lab_test.h"

#include "arch.h"

#include <sanitizer/asan_interface.h>

/* ---- what kx_arena_size() counts for the list ---- */

/* The lab's segments in just that much. */
static void check_share(void)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = lab.count,
				 .memory = &lab.memory };
	const struct kx_paging any = { 0 };
	uint64_t size, free_pa = lab.memory.ram->pa + lab.memory.ram->size;

	size = kx_arena_size(&plan) - kx_list_check_scratch(&lab.memory) -
	       (kx_idmap_pages_(&any, &lab.memory) + 2) * kx_idmap_granule_(&any);
	lab.arena = (struct kx_arena){ aligned_alloc(PAGE, size), free_pa - size, size, 0 };
	assert_result(lab_build(&lab), 0);
	assert_result(lab_prove(&lab, &lab.list, NULL), 0);
	free(lab.arena.base);
}

/*
 * Every other page of a long run is read by a run of its own: no list has more words for its pages.
 * The size suffices, with nothing to spare but whole pages.
 */
static void test_arena_size(void **state)
{
	enum { COUNT = 100000 };
	struct kx_range large = { LAB_PA, 10 * COUNT * PAGE };
	struct kx_piece *pieces = calloc(COUNT, sizeof(*pieces));

	(void)state;
	lab.memory.ram = &large;
	lab_segment(&lab, 0, 0, 3 * COUNT, 2 * COUNT);
	for (uint64_t i = 0; i < COUNT; i++)
		pieces[i] = (struct kx_piece){ NULL, LAB_PAGE(2 * i), PAGE };
	lab.segment[1] = (struct kx_segment){
		LAB_PAGE(6 * COUNT), COUNT * PAGE, COUNT * PAGE, pieces, COUNT
	};
	lab.count = 2;
	check_share();
	assert_int_equal(lab.list.words, 3 * 2 * COUNT + 2 + lab.arena.used / PAGE - 1);
	free(pieces);
}

/* Gigabytes of zeros are many words too. */
static void test_arena_size_zeros(void **state)
{
	struct kx_range large = { LAB_PA, (uint64_t)32 << 30 };

	(void)state;
	lab.memory.ram = &large;
	lab_segment(&lab, 0, 0, 0, 0);
	lab.segment[0].piece_count = 0;
	lab.segment[0].memsz = (uint64_t)31 << 30;
	check_share();
	assert_int_equal(lab.list.zero_pages, (uint64_t)31 << 18);
}

/* One page of a long run is read by another: the run has a bit for each of its pages. */
static void test_arena_size_knot(void **state)
{
	struct kx_range large = { LAB_PA, (uint64_t)32 << 30 };

	(void)state;
	lab.memory.ram = &large;
	lab_segment(&lab, 0, 0, 4000000, 3000000);
	lab_segment(&lab, 1, 3000000, 2000000, 1);
	lab.count = 2;
	check_share();
}

static uint64_t size_of(uint64_t dest, uint64_t source, uint64_t pages)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = 1,
				 .memory = &lab.memory };
	struct kx_piece pieces[2] = {
		{ NULL, LAB_PAGE(source), PAGE }, { NULL, LAB_PAGE(source + 1), (pages - 1) * PAGE }
	};

	lab_segment(&lab, 0, dest, source, pages);
	lab.segment[0].pieces = pieces;
	lab.segment[0].piece_count = 2;
	return kx_arena_size(&plan);
}

/* Pages in place are nobody's knot; those that move by a page are. No segment needs much. */
static void test_arena_size_in_place(void **state)
{
	struct kx_range large = { LAB_PA, (uint64_t)32 << 30 };
	struct kx_segment *exact = malloc(sizeof(*exact));
	struct kx_plan plan = { .segments = exact, .segment_count = 1, .memory = &lab.memory };

	(void)state;
	lab.memory.ram = &large;
	assert_int_equal(size_of(0, 0, 1000000), size_of(0, 1000000, 1000000));
	assert_in_range(size_of(1, 0, 1000000), size_of(0, 1000000, 1000000) + 32000000, UINT64_MAX);
	lab.memory.ram = lab.range;
	lab_segment(&lab, 0, 8, 16, 2);
	*exact = lab.segment[0];
	assert_in_range(kx_arena_size(&plan), 1, 2 << 20);
	free(exact);
}

/* ---- what no list can be built in ---- */

static void assert_refused(int error)
{
	struct kx_arena before = lab.arena;

	assert_result(lab_build(&lab), error);
	assert_memory_equal(&lab.arena, &before, sizeof(before)); /* nothing is kept or lent */
}

static void test_over_arena(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 37, 16, 4); /* the arena begins at page 40 */
	assert_refused(KX_ERR_DEST_OVER_ARENA);
	lab_segment(&lab, 0, 36, 16, 4);
	assert_result(lab_build(&lab), 0);
	lab.arena.used = 0;
	lab_segment(&lab, 0, 8, 63, 1);
	assert_refused(KX_ERR_SOURCE_OVER_ARENA);
	lab_segment(&lab, 0, 8, 37, 4);
	assert_refused(KX_ERR_SOURCE_OVER_ARENA);
}

static void test_arena_outside(void **state)
{
	(void)state;
	lab.range[0].size -= PAGE;
	assert_refused(KX_ERR_OUTSIDE_RAM);
	lab.range[0].size += PAGE;
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(64) - 1, 1 };
	assert_refused(KX_ERR_RESERVED);
	lab.memory.parked_count = 1;
	lab.parked[0] = lab.reserved[0];
	assert_refused(KX_ERR_DEST_OVER_CPU);
	lab.memory.parked_count = 0;
	lab.memory.written_count = 1;
	lab.written[0] = lab.reserved[0];
	assert_refused(KX_ERR_DEST_OVER_WRITER);
}

static void test_arena_arguments(void **state)
{
	struct kx_arena good = lab.arena;

	(void)state;
	lab.arena.base = NULL;
	assert_refused(KX_ERR_ARGUMENT);
	lab.arena = good;
	lab.arena.pa++;
	assert_refused(KX_ERR_ARGUMENT);
	lab.arena = good;
	lab.arena.used = lab.arena.size + 1;
	assert_refused(KX_ERR_ARGUMENT);
	lab.arena = good;
	lab.arena.size = -lab.arena.pa;
	assert_refused(KX_ERR_ARGUMENT);
	lab.arena = good;
	lab.arena.base = (uint8_t *)good.base + 4;
	assert_refused(KX_ERR_ARGUMENT);
	lab.arena = good;
	lab.arena.pa = 0; /* no address: 0 says that there is no spare page */
	lab.range[0].pa = 0;
	lab.range[0].size = LAB_PAGE(64);
	assert_refused(KX_ERR_ARGUMENT);
}

/* ---- to the byte ---- */

/* With every size of arena: either it suffices, or it is refused by name and left as it was. */
static void check_every_size(uint64_t most_pages, uint64_t used_pages)
{
	int fits = 0;

	lab.arena.size = most_pages * PAGE;
	while (lab.arena.size--) {
		struct kx_arena before = lab.arena;
		uint8_t *end = (uint8_t *)before.base + before.size;
		int error;

		ASAN_POISON_MEMORY_REGION(end, 8 * PAGE);
		error = lab_build(&lab);
		ASAN_UNPOISON_MEMORY_REGION(end, 8 * PAGE);
		assert_int_equal(lab.arena.size, before.size);
		if (!error) {
			assert_false(fits < 0); /* what sufficed once does so in every larger one */
			assert_int_equal(lab.arena.used, used_pages * PAGE);
			fits = 1;
		} else {
			assert_result(error, KX_ERR_ARENA_SMALL);
			assert_int_equal(lab.arena.used, 0);
			assert_true(fits);
			fits = -1;
		}
		lab.arena.used = 0;
	}
	assert_int_equal(fits, -1);
}

static void test_arena_exact(void **state)
{
	uint8_t *bytes = calloc(1, PAGE);

	(void)state;
	lab_segment(&lab, 0, 8, 9, 4); /* a chain, a cycle and an odd tail */
	lab_segment(&lab, 1, 14, 15, 1);
	lab_segment(&lab, 2, 15, 14, 1);
	lab_segment(&lab, 3, 20, 30, 1);
	lab.piece[3].data = bytes;
	lab.piece[3].size = lab.segment[3].filesz = 100;
	lab.count = 4;
	check_every_size(5, 3);
	free(bytes);
}

/* A run, a tail and zeros: as many runs as a segment of one piece can have. And the run alone. */
static void test_arena_exact_runs(void **state)
{
	uint8_t *bytes = calloc(2, PAGE);

	(void)state;
	lab_segment(&lab, 0, 8, 16, 2);
	lab.piece[0].data = bytes;
	lab.piece[0].size = lab.segment[0].filesz = PAGE + 5;
	lab.segment[0].memsz = 3 * PAGE;
	check_every_size(3, 2);
	lab_segment(&lab, 0, 8, 9, 2); /* and one that is a chain in itself */
	lab.piece[0].data = bytes;
	lab.piece[0].size = lab.segment[0].filesz = PAGE + 5;
	lab.segment[0].memsz = 3 * PAGE;
	check_every_size(3, 2);
	lab_segment(&lab, 0, 8, 16, 2);
	check_every_size(2, 1);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_arena_size),
		LAB_TEST(test_arena_size_zeros),
		LAB_TEST(test_arena_size_knot),
		LAB_TEST(test_arena_size_in_place),
		LAB_TEST(test_over_arena),
		LAB_TEST(test_arena_outside),
		LAB_TEST(test_arena_arguments),
		LAB_TEST(test_arena_exact),
		LAB_TEST(test_arena_exact_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
