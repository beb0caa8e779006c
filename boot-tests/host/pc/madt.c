/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which CPUs there are, as ACPI tells it.
 * Spec: ACPI "Root System Description Pointer", "Multiple APIC Description Table".
 */
#include "pc.h"

#define RSDP_RSDT 16 /* offset of a 32-bit address; QEMU's firmware has no need for an XSDT */

#define TABLE_LENGTH 4
#define TABLE_HEADER 36

#define MADT_APIC    36
#define MADT_ENTRIES 44

#define ENTRY_LOCAL_APIC 0 /* type, length, ACPI id, APIC id, flags */
#define LOCAL_APIC_ID    3
#define LOCAL_APIC_FLAGS 4
#define LOCAL_APIC_USED  1

static uint32_t word(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static const uint8_t *find_table(uint64_t rsdp_pa, const char *signature)
{
	const uint8_t *rsdp = mmu_ptr(rsdp_pa), *rsdt;

	if (!rsdp_pa || memcmp(rsdp, "RSD PTR ", 8))
		return NULL;
	rsdt = mmu_ptr(word(rsdp + RSDP_RSDT));
	for (uint32_t at = TABLE_HEADER; at + 4 <= word(rsdt + TABLE_LENGTH); at += 4) {
		const uint8_t *table = mmu_ptr(word(rsdt + at));

		if (!memcmp(table, signature, 4))
			return table;
	}
	return NULL;
}

static void add_cpu(struct platform *platform, const uint8_t *entry)
{
	if (!(word(entry + LOCAL_APIC_FLAGS) & LOCAL_APIC_USED))
		return;
	if (entry[LOCAL_APIC_ID] != platform->boot_cpu && platform->cpu_count < PLATFORM_CPUS)
		platform->cpus[platform->cpu_count++] = entry[LOCAL_APIC_ID];
}

const char *madt_read(struct platform *platform, uint64_t rsdp_pa, uint64_t *apic_pa)
{
	const uint8_t *madt = find_table(rsdp_pa, "APIC");

	if (!madt)
		return "no-madt: ACPI does not tell which CPUs there are";
	*apic_pa = word(madt + MADT_APIC);
	for (uint32_t at = MADT_ENTRIES; at + 2 <= word(madt + TABLE_LENGTH) && madt[at + 1];
	     at += madt[at + 1])
		if (madt[at] == ENTRY_LOCAL_APIC)
			add_cpu(platform, madt + at);
	return NULL;
}
