/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: order between memory and devices, and I/O ports. SDM: Intel SDM, volume 2. */
#include "arch.h"

#define LINE 64 /* no CPU of this architecture has shorter ones */

void kx_io_barrier_(void)
{
	__asm__ volatile("mfence" ::: "memory");
}

/* Remapping units need not see the caches: VT-d "Extended Capability Register", Page-walk Coherency. */
void kx_io_publish_(const void *data, uint64_t size)
{
	uintptr_t line = (uintptr_t)data & ~(uintptr_t)(LINE - 1), end = (uintptr_t)data + size;

	for (; line < end; line += LINE)
		__asm__ volatile("clflush %0" : "+m"(*(volatile uint8_t *)line));
	kx_io_barrier_();
}

int kx_port_usable_(void)
{
	return 1;
}

uint32_t kx_port_read32_(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void kx_port_write32_(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

void kx_port_write16_(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}
