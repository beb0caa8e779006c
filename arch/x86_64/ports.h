/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: I/O ports, a byte at a time; for purgatory. SDM: Intel SDM, volume 2, "IN", "OUT". */
#ifndef KX_X86_64_PORTS_H
#define KX_X86_64_PORTS_H

#include <stdint.h>

static inline uint8_t port_read(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void port_write(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

#endif /* KX_X86_64_PORTS_H */
