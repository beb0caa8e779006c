/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI functions, found and switched on; called by quiet.c. PCI Local Bus Specification 3.0. */
#include "dma.h"

#define COMMAND    0x04
#define BAR0       0x10
#define BAR_64     0x4
#define BUS0_STEP  0x8000 /* function 0 of the next device on bus 0 */
#define BAR_PLACE  0x100000 /* room for each of ours */

static volatile uint32_t *reg(const struct pci *pci, uint32_t offset)
{
	return (volatile uint32_t *)(pci->config + offset);
}

static void assign_bar0(struct platform *platform, const struct pci *pci)
{
	uint64_t pa = (platform->pci_window.pa + BAR_PLACE) & ~(uint64_t)(BAR_PLACE - 1);

	if (pci_bar0(pci) || !platform->pci_window.size)
		return;
	platform->pci_window.size -= pa + BAR_PLACE - platform->pci_window.pa;
	platform->pci_window.pa = pa + BAR_PLACE;
	*reg(pci, BAR0) = (uint32_t)pa;
	if (*reg(pci, BAR0) & BAR_64)
		*reg(pci, BAR0 + 4) = 0;
}

uint64_t pci_bar0(const struct pci *pci)
{
	uint32_t low = *reg(pci, BAR0);

	return (low & ~15u) | (low & BAR_64 ? (uint64_t)*reg(pci, BAR0 + 4) << 32 : 0);
}

int pci_find(struct platform *platform, uint32_t id, struct pci *pci)
{
	for (size_t i = 0; i < platform->device_count; i++) {
		if (platform->devices[i].kind != KX_DEVICE_PCI_ECAM)
			continue;
		for (unsigned int device = 0; device < 32; device++) {
			pci->config_pa = platform->devices[i].base + device * BUS0_STEP;
			pci->config = mmu_ptr(pci->config_pa);
			if (*reg(pci, 0) != id)
				continue;
			assign_bar0(platform, pci);
			return 1;
		}
	}
	return 0;
}

void pci_enable(const struct pci *pci)
{
	*(volatile uint16_t *)(pci->config + COMMAND) = 6; /* memory, bus master */
}
