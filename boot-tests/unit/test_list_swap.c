/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_list_build() where pages change places: what becomes of zeros, and what could not be undone. */
#include "lab_test.h"

static int build_swap(void)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = lab.count,
				.memory = &lab.memory, .swap = 1 };
	int error = lab_check(&lab);

	return error ? error : kx_list_build(&plan, &lab.arena, &lab.list);
}

static int prove_swap(void)
{
	uint64_t scratch[2 * LAB_PAGES / 64];
	struct kx_list_rules rules = { .memory = &lab.memory, .swap = 1, .scratch = scratch,
				       .scratch_size = sizeof(scratch) };

	return kx_list_check(&lab.list, &rules, NULL);
}

/* Zeros are pages of the arena, contiguous; nothing is filled. */
static void test_places(void **state)
{
	struct kx_list_walk walk = { .list = &lab.list };
	struct kx_list_step step;
	const uint8_t *zeros;

	(void)state;
	lab.segment[0].memsz += 2 * PAGE;
	lab_segment(&lab, 1, 2, 2, 1); /* in place */
	lab.count = 2;
	assert_result(build_swap(), 0);
	assert_result(prove_swap(), 0);
	assert_int_equal(lab.list.copy_pages, 5);
	assert_int_equal(lab.list.zero_pages, 0);
	assert_int_equal(lab.list.spare_pa, 0);
	assert_int_equal(kx_list_next(&walk, &step), 1); /* the list page */
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_int_equal(step.source_pa, LAB_PAGE(16));
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_int_equal(step.kind, KX_STEP_COPY);
	assert_int_equal(step.dest_pa, LAB_PAGE(10));
	assert_int_equal(step.pages, 3);
	zeros = (const uint8_t *)lab.arena.base + (step.source_pa - lab.arena.pa);
	for (uint64_t i = 0; i < 3 * PAGE; i++)
		assert_int_equal(zeros[i], 0);
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_int_equal(step.dest_pa, step.source_pa);
	assert_int_equal(kx_list_next(&walk, &step), 0);
}

/* A page that would have to change places with two others: neither is what it is read for. */
static void test_places_pairs(void **state)
{
	static const uint64_t knots[][6] = { /* destination, source, pages: twice */
		{ 8, 16, 2, 17, 30, 1 },  /* what is read is written too */
		{ 8, 9, 2, 20, 30, 1 },   /* of one segment */
		{ 8, 16, 2, 12, 17, 1 },  /* two are read from one */
		{ 8, 16, 2, 16, 8, 2 },   /* they change places with each other anyway: once each */
		{ 8, 8, 2, 12, 9, 1 },    /* one is in place, and read */
		{ 8, 8, 1, 12, 8, 2 },    /* ... with its neighbour */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(knots) / sizeof(knots[0]); i++) {
		uint64_t used = lab.arena.used;

		lab_segment(&lab, 0, knots[i][0], knots[i][1], knots[i][2]);
		lab_segment(&lab, 1, knots[i][3], knots[i][4], knots[i][5]);
		lab.count = 2;
		assert_result(build_swap(), KX_ERR_LIST_PAIR);
		assert_int_equal(lab.arena.used, used);
		assert_result(lab_build(&lab), 0); /* copies can be ordered */
		assert_result(prove_swap(), KX_ERR_LIST_PAIR);
		lab.arena.used = used;
	}
}

/* Side by side is not in each other's way. */
static void test_places_beside(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 8, 8, 2);   /* in place, and read up to there */
	lab_segment(&lab, 1, 12, 10, 1);
	lab_segment(&lab, 2, 20, 11, 1); /* from behind that */
	lab.count = 3;
	assert_result(build_swap(), 0);
	assert_result(prove_swap(), 0);
	assert_int_equal(lab.list.copy_pages, 2);
}

static void test_places_arena(void **state)
{
	(void)state;
	lab.segment[0].memsz = 8 * PAGE;
	lab.arena.size = 6 * PAGE; /* six of zeros leave none for the list */
	lab_unpoison(&lab);
	assert_result(build_swap(), KX_ERR_ARENA_SMALL);
	lab.arena.size = 5 * PAGE;
	assert_result(build_swap(), KX_ERR_ARENA_SMALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_places),
		LAB_TEST(test_places_pairs),
		LAB_TEST(test_places_beside),
		LAB_TEST(test_places_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
