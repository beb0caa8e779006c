/* SPDX-License-Identifier: BSD-2-Clause */
/* Printing on the machine's console; called by every bare-metal program. */
#include <stdarg.h>

#include "bare.h"

static void put(char c)
{
	if (c == '\n')
		machine_put('\r');
	machine_put(c);
}

static void put_number(uint64_t value, unsigned int base, unsigned int width, char pad)
{
	char digits[20];
	unsigned int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	for (; width > count; width--)
		put(pad);
	while (count)
		put(digits[--count]);
}

void print(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	for (; *format; format++) {
		unsigned int width = 0, is_long = 0;
		char pad = ' ';

		if (*format != '%') {
			put(*format);
			continue;
		}
		if (*++format == '0')
			pad = '0';
		for (; *format >= '0' && *format <= '9'; format++)
			width = 10 * width + (unsigned int)(*format - '0');
		for (; *format == 'l' || *format == 'z'; format++)
			is_long = 1;
		if (*format == 's')
			for (const char *s = va_arg(list, const char *); *s; s++)
				put(*s);
		else if (*format == 'c')
			put((char)va_arg(list, int));
		else if (*format == 'u' || *format == 'x')
			put_number(is_long ? va_arg(list, uint64_t) : va_arg(list, unsigned int),
				   *format == 'u' ? 10 : 16, width, pad);
		else
			put(*format);
	}
	va_end(list);
}
