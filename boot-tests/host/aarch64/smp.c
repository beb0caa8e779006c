/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: the other CPUs, started and stopped by PSCI. */
#include "host.h"
#include "psci.h"
#include "smp.h"

/* A CPU without translation has no caches either: each gets lines of its own, cleaned by hand. */
static struct smp_gate {
	volatile uint64_t stop; /* SMP_GATE_STOP: go by smc or hvc */
	volatile uint64_t up;   /* SMP_GATE_UP: it waits */
	uint64_t unused[30];
} gates[PLATFORM_CPUS] __attribute__((aligned(256)));

_Static_assert(offsetof(struct smp_gate, stop) == SMP_GATE_STOP, "smp_gate.stop has moved");
_Static_assert(offsetof(struct smp_gate, up) == SMP_GATE_UP, "smp_gate.up has moved");

extern char smp_entry[];

/* To memory, and out of the caches. */
static void flush(const struct smp_gate *gate)
{
	for (size_t i = 0; i < sizeof(*gate); i += 16)
		__asm__ volatile("dc civac, %0" : : "r"((const char *)gate + i) : "memory");
	__asm__ volatile("dsb sy" ::: "memory");
}

static int wait_up(const struct smp_gate *gate)
{
	for (uint64_t tries = 10000000; tries; tries--) {
		flush(gate);
		if (gate->up)
			return 1;
	}
	return 0;
}

size_t smp_start(const struct platform *platform)
{
	int by_hvc = platform->cpus_method == KX_CPUS_PSCI_HVC;
	size_t up = 0;

	for (size_t i = 0; i < platform->cpu_count; i++) {
		flush(&gates[i]);
		if (!psci_call(by_hvc, PSCI_CPU_ON, platform->cpus[i], mmu_pa(smp_entry),
			       mmu_pa(&gates[i])))
			up += (size_t)wait_up(&gates[i]);
	}
	return up;
}

size_t smp_stop(const struct platform *platform, int park)
{
	size_t count = platform->cpu_count - (park && platform->cpu_count);

	for (size_t i = 0; i < count; i++) {
		gates[i].stop = platform->cpus_method == KX_CPUS_PSCI_HVC ? SMP_STOP_HVC :
									    SMP_STOP_SMC;
		flush(&gates[i]);
	}
	return platform->cpu_count;
}
