/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_list_build(): the words of small lists. */
#include "lab_test.h"

/* The list is built, sound, and of one page that holds exactly these words. */
static void check(const uint64_t *words, size_t count)
{
	const uint64_t *built;

	assert_result(lab_build(&lab), 0);
	assert_result(lab_prove(&lab, &lab.list, NULL), 0);
	assert_int_equal(lab.list.head & KX_PAGE_MASK, KX_IND_INDIRECTION);
	built = lab.list.at(lab.list.context, lab.list.head & ~(uint64_t)KX_PAGE_MASK);
	assert_non_null(built);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(built[i], words[i]);
	assert_int_equal(lab.list.words, count + 1);
}

#define CHECK(...) check((const uint64_t[]){ __VA_ARGS__ }, \
			 sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void test_simple(void **state)
{
	(void)state;
	CHECK(DEST(8), SRC(16) | RUN(2), ZERO, DONE);
	assert_int_equal(lab.list.copy_pages, 2);
	assert_int_equal(lab.list.zero_pages, 1);
	assert_int_equal(lab.list.spare_pa, 0);
	assert_int_equal(lab.arena.used, PAGE);
	assert_int_equal(lab.arena.size, 24 * PAGE);
}

/* Pieces that continue each other, over the edge of a segment too, are one run. */
static void test_merged(void **state)
{
	struct kx_piece pieces[3] = {
		{ NULL, LAB_PAGE(20), PAGE }, { NULL, LAB_PAGE(21), PAGE }, { NULL, LAB_PAGE(30), PAGE }
	};

	(void)state;
	lab_segment(&lab, 0, 8, 20, 3);
	lab.segment[0].pieces = pieces;
	lab.segment[0].piece_count = 3;
	lab_segment(&lab, 1, 11, 31, 1);
	lab.count = 2;
	CHECK(DEST(8), SRC(20) | RUN(2), SRC(30) | RUN(2), DONE);
}

/* Pages in place are only made visible, after others have read them. */
static void test_in_place(void **state)
{
	struct kx_range large = { LAB_PA, 1000 * PAGE };

	(void)state;
	lab_segment(&lab, 0, 8, 8, 4);
	CHECK(DEST(8), SRC(8) | RUN(4), DONE);
	assert_int_equal(lab.list.copy_pages, 0);
	lab_segment(&lab, 1, 12, 9, 1);
	lab.count = 2;
	CHECK(DEST(12), SRC(9), DEST(8), SRC(8) | RUN(4), DONE);
	assert_int_equal(lab.list.copy_pages, 1);
	lab.memory.ram = &large; /* in several words */
	lab_segment(&lab, 0, 70, 70, 300);
	lab.count = 1;
	CHECK(DEST(70), SRC(70) | RUN(128), SRC(198) | RUN(128), SRC(326) | RUN(44), DONE);
	assert_int_equal(lab.list.copy_pages, 0);
}

/* The odd bytes are completed with zeros in the arena. */
static void test_odd(void **state)
{
	uint8_t *bytes = malloc(PAGE + 5); /* just so long: ASan sees a byte read too far */
	const uint8_t *tail;

	(void)state;
	memset(bytes, 0x11, PAGE + 5);
	lab_segment(&lab, 0, 8, 16, 2);
	lab.segment[0].filesz = lab.piece[0].size = PAGE + 5;
	lab.piece[0].data = bytes;
	memset(lab.arena.base, 0xff, lab.arena.size);
	CHECK(DEST(8), SRC(16), SRC(40), DONE);
	tail = lab.arena.base;
	for (uint64_t i = 0; i < PAGE; i++)
		assert_int_equal(tail[i], i < 5 ? 0x11 : 0);
	free(bytes);
}

static void test_shift_down(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 8, 9, 4);
	CHECK(DEST(8), SRC(9) | RUN(4), DONE);
}

static void test_shift_up(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 9, 8, 3);
	CHECK(DEST(11), SRC(10), DEST(10), SRC(9), DEST(9), SRC(8), DONE);
	assert_int_equal(lab.list.spare_pa, 0);
}

