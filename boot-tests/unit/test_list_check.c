/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_list_check(): each rule broken by one word, and lists as Linux makes them. */
#include "lab_test.h"

/* What is said of a list, and about which page. */
static void check(const uint64_t *words, size_t count, int error, uint64_t at_pa)
{
	struct kx_list list = lab_list(&lab, words, count);
	uint64_t at = 0;

	list.spare_pa = lab.list.spare_pa;
	assert_result(lab_prove(&lab, &list, &at), error);
	if (error)
		assert_int_equal(at, at_pa);
	assert_result(lab_prove(&lab, &list, NULL), error);
}

#define CHECK(error, at_pa, ...) check((const uint64_t[]){ __VA_ARGS__ }, \
	sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t), error, at_pa)

#define WORDS_PA LAB_PAGE(LAB_WORDS_PAGE)

static void test_sound(void **state)
{
	(void)state;
	CHECK(0, 0, DONE);
	CHECK(0, 0, DEST(4), SRC(20), SRC(22), SRC(21), DEST(2), SRC(7), ZERO, DONE);
	CHECK(0, 0, DEST(0), SRC(20) | RUN(4), ZERO | RUN(8), DONE);
	CHECK(0, 0, DEST(4), SRC(4), DONE); /* in place */
	CHECK(0, 0, DEST(4), SRC(20), SRC(20), SRC(20), DONE); /* one page to many */
	CHECK(0, 0, DEST(4), SRC(5), SRC(6), SRC(7), SRC(8), DONE);
	CHECK(0, 0, DEST(4), SRC(5) | RUN(4), DONE); /* downwards: read before written */
}

/* The same where pages change places: each in one pair. */
static void check_places(const uint64_t *words, size_t count, int error, uint64_t at_pa)
{
	uint64_t scratch[2], at = 0;
	struct kx_list_rules rules = { .memory = &lab.memory, .swap = 1, .scratch = scratch,
				       .scratch_size = sizeof(scratch) };
	struct kx_list list = lab_list(&lab, words, count);

	rules.control = (struct kx_range){ LAB_PAGE(30), PAGE };
	rules.tables = (struct kx_range){ LAB_PAGE(31), PAGE };
	rules.status = (struct kx_range){ LAB_PAGE(32), 64 };
	assert_result(kx_list_check(&list, &rules, &at), error);
	if (error)
		assert_int_equal(at, at_pa);
}

#define PLACES(error, at_pa, ...) check_places((const uint64_t[]){ __VA_ARGS__ }, \
	sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t), error, at_pa)

static void test_places(void **state)
{
	(void)state;
	PLACES(0, 0, DONE);
	PLACES(0, 0, DEST(4), SRC(20) | RUN(4), DEST(2), SRC(9), DONE);
	PLACES(0, 0, DEST(4), SRC(4), SRC(5), DONE); /* in place: nothing changes */
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(4), DEST(4), ZERO, DONE);
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(20), DEST(4), SRC(20), SRC(20), DONE);
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(4), DEST(4), SRC(20), DEST(4), SRC(21), DONE);
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(4), DEST(4), SRC(20), DEST(6), SRC(4), DONE);
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(20), DEST(4), SRC(20), DEST(20), SRC(22), DONE);
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(20), DEST(4), SRC(20), DEST(20), SRC(4), DONE);
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(4), DEST(4), SRC(4), DEST(6), SRC(4), DONE);
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(4), DEST(4), SRC(4), SRC(5), DEST(4), SRC(8), DONE);
	PLACES(KX_ERR_LIST_PAIR, LAB_PAGE(5), DEST(4), SRC(5) | RUN(2), DONE); /* over itself */
	/* What is read is written as well. */
	PLACES(KX_ERR_DEST_OVER_CONTROL, LAB_PAGE(30), DEST(4), SRC(30), DONE);
	PLACES(KX_ERR_DEST_OVER_TABLES, LAB_PAGE(31), DEST(4), SRC(31), DONE);
	PLACES(KX_ERR_STATUS_RANGE, LAB_PAGE(32), DEST(4), SRC(32), DONE);
	PLACES(KX_ERR_DEST_OVER_LIST, WORDS_PA, DEST(4), SRC(LAB_WORDS_PAGE), DONE);
	PLACES(KX_ERR_DEST_OVER_CONTROL, LAB_PAGE(30), DEST(30), SRC(4), DONE);
	PLACES(KX_ERR_OUTSIDE_RAM, LAB_PAGE(LAB_PAGES), DEST(4), SRC(LAB_PAGES), DONE);
	lab.written[0] = (struct kx_range){ LAB_PAGE(20), 1 };
	lab.memory.written_count = 1;
	PLACES(KX_ERR_SOURCE_OVER_WRITER, LAB_PAGE(20), DEST(4), SRC(20), DONE);
	lab.memory.written_count = 0;
	lab.parked[0] = (struct kx_range){ LAB_PAGE(20), 1 };
	lab.memory.parked_count = 1;
	PLACES(KX_ERR_DEST_OVER_CPU, LAB_PAGE(20), DEST(4), SRC(20), DONE);
}

