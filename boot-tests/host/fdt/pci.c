/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI configuration space in memory. PCIe "Enhanced Configuration Access Mechanism" */
#include "dma.h"

#define FUNCTION_SHIFT 12

uint64_t config_place(const struct pci *pci, uint32_t offset)
{
	return pci->space->base + ((uint64_t)pci->id << FUNCTION_SHIFT) + offset;
}

uint32_t config_read(const struct pci *pci, uint32_t offset)
{
	return *(volatile uint32_t *)mmu_ptr(config_place(pci, offset));
}

void config_write(const struct pci *pci, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)mmu_ptr(config_place(pci, offset)) = value;
}

void config_write16(const struct pci *pci, uint32_t offset, uint16_t value)
{
	*(volatile uint16_t *)mmu_ptr(config_place(pci, offset)) = value;
}
