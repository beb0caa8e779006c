/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: reads and writes registers of the hart it runs on. */
#include "arch.h"

#include "cpu.h"

void kx_paging_read_(struct kx_paging *paging)
{
	uint64_t satp;

	__asm__ volatile("csrr %0, satp" : "=r"(satp));
	paging->mode = satp;
	paging->mode2 = 0;
	paging->level = 0;
}

uint64_t kx_ticks_(void)
{
	uint64_t time;

	__asm__ volatile("csrr %0, time" : "=r"(time));
	return time;
}

/* Caches are coherent with table walks; fetch is made so by enter.S, on the hart that jumps. */
void kx_code_publish_(const void *data, uint64_t size)
{
	(void)data;
	(void)size;
	__asm__ volatile("fence rw, rw" ::: "memory");
}