static void test_list_errors(void **state)
{
	uint64_t dests[KX_LIST_WORDS_PER_PAGE];

	(void)state;
	CHECK(KX_ERR_LIST_FLAG, WORDS_PA, DEST(4), 0);
	CHECK(KX_ERR_LIST_FLAG, WORDS_PA, DEST(4), SRC(20) | KX_IND_DESTINATION);
	CHECK(KX_ERR_LIST_FLAG, WORDS_PA, DEST(4), LAB_PAGE(20) | ZERO);
	CHECK(KX_ERR_LIST_FLAG, WORDS_PA, DEST(4), SRC(20), 0); /* in the page, not at the last step */
	CHECK(KX_ERR_LIST_ORDER, WORDS_PA, SRC(20), DONE);
	CHECK(KX_ERR_LIST_LOOP, WORDS_PA, GO(LAB_WORDS_PAGE));
	CHECK(KX_ERR_WRAPS, WORDS_PA, DEST(4), -PAGE | KX_IND_SOURCE, DONE);
	CHECK(KX_ERR_OUTSIDE_RAM, LAB_PAGE(LAB_PAGES), GO(LAB_PAGES));
	for (int i = 0; i < KX_LIST_WORDS_PER_PAGE; i++)
		dests[i] = DEST(4);
	check(dests, KX_LIST_WORDS_PER_PAGE, KX_ERR_LIST_UNTERMINATED, WORDS_PA);
}

static void test_sources(void **state)
{
	(void)state;
	CHECK(KX_ERR_LIST_SOURCE_LOST, LAB_PAGE(4), DEST(4), SRC(20), SRC(4), DONE);
	CHECK(KX_ERR_LIST_SOURCE_LOST, LAB_PAGE(2), DEST(4), ZERO, DEST(8), SRC(2) | RUN(3), DONE);
	CHECK(0, 0, DEST(4), ZERO, DEST(8), SRC(2) | RUN(2), DONE);
	CHECK(KX_ERR_LIST_SOURCE_LOST, LAB_PAGE(4), DEST(5), SRC(4) | RUN(2), DONE);
	CHECK(0, 0, DEST(6), SRC(4) | RUN(2), DONE);
	CHECK(KX_ERR_OUTSIDE_RAM, LAB_PA - PAGE, DEST(4), (LAB_PA - PAGE) | KX_IND_SOURCE, DONE);
	CHECK(KX_ERR_OUTSIDE_RAM, LAB_PAGE(63), DEST(4), SRC(63) | RUN(2), DONE);
	CHECK(0, 0, DEST(4), SRC(62) | RUN(2), DONE);
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(20) + 17, 1 };
	CHECK(KX_ERR_RESERVED, LAB_PAGE(19), DEST(4), SRC(19) | RUN(2), DONE);
}

