/* SPDX-License-Identifier: BSD-2-Clause */
/* The other CPUs of a PC, all at once. Spec: SDM "Multiple-Processor (MP) Initialization". */
#include "apic.h"
#include "beat.h"
#include "payload.h"

#define APIC_BASE_ADDRESS 0xffffff000

/* registers.c has mapped the lower 4 GiB. With `pause` QEMU gives the others their turn. */
uint64_t cpus_start(uint64_t info_pa, uint64_t expected)
{
	uint8_t *page = (uint8_t *)(uintptr_t)BEAT_PA;
	volatile void *apic = (volatile void *)(uintptr_t)(read_msr(MSR_APIC_BASE) & APIC_BASE_ADDRESS);
	volatile uint32_t *up = (volatile uint32_t *)(void *)(page + BEAT_UP);

	(void)info_pa;
	__asm__("" : "+r"(page), "+r"(up)); /* a low address is no mistake */
	memset(page, 0, 0x1000);
	memcpy(page, smp_code, (size_t)(smp_code_end - smp_code));
	apic_send(apic, 0, APIC_OTHERS | APIC_INIT);
	for (unsigned int i = 0; i < 10000; i++)
		__asm__ volatile("pause" ::: "memory");
	apic_send(apic, 0, APIC_OTHERS | APIC_STARTUP | BEAT_PA >> 12);
	for (uint64_t tries = 1000000; tries && *up < expected; tries--)
		__asm__ volatile("pause" ::: "memory");
	return *up;
}
