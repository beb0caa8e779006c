/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the host that know a PC. */
#ifndef HOST_PC_H
#define HOST_PC_H

#include "host.h"

/* madt.c: the CPUs but the boot CPU, and where the local APICs are; NULL, or what is wrong */
const char *madt_read(struct platform *platform, uint64_t rsdp_pa, uint64_t *apic_pa);

/* x86_64/timer.c */
uint64_t timer_tsc_hz(void);

/* x86_64/mmu.c: map the page of a device, uncached. One at a time. */
volatile void *mmu_device(uint64_t pa);

#endif /* HOST_PC_H */
