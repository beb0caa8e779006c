/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: other CPUs by PSCI, or by a spin table. */
#include "smp.h"

#include "psci.h"

extern char smp_entry[];

volatile uint32_t smp_up[SMP_CPUS];

uint64_t smp_self(void)
{
	uint64_t id;

	__asm__("mrs %0, mpidr_el1" : "=r"(id));
	return (id & 0xffffff) | (id >> 32 & 0xff) << 32;
}

int64_t smp_call(uint64_t id)
{
	return psci_call(!runs_at_el2(), PSCI_CPU_ON, id, (uintptr_t)smp_entry, 0);
}

/* Linux Documentation/arch/arm64/booting.rst. The payload has no caches on. */
void smp_release(volatile uint64_t *release)
{
	*release = (uintptr_t)smp_entry;
	__asm__ volatile("dsb sy\n\tsev" ::: "memory");
}
