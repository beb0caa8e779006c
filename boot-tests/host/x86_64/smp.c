/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: the other CPUs, started by INIT and startup messages, in real mode. There is nothing that
 * would stop them but libkx's INIT, so kx.cpus=park keeps one from libkx: a negative control.
 * Spec: SDM "Multiple-Processor (MP) Initialization".
 */
#include "host.h"
#include "beat.h"
#include "port.h"

#define APIC_ICR_LOW  0x300
#define APIC_ICR_HIGH 0x310

#define ICR_INIT    0x04500
#define ICR_STARTUP 0x04600 /* and the page to start at */

extern const char smp_code[], smp_code_end[];

static void wait_us(const struct platform *platform, uint64_t us)
{
	uint64_t start = read_tsc();

	while (read_tsc() - start < platform->timer_hz / 1000000 * us)
		;
}

static void send(const struct platform *platform, uint64_t id, uint32_t message)
{
	volatile uint8_t *apic = platform->apic;

	*(volatile uint32_t *)(volatile void *)(apic + APIC_ICR_HIGH) = (uint32_t)id << 24;
	*(volatile uint32_t *)(volatile void *)(apic + APIC_ICR_LOW) = message;
}

size_t smp_start(const struct platform *platform)
{
	uint8_t *page = mmu_ptr(BEAT_PA);
	volatile uint32_t *up = (volatile uint32_t *)(void *)(page + BEAT_UP);

	if (!platform->cpu_count)
		return 0;
	memset(page, 0, KX_PAGE_SIZE);
	memcpy(page, smp_code, (size_t)(smp_code_end - smp_code));
	for (size_t i = 0; i < platform->cpu_count; i++)
		send(platform, platform->cpus[i], ICR_INIT);
	wait_us(platform, 10000);
	for (size_t i = 0; i < platform->cpu_count; i++)
		send(platform, platform->cpus[i], ICR_STARTUP | BEAT_PA >> 12);
	for (unsigned int tries = 0; tries < 1000 && *up < platform->cpu_count; tries++)
		wait_us(platform, 1000);
	return *up;
}

size_t smp_stop(const struct platform *platform, int park)
{
	return platform->cpu_count - (park && platform->cpu_count);
}
