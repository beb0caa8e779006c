/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: the other harts, started and stopped by SBI HSM. */
#include "fdt_machine.h"
#include "sbi.h"

/* start.S waits on it */
static volatile struct smp_gate {
	uint64_t stop; /* 0: wait; 1: stop; else an address to go to */
	uint32_t up;   /* it waits */
} gates[PLATFORM_CPUS];

extern char smp_entry[];

/* Harts see each other's stores, in their order. */
void fdt_machine_flush(const volatile void *at, size_t size)
{
	(void)at;
	(void)size;
	__asm__ volatile("fence rw, rw" ::: "memory");
}

/* Asked until it is there: the firmware may not have it stopped yet, or may have sent it to the host's start. */
static int start(const struct platform *platform, size_t i)
{
	uint64_t begin = fdt_machine_ticks();

	while (!gates[i].up && fdt_machine_ticks() - begin < platform->timer_hz * FDT_MACHINE_WAIT_S)
		sbi_call(SBI_HSM, SBI_HSM_START, platform->cpus[i], mmu_pa(smp_entry),
			 mmu_pa((const void *)(uintptr_t)&gates[i]));
	return gates[i].up;
}

size_t smp_start(const struct platform *platform, const struct options *options)
{
	size_t up = 0;

	(void)options;
	while (up < platform->cpu_count && start(platform, up))
		up++;
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
	fdt_machine_flush(NULL, 0); /* what lies there comes first */
	gates[i].stop = pa;
}
