/* SPDX-License-Identifier: BSD-2-Clause */
/* A parking place: what is written where, and what kx_cpus_confirm() makes of its slots. */
#include "unit.h"

#include "fake.h"

#define PLACE_PA 0x90000000u

static const uint64_t ids[] = { 0x100, 2, 0x500000001 };
static uint8_t *place; /* a page longer than it needs to be */
static struct kx_park park;

static int open_place(void **state)
{
	(void)state;
	fake_reset();
	place = aligned_alloc(PAGE, 3 * PAGE);
	memset(place, 0xa5, 3 * PAGE);
	park = (struct kx_park){ .ids = ids, .count = 3, .base = place, .pa = PLACE_PA };
	return 0;
}

static int close_place(void **state)
{
	(void)state;
	free(place);
	return 0;
}

static struct kx_park_slot *slot(size_t index)
{
	return (struct kx_park_slot *)(void *)(place + KX_PARK_SLOTS) + index;
}

static void test_size(void **state)
{
	(void)state;
	assert_int_equal(kx_park_size(1), 2 * PAGE);
	assert_int_equal(kx_park_size(63), 2 * PAGE); /* and the one behind the last */
	assert_int_equal(kx_park_size(64), 3 * PAGE);
	assert_int_equal(kx_park_size(KX_PARK_CPUS_MAX), 1026 * PAGE);
}

static void test_built(void **state)
{
	struct kx_range range = kx_park_range(&park);

	(void)state;
	assert_result(kx_park_build(&park), 0);
	assert_memory_equal(place, kx_park_code_, FAKE_PARK_CODE);
	for (uint64_t i = FAKE_PARK_CODE; i < PAGE; i++)
		assert_int_equal(place[i], 0);
	for (size_t i = 0; i < PAGE / sizeof(struct kx_park_slot); i++) {
		assert_int_equal(slot(i)->id, i < 3 ? ids[i] : i == 3 ? KX_PARK_ID_NONE : 0);
		assert_int_equal(slot(i)->release_pa, 0);
		assert_int_equal(slot(i)->state, 0);
	}
	assert_int_equal(place[2 * PAGE], 0xa5);
	assert_int_equal(fake.published, 2 * PAGE);
	assert_int_equal(range.pa, PLACE_PA);
	assert_int_equal(range.size, 2 * PAGE);
}

static void test_release(void **state)
{
	(void)state;
	assert_int_equal(kx_park_release_pa(&park, 0x100), PLACE_PA + PAGE + 8);
	assert_int_equal(kx_park_release_pa(&park, 0x500000001), PLACE_PA + PAGE + 2 * 64 + 8);
	assert_int_equal(kx_park_release_pa(&park, 0x500000002), 0);
	assert_int_equal(kx_park_release_pa(&park, 0x100) % 8, 0);
}

static void test_refused(void **state)
{
	struct kx_park good = park;

	(void)state;
	assert_result(kx_park_build(NULL), KX_ERR_ARGUMENT);
	park.ids = NULL;
	assert_result(kx_park_build(&park), KX_ERR_ARGUMENT);
	park = good;
	park.base = NULL;
	assert_result(kx_park_build(&park), KX_ERR_ARGUMENT);
	park = good;
	park.count = 0;
	assert_result(kx_park_build(&park), KX_ERR_ARGUMENT);
	park.count = KX_PARK_CPUS_MAX + 1;
	assert_result(kx_park_build(&park), KX_ERR_ARGUMENT);
	park = good;
	park.base = place + 4;
	assert_result(kx_park_build(&park), KX_ERR_MISALIGNED);
	park = good;
	park.pa += 0x800;
	assert_result(kx_park_build(&park), KX_ERR_MISALIGNED);
	park.pa = -2 * PAGE;
	assert_result(kx_park_build(&park), KX_ERR_WRAPS);
	assert_int_equal(place[0], 0xa5);
}

/* Asked of the slots, not of the firmware, and read from memory, not from a cache. */
static void test_confirm(void **state)
{
	struct kx_cpus cpus = { .ids = ids, .count = 3, .timer_hz = 1000000, .timeout_us = 100,
				.method = KX_CPUS_PARKED, .park = &park };
	uint64_t culprit = 0;

	(void)state;
	assert_result(kx_park_build(&park), 0);
	slot(0)->state = slot(2)->state = KX_PARK_WAITS;
	assert_result(kx_cpus_confirm(&cpus, &culprit), KX_ERR_CPU_RUNNING);
	assert_int_equal(culprit, 2);
	assert_ptr_equal(fake.looked_at, slot(1));
	assert_int_equal(fake.looked_size, sizeof(struct kx_park_slot));
	slot(1)->state = KX_PARK_WAITS - 1;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_CPU_RUNNING);
	slot(1)->state = KX_PARK_WAITS;
	assert_result(kx_cpus_confirm(&cpus, NULL), 0);
	for (int i = 0; i < FAKE_CPUS; i++)
		assert_int_equal(fake.cpus[i].asked, 0);
	cpus.ids = (const uint64_t[]){ 0x100, 2, 3 };
	assert_result(kx_cpus_confirm(&cpus, &culprit), KX_ERR_ARGUMENT);
	assert_int_equal(culprit, 3);
	cpus.park = NULL;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_size), TEST(test_built), TEST(test_release), TEST(test_refused),
		TEST(test_confirm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
