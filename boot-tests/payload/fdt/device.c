/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of devices, where there is no translation yet. */
#include "payload.h"

uint32_t device_read(uint64_t pa)
{
	return *(volatile uint32_t *)(uintptr_t)pa;
}

void device_config_write(uint64_t place, uint16_t value)
{
	*(volatile uint16_t *)(uintptr_t)place = value;
}
