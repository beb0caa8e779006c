/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: messages to other CPUs. Spec: SDM "Advanced Programmable Interrupt Controller (APIC)". */
#ifndef BARE_APIC_H
#define BARE_APIC_H

#include <stdint.h>

#define APIC_INIT    0x04500
#define APIC_STARTUP 0x04600 /* and the page to start at */
#define APIC_OTHERS  0xc0000 /* to all but this CPU, whatever the destination */

#define APIC_ICR_LOW  0x300
#define APIC_ICR_HIGH 0x310

#define MSR_APIC_BASE   0x1b
#define APIC_BASE_EXTD  0x400 /* x2APIC mode */
#define MSR_X2APIC_ICR  0x830

static inline uint64_t read_msr(uint32_t number)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
	return (uint64_t)high << 32 | low;
}

static inline void write_msr(uint32_t number, uint64_t value)
{
	__asm__ volatile("wrmsr" :: "c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline void apic_send(volatile void *apic, uint64_t id, uint32_t message)
{
	volatile uint8_t *registers = apic;

	if (read_msr(MSR_APIC_BASE) & APIC_BASE_EXTD) {
		write_msr(MSR_X2APIC_ICR, id << 32 | message);
		return;
	}
	*(volatile uint32_t *)(volatile void *)(registers + APIC_ICR_HIGH) = (uint32_t)id << 24;
	*(volatile uint32_t *)(volatile void *)(registers + APIC_ICR_LOW) = message;
}

#endif /* BARE_APIC_H */
