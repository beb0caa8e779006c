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
