/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 16550 and its kin, in memory. Assumes that it was set up. Spec: TI PC16550D, "Line Status Register".
 */
#include "console.h"
#include "uart8250.h"

static uintptr_t address_of(const struct kx_device *device, uint32_t number)
{
	return (uintptr_t)device->base + number * (uintptr_t)device->stride;
}

/* Registers four bytes apart are words: such devices may ignore an access to a byte. */
static uint8_t read_register(const struct kx_device *device, uint32_t number)
{
	uintptr_t at = address_of(device, number);

	return device->stride == 4 ? (uint8_t)*(const volatile uint32_t *)at
				   : *(const volatile uint8_t *)at;
}

static void write_register(const struct kx_device *device, uint32_t number, uint8_t value)
{
	uintptr_t at = address_of(device, number);

	if (device->stride == 4)
		*(volatile uint32_t *)at = value;
	else
		*(volatile uint8_t *)at = value;
}

int kx_uart8250_put_(const struct kx_device *device, char c)
{
	if (!(read_register(device, UART8250_LSR) & UART8250_LSR_THRE))
		return 0;
	write_register(device, UART8250_THR, (uint8_t)c);
	return 1;
}
