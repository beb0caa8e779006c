/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what purgatory asks of the CPU and of the machine.
 * SDM: Intel 64 and IA-32 Architectures Software Developer's Manual.
 */
#include "purgatory.h"

#include "arch.h"
#include "cpu.h"
#include "msr.h"
#include "ports.h"

#define CR0_EM 0x04 /* SDM volume 3 "Control Registers" */
#define CR0_TS 0x08
#define CR4_OSFXSR 0x200

/* SDM volume 2 "CPUID", leaves 15h and 16h; hypervisors tell in leaf 4000_0010h. 0: not told. */
static uint64_t told_hz(void)
{
	uint32_t most = cpuid(0, 0).eax;
	struct leaf clock;

	if (most >= 0x15) {
		clock = cpuid(0x15, 0);
		if (clock.eax && clock.ebx && clock.ecx)
			return (uint64_t)clock.ecx * clock.ebx / clock.eax;
	}
	if (most >= 0x16) {
		clock = cpuid(0x16, 0);
		if (clock.eax & 0xffff)
			return (clock.eax & 0xffff) * 1000000ull;
	}
	most = cpuid(0x40000000, 0).eax;
	if (most < 0x40000010 || most > 0x400000ff)
		return 0;
	return cpuid(0x40000010, 0).eax * 1000ull;
}

/*
 * Ten milliseconds of the timer behind the speaker, whose output can be read.
 * Intel 8254 "Mode 0"; port 61h as in Intel ICH9 "NMI Status and Control".
 */
static uint64_t measured_hz(void)
{
	const uint32_t count = 1193182 / 100;
	uint8_t gate = port_read(0x61);
	uint64_t start, ticks;
	uint32_t tries = 1u << 20; /* a microsecond each, or much less where nobody answers */

	port_write(0x61, (uint8_t)((gate & ~2) | 1)); /* gate on, speaker off */
	port_write(0x43, 0xb0);
	port_write(0x42, count & 0xff);
	port_write(0x42, count >> 8);
	start = kx_ticks_();
	while (!(port_read(0x61) & 0x20) && --tries)
		;
	ticks = kx_ticks_() - start;
	port_write(0x61, gate);
	return tries && tries != 1u << 20 ? ticks * 100 : 0;
}

uint64_t kx_ticks_hz_(void)
{
	uint64_t hz = told_hz();

	return hz ? hz : measured_hz();
}

uint32_t kx_method_find_(void)
{
	return kx_sha256_best();
}

void kx_vector_open_(uint64_t saved[2])
{
	__asm__ volatile("mov %%cr0, %0" : "=r"(saved[0]));
	__asm__ volatile("mov %%cr4, %0" : "=r"(saved[1]));
	__asm__ volatile("mov %0, %%cr0" : : "r"(saved[0] & ~(uint64_t)(CR0_EM | CR0_TS)));
	__asm__ volatile("mov %0, %%cr4" : : "r"(saved[1] | CR4_OSFXSR));
}

void kx_vector_close_(const uint64_t saved[2])
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(saved[1]));
	__asm__ volatile("mov %0, %%cr0" : : "r"(saved[0]));
}

/* Paging is on, and the tables that purgatory runs on map memory write-back; purgatory.S has cleared
 * CR0.CD. */
int kx_region_open_(const struct kx_purgatory *purgatory, struct kx_region region)
{
	(void)purgatory;
	(void)region;
	return 0;
}

void kx_region_close_(struct kx_purgatory *purgatory, struct kx_region region)
{
	(void)purgatory;
	(void)region;
}

/* The reset register of the chipset, the keyboard controller, and a triple fault. Each is given time, and
 * is warm: see cpu.h. */
void kx_reset_(const uint64_t arch[KX_PURGATORY_ARCH_COUNT])
{
	const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_idt = { 0, 0 };

	(void)arch;
	port_write(RESET_CONTROL, RESET_CONTROL_HARD);
	port_write(RESET_CONTROL, RESET_CONTROL_HARD | RESET_CONTROL_NOW);
	for (uint32_t i = 0; i < RESET_TRIES; i++)
		port_read(0x80);
	port_write(KEYBOARD_COMMAND, KEYBOARD_RESET);
	for (uint32_t i = 0; i < RESET_TRIES; i++)
		port_read(0x80);
	__asm__ volatile("lidt %0\n\tint3" : : "m"(no_idt));
}