static void test_dests(void **state)
{
	(void)state;
	CHECK(KX_ERR_LIST_DEST_TWICE, LAB_PAGE(4), DEST(4), ZERO, DEST(4), SRC(20), DONE);
	CHECK(KX_ERR_LIST_DEST_TWICE, LAB_PAGE(3), DEST(4), ZERO, DEST(3), ZERO | RUN(2), DONE);
	CHECK(KX_ERR_OUTSIDE_RAM, LAB_PAGE(64), DEST(64), ZERO, DONE);
	CHECK(KX_ERR_OUTSIDE_RAM, LAB_PAGE(63), DEST(63), ZERO | RUN(2), DONE);
	CHECK(KX_ERR_OUTSIDE_RAM, LAB_PA - PAGE, (LAB_PA - PAGE) | KX_IND_DESTINATION, ZERO, DONE);
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(5) + 17, 1 };
	CHECK(KX_ERR_RESERVED, LAB_PAGE(4), DEST(4), ZERO | RUN(2), DONE);
	CHECK(KX_ERR_RESERVED, LAB_PAGE(5), GO(5));
}

/* What stopped CPUs and hardware still use, to the byte, whatever the granule. */
static void test_in_use(void **state)
{
	(void)state;
	lab.memory.parked_count = 1;
	lab.parked[0] = (struct kx_range){ LAB_PAGE(5) + 17, 1 };
	CHECK(KX_ERR_DEST_OVER_CPU, LAB_PAGE(4), DEST(4), ZERO | RUN(2), DONE);
	CHECK(0, 0, DEST(4), SRC(5), DEST(6), ZERO, DONE);
	lab.memory.parked_count = 0;
	lab.memory.written_count = 1;
	lab.written[0] = (struct kx_range){ LAB_PAGE(5) + 17, 1 };
	CHECK(KX_ERR_DEST_OVER_WRITER, LAB_PAGE(4), DEST(4), ZERO | RUN(2), DONE);
	CHECK(KX_ERR_SOURCE_OVER_WRITER, LAB_PAGE(5), DEST(8), SRC(5), DONE);
	CHECK(KX_ERR_SOURCE_OVER_WRITER, LAB_PAGE(5), GO(5));
	CHECK(0, 0, DEST(4), SRC(6), DONE);
}

/* Pages of the list, the one being read and the one to come. */
static void test_over_list(void **state)
{
	uint64_t *second;

	(void)state;
	CHECK(KX_ERR_DEST_OVER_LIST, WORDS_PA, DEST(LAB_WORDS_PAGE), ZERO, DONE);
	CHECK(KX_ERR_DEST_OVER_LIST, LAB_PAGE(LAB_WORDS_PAGE - 1), DEST(LAB_WORDS_PAGE - 1),
	      ZERO | RUN(2), DONE);
	CHECK(0, 0, DEST(LAB_WORDS_PAGE - 1), ZERO, DEST(LAB_WORDS_PAGE + 1), ZERO, DONE);
	CHECK(KX_ERR_DEST_OVER_LIST, LAB_PAGE(40), DEST(40), ZERO, GO(40));

	second = (uint64_t *)(void *)(lab.ram + 40 * PAGE);
	second[0] = DEST(LAB_WORDS_PAGE); /* read and never needed again: refused all the same */
	second[1] = ZERO;
	second[2] = DONE;
	CHECK(KX_ERR_DEST_OVER_LIST, WORDS_PA, GO(40));
}

