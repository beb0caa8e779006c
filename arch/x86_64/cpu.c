/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: reads and writes registers of the CPU it runs on. */
#include "arch.h"

#include "cpu.h"

void kx_paging_read_(struct kx_paging *paging)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	paging->mode = cr4;
	paging->mode2 = 0;
	paging->level = 0;
}

uint64_t kx_ticks_(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* Caches are coherent with fetch and with table walks; enter.S serializes before it jumps. */
void kx_code_publish_(const void *data, uint64_t size)
{
	(void)data;
	(void)size;
	__asm__ volatile("" ::: "memory");
}
