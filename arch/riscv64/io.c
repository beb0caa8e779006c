/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: order between memory and devices. Unpriv "Memory Ordering Instructions". */
#include "arch.h"

void kx_io_barrier_(void)
{
	__asm__ volatile("fence iorw, iorw" ::: "memory");
}

/* Caches are coherent with devices. */
void kx_io_publish_(const void *data, uint64_t size)
{
	(void)data;
	(void)size;
	kx_io_barrier_();
}

int kx_port_usable_(void)
{
	return 0;
}

uint32_t kx_port_read32_(uint16_t port)
{
	(void)port;
	return UINT32_MAX;
}

void kx_port_write32_(uint16_t port, uint32_t value)
{
	(void)port;
	(void)value;
}

void kx_port_write16_(uint16_t port, uint16_t value)
{
	(void)port;
	(void)value;
}
