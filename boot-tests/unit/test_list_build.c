/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_list_build(): the words of small lists, the arena to the byte, and what is refused. */
#include "unit.h"

#include "arch.h"

#include <sanitizer/asan_interface.h>

#define DEST(n)  (LAB_PAGE(n) | KX_IND_DESTINATION)
#define SRC(n)   (LAB_PAGE(n) | KX_IND_SOURCE)
#define RUN(n)   (((n)-1u) << KX_IND_RUN_SHIFT)
#define DONE     KX_IND_DONE
#define ZERO     KX_IND_ZERO

static struct lab lab;

static int open_lab(void **state)
{
	(void)state;
	lab_open(&lab);
	return 0;
}

static int close_lab(void **state)
{
	(void)state;
	lab_close(&lab);
	return 0;
}

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

/* ---- pages that change places ---- */

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_lab, close_lab)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_simple),
		TEST(test_merged),
		TEST(test_in_place),
		TEST(test_odd),
		TEST(test_shift_down),
		TEST(test_shift_up),
		TEST(test_swap),
		TEST(test_swap_behind_run),
		TEST(test_zero_over_source),
		TEST(test_shared),
		TEST(test_partly_knotted),
		TEST(test_page_zero),
		TEST(test_zeros_merged),
		TEST(test_long_runs),
		TEST(test_many_pages),
		TEST(test_places),
		TEST(test_places_pairs),
		TEST(test_places_arena),
		TEST(test_arena_size),
		TEST(test_arena_size_zeros),
		TEST(test_arena_size_knot),
		TEST(test_arena_size_in_place),
		TEST(test_over_arena),
		TEST(test_arena_outside),
		TEST(test_arena_arguments),
		TEST(test_arguments),
		TEST(test_arena_exact),
		TEST(test_arena_exact_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
