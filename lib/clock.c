/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting with a bound; used wherever hardware or firmware is polled. */
#include "clock.h"

#include "arch.h"

#define US_PER_SECOND 1000000u
#define STANDS_MAX    (1u << 24)

void kx_deadline_set_(struct kx_deadline *deadline, uint64_t hz, uint64_t us)
{
	uint64_t seconds = us / US_PER_SECOND, rest = us % US_PER_SECOND;

	/* Split, so that hours at some GHz do not wrap; what still does is as long as can be counted. */
	deadline->ticks = seconds * hz + rest * hz / US_PER_SECOND;
	if (seconds >= UINT64_MAX / hz)
		deadline->ticks = UINT64_MAX;
	deadline->start = kx_ticks_();
	deadline->last = deadline->start;
	deadline->stands = 0;
}

int kx_deadline_passed_(struct kx_deadline *deadline)
{
	uint64_t now = kx_ticks_();

	if (now == deadline->last)
		return ++deadline->stands >= STANDS_MAX;
	deadline->last = now;
	deadline->stands = 0;
	return now - deadline->start >= deadline->ticks;
}
