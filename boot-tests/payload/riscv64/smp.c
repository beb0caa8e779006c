/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: other harts by SBI HSM, or by a spin table. */
#include "smp.h"

#include "sbi.h"

extern char smp_entry[];
extern uint64_t saved_registers[32];

volatile uint32_t smp_up[SMP_CPUS];

uint64_t smp_self(void)
{
	return saved_registers[10]; /* a0 */
}

int64_t smp_call(uint64_t id)
{
	return sbi_call(SBI_HSM, SBI_HSM_START, id, (uintptr_t)smp_entry, 0);
}

void smp_release(volatile uint64_t *release)
{
	__asm__ volatile("fence rw, w" ::: "memory");
	*release = (uintptr_t)smp_entry;
}
