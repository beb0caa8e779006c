/* SPDX-License-Identifier: BSD-2-Clause */
/* What the emulated CPU of an architecture is like: one row of a table, in <arch>/emulator.c. */
#ifndef EMULATOR_H
#define EMULATOR_H

#include "arch.h"

#include <unicorn/unicorn.h>

#define EMULATOR_STUB_PA 0x1000 /* a page for whatever emulator_start() needs to put somewhere */

extern const uc_arch emulator_arch;
extern const uc_mode emulator_mode;
extern const int emulator_args[KX_HANDOFF_ARGS_COUNT]; /* registers that hold args[] at the entry */
extern const struct kx_device emulator_console;

/* Call put() for whatever is written to the console. Returns 0 or Unicorn's error. */
uc_err emulator_listen(uc_engine *cpu, void (*put)(char));

/* Can the emulator be a host that translates like this? */
int emulator_takes(const struct kx_paging *paging);

/**
 * emulator_start() - as a host that calls kx_enter_()
 * @cpu: registers are set; where the control page has tables, they are in use. libkx's own page is
 *       handed over by its physical address, which is mapped as well
 * @paging: how that host translates
 *
 * Returns: where to start.
 */
uint64_t emulator_start(uc_engine *cpu, const struct kx_control *control,
			const struct kx_paging *paging);

#endif /* EMULATOR_H */
