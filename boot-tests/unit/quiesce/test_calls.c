/* SPDX-License-Identifier: BSD-2-Clause */
/* What the calls of kx/quiesce.h refuse at once, what they say of an error, and the names of stages. */
#include "window.h"

static void setup(void)
{
	window_reset(0);
	window_put(0, 4, 0x80000000);
	rig_open(KX_DEVICE_GICV3_ITS);
}

static void test_names(void **unused)
{
	static const struct { int stage; const char *name; } names[] = {
		{ KX_STAGE_PREFLIGHT, "preflight" },       { KX_STAGE_CPUS, "cpus" },
		{ KX_STAGE_CALLBACKS, "callbacks" },       { KX_STAGE_PCI, "pci" },
		{ KX_STAGE_INTERRUPTS, "interrupts" },     { KX_STAGE_IOMMU_BLOCK, "iommu-block" },
		{ KX_STAGE_IOMMU_DRAIN, "iommu-drain" },   { KX_STAGE_IOMMU_QUEUES, "iommu-queues" },
		{ KX_STAGE_IOMMU_OFF, "iommu-off" },       { KX_STAGE_PCI_IOMMU, "pci-iommu" },
		{ KX_STAGE_IOMMU_FINAL, "iommu-final" },   { KX_STAGE_WRITERS, "writers" },
		{ KX_STAGE_VERIFY, "verify" },             { 0, "unknown" },
		{ KX_STAGE_VERIFY + 1, "unknown" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(kx_stage_name(names[i].stage), names[i].name);
}

/* Each member that kx_quiesce() cannot do without, taken away. */
static void test_arguments(void **unused)
{
	struct kx_quiesce good;

	(void)unused;
	setup();
	good = rig.quiesce;
	assert_result(kx_quiesce(NULL), KX_ERR_ARGUMENT);
#define WITHOUT(change) do {                                                                       \
		rig.quiesce = good;                                                                \
		change;                                                                            \
		assert_result(kx_quiesce(&rig.quiesce), KX_ERR_ARGUMENT);                          \
	} while (0)
	WITHOUT(rig.quiesce.devices = NULL);
	WITHOUT(rig.quiesce.states = NULL);
	WITHOUT(rig.quiesce.cpus = NULL);
	WITHOUT(rig.quiesce.timeout_us = 0);
	WITHOUT(rig.quiesce.scratch = NULL);
	WITHOUT(rig.quiesce.scratch = rig.scratch + 8);
	WITHOUT(rig.quiesce.scratch_pa += 8);
	WITHOUT(rig.quiesce.policy = KX_IOMMU_ABORT + 1);
	WITHOUT(rig.cpus.timer_hz = 0);
	rig.cpus.timer_hz = 1000000;
	assert_int_equal(rig.stage_count, 0);
	rig.quiesce = good;
	rig.quiesce.policy = KX_IOMMU_ABORT;
	rig_quiet();
	rig.quiesce.device_count = 0; /* then there need be none */
	rig.quiesce.devices = NULL;
	rig.quiesce.states = NULL;
	assert_result(kx_quiesce(&rig.quiesce), 0);
	rig_close();
}

/* The host looks before it begins. */
static void test_snapshot(void **unused)
{
	struct kx_quiesce good;
	struct kx_range range;
	size_t count = 1;

	(void)unused;
	setup();
	good = rig.quiesce;
	assert_result(kx_quiesce_snapshot(NULL), KX_ERR_ARGUMENT);
	rig.quiesce.devices = NULL;
	assert_result(kx_quiesce_snapshot(&rig.quiesce), KX_ERR_ARGUMENT);
	assert_result(kx_quiesce_reserve(&rig.quiesce, &range, &count), KX_ERR_ARGUMENT);
	rig.quiesce.states = NULL;
	rig.quiesce.device_count = 0;
	assert_result(kx_quiesce_snapshot(&rig.quiesce), 0);
	assert_result(kx_quiesce_reserve(&rig.quiesce, &range, &count), 0);
	assert_int_equal(count, 0);
	rig.quiesce = good;
	rig.quiesce.states = NULL;
	assert_result(kx_quiesce_snapshot(&rig.quiesce), KX_ERR_ARGUMENT);
	rig.quiesce = good;
	rig.device.kind = 12345;
	assert_result(kx_quiesce_snapshot(&rig.quiesce), KX_ERR_DEVICE_KIND);
	assert_false(rig.state.taken);
	rig.device.kind = KX_DEVICE_PCI_PORTS; /* none here */
	assert_result(kx_quiesce_snapshot(&rig.quiesce), KX_ERR_DEVICE_KIND);
	rig.device.kind = KX_DEVICE_GICV3_ITS;
	rig.device.base += 8; /* nothing that could be mapped */
	assert_result(kx_quiesce_snapshot(&rig.quiesce), KX_ERR_DEVICE_ABSENT);
	assert_int_equal(rig.quiesce.fault.device, 0);
	assert_false(rig.state.taken);
	rig_close();
}

/* An IOMMU that the snapshot has not seen has no state to go back to. */
static void test_no_snapshot(void **unused)
{
	(void)unused;
	window_reset(0);
	rig_open(KX_DEVICE_RISCV_IOMMU);
	rig.state.taken = 0;
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_ARGUMENT);
	assert_int_equal(window.write_count, 0);
	rig.state.taken = 1;
	rig_quiet();
	rig_close();
	setup(); /* others need none */
	rig.state.taken = 0;
	rig_quiet();
	rig_close();
}

/* Firmware keeps a page of this CPU's: that is told, by this call and by the one for other CPUs. */
static void test_writers(void **unused)
{
	(void)unused;
	setup();
	assert_result(kx_quiesce_cpu(NULL), 0);
	assert_false(window.last);
	window.writers = -KX_ERR_CPU_FIRMWARE;
	assert_result(kx_quiesce_cpu(NULL), KX_ERR_CPU_FIRMWARE);
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_CPU_FIRMWARE);
	assert_true(window.last);
	assert_int_equal(rig.quiesce.fault.stage, KX_STAGE_WRITERS);
	assert_int_equal(rig.quiesce.fault.device, KX_QUIESCE_DEVICE_NONE);
	rig_close();
}

/* The first of several that fails is named, and the others are left as they are. */
static void test_first(void **unused)
{
	struct kx_device devices[3];
	struct kx_device_state states[3] = { { .taken = 1 }, { .taken = 1 }, { .taken = 1 } };

	(void)unused;
	setup();
	for (unsigned int i = 0; i < 3; i++)
		devices[i] = rig.device;
	rig.quiesce.devices = devices;
	rig.quiesce.states = states;
	rig.quiesce.device_count = 3;
	devices[1].base += 8;
	assert_result(kx_quiesce_snapshot(&rig.quiesce), KX_ERR_DEVICE_ABSENT);
	assert_int_equal(rig.quiesce.fault.device, 1);
	assert_true(states[0].taken && !states[1].taken && states[2].taken);
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_DEVICE_ABSENT);
	assert_int_equal(rig.quiesce.fault.device, 1);
	assert_int_equal(rig.quiesce.fault.stage, KX_STAGE_PREFLIGHT);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),       cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_snapshot),    cmocka_unit_test(test_no_snapshot),
		cmocka_unit_test(test_writers),     cmocka_unit_test(test_first),
	};

	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
