/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_segments_check(): what is refused, by what name and about which address. */
#include "lab_test.h"

static void assert_refused(int error, uint64_t at_pa)
{
	assert_result(lab_check(&lab), error);
	assert_int_equal(lab.at_pa, at_pa);
}

static void test_sound(void **state)
{
	(void)state;
	assert_result(lab_check(&lab), 0);
	assert_result(kx_segments_check(lab.segment, lab.count, &lab.memory, NULL), 0);
	assert_result(kx_segments_check(lab.segment, 0, &lab.memory, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_segments_check(NULL, 1, &lab.memory, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_segments_check(lab.segment, 1, NULL, NULL), KX_ERR_ARGUMENT);
}

static void test_sorted(void **state)
{
	(void)state;
	lab_segment(&lab, 0, 12, 20, 1);
	lab_segment(&lab, 1, 4, 21, 2);
	lab_segment(&lab, 2, 6, 23, 6);
	lab_segment(&lab, 3, 0, 30, 4);
	lab.count = 4;
	assert_result(lab_check(&lab), 0);
	for (size_t i = 1; i < lab.count; i++)
		assert_true(lab.segment[i - 1].dest_pa < lab.segment[i].dest_pa);
	assert_int_equal(lab.segment[3].pieces->pa, LAB_PAGE(20));
}

/* Where the array ends, so that ASan sees a segment too far: every order of three. */
static void test_sorted_exactly(void **state)
{
	static const uint64_t order[6][3] = {
		{ 0, 2, 4 }, { 0, 4, 2 }, { 2, 0, 4 }, { 2, 4, 0 }, { 4, 0, 2 }, { 4, 2, 0 }
	};
	struct kx_segment *exact = malloc(3 * sizeof(*exact));

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		for (size_t j = 0; j < 3; j++)
			lab_segment(&lab, j, order[i][j], 20 + 2 * j, 2);
		memcpy(exact, lab.segment, 3 * sizeof(*exact));
		assert_result(kx_segments_check(exact, 3, &lab.memory, NULL), 0);
		for (size_t j = 0; j < 3; j++)
			assert_int_equal(exact[j].dest_pa, LAB_PAGE(2 * j));
	}
	free(exact);
}

static void test_misaligned(void **state)
{
	(void)state;
	for (uint64_t off = 1; off < PAGE; off *= 2) {
		lab_segment(&lab, 0, 8, 16, 2);
		lab.segment[0].dest_pa += off;
		assert_refused(KX_ERR_MISALIGNED, lab.segment[0].dest_pa);
		lab_segment(&lab, 0, 8, 16, 2);
		lab.piece[0].pa += off;
		assert_refused(KX_ERR_MISALIGNED, lab.piece[0].pa);
	}
}

/* Only the last piece may end within a page, and it needs its bytes. */
static void test_odd_pieces(void **state)
{
	struct kx_piece pieces[2] = { { "x", LAB_PAGE(16), PAGE }, { "y", LAB_PAGE(20), 1 } };

	(void)state;
	lab.segment[0].pieces = pieces;
	lab.segment[0].piece_count = 2;
	lab.segment[0].filesz = PAGE + 1;
	assert_result(lab_check(&lab), 0);
	pieces[1].data = NULL;
	assert_refused(KX_ERR_ARGUMENT, LAB_PAGE(20));
	pieces[1].data = "y";
	pieces[0].size = PAGE - 1;
	lab.segment[0].filesz = PAGE;
	assert_refused(KX_ERR_MISALIGNED, LAB_PAGE(16));
	lab.segment[0].pieces = NULL;
	assert_refused(KX_ERR_ARGUMENT, LAB_PAGE(8));
}

static void test_wraps(void **state)
{
	(void)state;
	lab.segment[0].dest_pa = -PAGE; /* the end, 2^64, cannot be written down */
	lab.segment[0].memsz = PAGE;
	lab.segment[0].filesz = 0;
	lab.segment[0].piece_count = 0;
	assert_refused(KX_ERR_WRAPS, -PAGE);
	lab.segment[0].dest_pa = 0;
	lab.segment[0].memsz = UINT64_MAX;
	assert_refused(KX_ERR_WRAPS, 0);
	lab.segment[0].memsz = -PAGE;
	assert_refused(KX_ERR_OUTSIDE_RAM, 0);
	lab.segment[0].dest_pa = LAB_PAGE(8);
	lab.segment[0].memsz = -(uint64_t)LAB_PAGE(8);
	assert_refused(KX_ERR_WRAPS, LAB_PAGE(8));

	lab_segment(&lab, 0, 8, 16, 2);
	lab.piece[0].pa = -PAGE;
	assert_refused(KX_ERR_WRAPS, -PAGE);
}

/* Sizes whose sum wraps to the right one do not add up. */
static void test_sum_wraps(void **state)
{
	struct kx_piece pieces[3] = {
		{ NULL, LAB_PAGE(16), PAGE }, { NULL, 0, -PAGE }, { NULL, LAB_PAGE(17), PAGE }
	};
	struct kx_range whole = { 0, -PAGE };

	(void)state;
	lab.segment[0].pieces = pieces;
	lab.segment[0].piece_count = 3;
	lab.segment[0].filesz = PAGE;
	lab.memory.ram = &whole;
	assert_refused(KX_ERR_WRAPS, 0);
}

static void test_segment_size(void **state)
{
	(void)state;
	lab.segment[0].memsz = 0;
	assert_refused(KX_ERR_SEGMENT_SIZE, LAB_PAGE(8));
	lab_segment(&lab, 0, 8, 16, 2);
	lab.segment[0].memsz--;
	assert_refused(KX_ERR_SEGMENT_SIZE, LAB_PAGE(8));
	lab_segment(&lab, 0, 8, 16, 2);
	lab.segment[0].filesz--; /* less than the pieces give */
	assert_refused(KX_ERR_SEGMENT_SIZE, LAB_PAGE(8));
	lab.segment[0].filesz += 2; /* more */
	lab.segment[0].memsz += PAGE;
	assert_refused(KX_ERR_SEGMENT_SIZE, LAB_PAGE(8));
	lab_segment(&lab, 0, 8, 16, 2);
	lab.piece[0].size = 0;
	lab.segment[0].filesz = 0;
	assert_refused(KX_ERR_SEGMENT_SIZE, LAB_PAGE(16));
	lab.segment[0].piece_count = 0; /* nothing but zeros is fine */
	assert_result(lab_check(&lab), 0);
	lab.segment[0].pieces = NULL;
	assert_result(lab_check(&lab), 0);
	lab.segment[0].memsz = 0; /* nothing at all is not */
	assert_refused(KX_ERR_SEGMENT_SIZE, LAB_PAGE(8));
}

static void test_overlap(void **state)
{
	(void)state;
	lab_segment(&lab, 1, 10, 20, 1); /* the page of zeros behind the first segment */
	lab.count = 2;
	assert_refused(KX_ERR_SEGMENT_OVERLAP, LAB_PAGE(10));
	lab_segment(&lab, 1, 8, 20, 1);
	assert_refused(KX_ERR_SEGMENT_OVERLAP, LAB_PAGE(8));
	lab_segment(&lab, 1, 11, 20, 1);
	assert_result(lab_check(&lab), 0);
	lab_segment(&lab, 0, 8, 16, 2);
	lab_segment(&lab, 1, 7, 20, 1);
	assert_result(lab_check(&lab), 0);
	lab_segment(&lab, 0, 8, 16, 2);
	lab_segment(&lab, 1, 7, 20, 2);
	assert_refused(KX_ERR_SEGMENT_OVERLAP, LAB_PAGE(8));
	/* a byte beyond a page takes the whole next page */
	lab_segment(&lab, 0, 5, 16, 2);
	lab_segment(&lab, 1, 7, 20, 1);
	assert_result(lab_check(&lab), 0);
	lab.segment[0].memsz++;
	assert_refused(KX_ERR_SEGMENT_OVERLAP, LAB_PAGE(7));
	/* the second of the two is named, whatever comes after */
	lab_segment(&lab, 2, 12, 24, 1);
	lab.count = 3;
	assert_refused(KX_ERR_SEGMENT_OVERLAP, LAB_PAGE(7));
}

static void test_outside_ram(void **state)
{
	(void)state;
	lab.segment[0].dest_pa = LAB_PA - PAGE;
	assert_refused(KX_ERR_OUTSIDE_RAM, LAB_PA - PAGE);
	lab.segment[0].dest_pa = LAB_PAGE(LAB_PAGES - 2); /* three pages */
	assert_refused(KX_ERR_OUTSIDE_RAM, LAB_PAGE(LAB_PAGES - 2));
	lab.segment[0].dest_pa = LAB_PAGE(LAB_PAGES - 3);
	assert_result(lab_check(&lab), 0);
	lab.piece[0].pa = LAB_PAGE(LAB_PAGES - 1);
	assert_refused(KX_ERR_OUTSIDE_RAM, LAB_PAGE(LAB_PAGES - 1));
	lab.piece[0].pa = LAB_PA - PAGE;
	assert_refused(KX_ERR_OUTSIDE_RAM, LAB_PA - PAGE);
}

static void test_hole(void **state)
{
	(void)state;
	lab.range[0].size = 10 * PAGE;
	lab.range[1] = (struct kx_range){ LAB_PAGE(11), 40 * PAGE };
	lab.memory.ram_count = 2;
	assert_refused(KX_ERR_OUTSIDE_RAM, LAB_PAGE(8));
	lab.segment[0].dest_pa = LAB_PAGE(11);
	assert_result(lab_check(&lab), 0);
}

/* Ranges that touch are one memory: firmware tables often cut it in pieces. */
static void test_adjacent_ranges(void **state)
{
	(void)state;
	lab.range[0].size = 9 * PAGE;
	lab.range[1] = (struct kx_range){ LAB_PAGE(9), PAGE };
	lab.range[2] = (struct kx_range){ LAB_PAGE(10), 40 * PAGE };
	lab.memory.ram_count = 3;
	assert_result(lab_check(&lab), 0);
	lab.range[2].pa += PAGE;
	assert_refused(KX_ERR_OUTSIDE_RAM, LAB_PAGE(8));
	lab.memory.ram_count = 2;
	assert_refused(KX_ERR_OUTSIDE_RAM, LAB_PAGE(8));
}

static void test_reserved(void **state)
{
	(void)state;
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(11) - 1, 1 }; /* the last byte of the zeros */
	assert_refused(KX_ERR_RESERVED, LAB_PAGE(8));
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(11), 1 };
	assert_result(lab_check(&lab), 0);
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(8) - 1, 1 };
	assert_result(lab_check(&lab), 0);
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(9), 0 }; /* empty: nothing there */
	assert_result(lab_check(&lab), 0);
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(17), 16 };
	assert_refused(KX_ERR_RESERVED, LAB_PAGE(16));
	/* not the first that is looked at */
	lab.memory.reserved_count = 2;
	lab.reserved[0] = (struct kx_range){ 0, 1 };
	lab.reserved[1] = (struct kx_range){ LAB_PAGE(8), 1 };
	assert_refused(KX_ERR_RESERVED, LAB_PAGE(8));
}