static void test_spare(void **state)
{
	(void)state;
	lab.list.spare_pa = LAB_PAGE(10);
	/* 4 <-> 5, then 6 <-> 7, both through the spare page */
	CHECK(0, 0, DEST(10), SRC(4), DEST(4), SRC(5), SRC(10), DEST(10), SRC(6), DEST(6), SRC(7),
	      SRC(10), DONE);
	CHECK(KX_ERR_DEST_OVER_LIST, LAB_PAGE(10), GO(10));
	/* in a run it is the spare page still */
	CHECK(0, 0, DEST(9), SRC(20) | RUN(2), DEST(21), SRC(10), DONE);
	CHECK(0, 0, DEST(9), SRC(20) | RUN(3), DEST(10), SRC(30), DEST(21), SRC(10), DONE);
	/* and it is one page */
	CHECK(KX_ERR_LIST_SOURCE_LOST, LAB_PAGE(9), DEST(9), SRC(20) | RUN(3), DEST(20), SRC(9),
	      DONE);
	CHECK(KX_ERR_LIST_SOURCE_LOST, LAB_PAGE(11), DEST(9), SRC(20) | RUN(3), DEST(20), SRC(11),
	      DONE);
	CHECK(KX_ERR_LIST_DEST_TWICE, LAB_PAGE(11), DEST(10), ZERO | RUN(2), DEST(11), ZERO, DONE);
	lab.list.spare_pa = 0;
	CHECK(KX_ERR_LIST_SOURCE_LOST, LAB_PAGE(10), DEST(10), SRC(4), DEST(4), SRC(5), SRC(10),
	      DONE);
}

static const void *page_at_zero(const void *context, uint64_t pa)
{
	return pa ? NULL : context;
}

/* Page 0 is memory like any other, and no spare page. */
static void test_page_zero(void **state)
{
	uint64_t words[] = { DEST(4), SRC(20), DONE, 0 };
	struct kx_list list = { KX_IND_INDIRECTION, 0, page_at_zero, words, 0, 0, 0 };

	(void)state;
	lab.range[0] = (struct kx_range){ 0, LAB_PAGE(LAB_PAGES) };
	assert_result(lab_prove(&lab, &list, NULL), 0);
	words[0] = KX_IND_DESTINATION;
	assert_result(lab_prove(&lab, &list, NULL), KX_ERR_DEST_OVER_LIST);
	CHECK(KX_ERR_LIST_DEST_TWICE, 0, KX_IND_DESTINATION, ZERO, KX_IND_DESTINATION, ZERO, DONE);
	CHECK(KX_ERR_LIST_SOURCE_LOST, 0, KX_IND_DESTINATION, ZERO, KX_IND_SOURCE, DONE);
}

/* A spare page that is no memory is nobody's: the bits behind the last page's are those of others. */
static void test_spare_outside(void **state)
{
	uint64_t words[] = { DEST(4), ZERO, DEST(0), ZERO, DONE };
	struct kx_list list = lab_list(&lab, words, 5);
	uint8_t *first = lab.ram;

	(void)state;
	lab_unpoison(&lab);
	memcpy(first, words, sizeof(words));
	list.head = LAB_PAGE(0) | KX_IND_INDIRECTION;
	list.spare_pa = LAB_PAGE(LAB_PAGES);
	assert_result(lab_prove(&lab, &list, NULL), KX_ERR_DEST_OVER_LIST);
}

/* The scratch bits of one RAM range are not those of another. */
static void test_ranges(void **state)
{
	uint64_t run = RUN(28);

	(void)state;
	lab.range[0].size = 30 * PAGE;
	lab.range[1] = (struct kx_range){ LAB_PAGE(31), 4 * PAGE };
	lab.range[2] = (struct kx_range){ LAB_PAGE(35), 29 * PAGE };
	lab.memory.ram_count = 3;
	CHECK(0, 0, DEST(0), ZERO | RUN(30), DEST(31), ZERO | RUN(5), DEST(37), ZERO | RUN(27), DONE);
	CHECK(KX_ERR_OUTSIDE_RAM, LAB_PAGE(29), DEST(29), ZERO | RUN(2), DONE);
	CHECK(KX_ERR_LIST_DEST_TWICE, LAB_PAGE(35), DEST(31), ZERO | RUN(5), DEST(35), ZERO, DONE);
	CHECK(KX_ERR_LIST_SOURCE_LOST, LAB_PAGE(31), DEST(34), ZERO, DEST(0), SRC(31) | RUN(5), DONE);
	CHECK(0, 0, DEST(0), SRC(31) | RUN(29), DONE);
	CHECK(KX_ERR_OUTSIDE_RAM, LAB_PAGE(37), DEST(0), SRC(37) | run, DONE);
}

