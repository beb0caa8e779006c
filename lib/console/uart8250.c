/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 16550 and its kin, behind ports or in memory. Assumes that it was set up; see arch/x86_64/kexec.c for
 * the one place that does so. Spec: TI PC16550D, "Line Status Register".
 */
#include "console.h"
#include "wait.h"

#define THR 0 /* transmitter holding register */
#define LSR 5
#define LSR_THRE 0x20

static uint8_t read_register(const struct kx_device *device, uint32_t number)
{
	uintptr_t at = (uintptr_t)device->base + number * (uintptr_t)device->stride;

	if (device->kind == KX_DEVICE_UART8250_IO)
		return kx_port_read_(device->base + number);
	/* Registers four bytes apart are words: such devices may ignore an access to a byte. */
	if (device->stride == 4)
		return (uint8_t)*(const volatile uint32_t *)at;
	return *(const volatile uint8_t *)at;
}

static void write_register(const struct kx_device *device, uint32_t number, uint8_t value)
{
	uintptr_t at = (uintptr_t)device->base + number * (uintptr_t)device->stride;

	if (device->kind == KX_DEVICE_UART8250_IO)
		kx_port_write_(device->base + number, value);
	else if (device->stride == 4)
		*(volatile uint32_t *)at = value;
	else
		*(volatile uint8_t *)at = value;
}

int kx_uart8250_put_(const struct kx_device *device, uint64_t timer_hz, char c)
{
	struct kx_deadline deadline;

	kx_console_deadline_(&deadline, timer_hz, KX_CONSOLE_WAIT_US);
	while (!(read_register(device, LSR) & LSR_THRE))
		if (kx_deadline_passed_(&deadline))
			return 0;
	write_register(device, THR, (uint8_t)c);
	return 1;
}
