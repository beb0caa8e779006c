/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting with a bound: the one way in which libkx waits for anything. */
#ifndef KX_CLOCK_H
#define KX_CLOCK_H

#include <stdint.h>

#include "hidden.h"

/** struct kx_deadline - a point in time, on the CPU's own counter */
struct kx_deadline {
	uint64_t start;
	uint64_t ticks;  /* allowed after start */
	uint64_t last;   /* the counter when last looked at */
	uint32_t stands; /* how often it had not moved since */
};

/** kx_deadline_set_() - a deadline `us` microseconds from now on a counter of `hz` */
KX_HIDDEN void kx_deadline_set_(struct kx_deadline *deadline, uint64_t hz, uint64_t us);

/**
 * kx_deadline_passed_() - is it over?
 *
 * Also when the counter stands still for 2^24 looks: a broken counter must not make a wait endless.
 */
KX_HIDDEN int kx_deadline_passed_(struct kx_deadline *deadline);

#endif /* KX_CLOCK_H */
