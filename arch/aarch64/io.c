/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: order between memory and devices. ARM-ARM "Memory barriers", "Cache maintenance". */
#include "arch.h"

void kx_io_barrier_(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

/* Cleaned and invalidated to the point of coherency: the device may not see the caches. */
void kx_io_publish_(const void *data, uint64_t size)
{
	uint64_t ctr, step;
	uintptr_t line, end = (uintptr_t)data + size;

	__asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
	step = 4u << (ctr >> 16 & 0xf); /* DminLine, in words */
	for (line = (uintptr_t)data & ~(uintptr_t)(step - 1); line < end; line += step)
		__asm__ volatile("dc civac, %0" : : "r"(line) : "memory");
	kx_io_barrier_();
}
