/* SPDX-License-Identifier: BSD-2-Clause */
/* How long the drivers of lib/console wait for a device. */
#ifndef KX_CONSOLE_WAIT_H
#define KX_CONSOLE_WAIT_H

#include "clock.h"

#define KX_CONSOLE_WAIT_US 100000 /* 16 bytes of FIFO at 1,200 baud take 130 ms; nobody has less */

/* A counter of unknown rate is taken for a fast one: then the wait is long, but it ends. */
#define KX_CONSOLE_FAST_HZ 4000000000u

static inline void kx_console_deadline_(struct kx_deadline *deadline, uint64_t timer_hz, uint64_t us)
{
	kx_deadline_set_(deadline, timer_hz ? timer_hz : KX_CONSOLE_FAST_HZ, us);
}

#endif /* KX_CONSOLE_WAIT_H */