/* What a stopped CPU depends on may be read, but not overwritten, to the byte. */
static void test_parked(void **state)
{
	(void)state;
	lab.memory.parked_count = 1;
	lab.parked[0] = (struct kx_range){ LAB_PAGE(11) - 1, 1 };
	assert_refused(KX_ERR_DEST_OVER_CPU, LAB_PAGE(8));
	lab.parked[0] = (struct kx_range){ LAB_PAGE(11), PAGE };
	assert_result(lab_check(&lab), 0);
	lab.parked[0] = (struct kx_range){ LAB_PAGE(8) - 1, 1 };
	assert_result(lab_check(&lab), 0);
	lab.parked[0] = (struct kx_range){ LAB_PAGE(16), 2 * PAGE }; /* the source */
	assert_result(lab_check(&lab), 0);
	lab.parked[0] = (struct kx_range){ LAB_PAGE(9), PAGE };
	lab.memory.reserved_count = 1; /* reserved as well: the name that says more */
	lab.reserved[0] = lab.parked[0];
	assert_refused(KX_ERR_DEST_OVER_CPU, LAB_PAGE(8));
	lab.memory.parked_count = 0;
	assert_refused(KX_ERR_RESERVED, LAB_PAGE(8));
}

/* What hardware keeps writing may be neither. */
static void test_written(void **state)
{
	(void)state;
	lab.memory.written_count = 1;
	lab.written[0] = (struct kx_range){ LAB_PAGE(11) - 1, 1 };
	assert_refused(KX_ERR_DEST_OVER_WRITER, LAB_PAGE(8));
	lab.written[0] = (struct kx_range){ LAB_PAGE(17), 16 };
	assert_refused(KX_ERR_SOURCE_OVER_WRITER, LAB_PAGE(16));
	lab.memory.reserved_count = 1;
	lab.reserved[0] = lab.written[0];
	assert_refused(KX_ERR_SOURCE_OVER_WRITER, LAB_PAGE(16));
	lab.memory.reserved_count = 0;
	lab.written[0] = (struct kx_range){ LAB_PAGE(18), PAGE };
	assert_result(lab_check(&lab), 0);
	lab.piece[0].pa = LAB_PAGE(LAB_PAGES); /* what is no memory is no more than that */
	lab.written[0] = (struct kx_range){ LAB_PAGE(LAB_PAGES), PAGE };
	assert_refused(KX_ERR_OUTSIDE_RAM, LAB_PAGE(LAB_PAGES));
}

