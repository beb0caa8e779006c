/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: consoles in memory and behind ports, and the VGA text screen. IBM VGA: FreeVGA "Text Mode". */
#include "console.h"
#include "ports.h"
#include "uart8250.h"

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

/* A 16550, as lib/console/uart8250.c has it in memory */
static int port_uart_put(const struct kx_device *device, char c)
{
	uint16_t base = (uint16_t)device->base;

	if (!(port_read(base + UART8250_LSR) & UART8250_LSR_THRE))
		return 0;
	port_write(base + UART8250_THR, (uint8_t)c);
	return 1;
}

static int vga_put(const struct kx_device *device, uint32_t *cell, char c)
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

int kx_device_put_(struct kx_console *console, const struct kx_device *device, char c)
{
	switch (device->kind) {
	case KX_DEVICE_UART8250: return kx_uart8250_put_(device, c);
	case KX_DEVICE_UART8250_IO: return port_uart_put(device, c);
	case KX_DEVICE_VGA: return vga_put(device, &console->cell, c);
	}
	return 1;
}