/* Where pages are reached by larger mappings, these must be RAM, and not reserved, in whole. */
static void test_granule(void **state)
{
	const uint64_t words[] = { DEST(7), SRC(20), DONE };
	struct kx_list list = lab_list(&lab, words, 3);
	uint64_t scratch[8], at_pa;
	struct kx_list_rules rules = { .memory = &lab.memory, .scratch = scratch, .granule = 4 * PAGE };

	(void)state;
	rules.scratch_size = sizeof(scratch);
	assert_result(kx_list_check(&list, &rules, NULL), 0);
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(4), 1 }; /* beside the destination */
	assert_result(kx_list_check(&list, &rules, &at_pa), KX_ERR_RESERVED);
	assert_int_equal(at_pa, LAB_PAGE(7));
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(23), PAGE }; /* the source */
	assert_result(kx_list_check(&list, &rules, &at_pa), KX_ERR_RESERVED);
	assert_int_equal(at_pa, LAB_PAGE(20));
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(LAB_WORDS_PAGE + 1), 1 }; /* the list page */
	assert_result(kx_list_check(&list, &rules, &at_pa), KX_ERR_RESERVED);
	lab.memory.reserved_count = 0;
	lab.memory.parked_count = lab.memory.written_count = 1;
	lab.parked[0] = lab.written[0] = (struct kx_range){ LAB_PAGE(4), 3 * PAGE };
	assert_result(kx_list_check(&list, &rules, NULL), 0); /* reached, but not written */
	lab.memory.parked_count = lab.memory.written_count = 0;
	lab.range[0].pa += PAGE;
	lab.range[0].size = 6 * PAGE;
	lab.range[1] = (struct kx_range){ LAB_PAGE(8), 40 * PAGE };
	lab.memory.ram_count = 2;
	assert_result(kx_list_check(&list, &rules, &at_pa), KX_ERR_OUTSIDE_RAM);
	rules.granule = 0;
	assert_result(kx_list_check(&list, &rules, &at_pa), KX_ERR_OUTSIDE_RAM);
	lab.range[0].size = 7 * PAGE; /* now they touch */
	rules.granule = 4 * PAGE;
	assert_result(kx_list_check(&list, &rules, &at_pa), 0);
}

static void test_control_and_tables(void **state)
{
	const uint64_t words[] = { DEST(4), ZERO | RUN(4), DONE };
	struct kx_list list = lab_list(&lab, words, 3);
	uint64_t scratch[8], at_pa;
	struct kx_list_rules rules = { .memory = &lab.memory, .scratch = scratch };

	(void)state;
	rules.scratch_size = sizeof(scratch);
	for (uint64_t page = 2; page < 10; page++) {
		struct kx_range two = { LAB_PAGE(page), 2 * PAGE };
		int over = page >= 3 && page <= 7;

		rules.control = two;
		rules.tables = (struct kx_range){ 0, 0 };
		assert_result(kx_list_check(&list, &rules, &at_pa),
			      over ? KX_ERR_DEST_OVER_CONTROL : 0);
		if (over)
			assert_int_equal(at_pa, LAB_PAGE(4));
		rules.control = (struct kx_range){ LAB_PAGE(5), 0 };
		rules.tables = two;
		assert_result(kx_list_check(&list, &rules, &at_pa),
			      over ? KX_ERR_DEST_OVER_TABLES : 0);
	}
	rules.tables = (struct kx_range){ 0, 0 };
	rules.control = (struct kx_range){ -PAGE, PAGE };
	assert_result(kx_list_check(&list, &rules, NULL), KX_ERR_WRAPS);
	rules.control = (struct kx_range){ 0, 0 };
	rules.tables = (struct kx_range){ -PAGE, 2 * PAGE };
	assert_result(kx_list_check(&list, &rules, NULL), KX_ERR_WRAPS);
	rules.tables = (struct kx_range){ 0, 0 };
	rules.status = (struct kx_range){ -(uint64_t)64, 128 };
	assert_result(kx_list_check(&list, &rules, NULL), KX_ERR_WRAPS);
}

