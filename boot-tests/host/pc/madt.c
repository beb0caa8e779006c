/* SPDX-License-Identifier: BSD-2-Clause */
/* Which CPUs there are. Spec: ACPI "Multiple APIC Description Table". */
#include "pc.h"

#define MADT_APIC 36

#define ENTRY_LOCAL_APIC 0 /* type, length, ACPI id, APIC id, flags */
#define LOCAL_APIC_ID    3
#define LOCAL_APIC_FLAGS 4
#define LOCAL_APIC_USED  1

static void add_cpu(struct platform *platform, const uint8_t *entry)
{
	if (entry[0] != ENTRY_LOCAL_APIC || !(entry[LOCAL_APIC_FLAGS] & LOCAL_APIC_USED))
		return;
	if (entry[LOCAL_APIC_ID] != platform->boot_cpu && platform->cpu_count < PLATFORM_CPUS)
		platform->cpus[platform->cpu_count++] = entry[LOCAL_APIC_ID];
}

const char *madt_read(struct platform *platform, uint64_t *apic_pa)
{
	const uint8_t *madt = acpi_find("APIC");

	if (!madt)
		return "no-madt: ACPI does not tell which CPUs there are";
	*apic_pa = acpi_number(madt + MADT_APIC, 4);
	acpi_each(madt, MADT_ENTRIES, add_cpu, platform);
	return NULL;
}
