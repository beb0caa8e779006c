/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An IOMMU without power reads as all ones, or does worse: whenever it goes, nothing is written to it
 * and it is named. What comes after kx_quiesce() touches no device; rig_quiet() sees to that.
 */
#include "window.h"

static const uint32_t kinds[] = { KX_DEVICE_SMMUV2, KX_DEVICE_SMMUV3, KX_DEVICE_VTD, KX_DEVICE_AMDVI,
				  KX_DEVICE_RISCV_IOMMU };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void power_off(void)
{
	memset(window.bytes, 0xff, WINDOW_SIZE);
}

/* The register by which each kind is known, and so the one that is named. */
static uint64_t known_by(uint32_t kind)
{
	switch (kind) {
	case KX_DEVICE_SMMUV2: return 0x20;
	case KX_DEVICE_VTD: return 0x08;
	case KX_DEVICE_AMDVI: return 0x18;
	}
	return 0;
}

/* Bypassing, or off, when the host began: there is no other reason to refuse. */
static void setup(uint32_t kind)
{
	window_reset(0);
	if (kind == KX_DEVICE_SMMUV2)
		window_put(0, 4, 1);
	rig_open(kind);
}

static void test_never_there(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < KINDS; i++) {
		setup(kinds[i]);
		power_off();
		assert_result(kx_quiesce_snapshot(&rig.quiesce), KX_ERR_DEVICE_ABSENT);
		assert_int_equal(rig.quiesce.fault.device, 0);
		assert_false(rig.state.taken);
		assert_int_equal(window.write_count, 0);
		rig_close();
	}
}

static void test_gone_before(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < KINDS; i++) {
		setup(kinds[i]);
		power_off();
		rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_PREFLIGHT, known_by(kinds[i]));
		assert_int_equal(window.write_count, 0);
		rig_close();
	}
}

static int stop(void *context)
{
	(void)context;
	power_off();
	return 0;
}

/* A driver's callback takes the power of a device that kx_quiesce() was to stop. */
static void test_gone_in_callback(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < KINDS; i++) {
		struct kx_callback slot, callback = { .stop = stop };
		struct kx_lifecycle lifecycle = { .callbacks = &slot, .max = 1,
						  .timer_hz = 1000000, .timeout_us = 1000 };

		setup(kinds[i]);
		assert_result(kx_lifecycle_add(&lifecycle, &callback, NULL), 0);
		rig.quiesce.lifecycle = &lifecycle;
		rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_IOMMU_BLOCK, known_by(kinds[i]));
		assert_int_equal(window.write_count, 0);
		rig_close();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_there),
		cmocka_unit_test(test_gone_before),
		cmocka_unit_test(test_gone_in_callback),
	};

	return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