static void test_arguments(void **state)
{
	const uint64_t words[] = { DONE };
	struct kx_list list = lab_list(&lab, words, 1);
	uint64_t scratch[8];
	struct kx_list_rules rules = { .memory = &lab.memory, .scratch = scratch };

	(void)state;
	rules.scratch_size = kx_list_check_scratch(&lab.memory);
	assert_int_equal(rules.scratch_size, 2 * LAB_PAGES / 8);
	assert_result(kx_list_check(&list, &rules, NULL), 0);
	assert_result(kx_list_check(NULL, &rules, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_list_check(&list, NULL, NULL), KX_ERR_ARGUMENT);
	rules.scratch_size--;
	assert_result(kx_list_check(&list, &rules, NULL), KX_ERR_ARENA_SMALL);
	rules.scratch_size++;
	rules.scratch = (uint8_t *)scratch + 4;
	assert_result(kx_list_check(&list, &rules, NULL), KX_ERR_ARGUMENT);
	rules.scratch = NULL;
	assert_result(kx_list_check(&list, &rules, NULL), KX_ERR_ARGUMENT);
	rules.scratch = scratch;
	lab.memory.ram_count = 0;
	assert_result(kx_list_check(&list, &rules, NULL), KX_ERR_ARGUMENT);
}

/* Linux: a word for each page, DESTINATION once a segment, the last word of a page an INDIRECTION. */
static void test_linux(void **state)
{
	uint64_t *page = (uint64_t *)(void *)(lab.ram + LAB_WORDS_PAGE * PAGE);
	struct kx_list list;
	uint64_t at = 0;

	(void)state;
	list = lab_list(&lab, page, 0);
	for (uint64_t i = 0; i < 3; i++) {
		uint64_t *words = page + i * KX_LIST_WORDS_PER_PAGE;

		for (uint64_t j = 0; j < KX_LIST_WORDS_PER_PAGE - 1; j++)
			words[j] = j % 64 == 0 ? DEST(i * 8 + j / 64) : 0;
		for (uint64_t j = 0; j < KX_LIST_WORDS_PER_PAGE - 1; j++)
			words[j] = j % 64 == 1 ? SRC(39 + i * 8 + j / 64) : words[j] ? words[j] :
				   DEST(0);
		words[KX_LIST_WORDS_PER_PAGE - 1] = i < 2 ? GO(LAB_WORDS_PAGE + i + 1) : DONE;
	}
	assert_result(lab_prove(&lab, &list, &at), 0);
	page[KX_LIST_WORDS_PER_PAGE - 1] = GO(LAB_WORDS_PAGE + 2);
	assert_result(lab_prove(&lab, &list, &at), 0);
	page[3 * KX_LIST_WORDS_PER_PAGE - 1] = GO(LAB_WORDS_PAGE);
	assert_result(lab_prove(&lab, &list, &at), KX_ERR_LIST_LOOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_sound),
		LAB_TEST(test_places),
		LAB_TEST(test_list_errors),
		LAB_TEST(test_sources),
		LAB_TEST(test_dests),
		LAB_TEST(test_in_use),
		LAB_TEST(test_over_list),
		LAB_TEST(test_spare),
		LAB_TEST(test_page_zero),
		LAB_TEST(test_spare_outside),
		LAB_TEST(test_ranges),
		LAB_TEST(test_granule),
		LAB_TEST(test_control_and_tables),
		LAB_TEST(test_arguments),
		LAB_TEST(test_linux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
