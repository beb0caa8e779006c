/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: I/O ports and the VGA text screen. IBM VGA: FreeVGA "Text Mode". */
#include "console.h"

#define COLUMNS 80
#define CELLS   (80 * 25)
#define GREY    0x0700 /* on black */

int kx_console_has_(uint32_t kind)
{
	switch (kind) {
	case KX_DEVICE_NONE:
	case KX_DEVICE_UART8250:
	case KX_DEVICE_UART8250_IO:
	case KX_DEVICE_SINK:
	case KX_DEVICE_VGA: return 1;
	}
	return 0;
}

uint8_t kx_port_read_(uint64_t port)
{
	uint8_t value;

	__asm__ volatile("inb %w1, %0" : "=a"(value) : "Nd"((uint16_t)port));
	return value;
}

void kx_port_write_(uint64_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %w1" : : "a"(value), "Nd"((uint16_t)port));
}

int kx_firmware_put_(const struct kx_device *device, char c)
{
	(void)device;
	(void)c;
	return 1;
}

int kx_vga_put_(const struct kx_device *device, uint32_t *cell, char c)
{
	volatile uint16_t *screen = (volatile uint16_t *)(uintptr_t)device->base;

	if (c == '\r') {
		*cell -= *cell % COLUMNS;
		return 1;
	}
	if (c == '\n')
		*cell += COLUMNS;
	if (*cell >= CELLS) {
		for (uint32_t i = 0; i < CELLS; i++)
			screen[i] = i < CELLS - COLUMNS ? screen[i + COLUMNS] : GREY | ' ';
		*cell -= COLUMNS;
	}
	if (c != '\n')
		screen[(*cell)++] = (uint16_t)(GREY | (uint8_t)c);
	return 1;
}
