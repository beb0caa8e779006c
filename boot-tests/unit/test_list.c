/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_list_next(): what each word says, and which words are refused. */
#include "lab_test.h"

static struct kx_list list;
static struct kx_list_walk walk;
static struct kx_list_step step;

/* Start at a list of words, behind the step that goes to its page. */
static void start(const uint64_t *words, size_t count)
{
	list = lab_list(&lab, words, count);
	memset(&walk, 0, sizeof(walk));
	walk.list = &list;
	memset(&step, 0xff, sizeof(step));
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_int_equal(step.kind, KX_STEP_PAGE);
	assert_int_equal(step.source_pa, LAB_PAGE(LAB_WORDS_PAGE));
	assert_int_equal(step.pages, 1);
}

#define START(...) start((const uint64_t[]){ __VA_ARGS__ }, \
			 sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void assert_step(int kind, uint64_t dest, uint64_t source_pa, uint64_t pages)
{
	memset(&step, 0xff, sizeof(step));
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_int_equal(step.kind, kind);
	assert_int_equal(step.dest_pa, LAB_PAGE(dest));
	assert_int_equal(step.source_pa, source_pa);
	assert_int_equal(step.pages, pages);
}

static void test_steps(void **state)
{
	(void)state;
	START(DEST(4), SRC(20), SRC(22) | RUN(3), KX_IND_ZERO | RUN(128), DEST(7), KX_IND_ZERO,
	      SRC(30) | RUN(2), KX_IND_DONE);
	assert_step(KX_STEP_COPY, 4, LAB_PAGE(20), 1);
	assert_step(KX_STEP_COPY, 5, LAB_PAGE(22), 3);
	assert_step(KX_STEP_ZERO, 8, 0, 128);
	assert_step(KX_STEP_ZERO, 7, 0, 1);
	assert_step(KX_STEP_COPY, 8, LAB_PAGE(30), 2);
	assert_int_equal(kx_list_next(&walk, &step), 0);
}

/* The destination goes on over the pages of the list, as Linux's lists ask. */
static void test_pages(void **state)
{
	uint64_t *second;

	(void)state;
	START(DEST(4), SRC(20), GO(38));
	second = (uint64_t *)(void *)(lab.ram + 38 * PAGE);
	memset(second, 0, PAGE);
	second[0] = SRC(21);
	second[1] = KX_IND_DONE;
	assert_step(KX_STEP_COPY, 4, LAB_PAGE(20), 1);
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_int_equal(step.kind, KX_STEP_PAGE);
	assert_int_equal(step.source_pa, LAB_PAGE(38));
	assert_step(KX_STEP_COPY, 5, LAB_PAGE(21), 1);
	assert_int_equal(kx_list_next(&walk, &step), 0);
}

static void test_empty(void **state)
{
	(void)state;
	list = (struct kx_list){ .head = KX_IND_DONE };
	walk = (struct kx_list_walk){ .list = &list };
	assert_int_equal(kx_list_next(&walk, &step), 0);
}

static const void *page_at_zero(const void *context, uint64_t pa)
{
	return pa ? NULL : context;
}

/* Page 0 may be a page of the list like any other. */
static void test_page_zero(void **state)
{
	const uint64_t words[] = { DEST(4), SRC(20), KX_IND_DONE };

	(void)state;
	list = (struct kx_list){ KX_IND_INDIRECTION, 0, page_at_zero, words, 0, 0, 0 };
	walk = (struct kx_list_walk){ .list = &list };
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_step(KX_STEP_COPY, 4, LAB_PAGE(20), 1);
	assert_int_equal(kx_list_next(&walk, &step), 0);
}

static void test_flags(void **state)
{
	(void)state;
	for (uint64_t bits = 0; bits < PAGE; bits++) {
		uint64_t flag = bits & KX_IND_FLAGS, run = bits >> KX_IND_RUN_SHIFT;
		int known = flag == KX_IND_SOURCE || flag == KX_IND_ZERO;

		if (!run && (flag == KX_IND_DESTINATION || flag == KX_IND_INDIRECTION ||
			     flag == KX_IND_DONE))
			continue;
		START(DEST(4), bits, KX_IND_DONE);
		if (known)
			assert_step(flag == KX_IND_ZERO ? KX_STEP_ZERO : KX_STEP_COPY, 4, 0, run + 1);
		else
			assert_result(kx_list_next(&walk, &step), KX_ERR_LIST_FLAG);
	}
	START(DEST(4), LAB_PAGE(20) | KX_IND_ZERO, KX_IND_DONE); /* ZERO has no address */
	assert_result(kx_list_next(&walk, &step), KX_ERR_LIST_FLAG);
}

