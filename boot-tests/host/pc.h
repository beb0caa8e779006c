/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the host that know a PC. */
#ifndef HOST_PC_H
#define HOST_PC_H

#include "host.h"

/* ---- acpi.c ---- */

/** struct acpi_entries - where the entries of a table begin, and where each has its size */
struct acpi_entries {
	uint64_t first;
	uint64_t size_at;
	unsigned int size_bytes;
};

#define MADT_ENTRIES ((struct acpi_entries){ 44, 1, 1 })

void acpi_begin(uint64_t rsdp_pa);
const uint8_t *acpi_find(const char *signature); /* NULL: there is no such table */
uint64_t acpi_number(const uint8_t *at, unsigned int bytes);
void acpi_each(const uint8_t *table, struct acpi_entries entries,
	       void (*take)(struct platform *platform, const uint8_t *entry),
	       struct platform *platform);

/* madt.c: the CPUs but the boot CPU, and where the local APICs are; NULL, or what is wrong */
const char *madt_read(struct platform *platform, uint64_t *apic_pa);

/* x86_64/timer.c */
uint64_t timer_tsc_hz(void);

/* x86_64/mmu.c: map the page of a device, uncached. One at a time. */
volatile void *mmu_device(uint64_t pa);

#endif /* HOST_PC_H */
