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

#define KX_LINE "\r" /* in a format: "kx-purgatory: ", as all lines begin that are not errors */

/**
 * kx_say_() - a line, or a part of one
 * @format: of printf()'s conversions %s, %lu and %lx are known, and %p: the bytes of a digest; there is
 * no stray %
 */
KX_HIDDEN void kx_say_(struct kx_console *console, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- drivers: 1 where the device took the byte, 0 where it is not ready yet ---- */

/** kx_uart8250_put_() - KX_DEVICE_UART8250 */
KX_HIDDEN int kx_uart8250_put_(const struct kx_device *device, char c);

/** kx_pl011_put_() - KX_DEVICE_PL011 */
KX_HIDDEN int kx_pl011_put_(const struct kx_device *device, char c);

/* ---- by arch/<a>/console.c ---- */

/** kx_console_has_() - does this architecture have devices of this kind? */
KX_HIDDEN int kx_console_has_(uint32_t kind);

/**
 * kx_device_put_() - by the driver of that kind; of KX_DEVICE_SINK console.c knows all
 *
 * Returns: 1 (taken, or there is no such driver), 0 (not ready yet), -1 (it never will be).
 */
KX_HIDDEN int kx_device_put_(struct kx_console *console, const struct kx_device *device, char c);

#endif /* KX_CONSOLE_H */
