/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: what the host's exceptions lead to when it dies. Spec: Arm IHI 0048, GIC architecture 2.0. */
#include "die.h"

#define GICD_PA        0x08000000 /* of QEMU's virt, with a GICv2 */
#define GICD_CTLR      0x000
#define GICD_ISENABLER 0x100
#define GICC_PA        0x08010000
#define GICC_CTLR      0x000
#define GICC_PMR       0x004
#define TIMER          27 /* interrupt of the virtual timer */
#define ISR_I          0x80

extern const char die_vector[], die_other[];
const struct die_race *die_go; /* read by die.S */

#define READ(to, name)    __asm__ volatile("mrs %0, " name : "=r"(to))
#define WRITE(name, from) __asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(from)) : "memory")

static void write32(uint64_t pa, uint32_t value)
{
	*(volatile uint32_t *)mmu_ptr(pa) = value;
}

/* The virtual timer, whose time has come; with a GICv3 it may not get through to the CPU. */
int die_pend(const struct platform *platform)
{
	uint64_t features, isr = 0;

	(void)platform;
	WRITE("cntv_cval_el0", 0);
	WRITE("cntv_ctl_el0", 1);
	READ(features, "id_aa64pfr0_el1");
	if (features >> 24 & 15)
		return 1;
	write32(GICD_PA + GICD_ISENABLER, 1u << TIMER);
	write32(GICD_PA + GICD_CTLR, 1);
	write32(GICC_PA + GICC_PMR, 0xff);
	write32(GICC_PA + GICC_CTLR, 1);
	for (unsigned int tries = 100000000; tries && !(isr & ISR_I); tries--)
		READ(isr, "isr_el1");
	return (isr & ISR_I) != 0;
}

void die_race(struct die_race *race, const struct platform *platform)
{
	die_go = race;
	for (size_t i = 0; i < platform->cpu_count; i++)
		smp_send(platform, i, mmu_pa(die_other));
}

void die_vectors(const struct platform *platform, const char *way)
{
	uint64_t level;

	(void)platform;
	(void)way;
	READ(level, "currentel");
	if (level == 8)
		WRITE("vbar_el2", die_vector);
	else
		WRITE("vbar_el1", die_vector);
	__asm__ volatile("isb");
}
