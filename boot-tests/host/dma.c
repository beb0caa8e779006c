/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI functions, found and switched on; called by quiet.c. PCI Local Bus Specification 3.0. */
#include "dma.h"

#define BAR0       0x10
#define BAR_64     0x4
#define BAR_PLACE  0x100000 /* room for each of ours */
#define DEVICES    32 /* on bus 0, function 0 of each: where ours are */

/* PCIe "SR-IOV Extended Capability" */
#define EXTENDED        0x100
#define EXT_SRIOV       0x10
#define SRIOV_CONTROL   0x08
#define SRIOV_ENABLE    0x9 /* functions, and their memory */
#define SRIOV_COUNT     0x10
#define SRIOV_PLACE     0x14 /* offset of the first, stride */

static void assign_bar0(struct platform *platform, const struct pci *pci)
{
	uint64_t pa = (platform->pci_window.pa + BAR_PLACE) & ~(uint64_t)(BAR_PLACE - 1);

	if (pci_bar0(pci) || !platform->pci_window.size)
		return;
	platform->pci_window.size -= pa + BAR_PLACE - platform->pci_window.pa;
	platform->pci_window.pa = pa + BAR_PLACE;
	config_write(pci, BAR0, (uint32_t)pa);
	if (config_read(pci, BAR0) & BAR_64)
		config_write(pci, BAR0 + 4, 0);
}

uint64_t pci_bar0(const struct pci *pci)
{
	uint32_t low = config_read(pci, BAR0);

	return (low & ~15u) | (low & BAR_64 ? (uint64_t)config_read(pci, BAR0 + 4) << 32 : 0);
}

int pci_find(struct platform *platform, uint32_t number, struct pci *pci)
{
	for (size_t i = 0; i < platform->device_count; i++) {
		uint32_t kind = platform->devices[i].kind;

		if (kind != KX_DEVICE_PCI_ECAM && kind != KX_DEVICE_PCI_PORTS)
			continue;
		pci->space = &platform->devices[i];
		for (pci->id = 0; pci->id < DEVICES << 3; pci->id += 8)
			if (config_read(pci, 0) == number) {
				assign_bar0(platform, pci);
				return 1;
			}
	}
	return 0;
}

void pci_enable(const struct pci *pci, uint16_t command)
{
	config_write16(pci, PCI_COMMAND, command);
}

uint32_t pci_enable_virtual(const struct pci *pci, uint16_t count)
{
	struct pci last = *pci;
	uint32_t at = EXTENDED, place;

	while (at && (config_read(pci, at) & 0xffff) != EXT_SRIOV)
		at = config_read(pci, at) >> 20;
	if (!at)
		return 0;
	config_write16(pci, at + SRIOV_COUNT, count);
	config_write16(pci, at + SRIOV_CONTROL, SRIOV_ENABLE);
	place = config_read(pci, at + SRIOV_PLACE);
	for (uint32_t i = 0; i < count; i++) {
		last.id += i ? place >> 16 : place & 0xffff;
		pci_enable(&last, PCI_COMMAND_MASTER);
	}
	return last.id;
}
