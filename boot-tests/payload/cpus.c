/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other CPUs. With ` kx.smp=` on the command line that many are to come up; with ` kx.pen=`, one may
 * be where the new image has overwritten it: see pen.h. Called by report.c.
 */
#include "payload.h"
#include "pen.h"

static void report_pen(uint64_t pen_pa)
{
	const volatile uint32_t *mark = (const volatile uint32_t *)(uintptr_t)(pen_pa + PEN_MARK);

	if (!pen_pa)
		return;
	for (uint64_t tries = 50000000; tries && *mark != PEN_MARKED; tries--)
		;
	print("PEN=%s\n", *mark == PEN_MARKED ? "executed" : "still");
}

void report_cpus(uint64_t info_pa)
{
	const char *line = handover_line(info_pa);
	uint64_t expected = line_number(line, "smp");

	report_pen(line_number(line, "pen"));
	if (expected)
		print("CPUS=%lu\n", cpus_start(info_pa, expected));
}
