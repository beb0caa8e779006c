/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: the other CPUs, started and stopped by PSCI. */
#include "fdt_machine.h"
#include "psci.h"
#include "smp.h"

/* A CPU without translation has no caches either: each gets lines of its own, cleaned by hand. */
static struct smp_gate {
	volatile uint64_t stop; /* SMP_GATE_STOP: 0, or what to do */
	volatile uint32_t up;   /* SMP_GATE_UP: it waits */
	uint32_t unused[61];
} gates[PLATFORM_CPUS] __attribute__((aligned(256)));

_Static_assert(offsetof(struct smp_gate, stop) == SMP_GATE_STOP, "smp_gate.stop has moved");
_Static_assert(offsetof(struct smp_gate, up) == SMP_GATE_UP, "smp_gate.up has moved");

extern char smp_entry[];

/* To memory, and out of the caches; fetched anew. */
void fdt_machine_flush(const volatile void *at, size_t size)
{
	for (size_t i = 0; i < size; i += 16)
		__asm__ volatile("dc civac, %0" : : "r"((const volatile char *)at + i) : "memory");
	__asm__ volatile("dsb sy\n\tic ialluis\n\tdsb sy" ::: "memory");
}

static void say(struct smp_gate *gate, uint64_t what)
{
	gate->stop = what;
	fdt_machine_flush(gate, sizeof(*gate));
}

size_t smp_start(const struct platform *platform, const struct options *options)
{
	int by_hvc = platform->cpus_method == KX_CPUS_PSCI_HVC;
	size_t up = 0;

	(void)options;
	for (size_t i = 0; i < platform->cpu_count; i++) {
		say(&gates[i], 0);
		if (!psci_call(by_hvc, PSCI_CPU_ON, platform->cpus[i], mmu_pa(smp_entry),
			       mmu_pa(&gates[i])))
			up += (size_t)fdt_machine_wait(platform, &gates[i].up, 1);
	}
	return up;
}

size_t smp_stop(const struct platform *platform, int park)
{
	size_t count = platform->cpu_count - (park && platform->cpu_count);

	for (size_t i = 0; i < count; i++)
		say(&gates[i], platform->cpus_method == KX_CPUS_PSCI_HVC ? SMP_STOP_HVC :
									   SMP_STOP_SMC);
	return platform->cpu_count;
}

void smp_send(const struct platform *platform, size_t i, uint64_t pa)
{
	(void)platform;
	say(&gates[i], pa);
}