/* Two pages change places, by way of the spare page. */
static void test_swap(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 8, 9, 1);
	lab_segment(&lab, 1, 9, 8, 1);
	lab.count = 2;
	CHECK(DEST(40), SRC(8), DEST(8), SRC(9), SRC(40), DONE);
	assert_int_equal(lab.list.spare_pa, LAB_PAGE(40));
}

/* The way to the spare page may be the end of a longer run: a list like any other. */
static void test_swap_behind_run(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 21, 22, 1);
	lab_segment(&lab, 1, 22, 21, 1);
	lab_segment(&lab, 2, 39, 20, 1); /* right below the arena, from right below the cycle */
	lab.count = 3;
	CHECK(DEST(39), SRC(20) | RUN(2), DEST(21), SRC(22), SRC(40), DONE);
	assert_int_equal(lab.list.spare_pa, LAB_PAGE(40));
}

/* Zeros over a source wait until it has been read. */
static void test_zero_over_source(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 8, 10, 1);
	lab_segment(&lab, 1, 10, 20, 0);
	lab.segment[1].piece_count = 0;
	lab.segment[1].memsz = PAGE;
	lab.count = 2;
	CHECK(DEST(8), SRC(10), DEST(10), ZERO, DONE);
}

/* A page given twice: nobody minds, or it is overwritten when both have read it. */
static void test_shared(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 8, 20, 4);
	lab_segment(&lab, 1, 12, 22, 4);
	lab.count = 2;
	CHECK(DEST(8), SRC(20) | RUN(4), SRC(22) | RUN(4), DONE);

	lab.arena.used = 0;
	lab_segment(&lab, 0, 10, 30, 1);
	lab_segment(&lab, 1, 11, 10, 1);
	lab_segment(&lab, 2, 13, 10, 1);
	lab.count = 3;
	CHECK(DEST(11), SRC(10), DEST(13), SRC(10), DEST(10), SRC(30), DONE);

	/* two pages change places, and a third wants one of them */
	lab.arena.used = 0;
	lab_segment(&lab, 0, 10, 11, 1);
	lab_segment(&lab, 1, 11, 10, 1);
	lab_segment(&lab, 2, 13, 10, 1);
	CHECK(DEST(13), SRC(10), DEST(40), SRC(10), DEST(10), SRC(11), SRC(40), DONE);
}

/* Of a run, only the pages that others read or write are put off. */
static void test_partly_knotted(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 8, 20, 4); /* its first page reads what the second writes */
	lab_segment(&lab, 1, 20, 30, 1);
	lab.count = 2;
	CHECK(DEST(9), SRC(21) | RUN(3), DEST(8), SRC(20), DEST(20), SRC(30), DONE);

	lab.arena.used = 0;
	lab_segment(&lab, 0, 8, 20, 1);
	lab_segment(&lab, 1, 20, 30, 4); /* its first page is read by the first */
	CHECK(DEST(21), SRC(31) | RUN(3), DEST(8), SRC(20), DEST(20), SRC(30), DONE);
}

/* Page 0 is a destination, and zeros are no source. */
static void test_page_zero(void **state)
{
	struct kx_range all = { 0, LAB_PAGE(LAB_PAGES) };

	(void)state;
	lab.memory.ram = &all;
	lab_segment(&lab, 0, 8, 16, 1);
	lab.segment[0].dest_pa = 0;
	CHECK(KX_IND_DESTINATION, SRC(16), DONE);
	lab.arena.used = 0;
	lab.segment[0].filesz = lab.segment[0].piece_count = 0;
	CHECK(KX_IND_DESTINATION, ZERO, DONE);
}

/* Zeros of one segment go on in the next. */
static void test_zeros_merged(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 8, 16, 1);
	lab.segment[0].memsz = 3 * PAGE;
	lab_segment(&lab, 1, 11, 0, 0);
	lab.segment[1].piece_count = 0;
	lab.segment[1].memsz = 2 * PAGE;
	lab.count = 2;
	CHECK(DEST(8), SRC(16), ZERO | RUN(4), DONE);
}

