/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3: redistributors that keep LPI tables, and an ITS, against models that answer late or never. */
#include "window.h"

/* Three redistributors, one behind the other; the second knows virtual LPIs and has four frames. */
#define FIRST  0x00000
#define SECOND 0x20000
#define THIRD  0x60000

#define CTLR       0x0
#define TYPER      0x8
#define PROPBASER  0x70
#define PENDBASER  0x78
#define VPENDBASER 0x20078

#define ENABLE 0x1u
#define RWP    0x8u
#define OTHER  0x04000000u /* DPG1S: a bit of CTLR that is not ours */
#define PLPIS  0x1u
#define VLPIS  0x2u
#define LAST   0x10u
#define VALID  0x8000000000000000u
#define DIRTY  0x1000000000000000u

#define TABLE_PA   0x42000000u /* properties, of all */
#define PENDING_PA 0x42010000u /* of the first; the second's follows */
#define IDBITS     15          /* 2^16 interrupts */

static int sticky; /* EnableLPIs cannot be cleared */

static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	switch (offset) {
	case FIRST + CTLR:
	case SECOND + CTLR:
	case THIRD + CTLR:
		if (size != 4)
			window_fault("CTLR written with %u bytes", size);
		if (sticky)
			value |= window_get(offset, 4) & ENABLE;
		window_put(offset, 4, value | RWP);
		window_answer(offset, RWP, 0);
		return 1;
	case SECOND + VPENDBASER:
		if (size != 8)
			window_fault("VPENDBASER written with %u bytes", size);
		window_put(offset, 8, value | DIRTY);
		window_answer(offset, DIRTY, 0);
		return 1;
	}
	return 0;
}

static void add_redist(uint64_t at, uint64_t typer, uint64_t pending_pa)
{
	window_put(at + TYPER, 8, 0xff00000000u | typer);
	if (!(typer & PLPIS))
		return;
	window_put(at + CTLR, 4, OTHER | ENABLE);
	window_put(at + PROPBASER, 8, 0x0700000000000780u | TABLE_PA | IDBITS); /* cacheable, shared */
	window_put(at + PENDBASER, 8, 0x4700000000000780u | pending_pa);
}

static void setup(uint64_t delay)
{
	window_reset(delay);
	sticky = 0;
	add_redist(FIRST, PLPIS, PENDING_PA);
	add_redist(SECOND, PLPIS | VLPIS, PENDING_PA + 0x10000);
	add_redist(SECOND + 0x20000, PLPIS, 0); /* its frames for virtual LPIs: no redistributor */
	add_redist(THIRD, LAST, 0);
	window_put(THIRD + CTLR, 4, ENABLE); /* means nothing where there are no LPIs */
	add_redist(THIRD + 0x20000, PLPIS, PENDING_PA); /* behind the last: not ours */
	rig_open(KX_DEVICE_GICV3_REDIST);
	window.model = model;
}

static void test_redist(void **unused)
{
	(void)unused;
	for (uint64_t delay = 0; delay < 40; delay += 13) {
		setup(delay);
		window_put(SECOND + VPENDBASER, 8, VALID | 0x1000);
		rig_quiet();
		EXPECT({ FIRST + CTLR, OTHER }, { SECOND + VPENDBASER, 0x1000 },
		       { SECOND + CTLR, OTHER });
		rig_close();
	}
}

/* One that has no LPI on is only looked at. */
static void test_off_already(void **unused)
{
	(void)unused;
	setup(0);
	window_put(FIRST + CTLR, 4, OTHER);
	window_put(SECOND + CTLR, 4, 0);
	rig_quiet();
	assert_int_equal(window.write_count, 0);
	rig_close();
}

static void test_redist_stuck(void **unused)
{
	static const uint64_t stuck[] = { FIRST + CTLR, SECOND + VPENDBASER, SECOND + CTLR };

	(void)unused;
	for (size_t i = 0; i < sizeof(stuck) / sizeof(stuck[0]); i++) {
		setup(3);
		window_put(SECOND + VPENDBASER, 8, VALID);
		window.stuck = stuck[i];
		rig_fails(KX_ERR_DEVICE_TIMEOUT, KX_STAGE_WRITERS, stuck[i]);
		assert_int_equal(window.writes[window.write_count - 1].offset, stuck[i]);
		rig_close();
	}
}

/* A region that ends before a redistributor says that it is the last. */
static void test_region_ends(void **unused)
{
	(void)unused;
	setup(0);
	rig.device.length = SECOND;
	rig_quiet();
	EXPECT({ FIRST + CTLR, OTHER });
	rig_close();
}

static struct kx_segment segment;
static const struct kx_plan plan = { .segments = &segment, .segment_count = 1, .memory = NULL };

static void plan_for(uint64_t dest_pa, uint64_t memsz)
{
	segment.dest_pa = dest_pa;
	segment.memsz = memsz;
	rig.quiesce.plan = &plan;
}

