/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Consoles that work with nothing beneath them, by physical address: 16550, PL011, the firmware's, a
 * VGA screen. Used by purgatory. Every wait has a bound; a console that lets it pass is not asked again.
 */
#ifndef KX_CONSOLE_H
#define KX_CONSOLE_H

#include <kx/abi.h>

#include "hidden.h"

#define KX_CONSOLE_DEVICES 2

/** struct kx_console - where text goes; all zero: nowhere */
struct kx_console {
	struct kx_device devices[KX_CONSOLE_DEVICES];
	uint64_t timer_hz; /* of the CPU's counter; 0: unknown */
	uint32_t dead;     /* bit i: devices[i] did not take a byte in time */
	uint32_t cell;     /* of a VGA screen: where the next character goes */
};

/** kx_console_put_() - one byte to every device; a newline is preceded by a carriage return */
KX_HIDDEN void kx_console_put_(struct kx_console *console, char c);

/**
 * kx_say_() - a line, or a part of one
 * @format: of printf()'s conversions %s, %lu and %lx are known, and nothing else: there is no stray %
 */
KX_HIDDEN void kx_say_(struct kx_console *console, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** kx_say_bytes_() - bytes as pairs of digits, as digests are written */
KX_HIDDEN void kx_say_bytes_(struct kx_console *console, const uint8_t *bytes, uint32_t count);

/* ---- drivers: 1 where the device took the byte, 0 where it was not ready in time ---- */

/** kx_uart8250_put_() - KX_DEVICE_UART8250 */
KX_HIDDEN int kx_uart8250_put_(const struct kx_device *device, uint64_t timer_hz, char c);

/** kx_pl011_put_() - KX_DEVICE_PL011 */
KX_HIDDEN int kx_pl011_put_(const struct kx_device *device, uint64_t timer_hz, char c);

/** kx_sink_put_() - KX_DEVICE_SINK */
KX_HIDDEN int kx_sink_put_(const struct kx_device *device, uint64_t timer_hz, char c);

/* ---- by arch/<a>/console.c ---- */

/** kx_console_has_() - does this architecture have devices of this kind? */
KX_HIDDEN int kx_console_has_(uint32_t kind);

/** kx_device_put_() - by the driver of that kind; 1 where the architecture has none */
KX_HIDDEN int kx_device_put_(struct kx_console *console, const struct kx_device *device, char c);

#endif /* KX_CONSOLE_H */
