/* SPDX-License-Identifier: BSD-2-Clause */
/* Text to consoles; called by purgatory. */
#include "console.h"

#include "clock.h"

#include <stdarg.h>

#define WAIT_US 100000 /* 16 bytes of FIFO at 1,200 baud take 130 ms; nobody has less */
#define SINK_US 1042   /* of a sink nothing can be asked: a byte's time of 9,600 baud between two */

/* A counter of unknown rate is taken for a fast one: then the wait is long, but it ends. */
#define FAST_HZ 4000000000u

/* Has the device taken the byte in time? */
static int put_to(struct kx_console *console, const struct kx_device *device, char c)
{
	int is_sink = device->kind == KX_DEVICE_SINK, taken = 0;
	struct kx_deadline deadline;

	kx_deadline_set_(&deadline, console->timer_hz ? console->timer_hz : FAST_HZ,
			 is_sink ? SINK_US : WAIT_US);
	if (is_sink)
		*(volatile uint8_t *)(uintptr_t)device->base = (uint8_t)c;
	do
		if (!is_sink)
			taken = kx_device_put_(console, device, c);
	while (!taken && !kx_deadline_passed_(&deadline));
	return is_sink || taken > 0;
}

static void put(struct kx_console *console, char c)
{
	for (uint32_t i = 0; i < KX_CONSOLE_DEVICES; i++)
		if (!(console->dead >> i & 1) && !put_to(console, &console->devices[i], c))
			console->dead |= 1u << i;
}

void kx_console_put_(struct kx_console *console, char c)
{
	if (c == '\n')
		put(console, '\r');
	put(console, c);
}

static void say_digit(struct kx_console *console, unsigned int value)
{
	kx_console_put_(console, (char)(value < 10 ? '0' + value : 'a' + value - 10));
}

static void say_number(struct kx_console *console, uint64_t number, unsigned int base)
{
	uint8_t digits[20];
	unsigned int count = 0;

	do
		digits[count++] = (uint8_t)(number % base);
	while (number /= base);
	while (count)
		say_digit(console, digits[--count]);
}

static void say_string(struct kx_console *console, const char *text)
{
	while (*text)
		kx_console_put_(console, *text++);
}

static void say_digest(struct kx_console *console, const uint8_t *digest)
{
	for (unsigned int i = 0; i < 2 * KX_DIGEST_SIZE; i++)
		say_digit(console, digest[i / 2] >> (i % 2 ? 0 : 4) & 15);
}

void kx_say_(struct kx_console *console, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	for (; *format; format++) {
		uint64_t value = (uintptr_t)"kx-purgatory: ";
		char conversion = *format == *KX_LINE ? 's' : 0;

		if (*format == '%') {
			value = va_arg(values, uint64_t); /* as pointers are passed, too */
			conversion = *++format;
		}
		switch (conversion) {
		case 's': say_string(console, (const char *)(uintptr_t)value); break;
		case 'p': say_digest(console, (const uint8_t *)(uintptr_t)value); break;
		case 'l': say_number(console, value, *++format == 'x' ? 16 : 10); break;
		default: kx_console_put_(console, *format);
		}
	}
	va_end(values);
}
