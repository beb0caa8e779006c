/* SPDX-License-Identifier: BSD-2-Clause */
/* Text to consoles; called by purgatory. */
#include "console.h"

static int device_put(struct kx_console *console, const struct kx_device *device, char c)
{
	switch (device->kind) {
	case KX_DEVICE_UART8250:
	case KX_DEVICE_UART8250_IO: return kx_uart8250_put_(device, console->timer_hz, c);
	case KX_DEVICE_PL011: return kx_pl011_put_(device, console->timer_hz, c);
	case KX_DEVICE_SINK: return kx_sink_put_(device, console->timer_hz, c);
	case KX_DEVICE_SBI_DBCN:
	case KX_DEVICE_SBI_PUTCHAR: return kx_firmware_put_(device, c);
	case KX_DEVICE_VGA: return kx_vga_put_(device, &console->cell, c);
	}
	return 1;
}

static void put(struct kx_console *console, char c)
{
	for (uint32_t i = 0; i < KX_CONSOLE_DEVICES; i++)
		if (!(console->dead >> i & 1) && !device_put(console, &console->devices[i], c))
			console->dead |= 1u << i;
}

void kx_console_put_(struct kx_console *console, char c)
{
	if (c == '\n')
		put(console, '\r');
	put(console, c);
}

void kx_say_(struct kx_console *console, const char *text)
{
	while (*text)
		kx_console_put_(console, *text++);
}

static void say_digit(struct kx_console *console, uint64_t digit)
{
	kx_console_put_(console, (char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
}

void kx_say_hex_(struct kx_console *console, uint64_t number)
{
	unsigned int shift = 60;

	kx_say_(console, "0x");
	while (shift && !(number >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		say_digit(console, number >> shift & 15);
		if (!shift)
			return;
	}
}

void kx_say_dec_(struct kx_console *console, uint64_t number)
{
	uint8_t digits[20];
	unsigned int count = 0;

	do
		digits[count++] = (uint8_t)(number % 10);
	while (number /= 10);
	while (count)
		say_digit(console, digits[--count]);
}

void kx_say_bytes_(struct kx_console *console, const uint8_t *bytes, uint32_t count)
{
	for (; count; count--, bytes++) {
		say_digit(console, *bytes >> 4);
		say_digit(console, *bytes & 15);
	}
}
