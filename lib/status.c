/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing the status record; called by hosts, by kx_enter() and by purgatory. */
#include <kx/status.h>

#include "arch.h"
#include "cpu.h"
#include "mem.h"

/* Edges count in steps that go round no sooner than after 17 minutes. */
#define STEPS_HZ   (UINT32_MAX / 1024)
#define UNKNOWN_HZ 4000000000u /* the fastest there is */

/* To memory: whoever writes next may do so past the caches. */
static void seal(struct kx_status *status)
{
	status->sum = kx_status_sum(status);
	kx_code_publish_(status, sizeof(*status));
}

void kx_status_begin(struct kx_status *status, uint64_t timer_hz)
{
	uint64_t hz = timer_hz ? timer_hz : UNKNOWN_HZ;
	uint32_t shift = 0;

	while (hz >> shift > STEPS_HZ)
		shift++;
	kx_mem_zero_(status, sizeof(*status));
	status->magic = KX_STATUS_MAGIC;
	status->version = KX_STATUS_VERSION;
	status->arch = KX_STATUS_HERE;
	status->rate = (uint32_t)(timer_hz / 1000) | shift << 24;
	seal(status);
}

void kx_status_stage(struct kx_status *status, unsigned int stage)
{
	uint32_t *jump = &status->edge[KX_STATUS_JUMP - 1];
	uint32_t now = (uint32_t)(kx_ticks_() >> (status->rate >> 24 & 63)) | 1;

	if (!stage || stage > KX_STATUS_STAGES)
		return;
	status->stage = (uint8_t)stage;
	if (stage == KX_STATUS_JUMP && *jump) /* the control page's */
		status->more[KX_STATUS_HANDED - KX_STATUS_EDGE_COUNT - 1] = *jump;
	if (stage <= KX_STATUS_EDGE_COUNT)
		status->edge[stage - 1] = now;
	else
		status->more[stage - KX_STATUS_EDGE_COUNT - 1] = now;
	seal(status);
}

void kx_status_fail(struct kx_status *status, int error, uint64_t at)
{
	status->fault = KX_FAULT_ERROR;
	status->cause = (uint32_t)-error;
	status->pc = 0;
	status->at = at;
	seal(status);
}
