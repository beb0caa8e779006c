/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI configuration space through a PC's ports. PCI "Software Generation of Configuration Transactions" */
#include "dma.h"
#include "port.h"

#define ADDRESS 0xcf8
#define DATA    0xcfc
#define ENABLE  0x80000000

static uint16_t select(const struct pci *pci, uint32_t offset)
{
	out32(ADDRESS, (uint32_t)config_place(pci, offset & ~3u));
	return (uint16_t)(DATA + (offset & 2));
}

uint64_t config_place(const struct pci *pci, uint32_t offset)
{
	return ENABLE | pci->id << 8 | offset;
}

uint32_t config_read(const struct pci *pci, uint32_t offset)
{
	return in32(select(pci, offset));
}

void config_write(const struct pci *pci, uint32_t offset, uint32_t value)
{
	out32(select(pci, offset), value);
}

void config_write16(const struct pci *pci, uint32_t offset, uint16_t value)
{
	out16(select(pci, offset), value);
}
