/* SPDX-License-Identifier: BSD-2-Clause */
/* The AMD-Vi driver against a model that keeps the specification's rules. */
#include "window.h"

#define DEVTAB  0x0
#define CMDBUF  0x8
#define CONTROL 0x18
#define EXTFEAT 0x30
#define SEGMENT1 0x100
#define CMDHEAD 0x2000
#define CMDTAIL 0x2008
#define STATUS  0x2020

#define EN     0x1ull
#define EVENT  0xcull
#define COMW   0x10ull
#define CMD    0x1000ull
#define PPR    0xe000ull
#define GT_GA  0x30000ull
#define GALOG  0x30000000ull
#define XT     0x80c000000000000ull
#define HOST   (EN | EVENT | COMW | CMD | PPR | GT_GA | GALOG | XT)
#define BUFFER (RIG_SCRATCH_PA | 0x0800000000000000ull)

static int locked;
static uint64_t devices, everything, completions, device;

/* Each run bit follows its enable bit, later. */
static void write_control(uint64_t value)
{
	static const struct { uint64_t control, run; } logs[] = {
		{ CMD, 0x10 }, { 0x4, 0x8 }, { 0x2000, 0x80 }, { 0x10000000, 0x100 } };
	uint64_t changed = window_get(CONTROL, 8) ^ value;

	window_put(CONTROL, 8, value);
	for (unsigned int i = 0; i < 4; i++)
		if (changed & logs[i].control)
			window_answer(STATUS, logs[i].run, value & logs[i].control ? logs[i].run : 0);
}

static void run_command(const uint64_t *command)
{
	switch (command[0] >> 60) {
	case 1:
		if (command[0] != (1ull << 60 | (RIG_SCRATCH_PA + 0x1000) | 1))
			window_fault("completion somewhere else");
		window_answer_memory((uint32_t *)(void *)(rig.scratch + 0x1000),
				     (uint32_t)command[1]);
		completions++;
		break;
	case 2:
		device = command[0] & 0xffff;
		window_reads(rig.memory + 4 * (device & 0x7f), 32);
		devices++;
		break;
	case 3:
		if (command[1] != 0x7ffffffffffff003)
			window_fault("not every page");
		if ((command[0] >> 32 & 0xffff) != (rig.memory[4 * (device & 0x7f) + 1] & 0xffff))
			window_fault("of another domain than the device's");
		break;
	case 5: break;
	case 8: everything++; break;
	default: window_fault("command 0x%lx", command[0]);
	}
}

static void run_commands(uint64_t tail)
{
	if (!(window_get(STATUS, 8) & 0x10) || window_get(CMDBUF, 8) != BUFFER || tail > 0xff0)
		window_fault("commands without a queue");
	window_reads(rig.scratch, tail);
	for (uint64_t i = 0; i < tail; i += 16)
		run_command((const uint64_t *)(const void *)(rig.scratch + i));
}

static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	(void)size;
	switch (offset) {
	case CONTROL: write_control(value); return 1;
	case CMDBUF:
	case CMDHEAD:
		if (window_get(STATUS, 8) & 0x10)
			window_fault("0x%lx written while the queue runs", offset);
		return locked;
	case CMDTAIL:
		if (value)
			run_commands(value);
		return 0;
	}
	return 0;
}

static void setup(uint64_t delay, uint64_t boot_control)
{
	window_reset(delay);
	locked = 0;
	devices = everything = completions = 0;
	window_put(DEVTAB, 8, RIG_MEMORY_PA); /* one page: 128 devices */
	window_put(EXTFEAT, 8, 0x40);
	window_put(CONTROL, 8, boot_control);
	rig_open(KX_DEVICE_AMDVI);
	window_put(CONTROL, 8, HOST);
	window_put(STATUS, 8, 0x198);
	for (unsigned int i = 0; i < 512; i++)
		rig.memory[i] = i % 4 == 1 ? 0x100000000 | i : 0x6000000040000603;
	window.model = model;
}

#define OPEN(c)                                                                                    \
	{ CMDBUF, BUFFER }, { CMDHEAD, 0 }, { CMDTAIL, 0 },                                        \
	{                                                                                          \
		CONTROL, (c) | CMD                                                                 \
	}
#define H (HOST & ~CMD)

