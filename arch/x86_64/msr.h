/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: the instructions that tell what the CPU has, and that reach its model-specific registers. */
#ifndef KX_X86_64_MSR_H
#define KX_X86_64_MSR_H

#include <stdint.h>

/** struct leaf - what cpuid says */
struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct leaf cpuid(uint32_t leaf, uint32_t part)
{
	struct leaf out;

	__asm__ volatile("cpuid" : "=a"(out.eax), "=b"(out.ebx), "=c"(out.ecx), "=d"(out.edx)
			 : "a"(leaf), "c"(part));
	return out;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

#endif /* KX_X86_64_MSR_H */
