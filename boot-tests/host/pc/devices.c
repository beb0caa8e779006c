/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ACPI says of devices that kx_quiesce() stops.
 * Spec: ACPI "Multiple APIC Description Table"; PCI Firmware Specification "MCFG Table"; VT-d "DMA
 * Remapping Reporting Structure"; AMD-Vi "I/O Virtualization Reporting Structure".
 */
#include "pc.h"

#define PCI_ADDRESS_PORT 0xcf8
#define BUS_SIZE         0x100000

#define ENTRY_IOAPIC   1
#define IOAPIC_ADDRESS 4

#define MCFG_ENTRIES 44 /* address, segment, first and last bus of the first */
#define MCFG_SEGMENT 8
#define MCFG_FIRST   10
#define MCFG_LAST    11

#define DMAR_ENTRIES  ((struct acpi_entries){ 48, 2, 2 })
#define ENTRY_DRHD    0
#define DRHD_REGISTERS 8

#define IVRS_ENTRIES  ((struct acpi_entries){ 48, 2, 2 })
#define ENTRY_IVHD    0x10 /* and 0x11, 0x40: the same unit said in more words */
#define ENTRY_IVHD_11 0x11
#define ENTRY_IVHD_40 0x40
#define IVHD_REGISTERS 8
#define IVHD_SIZE      0x4000

static void add(struct platform *platform, struct kx_device device)
{
	for (size_t i = 0; i < platform->device_count; i++)
		if (platform->devices[i].kind == device.kind && platform->devices[i].base == device.base)
			return;
	if (platform->device_count < PLATFORM_DEVICES)
		platform->devices[platform->device_count++] = device;
}

/* Memory-mapped where ACPI tells of that; the ports are there in any case. */
static void add_pci(struct platform *platform)
{
	const uint8_t *mcfg = acpi_find("MCFG"), *entry = mcfg ? mcfg + MCFG_ENTRIES : NULL;

	if (!mcfg || acpi_number(entry + MCFG_SEGMENT, 2)) {
		add(platform, (struct kx_device){ KX_DEVICE_PCI_PORTS, 0, PCI_ADDRESS_PORT, 8 });
		return;
	}
	/* The address is that of bus 0, whichever is the first. */
	add(platform, (struct kx_device){ KX_DEVICE_PCI_ECAM, entry[MCFG_FIRST],
					  acpi_number(entry, 8) + entry[MCFG_FIRST] * BUS_SIZE,
					  (entry[MCFG_LAST] - entry[MCFG_FIRST] + 1ull) * BUS_SIZE });
}

static void add_ioapic(struct platform *platform, const uint8_t *entry)
{
	if (entry[0] == ENTRY_IOAPIC)
		add(platform, (struct kx_device){ KX_DEVICE_IOAPIC, 0,
						  acpi_number(entry + IOAPIC_ADDRESS, 4), 0x1000 });
}

static void add_drhd(struct platform *platform, const uint8_t *entry)
{
	if (acpi_number(entry, 2) == ENTRY_DRHD)
		add(platform, (struct kx_device){ KX_DEVICE_VTD, 0,
						  acpi_number(entry + DRHD_REGISTERS, 8), 0x1000 });
}

static void add_ivhd(struct platform *platform, const uint8_t *entry)
{
	switch (entry[0]) {
	case ENTRY_IVHD:
	case ENTRY_IVHD_11:
	case ENTRY_IVHD_40:
		add(platform, (struct kx_device){ KX_DEVICE_AMDVI, 0,
						  acpi_number(entry + IVHD_REGISTERS, 8), IVHD_SIZE });
	}
}

void platform_devices(struct platform *platform)
{
	const uint8_t *madt = acpi_find("APIC"), *dmar = acpi_find("DMAR"), *ivrs = acpi_find("IVRS");

	add_pci(platform);
	if (madt)
		acpi_each(madt, MADT_ENTRIES, add_ioapic, platform);
	if (dmar)
		acpi_each(dmar, DMAR_ENTRIES, add_drhd, platform);
	if (ivrs)
		acpi_each(ivrs, IVRS_ENTRIES, add_ivhd, platform);
}