static void test_memory(void **state)
{
	(void)state;
	lab.memory.ram_count = 0;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.memory.ram_count = 1;
	lab.memory.ram = NULL;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.memory.ram = lab.range;
	lab.range[0].pa++;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.range[0].pa--;
	lab.range[0].size--;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.range[0].size = 0;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.range[0].size = -(uint64_t)LAB_PA;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.range[0].size = 20 * PAGE;
	lab.range[1] = (struct kx_range){ LAB_PAGE(19), 20 * PAGE };
	lab.memory.ram_count = 2;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.memory.ram_count = 1;
	lab.memory.reserved_count = 1;
	lab.memory.reserved = NULL;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.memory.reserved = lab.reserved;
	lab.reserved[0] = (struct kx_range){ -PAGE, PAGE };
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.memory.reserved_count = 0;
	lab.memory.parked_count = 1;
	lab.parked[0] = (struct kx_range){ -PAGE, PAGE };
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
	lab.memory.parked_count = 0;
	lab.memory.written_count = 1;
	lab.memory.written = NULL;
	assert_result(lab_check(&lab), KX_ERR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_sound),
		LAB_TEST(test_sorted),
		LAB_TEST(test_sorted_exactly),
		LAB_TEST(test_misaligned),
		LAB_TEST(test_odd_pieces),
		LAB_TEST(test_wraps),
		LAB_TEST(test_sum_wraps),
		LAB_TEST(test_segment_size),
		LAB_TEST(test_overlap),
		LAB_TEST(test_outside_ram),
		LAB_TEST(test_hole),
		LAB_TEST(test_adjacent_ranges),
		LAB_TEST(test_reserved),
		LAB_TEST(test_parked),
		LAB_TEST(test_written),
		LAB_TEST(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