/* EnableLPIs stays: nothing may go where the tables are, to the byte; anything may go elsewhere. */
static void test_sticky(void **unused)
{
	static const struct { uint64_t dest_pa, size, place; } cases[] = {
		{ TABLE_PA - 0x1000, 0x1000, 0 },
		{ TABLE_PA - 0x1000, 0x1001, TABLE_PA },
		{ TABLE_PA + 0xdfff, 1, TABLE_PA },
		{ TABLE_PA + 0xe000, 0x2000, 0 },
		{ TABLE_PA + 0xe000, 0x2001, PENDING_PA },
		{ PENDING_PA + 0xffff, 1, PENDING_PA },
		{ PENDING_PA + 0x10000, 0x1000, PENDING_PA + 0x10000 },
		{ PENDING_PA + 0x20000, 0x1000, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(1);
		sticky = 1;
		plan_for(cases[i].dest_pa, cases[i].size);
		if (cases[i].place)
			rig_fails(KX_ERR_DEST_OVER_WRITER, KX_STAGE_WRITERS, cases[i].place);
		else
			rig_quiet();
		rig_close();
	}
	setup(1); /* where they could be stopped, the same plan is good */
	plan_for(TABLE_PA, 0x100000);
	rig_quiet();
	rig_close();
}

static void assert_reserves(const struct kx_range *expected, size_t expected_count)
{
	struct kx_range ranges[8];
	size_t count = 8;

	assert_result(kx_quiesce_reserve(&rig.quiesce, ranges, &count), 0);
	assert_int_equal(count, expected_count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ranges[i].pa, expected[i].pa);
		assert_int_equal(ranges[i].size, expected[i].size);
	}
	assert_int_equal(window.write_count, 0);
}

/* The shared table once, a pending table each; of those that are on. */
static void test_reserve(void **unused)
{
	const struct kx_range all[] = {
		{ TABLE_PA, 0x10000 }, { PENDING_PA, 0x10000 }, { PENDING_PA + 0x10000, 0x10000 },
	};

	(void)unused;
	setup(0);
	assert_reserves(all, 3);
	window_put(SECOND + CTLR, 4, 0);
	assert_reserves(all, 2);
	window_put(FIRST + CTLR, 4, 0);
	assert_reserves(NULL, 0);
	rig_close();
}

/* A byte for each LPI and a bit for each interrupt, rounded to 64 KiB. */
static void test_reserve_sizes(void **unused)
{
	static const struct { unsigned int idbits; uint64_t properties, pending; } cases[] = {
		{ 13, 0x10000, 0x10000 }, { 15, 0x10000, 0x10000 }, { 18, 0x80000, 0x10000 },
		{ 19, 0x100000, 0x20000 }, { 23, 0x1000000, 0x200000 },
		{ 31, 0x100000000, 0x20000000 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct kx_range both[] = { { TABLE_PA, cases[i].properties },
						 { 0x80000000u, cases[i].pending } };

		setup(0);
		window_put(SECOND + CTLR, 4, 0);
		window_put(FIRST + PROPBASER, 8, TABLE_PA | cases[i].idbits);
		window_put(FIRST + PENDBASER, 8, 0x80000000u);
		if (cases[i].idbits < 31)
			assert_reserves(both, 2);
		else /* the one swallows the other */
			assert_reserves(both, 1);
		rig_close();
	}
}

static void test_reserve_room(void **unused)
{
	struct kx_range ranges[2] = { { 0, 0 }, { 0, 0 } };
	size_t count = 1;

	(void)unused;
	setup(0);
	assert_result(kx_quiesce_reserve(&rig.quiesce, ranges, &count), KX_ERR_RANGES_SMALL);
	assert_int_equal(ranges[0].pa, TABLE_PA);
	assert_int_equal(ranges[1].size, 0);
	count = 0;
	assert_result(kx_quiesce_reserve(&rig.quiesce, NULL, &count), KX_ERR_RANGES_SMALL);
	count = 1;
	assert_result(kx_quiesce_reserve(&rig.quiesce, NULL, &count), KX_ERR_ARGUMENT);
	assert_result(kx_quiesce_reserve(&rig.quiesce, ranges, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_quiesce_reserve(NULL, ranges, &count), KX_ERR_ARGUMENT);
	rig.device.base++; /* nowhere that the host could map */
	assert_result(kx_quiesce_reserve(&rig.quiesce, ranges, &count), KX_ERR_DEVICE_ABSENT);
	rig_close();
}

#define ITS_ENABLED   0x1u
#define ITS_IMDE      0x2u /* a bit that is not ours */
#define ITS_QUIESCENT 0x80000000u

static int its_model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	if (offset != CTLR || size != 4)
		window_fault("0x%lx written with %u bytes", offset, size);
	window_put(CTLR, 4, value & ~(uint64_t)ITS_QUIESCENT);
	window_answer(CTLR, 0, ITS_QUIESCENT);
	return 1;
}

static void its_setup(uint64_t delay)
{
	window_reset(delay);
	window_put(CTLR, 4, ITS_ENABLED | ITS_IMDE);
	rig_open(KX_DEVICE_GICV3_ITS);
	window.model = its_model;
}

static void test_its(void **unused)
{
	(void)unused;
	for (uint64_t delay = 0; delay < 40; delay += 13) {
		its_setup(delay);
		rig_quiet();
		EXPECT({ CTLR, ITS_IMDE });
		rig_close();
	}
	its_setup(0);
	window_put(CTLR, 4, ITS_QUIESCENT); /* it is off */
	rig_quiet();
	assert_int_equal(window.write_count, 0);
	rig_close();
	its_setup(9); /* it was switched off, and is not done yet */
	window_put(CTLR, 4, 0);
	window_answer_old(CTLR, 0, ITS_QUIESCENT);
	rig_quiet();
	assert_int_equal(window.write_count, 0);
	rig_close();
}

static void test_its_stuck(void **unused)
{
	(void)unused;
	its_setup(3);
	window.stuck = CTLR;
	rig_fails(KX_ERR_DEVICE_TIMEOUT, KX_STAGE_INTERRUPTS, CTLR);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redist),       cmocka_unit_test(test_off_already),
		cmocka_unit_test(test_redist_stuck), cmocka_unit_test(test_region_ends),
		cmocka_unit_test(test_sticky),       cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_reserve_sizes), cmocka_unit_test(test_reserve_room),
		cmocka_unit_test(test_its),          cmocka_unit_test(test_its_stuck),
	};

	return cmocka_run_group_tests_name("gicv3", tests, NULL, NULL);
}