static void test_long_runs(void **state)
{
	struct kx_range large = { LAB_PA, 1000 * PAGE };

	(void)state;
	lab.memory.ram = &large;
	lab_segment(&lab, 0, 70, 600, 300);
	lab.segment[0].memsz = 500 * PAGE - 7;
	lab.count = 1;
	CHECK(DEST(70), SRC(600) | RUN(128), SRC(728) | RUN(128), SRC(856) | RUN(44),
	      ZERO | RUN(128), ZERO | RUN(72), DONE);
	assert_int_equal(lab.list.copy_pages, 300);
	assert_int_equal(lab.list.zero_pages, 200);
}

/* Lists of many pages: the last word of each goes to the next. */
static void test_many_pages(void **state)
{
	struct kx_range large = { LAB_PA, 20000 * PAGE };
	struct kx_piece *pieces = calloc(3000, sizeof(*pieces));
	uint8_t *arena = aligned_alloc(PAGE, 100 * PAGE);

	(void)state;
	for (uint64_t count = 505; count < 3000; count = count < 520 ? count + 1 : count + 411) {
		struct kx_arena big = { arena, LAB_PAGE(0), 100 * PAGE, 0 };

		for (uint64_t i = 0; i < count; i++)
			pieces[i] = (struct kx_piece){ NULL, LAB_PAGE(10000 + 2 * i), PAGE };
		lab.segment[0] = (struct kx_segment){
			LAB_PAGE(100), count * PAGE, count * PAGE, pieces, count
		};
		lab.memory.ram = &large;
		lab.arena = big;
		assert_result(lab_build(&lab), 0);
		assert_result(lab_prove(&lab, &lab.list, NULL), 0);
		assert_int_equal(lab.list.copy_pages, count);
		assert_int_equal(lab.arena.used, (count + 2 + 510) / 511 * PAGE);
		assert_int_equal(lab.list.words, count + 2 + lab.arena.used / PAGE);
	}
	free(arena);
	free(pieces);
}

static void test_arguments(void **state)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = 1,
				 .memory = &lab.memory };

	(void)state;
	assert_result(kx_list_build(&plan, &lab.arena, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_list_build(&plan, NULL, &lab.list), KX_ERR_ARGUMENT);
	assert_result(kx_list_build(NULL, &lab.arena, &lab.list), KX_ERR_ARGUMENT);
	plan.segment_count = 0;
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), KX_ERR_ARGUMENT);
	plan.segment_count = 1;
	plan.segments = NULL;
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), KX_ERR_ARGUMENT);
	plan.segments = lab.segment;
	plan.memory = NULL;
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), KX_ERR_ARGUMENT);
	plan.memory = &lab.memory;
	/* not what kx_segments_check() left */
	lab_segment(&lab, 1, 4, 20, 1);
	plan.segment_count = 2;
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), KX_ERR_ARGUMENT);
	lab_segment(&lab, 1, 9, 20, 1);
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), KX_ERR_SEGMENT_OVERLAP);
	/* so many pieces that no arena can hold what they need */
	plan.segment_count = 1;
	lab.segment[0].piece_count = 0;
	lab.segment[0].filesz = 0;
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_simple),
		LAB_TEST(test_merged),
		LAB_TEST(test_in_place),
		LAB_TEST(test_odd),
		LAB_TEST(test_shift_down),
		LAB_TEST(test_shift_up),
		LAB_TEST(test_swap),
		LAB_TEST(test_swap_behind_run),
		LAB_TEST(test_zero_over_source),
		LAB_TEST(test_shared),
		LAB_TEST(test_partly_knotted),
		LAB_TEST(test_page_zero),
		LAB_TEST(test_zeros_merged),
		LAB_TEST(test_long_runs),
		LAB_TEST(test_many_pages),
		LAB_TEST(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
