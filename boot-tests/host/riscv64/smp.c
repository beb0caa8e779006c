/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: the other harts, started and stopped by SBI HSM. */
#include "host.h"
#include "pen.h"
#include "sbi.h"

/* start.S waits on it */
static volatile struct smp_gate {
	uint64_t stop; /* 0: wait; 1: stop; else an address to go to */
	uint64_t up;   /* it waits */
} gates[PLATFORM_CPUS];

extern char smp_entry[], pen_code[], pen_code_end[];

size_t smp_start(const struct platform *platform, const struct options *options)
{
	size_t started = 0, up = 0;

	(void)options;
	for (size_t i = 0; i < platform->cpu_count; i++)
		if (!sbi_call(SBI_HSM, SBI_HSM_START, platform->cpus[i], mmu_pa(smp_entry),
			      mmu_pa((const void *)(uintptr_t)&gates[i])))
			started++;
	for (uint64_t tries = 100000000; started == platform->cpu_count && tries && up < started; tries--)
		up += gates[up].up;
	return up;
}

size_t smp_stop(const struct platform *platform, int park)
{
	for (size_t i = 0; i < platform->cpu_count - (park && platform->cpu_count); i++)
		gates[i].stop = 1;
	return platform->cpu_count;
}

void smp_send(const struct platform *platform, size_t i, uint64_t pa)
{
	(void)platform;
	__asm__ volatile("fence rw, w" ::: "memory"); /* what lies there comes first */
	gates[i].stop = pa;
}

uint64_t smp_pen_at(uint64_t page_pa)
{
	return page_pa;
}

int smp_pen(const struct platform *platform, uint64_t pen_pa)
{
	uint8_t *page = mmu_ptr(pen_pa);
	volatile uint32_t *mark = (volatile uint32_t *)(void *)(page + PEN_MARK);

	memset(page, 0, KX_PAGE_SIZE);
	memcpy(page, pen_code, (size_t)(pen_code_end - pen_code));
	if (!platform->cpu_count)
		return 0;
	smp_send(platform, platform->cpu_count - 1, pen_pa);
	for (uint64_t tries = 100000000; tries && *mark != PEN_WAITS; tries--)
		;
	return *mark == PEN_WAITS;
}
