/* SPDX-License-Identifier: BSD-2-Clause */
/* What payload/fdt/cpus.c asks of the architecture. */
#ifndef PAYLOAD_SMP_H
#define PAYLOAD_SMP_H

#define SMP_CPUS 64

#ifndef __ASSEMBLER__

#include "bare.h"

/* <arch>/smp.c and start.S: 1 for each CPU that has come up, by the low bits of its id */
extern volatile uint32_t smp_up[SMP_CPUS];

uint64_t smp_self(void);

/* Have the firmware start a CPU. Returns what it said: 0 or an error. */
int64_t smp_call(uint64_t id);

/* Write the address to go to where a CPU looks for it. */
void smp_release(volatile uint64_t *release);

#endif /* __ASSEMBLER__ */
#endif /* PAYLOAD_SMP_H */
