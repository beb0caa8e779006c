/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: the other CPUs, started by INIT and startup messages, in real mode. There is nothing that
 * would stop them but libkx's INIT, so kx.cpus=park keeps one from libkx: a negative control.
 * Spec: SDM "Multiple-Processor (MP) Initialization".
 */
#include "host.h"
#include "apic.h"
#include "beat.h"
#include "port.h"

#define CPUID1_X2APIC 0x200000

static void wait_us(const struct platform *platform, uint64_t us)
{
	uint64_t start = read_tsc();

	while (read_tsc() - start < platform->timer_hz / 1000000 * us)
		;
}

/* A kernel with many CPUs runs so. There is no way back but by a reset. */
static void use_x2apic(void)
{
	if (!(read_cpuid(1).c & CPUID1_X2APIC)) {
		print("kx: no-x2apic: this CPU has none\n");
		machine_off(1);
	}
	write_msr(MSR_APIC_BASE, read_msr(MSR_APIC_BASE) | APIC_BASE_EXTD);
	print("kx-host: x2APIC mode\n");
}

size_t smp_start(const struct platform *platform, const struct options *options)
{
	uint8_t *page = mmu_ptr(BEAT_PA);
	volatile uint32_t *up = (volatile uint32_t *)(void *)(page + BEAT_UP);

	if (!strcmp(options->apic, "x2"))
		use_x2apic();
	if (!platform->cpu_count)
		return 0;
	memset(page, 0, KX_PAGE_SIZE);
	memcpy(page, smp_code, (size_t)(smp_code_end - smp_code));
	for (size_t i = 0; i < platform->cpu_count; i++)
		apic_send(platform->apic, platform->cpus[i], APIC_INIT);
	wait_us(platform, 10000);
	for (size_t i = 0; i < platform->cpu_count; i++)
		apic_send(platform->apic, platform->cpus[i], APIC_STARTUP | BEAT_PA >> 12);
	for (unsigned int tries = 0; tries < 10000 && *up < platform->cpu_count; tries++)
		wait_us(platform, 1000);
	return *up;
}

size_t smp_stop(const struct platform *platform, int park)
{
	return platform->cpu_count - (park && platform->cpu_count);
}

void smp_send(const struct platform *platform, size_t i, uint64_t pa)
{
	(void)platform;
	(void)i;
	(void)pa;
}

/* All of them run in the one page below 1 MiB. */
uint64_t smp_pen_at(uint64_t page_pa)
{
	(void)page_pa;
	return BEAT_PA;
}

int smp_pen(const struct platform *platform, uint64_t pen_pa)
{
	(void)pen_pa;
	return platform->cpu_count != 0;
}
