/* SPDX-License-Identifier: BSD-2-Clause */
/* What kx_quiesce() makes of the other CPUs, before it touches a device. */
#include "window.h"

#define PARK_PA 0x50000000u

static const uint64_t ids[] = { 1, 2 };
static uint64_t place[2 * KX_PAGE_SIZE / 8]; /* a page of code, and one of slots */
static struct kx_park park = { ids, 2, place, PARK_PA };
static struct kx_segment segment;
static const struct kx_plan plan = { .segments = &segment, .segment_count = 1, .memory = NULL };

/* An ITS that is on: whoever gets that far switches it off. */
static void setup(void)
{
	window_reset(0);
	window_put(0, 4, 1);
	memset(place, 0, sizeof(place));
	rig_open(KX_DEVICE_GICV3_ITS);
	rig.cpus = (struct kx_cpus){ .ids = ids, .count = 2, .timer_hz = 1000000, .timeout_us = 10,
				     .method = KX_CPUS_PARKED, .park = &park };
	rig.quiesce.plan = &plan;
	segment = (struct kx_segment){ .dest_pa = 0x40000000, .memsz = 0x1000 };
}

static struct kx_park_slot *slot(size_t index)
{
	return (struct kx_park_slot *)(void *)((uint8_t *)place + KX_PARK_SLOTS) + index;
}

static void assert_refused(int error, int stage, uint64_t at)
{
	assert_result(kx_quiesce(&rig.quiesce), error);
	assert_string_equal(kx_stage_name(rig.quiesce.fault.stage), kx_stage_name(stage));
	assert_int_equal(rig.quiesce.fault.place, at);
	assert_int_equal(window.write_count, 0);
}

/* One has not come to the parking place. */
static void test_not_parked(void **unused)
{
	(void)unused;
	setup();
	slot(0)->state = KX_PARK_WAITS;
	assert_refused(KX_ERR_CPU_RUNNING, KX_STAGE_CPUS, 2);
	slot(1)->state = KX_PARK_WAITS;
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_DEVICE_TIMEOUT); /* the ITS is mute */
	assert_int_equal(rig.quiesce.fault.stage, KX_STAGE_INTERRUPTS);
	rig_close();
}

/* The plan goes over it, to the byte. */
static void test_over_park(void **unused)
{
	(void)unused;
	setup();
	slot(0)->state = slot(1)->state = KX_PARK_WAITS;
	segment = (struct kx_segment){ .dest_pa = PARK_PA - 0x1000, .memsz = 0x1001 };
	assert_refused(KX_ERR_DEST_OVER_CPU, KX_STAGE_PREFLIGHT, PARK_PA - 0x1000);
	segment = (struct kx_segment){ .dest_pa = PARK_PA + 0x1000, .memsz = 1 };
	assert_refused(KX_ERR_DEST_OVER_CPU, KX_STAGE_PREFLIGHT, PARK_PA + 0x1000);
	segment = (struct kx_segment){ .dest_pa = PARK_PA + 0x2000, .memsz = 0x1000 };
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_DEVICE_TIMEOUT);
	segment = (struct kx_segment){ .dest_pa = PARK_PA - 0x1000, .memsz = 0x1000 };
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_DEVICE_TIMEOUT);
	segment = (struct kx_segment){ .dest_pa = PARK_PA, .memsz = 0x1000 };
	rig.quiesce.plan = NULL; /* nothing is known of it */
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_DEVICE_TIMEOUT);
	rig.quiesce.plan = &plan;
	rig.cpus.method = 0; /* they have not gone there */
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_DEVICE_TIMEOUT);
	rig.cpus.method = KX_CPUS_PARKED;
	rig.cpus.park = NULL;
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_ARGUMENT);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_parked),
		cmocka_unit_test(test_over_park),
	};

	return cmocka_run_group_tests_name("cpus", tests, NULL, NULL);
}
