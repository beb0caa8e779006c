/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's tables, found and looked through; called by madt.c and devices.c.
 * Spec: ACPI "Root System Description Pointer", "Root System Description Table".
 */
#include "pc.h"

#define RSDP_RSDT 16 /* offset of a 32-bit address; QEMU's firmware has no need for an XSDT */
#define RSDP_SIZE 20

#define TABLE_LENGTH 4
#define TABLE_HEADER 36

static uint64_t root_pa;

uint64_t acpi_number(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* All bytes of a table add up to zero. */
static int is_sound(const uint8_t *table, uint64_t size)
{
	uint8_t sum = 0;

	for (uint64_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + table[i]);
	return !sum;
}

void acpi_begin(uint64_t rsdp_pa)
{
	const uint8_t *rsdp = mmu_ptr(rsdp_pa);

	root_pa = 0;
	if (rsdp_pa && !memcmp(rsdp, "RSD PTR ", 8) && is_sound(rsdp, RSDP_SIZE))
		root_pa = acpi_number(rsdp + RSDP_RSDT, 4);
}

const uint8_t *acpi_find(const char *signature)
{
	const uint8_t *root = mmu_ptr(root_pa);

	for (uint64_t at = TABLE_HEADER; root_pa && at + 4 <= acpi_number(root + TABLE_LENGTH, 4);
	     at += 4) {
		const uint8_t *table = mmu_ptr(acpi_number(root + at, 4));

		if (!memcmp(table, signature, 4) &&
		    is_sound(table, acpi_number(table + TABLE_LENGTH, 4)))
			return table;
	}
	return NULL;
}

void acpi_each(const uint8_t *table, struct acpi_entries entries,
	       void (*take)(struct platform *platform, const uint8_t *entry),
	       struct platform *platform)
{
	uint64_t end = acpi_number(table + TABLE_LENGTH, 4), at = entries.first, size;

	for (; at + entries.size_at + entries.size_bytes <= end; at += size) {
		size = acpi_number(table + at + entries.size_at, entries.size_bytes);
		if (!size || at + size > end)
			return;
		take(platform, table + at);
	}
}
