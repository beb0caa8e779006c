/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the status record; called by who comes after a hop, and by kx-status. */
#include <kx/status.h>

#include "mem.h"
#include "status_causes.h"

const char *kx_status_stage_name(unsigned int stage)
{
	switch (stage) {
	case KX_STATUS_QUIESCE: return KX_STATUS_NAME_QUIESCE;
	case KX_STATUS_ENTER: return KX_STATUS_NAME_ENTER;
	case KX_STATUS_COPY: return KX_STATUS_NAME_COPY;
	case KX_STATUS_VERIFY: return KX_STATUS_NAME_VERIFY;
	case KX_STATUS_JUMP: return KX_STATUS_NAME_JUMP;
	case KX_STATUS_RETURN: return KX_STATUS_NAME_RETURN;
	case KX_STATUS_HANDED: return KX_STATUS_NAME_JUMP;
	case KX_STATUS_CLEAN: return KX_STATUS_NAME_CLEAN;
	}
	return "none";
}

static const char *arch_name(uint8_t arch)
{
	switch (arch) {
	case KX_STATUS_RISCV64: return "riscv64";
	case KX_STATUS_AARCH64: return "aarch64";
	case KX_STATUS_X86_64: return "x86_64";
	}
	return "unknown";
}

static uint32_t edge_of(const struct kx_status *status, unsigned int stage)
{
	if (stage <= KX_STATUS_EDGE_COUNT)
		return status->edge[stage - 1];
	return status->fault == KX_FAULT_NONE ? status->more[stage - KX_STATUS_EDGE_COUNT - 1] : 0;
}

/* Stages that have begun, earliest first; edges go round, so they count from the first of them. */
static size_t sort(const struct kx_status *status, struct kx_status_time *times)
{
	uint32_t from = 0;
	size_t count = 0;

	for (unsigned int stage = 1; stage <= KX_STATUS_STAGES; stage++) {
		uint32_t edge = edge_of(status, stage);
		size_t at = count;

		if (!edge)
			continue;
		if (!count++)
			from = edge;
		for (; at && times[at - 1].us > (uint32_t)(edge - from); at--)
			times[at] = times[at - 1];
		times[at] = (struct kx_status_time){ stage, (uint32_t)(edge - from) };
	}
	return count;
}

/* From when stages began to how long they took, in microseconds if that can be said. */
static void measure(const struct kx_status *status, struct kx_status_report *report)
{
	uint32_t khz = status->rate & 0xffffff, shift = status->rate >> 24 & 63;

	report->has_rate = khz != 0;
	for (size_t i = 0; i < report->count; i++) {
		struct kx_status_time *time = &report->times[i];
		uint64_t ticks = i + 1 < report->count ? (time[1].us - time[0].us) << shift : 0;

		time->us = khz ? ticks * 1000 / khz : ticks;
	}
}

/* Whose stage? The control page's jump comes before purgatory verifies, purgatory's after. */
static int is_purgatory(const struct kx_status *status)
{
	return status->stage == KX_STATUS_VERIFY ||
	       (status->stage == KX_STATUS_JUMP && status->edge[KX_STATUS_VERIFY - 1]);
}

int kx_status_read(const void *bytes, struct kx_status_report *report)
{
	struct kx_status status;

	if (!bytes || !report)
		return -KX_ERR_ARGUMENT;
	kx_mem_copy_(&status, bytes, sizeof(status));
	if (status.magic != KX_STATUS_MAGIC || status.version != KX_STATUS_VERSION)
		return -KX_ERR_STATUS_NONE;
	if (status.sum != kx_status_sum(&status) || status.stage > KX_STATUS_STAGES ||
	    status.fault > KX_FAULT_ERROR)
		return -KX_ERR_STATUS_DAMAGED;
	kx_mem_zero_(report, sizeof(*report));
	report->arch = arch_name(status.arch);
	report->stage = kx_status_stage_name(status.stage);
	report->outcome = kx_status_cause_(&status);
	report->blob = is_purgatory(&status) ? "purgatory" : "control";
	report->index_is = is_purgatory(&status) ? "region" : "entry";
	report->at_is = status.cause == KX_FAULT_LIST_FLAG ? "word" : "address";
	report->pc = status.fault == KX_FAULT_NONE ? 0 : status.pc;
	report->at = status.at;
	report->cause = status.cause;
	report->index = status.index;
	report->count = sort(&status, report->times);
	measure(&status, report);
	return 0;
}
