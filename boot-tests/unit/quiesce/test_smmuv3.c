/* SPDX-License-Identifier: BSD-2-Clause */
/* The SMMUv3 driver against a model that keeps the specification's rules. */
#include "window.h"

#define IDR0        0x0
#define CR0         0x20
#define CR0ACK      0x24
#define GBPA        0x44
#define IRQ_CTRL    0x50
#define IRQ_CTRLACK 0x54
#define GERROR      0x60
#define GERRORN     0x64
#define GERROR_CFG  0x68
#define CMDQ_BASE   0x90
#define CMDQ_PROD   0x98
#define CMDQ_CONS   0x9c
#define EVENTQ_CFG  0xb0
#define PRIQ_CFG    0xd0

#define ABORT  0x100000u
#define UPDATE 0x80000000u
#define SHCFG  0x1000u /* the field that a careless write loses */
#define QUEUE  (RIG_SCRATCH_PA | 8)

static int no_gbpa;        /* as in QEMU 7.2 */
static uint32_t late_error; /* one more, when the queues go off */
static int broken_command; /* the queue stops at it */

static void write_gbpa(uint64_t value)
{
	if (window_get(GBPA, 4) & UPDATE)
		window_fault("GBPA written while Update is 1");
	if (!(value & UPDATE) || no_gbpa)
		return;
	window_put(GBPA, 4, value);
	window_answer(GBPA, UPDATE, 0);
}

static void run_commands(uint64_t prod)
{
	const uint64_t *queue = (const uint64_t *)(void *)rig.scratch;
	uint64_t el2 = window_get(IDR0, 4) & 0x200 ? 0x20 : 0x30;
	const uint64_t expected[] = { 0x04, 31, el2, 0, 0x30, 0, 0x46, 0 };

	if (window_get(CR0ACK, 4) != 8 || window_get(CMDQ_BASE, 8) != QUEUE || prod != 4)
		window_fault("commands while translating, or without a queue");
	if (window_get(GERROR, 4) != window_get(GERRORN, 4))
		window_fault("commands before the error is acknowledged");
	window_reads(queue, sizeof(expected));
	if (memcmp(queue, expected, sizeof(expected)))
		window_fault("other commands than these");
	if (broken_command)
		window_answer(CMDQ_CONS, UINT32_MAX, 0x1000000);
	else
		window_answer(CMDQ_CONS, UINT32_MAX, prod);
}

static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	(void)size;
	switch (offset) {
	case CR0:
		window_answer(CR0ACK, UINT32_MAX, value);
		if (!value && window_get(CMDQ_CONS, 4) == 4)
			window_put(GERROR, 4, window_get(GERROR, 4) ^ late_error);
		return 0;
	case IRQ_CTRL: window_answer(IRQ_CTRLACK, UINT32_MAX, value); return 0;
	case GBPA: write_gbpa(value); return 1;
	case CMDQ_BASE:
	case CMDQ_CONS:
		if (window_get(CR0ACK, 4) & 8)
			window_fault("0x%lx written while the queue is on", offset);
		return 0;
	case CMDQ_PROD:
		if (value)
			run_commands(value);
		return 0;
	}
	return 0;
}

static void setup(uint64_t delay, uint32_t boot_gbpa, uint32_t boot_cr0)
{
	window_reset(delay);
	no_gbpa = broken_command = 0;
	late_error = 0;
	window_put(IDR0, 4, 0x203);
	window_put(GBPA, 4, boot_gbpa);
	window_put(CR0, 4, boot_cr0);
	rig_open(KX_DEVICE_SMMUV3);
	window_put(CR0, 4, 0xf);
	window_put(CR0ACK, 4, 0xf);
	window_put(GBPA, 4, SHCFG | 0x10);
	window_put(IRQ_CTRL, 4, 7);
	window_put(IRQ_CTRLACK, 4, 7);
	window_put(GERROR, 4, 5); /* the host's command queue stands still after an error */
	window_put(CMDQ_CONS, 4, 0x1000002);
	window_put(CMDQ_BASE, 8, RIG_MEMORY_PA | 8);
	window.model = model;
}