static void test_sequence(void **unused)
{
	(void)unused;
	for (uint64_t delay = 0; delay < 40; delay += 13) {
		setup(delay, 0);
		rig_quiet();
		EXPECT({ CONTROL, H }, OPEN(H), { CMDTAIL, 193 * 16 }, { CONTROL, H }, OPEN(H),
		       { CMDTAIL, 193 * 16 }, { CONTROL, H }, OPEN(H), { CMDTAIL, 32 },
		       { CONTROL, H }, { CONTROL, H & ~EVENT }, { CONTROL, H & ~(EVENT | PPR) },
		       { CONTROL, H & ~(EVENT | PPR | GALOG) },
		       { CONTROL, H & ~(EVENT | PPR | GALOG | EN) }, { CONTROL, 0 });
		assert_int_equal(devices, 128);
		assert_int_equal(everything, 1);
		assert_int_equal(completions, 3);
		for (unsigned int i = 0; i < 128; i++) { /* no device may read or write */
			assert_int_equal(rig.memory[4 * i], 3);
			assert_int_equal(rig.memory[4 * i + 1] >> 16, 0);
			assert_int_equal(rig.memory[4 * i + 2], 1);
		}
		rig_close();
	}
}

/* The table may be in parts: of two, the second begins with device 0x8000. */
static void test_segments(void **unused)
{
	(void)unused;
	setup(1, 0);
	window_put(CONTROL, 8, HOST | 1ull << 34);
	window_put(SEGMENT1, 8, RIG_MEMORY_PA);
	rig_quiet();
	assert_int_equal(devices, 256);
	assert_int_equal(device, 0x8000 + 127);
	rig_close();
	setup(1, 0);
	window_put(CONTROL, 8, HOST | 1ull << 34);
	window_put(SEGMENT1, 8, 0x77777000); /* the host cannot reach it */
	rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_IOMMU_BLOCK, SEGMENT1);
	rig_close();
	setup(1, 0);
	window_put(EXTFEAT, 8, 0); /* no command for everything at once */
	rig_quiet();
	assert_int_equal(everything, 0);
	assert_int_equal(completions, 3);
	rig_close();
	setup(1, EN); /* as the policy says, whatever it was */
	rig.quiesce.policy = KX_IOMMU_BYPASS;
	rig_quiet();
	assert_int_equal(window_get(CONTROL, 8), 0);
	rig_close();
}

static void test_off(void **unused)
{
	(void)unused;
	setup(2, 0);
	window_put(CONTROL, 8, EVENT & 4);
	window_put(STATUS, 8, 8);
	rig_quiet();
	EXPECT({ CONTROL, 0 }, { CONTROL, 0 });
	rig_close();
}

/* After a panic with SNP the registers of the queues cannot be written: refuse, do not spin. */
static void test_faults(void **unused)
{
	(void)unused;
	setup(2, 0);
	locked = 1;
	rig_fails(KX_ERR_DEVICE_LOCKED, KX_STAGE_IOMMU_BLOCK, CMDBUF);
	rig_close();
	setup(2, EN);
	rig_fails(KX_ERR_IOMMU_POLICY, KX_STAGE_PREFLIGHT, 0);
	rig_close();
	setup(2, 0);
	rig.quiesce.policy = KX_IOMMU_ABORT;
	rig_fails(KX_ERR_IOMMU_POLICY, KX_STAGE_PREFLIGHT, 0);
	assert_int_equal(window.write_count, 0);
	rig_close();
	setup(2, 0);
	window_put(DEVTAB, 8, 0x77777000); /* the host cannot reach its own table */
	rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_IOMMU_BLOCK, DEVTAB);
	rig_close();
}

static void test_timeouts(void **unused)
{
	(void)unused;
	setup(2, 0);
	rig_stuck(STATUS, KX_STAGE_IOMMU_BLOCK, STATUS);
	setup(2, 0);
	rig_stuck(MEMORY, KX_STAGE_IOMMU_BLOCK, CMDTAIL);
	for (int stage = KX_STAGE_IOMMU_DRAIN; stage <= KX_STAGE_IOMMU_QUEUES; stage++) {
		setup(2, 0); /* it had answered before */
		rig_stuck_later(STATUS, stage, STATUS);
	}
	setup(2, 0);
	rig_stuck_later(MEMORY, KX_STAGE_IOMMU_DRAIN, CMDTAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence), cmocka_unit_test(test_off),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_faults),   cmocka_unit_test(test_timeouts),
	};

	return cmocka_run_group_tests_name("amdvi", tests, NULL, NULL);
}
