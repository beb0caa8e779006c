/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: all consoles lie in memory. */
#include "console.h"

int kx_console_has_(uint32_t kind)
{
	switch (kind) {
	case KX_DEVICE_NONE:
	case KX_DEVICE_UART8250:
	case KX_DEVICE_PL011:
	case KX_DEVICE_SINK: return 1;
	}
	return 0;
}

int kx_device_put_(struct kx_console *console, const struct kx_device *device, char c)
{
	(void)console;
	switch (device->kind) {
	case KX_DEVICE_UART8250: return kx_uart8250_put_(device, c);
	case KX_DEVICE_PL011: return kx_pl011_put_(device, c);
	}
	return 1;
}
