/* SPDX-License-Identifier: BSD-2-Clause */
/* Text to consoles; called by purgatory. */
#include "console.h"

#include <stdarg.h>

static void put(struct kx_console *console, char c)
{
	for (uint32_t i = 0; i < KX_CONSOLE_DEVICES; i++)
		if (!(console->dead >> i & 1) && !kx_device_put_(console, &console->devices[i], c))
			console->dead |= 1u << i;
}

void kx_console_put_(struct kx_console *console, char c)
{
	if (c == '\n')
		put(console, '\r');
	put(console, c);
}

static char digit(uint64_t value)
{
	return (char)(value < 10 ? '0' + value : 'a' + value - 10);
}

static void say_number(struct kx_console *console, uint64_t number, unsigned int base)
{
	char digits[20];
	unsigned int count = 0;

	do
		digits[count++] = digit(number % base);
	while (number /= base);
	while (count)
		kx_console_put_(console, digits[--count]);
}

static void say_string(struct kx_console *console, const char *text)
{
	while (*text)
		kx_console_put_(console, *text++);
}

void kx_say_(struct kx_console *console, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	for (; *format; format++)
		if (*format != '%')
			kx_console_put_(console, *format);
		else if (*++format == 's')
			say_string(console, va_arg(values, const char *));
		else
			say_number(console, va_arg(values, uint64_t), *++format == 'x' ? 16 : 10);
	va_end(values);
}

void kx_say_bytes_(struct kx_console *console, const uint8_t *bytes, uint32_t count)
{
	for (; count; count--, bytes++) {
		kx_console_put_(console, digit(*bytes >> 4));
		kx_console_put_(console, digit(*bytes & 15));
	}
}
