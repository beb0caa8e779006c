/* SPDX-License-Identifier: BSD-2-Clause */
/* What the device tree says in a way of its own on each architecture: <arch>/fdt_machine.c. */
#ifndef FDT_MACHINE_H
#define FDT_MACHINE_H

#include "host.h"

/* Fills in the timer's rate and the console. */
void fdt_machine_read(const void *fdt, struct platform *platform);

uint64_t fdt_machine_ticks(void);

/* <arch>/smp.c: what was stored there is seen by a CPU without translation, and what that has stored by us. */
void fdt_machine_flush(const volatile void *at, size_t size);

#define FDT_MACHINE_WAIT_S 10 /* emulated, another CPU may not run for a while */

/* Waits, so long at most, until another CPU has stored a value. Returns: 1, or 0 when it has not. */
int fdt_machine_wait(const struct platform *platform, const volatile uint32_t *at, uint32_t value);

#endif /* FDT_MACHINE_H */
