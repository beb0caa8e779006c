/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: the other harts, started and stopped by SBI HSM. */
#include "host.h"
#include "sbi.h"

/* start.S waits on it */
static volatile struct smp_gate {
	uint64_t stop; /* 0: wait; 1: stop; else all stop but hart `stop - 2` */
	uint64_t up;   /* harts that wait */
} gate;

extern char smp_entry[];

size_t smp_start(const struct platform *platform)
{
	uint64_t started = 0;

	for (size_t i = 0; i < platform->cpu_count; i++)
		if (!sbi_call(SBI_HSM, SBI_HSM_START, platform->cpus[i], mmu_pa(smp_entry),
			      mmu_pa((const void *)(uintptr_t)&gate)))
			started++;
	for (uint64_t tries = 100000000; tries && gate.up < started; tries--)
		;
	return gate.up;
}

size_t smp_stop(const struct platform *platform, int park)
{
	gate.stop = park && platform->cpu_count ? platform->cpus[platform->cpu_count - 1] + 2 : 1;
	return platform->cpu_count;
}
