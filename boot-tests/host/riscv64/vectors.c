/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: what the host's traps lead to when it dies. */
#include "die.h"
#include "sbi.h"

#define SIE_STIE  0x20
#define SBI_TIME_SET 0

extern const char die_vector[], die_other[];
const struct die_race *die_go; /* read by die.S */

/* The timer, whose time has come */
int die_pend(const struct platform *platform)
{
	uint64_t sip = 0;

	(void)platform;
	sbi_call(SBI_TIME, SBI_TIME_SET, 0, 0, 0);
	__asm__ volatile("csrs sie, %0" : : "r"((uint64_t)SIE_STIE));
	for (unsigned int tries = 100000000; tries && !(sip & SIE_STIE); tries--)
		__asm__ volatile("csrr %0, sip" : "=r"(sip));
	return (sip & SIE_STIE) != 0;
}

void die_race(struct die_race *race, const struct platform *platform)
{
	die_go = race;
	for (size_t i = 0; i < platform->cpu_count; i++)
		smp_send(platform, i, mmu_pa(die_other));
}

void die_vectors(const struct platform *platform, const char *way)
{
	(void)platform;
	(void)way;
	__asm__ volatile("csrw stvec, %0" : : "r"(die_vector) : "memory");
}
