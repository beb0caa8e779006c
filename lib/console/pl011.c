/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm PrimeCell UART. Assumes that it was set up. Spec: Arm DDI 0183, "Summary of registers". */
#include "console.h"
#include "wait.h"

#define UARTDR 0x00
#define UARTFR 0x18
#define UARTFR_TXFF 0x20 /* transmit FIFO full */

int kx_pl011_put_(const struct kx_device *device, uint64_t timer_hz, char c)
{
	struct kx_deadline deadline;

	kx_console_deadline_(&deadline, timer_hz, KX_CONSOLE_WAIT_US);
	while (*(const volatile uint32_t *)(uintptr_t)(device->base + UARTFR) & UARTFR_TXFF)
		if (kx_deadline_passed_(&deadline))
			return 0;
	*(volatile uint32_t *)(uintptr_t)(device->base + UARTDR) = (uint8_t)c;
	return 1;
}

/* Nothing can be asked, so there is a byte's time of 9,600 baud between two. */
int kx_sink_put_(const struct kx_device *device, uint64_t timer_hz, char c)
{
	struct kx_deadline deadline;

	kx_console_deadline_(&deadline, timer_hz, 1042);
	*(volatile uint8_t *)(uintptr_t)device->base = (uint8_t)c;
	while (!kx_deadline_passed_(&deadline))
		;
	return 1;
}
