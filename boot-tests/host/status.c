/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The status record: at the same place on every start, so that a host that starts again can say how the
 * last hop ended. The new kernel is told to leave it alone.
 */
#include "host.h"

#include <kx/status.h>

static struct kx_status *record;

static void say_times(const struct kx_status_report *report)
{
	for (size_t i = 0; i + 1 < report->count; i++)
		print("kx-host: last hop: %s %lu %s\n",
		      kx_status_stage_name(report->times[i].stage), report->times[i].us,
		      report->has_rate ? "us" : "ticks");
}

/* What an earlier run of this machine has left there, if it has. */
static void say_last(void)
{
	struct kx_status_report report;
	int error = kx_status_read(record, &report);

	if (error == -KX_ERR_STATUS_DAMAGED)
		print("kx-host: last hop: %s\n", kx_strerror(error));
	if (error)
		return;
	print("kx-host: last hop: %s, %s\n", report.stage,
	      report.outcome ? report.outcome : "no fault");
	if (report.outcome)
		print("kx-host: last hop: cause 0x%x, pc %s+0x%lx, %s 0x%lx, %s %u\n", report.cause,
		      report.blob, report.pc, report.at_is, report.at, report.index_is, report.index);
	say_times(&report);
}

void status_begin(struct layout *layout, struct kx_jump *jump, uint64_t timer_hz)
{
	layout->record_pa = must_place(pool_highest(&layout->live, KX_PAGE_SIZE, KX_PAGE_SIZE), "record");
	pool_take(&layout->dest, layout->record_pa, KX_PAGE_SIZE);
	record = mmu_ptr(layout->record_pa);
	say_last();
	kx_status_begin(record, timer_hz);
	print("kx-host: status: the record is at 0x%lx\n", layout->record_pa);
	jump->status = record;
	jump->status_pa = layout->record_pa;
}

void status_quiesce(void)
{
	kx_status_stage(record, KX_STATUS_QUIESCE);
}

int status_failed(int error, uint64_t at)
{
	kx_status_fail(record, error, at);
	return error;
}
