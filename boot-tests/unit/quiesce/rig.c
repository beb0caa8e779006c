/* SPDX-License-Identifier: BSD-2-Clause */
/* One device behind the window, and kx_quiesce() on it. */
#include "window.h"

#define DEVICE_PA 0x10000000u

struct rig rig;

static volatile void *map(void *context, uint64_t pa, uint64_t size)
{
	(void)context;
	(void)size;
	if (pa == DEVICE_PA)
		return window.bytes;
	if (pa == RIG_MEMORY_PA)
		return rig.memory;
	return NULL;
}

static void log_stage(void *context, int stage, size_t device)
{
	(void)context;
	(void)device;
	if (stage == rig.stuck_from)
		window.stuck = rig.stuck;
	if (stage == KX_STAGE_VERIFY && rig.at_verify)
		rig.at_verify();
	if (rig.stage_count < 64)
		rig.stages[rig.stage_count++] = stage;
}

void rig_open(uint32_t kind)
{
	memset(&rig, 0, sizeof(rig));
	rig.device = (struct kx_device){ kind, 0, DEVICE_PA, WINDOW_SIZE };
	rig.cpus.timer_hz = 1000000;
	rig.scratch = aligned_alloc(KX_PAGE_SIZE, KX_QUIESCE_SCRATCH);
	rig.memory = aligned_alloc(KX_PAGE_SIZE, KX_PAGE_SIZE);
	memset(rig.scratch, 0xa5, KX_QUIESCE_SCRATCH);
	memset(rig.memory, 0, KX_PAGE_SIZE);
	window_memory(rig.scratch, KX_QUIESCE_SCRATCH);
	window_memory(rig.memory, KX_PAGE_SIZE);
	rig.quiesce = (struct kx_quiesce){
		.devices = &rig.device, .device_count = 1, .states = &rig.state,
		.cpus = &rig.cpus, .timeout_us = RIG_TIMEOUT_US,
		.scratch = rig.scratch, .scratch_pa = RIG_SCRATCH_PA,
		.map = map, .log = log_stage,
	};
	assert_result(kx_quiesce_snapshot(&rig.quiesce), 0);
	assert_int_equal(window.write_count, 0);
}

void rig_close(void)
{
	free(rig.scratch);
	free(rig.memory);
}

void rig_quiet(void)
{
	int error;

	rig.stage_count = 0;
	error = kx_quiesce(&rig.quiesce);

	if (*window.fault)
		fail_msg("%s", window.fault);
	if (error)
		fail_msg("%s; stage %s, at 0x%lx", kx_strerror(error),
			 kx_stage_name(rig.quiesce.fault.stage), rig.quiesce.fault.place);
	assert_false(window_waits());
	for (size_t i = 1; i < rig.stage_count; i++)
		assert_true(rig.stages[i - 1] <= rig.stages[i]);
	window.dead = 1; /* its power may go now: what is left to do needs no device */
	assert_result(kx_cpus_confirm(&rig.cpus, NULL), 0);
	assert_string_equal(window.fault, "");
}

void rig_fails(int error, int stage, uint64_t place)
{
	assert_result(kx_quiesce(&rig.quiesce), error);
	assert_string_equal(window.fault, "");
	assert_string_equal(kx_stage_name(rig.quiesce.fault.stage), kx_stage_name(stage));
	assert_int_equal(rig.quiesce.fault.device, 0);
	assert_int_equal(rig.quiesce.fault.place, place);
}

void rig_stuck(uint64_t reg, int stage, uint64_t place)
{
	window.stuck = reg;
	rig_fails(KX_ERR_DEVICE_TIMEOUT, stage, place);
	rig_close();
}

void rig_stuck_later(uint64_t reg, int stage, uint64_t place)
{
	rig.stuck = reg;
	rig.stuck_from = stage;
	rig_fails(KX_ERR_DEVICE_TIMEOUT, stage, place);
	rig_close();
}
