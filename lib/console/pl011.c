/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm PrimeCell UART. Assumes that it was set up. Spec: Arm DDI 0183, "Summary of registers". */
#include "console.h"

#define UARTDR 0x00
#define UARTFR 0x18
#define UARTFR_TXFF 0x20 /* transmit FIFO full */

int kx_pl011_put_(const struct kx_device *device, char c)
{
	if (*(const volatile uint32_t *)(uintptr_t)(device->base + UARTFR) & UARTFR_TXFF)
		return 0;
	*(volatile uint32_t *)(uintptr_t)(device->base + UARTDR) = (uint8_t)c;
	return 1;
}
