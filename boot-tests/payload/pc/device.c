/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of devices: what was handed over maps RAM alone. PCI is behind its ports. */
#include "payload.h"
#include "port.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA    0xcfc

uint32_t device_read(uint64_t pa)
{
	map_all();
	return *(volatile uint32_t *)(uintptr_t)pa;
}

void device_config_write(uint64_t place, uint16_t value)
{
	out32(PCI_ADDRESS, (uint32_t)place & ~3u);
	out16((uint16_t)(PCI_DATA + (place & 2)), value);
}
