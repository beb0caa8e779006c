/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls to the PSCI firmware. Spec: Arm DEN 0022; SMC Calling Convention, Arm DEN 0028. */
#ifndef BARE_PSCI_H
#define BARE_PSCI_H

#define PSCI_CPU_OFF    0x84000002
#define PSCI_CPU_ON     0xc4000003
#define PSCI_SYSTEM_OFF 0x84000008

#ifndef __ASSEMBLER__

#include <stdint.h>

static inline int64_t psci_call(int by_hvc, uint64_t function, uint64_t x, uint64_t y, uint64_t z)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = x;
	register uint64_t x2 __asm__("x2") = y;
	register uint64_t x3 __asm__("x3") = z;

	if (by_hvc)
		__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
	else
		__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
	return (int64_t)x0;
}

static inline int runs_at_el2(void)
{
	uint64_t level;

	__asm__("mrs %0, currentel" : "=r"(level));
	return level == 2 << 2;
}

#endif /* __ASSEMBLER__ */
#endif /* BARE_PSCI_H */