#define UP_TO_OFF                                                                                  \
	{ IRQ_CTRL, 0 }, { GERROR_CFG, 0 }, { EVENTQ_CFG, 0 }, { PRIQ_CFG, 0 },                    \
		{ GBPA, SHCFG | 0x10 | ABORT | UPDATE }, { CR0, 8 }, { CR0, 0 }, { GERRORN, 5 },   \
		{ CMDQ_BASE, QUEUE }, { CMDQ_PROD, 0 }, { CMDQ_CONS, 0 }, { CR0, 8 },              \
		{ CMDQ_PROD, 4 },                                                                  \
	{                                                                                          \
		CR0, 0                                                                             \
	}

static void test_sequence(void **unused)
{
	(void)unused;
	for (uint64_t delay = 0; delay < 40; delay += 13) {
		setup(delay, SHCFG, 0);
		rig_quiet();
		EXPECT(UP_TO_OFF, { GBPA, SHCFG | UPDATE });
		rig_close();
	}
	setup(1, SHCFG, 0); /* the event queue overflowed at the last moment */
	late_error = 4;
	rig_quiet();
	EXPECT(UP_TO_OFF, { GERRORN, 1 }, { GBPA, SHCFG | UPDATE });
	rig_close();
	setup(1, SHCFG, 0); /* a unit without EL2 */
	window_put(IDR0, 4, 3);
	rig_quiet();
	rig_close();
}

static void test_policies(void **unused)
{
	(void)unused;
	setup(2, SHCFG | ABORT, 0); /* as at boot: abort */
	rig_quiet();
	EXPECT(UP_TO_OFF, { GBPA, SHCFG | ABORT | UPDATE });
	rig_close();
	setup(2, SHCFG | ABORT, 1);
	rig.quiesce.policy = KX_IOMMU_BYPASS;
	rig_quiet();
	EXPECT(UP_TO_OFF, { GBPA, SHCFG | 0x10 | UPDATE });
	rig_close();
	setup(2, SHCFG, 1);
	rig.quiesce.policy = KX_IOMMU_ABORT;
	rig_quiet();
	EXPECT(UP_TO_OFF, { GBPA, SHCFG | 0x10 | ABORT | UPDATE });
	assert_int_equal(window_get(GBPA, 4), SHCFG | 0x10 | ABORT);
	rig_close();
}

/* What the host asked of it last is not done yet. */
static void test_busy(void **unused)
{
	(void)unused;
	setup(7, SHCFG, 0);
	window_put(GBPA, 4, SHCFG | 0x10 | UPDATE);
	window_answer_old(GBPA, UPDATE, 0);
	rig_quiet();
	EXPECT(UP_TO_OFF, { GBPA, SHCFG | UPDATE });
	rig_close();
}

static void test_timeouts(void **unused)
{
	static const struct { uint64_t reg; int stage; } cases[] = {
		{ IRQ_CTRLACK, KX_STAGE_IOMMU_BLOCK }, { GBPA, KX_STAGE_IOMMU_BLOCK },
		{ CR0ACK, KX_STAGE_IOMMU_BLOCK },      { CMDQ_CONS, KX_STAGE_IOMMU_DRAIN },
	}, later[] = { /* it had answered before */
		{ CR0ACK, KX_STAGE_IOMMU_DRAIN }, { CR0ACK, KX_STAGE_IOMMU_QUEUES },
		{ GBPA, KX_STAGE_IOMMU_FINAL },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(2, SHCFG, 0);
		rig_stuck(cases[i].reg, cases[i].stage, cases[i].reg);
	}
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		setup(2, SHCFG, 0);
		rig_stuck_later(later[i].reg, later[i].stage, later[i].reg);
	}
}

static void test_faults(void **unused)
{
	(void)unused;
	setup(2, SHCFG, 0);
	no_gbpa = 1; /* it cannot be made to abort */
	rig_fails(KX_ERR_DEVICE_LOCKED, KX_STAGE_IOMMU_BLOCK, GBPA);
	rig_close();
	setup(2, SHCFG, 0);
	broken_command = 1;
	rig_fails(KX_ERR_DEVICE_FAULT, KX_STAGE_IOMMU_DRAIN, CMDQ_CONS);
	rig_close();
	setup(2, SHCFG, 1); /* it translated when the host began */
	rig_fails(KX_ERR_IOMMU_POLICY, KX_STAGE_PREFLIGHT, 0);
	assert_int_equal(window.write_count, 0);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence), cmocka_unit_test(test_policies),
		cmocka_unit_test(test_timeouts), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_busy),
	};

	return cmocka_run_group_tests_name("smmuv3", tests, NULL, NULL);
}
