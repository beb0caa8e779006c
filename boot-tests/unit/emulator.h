/* SPDX-License-Identifier: BSD-2-Clause */
/* What the emulated CPU of an architecture is like: one row of a table, in <arch>/emulator.c. */
#ifndef EMULATOR_H
#define EMULATOR_H

#include "arch.h"

#include <unicorn/unicorn.h>

#define EMULATOR_STUB_PA 0x1000 /* a page for whatever emulator_start() needs to put somewhere */

/* For emulator_call(): kx_call_ here, where it shall come back, and room for tables before them */
#define EMULATOR_HOST_PA   0x10000
#define EMULATOR_HOST_SIZE 0x4000
#define EMULATOR_TEXT_PA   (EMULATOR_HOST_PA + 0x2000)
#define EMULATOR_DONE_PA   (EMULATOR_HOST_PA + 0x3000)

extern const uc_arch emulator_arch;
extern const uc_mode emulator_mode;
extern const int emulator_args[KX_HANDOFF_ARGS_COUNT]; /* registers that hold args[] at the entry */
extern const struct kx_device emulator_console;

/* Call put() for whatever is written to the console. Returns 0 or Unicorn's error. */
uc_err emulator_listen(uc_engine *cpu, void (*put)(char));

/* What runs next, in a code hook: an instruction that reads the time, and that the emulator does not know, is
 * done for it. */
void emulator_clock(uc_engine *cpu, uint64_t address, uint32_t size);

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

/**
 * emulator_trap() - what the CPU does by itself where a dry run asks for a fault
 * @cpu: has stopped, for it takes no exceptions
 *
 * Returns: where it goes on, or 0 where that is not the reason.
 */
uint64_t emulator_trap(uc_engine *cpu);

/* ---- coming back ---- */

#define EMULATOR_REGISTERS_MOST 48

extern const struct kx_paging emulator_paging; /* of a host that is called back */
extern const int emulator_saved[];             /* registers that a call preserves, but the stack's */
extern const size_t emulator_saved_count;
extern const int emulator_spent[];             /* and the others that the new image may write */
extern const size_t emulator_spent_count;
extern const int emulator_stack;
extern const int emulator_values[2]; /* registers that it comes back with */

/**
 * emulator_call() - as a host that calls kx_call_()
 * @cpu: its stack is set; kx_call_ is at EMULATOR_TEXT_PA
 * @args: the six arguments
 *
 * Returns: where to start.
 */
uint64_t emulator_call(uc_engine *cpu, const uint64_t args[6]);

/* As the new image that goes back: where to. */
uint64_t emulator_back(uc_engine *cpu);

#endif /* EMULATOR_H */