static void test_order(void **state)
{
	(void)state;
	START(SRC(20), DEST(4), KX_IND_DONE);
	assert_result(kx_list_next(&walk, &step), KX_ERR_LIST_ORDER);
	START(KX_IND_ZERO, DEST(4), KX_IND_DONE);
	assert_result(kx_list_next(&walk, &step), KX_ERR_LIST_ORDER);
	START(KX_IND_DESTINATION, SRC(20), KX_IND_DONE); /* page 0 is a destination like any other */
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_int_equal(step.dest_pa, 0);
}

static void test_wraps(void **state)
{
	(void)state;
	START(-PAGE | KX_IND_DESTINATION, SRC(20), KX_IND_DONE);
	assert_result(kx_list_next(&walk, &step), KX_ERR_WRAPS);
	START(DEST(4), -PAGE | KX_IND_SOURCE, KX_IND_DONE);
	assert_result(kx_list_next(&walk, &step), KX_ERR_WRAPS);
	START(DEST(4), -5 * PAGE | RUN(4) | KX_IND_SOURCE, KX_IND_DONE);
	assert_step(KX_STEP_COPY, 4, -5 * PAGE, 4);
	START(-5 * PAGE | KX_IND_DESTINATION, KX_IND_ZERO | RUN(4), KX_IND_ZERO, KX_IND_DONE);
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_result(kx_list_next(&walk, &step), KX_ERR_WRAPS);
}

static void test_unterminated(void **state)
{
	uint64_t words[KX_LIST_WORDS_PER_PAGE];

	(void)state;
	for (int i = 0; i < KX_LIST_WORDS_PER_PAGE; i++)
		words[i] = DEST(4);
	start(words, KX_LIST_WORDS_PER_PAGE);
	assert_result(kx_list_next(&walk, &step), KX_ERR_LIST_UNTERMINATED);
	words[KX_LIST_WORDS_PER_PAGE - 1] = KX_IND_DONE;
	start(words, KX_LIST_WORDS_PER_PAGE);
	assert_int_equal(kx_list_next(&walk, &step), 0);

	list.head = DEST(4); /* a head that goes nowhere */
	walk = (struct kx_list_walk){ .list = &list };
	assert_result(kx_list_next(&walk, &step), KX_ERR_LIST_UNTERMINATED);
}

static void test_unreachable(void **state)
{
	(void)state;
	START(GO(LAB_PAGES));
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_int_equal(step.source_pa, LAB_PAGE(LAB_PAGES));
	assert_result(kx_list_next(&walk, &step), KX_ERR_OUTSIDE_RAM);
	list.at = NULL;
	walk = (struct kx_list_walk){ .list = &list };
	assert_int_equal(kx_list_next(&walk, &step), 1);
	assert_result(kx_list_next(&walk, &step), KX_ERR_OUTSIDE_RAM);
}

/* A page of the list that is nothing but the way to another. */
static void go(uint64_t from, uint64_t to)
{
	*(uint64_t *)(void *)(lab.ram + from * PAGE) = to;
}

/* Loops of every length, entered after every number of pages; and no false alarm without one. */
static void test_loops(void **state)
{
	(void)state;
	for (uint64_t before = 0; before < 12; before++) {
		for (uint64_t length = 1; length + before <= 24; length++) {
			uint64_t first = LAB_WORDS_PAGE, last = first + before + length - 1;
			int result, hops = 0;

			START(KX_IND_DONE);
			for (uint64_t i = first; i < last; i++)
				go(i, GO(i + 1));
			go(last, GO(first + before));
			walk = (struct kx_list_walk){ .list = &list };
			while ((result = kx_list_next(&walk, &step)) > 0)
				assert_in_range(++hops, 1, 4 * 24);
			assert_result(result, KX_ERR_LIST_LOOP);

			go(last, KX_IND_DONE);
			walk = (struct kx_list_walk){ .list = &list };
			while ((result = kx_list_next(&walk, &step)) > 0)
				;
			assert_result(result, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_steps),
		LAB_TEST(test_pages),
		LAB_TEST(test_empty),
		LAB_TEST(test_page_zero),
		LAB_TEST(test_flags),
		LAB_TEST(test_order),
		LAB_TEST(test_wraps),
		LAB_TEST(test_unterminated),
		LAB_TEST(test_unreachable),
		LAB_TEST(test_loops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
