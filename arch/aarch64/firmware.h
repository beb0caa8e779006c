/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: calls of firmware by PSCI and its like, the way that struct kx_cpus says. */
#ifndef KX_AARCH64_FIRMWARE_H
#define KX_AARCH64_FIRMWARE_H

#include <kx/kx.h>

#include "cpu.h"

/* SMC Calling Convention 1.0 lets firmware use them; later versions keep them. */
#define KX_FIRMWARE_CLOBBERED "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", \
	"x15", "x16", "x17", "memory"

static inline int kx_at_el2_(void)
{
	uint64_t level;

	__asm__ volatile("mrs %0, currentel" : "=r"(level));
	return level == CURRENT_EL2;
}

/** kx_firmware_() - call it; `method` is a KX_CPUS_*; what comes back in x0 */
static inline uint64_t kx_firmware_(uint32_t method, uint64_t function, uint64_t argument)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = argument;
	register uint64_t x2 __asm__("x2") = 0;
	register uint64_t x3 __asm__("x3") = 0;
	int smc = method == KX_CPUS_PSCI_SMC || (method != KX_CPUS_PSCI_HVC && kx_at_el2_());

	if (smc)
		__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : KX_FIRMWARE_CLOBBERED);
	else
		__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : KX_FIRMWARE_CLOBBERED);
	return x0;
}

#endif /* KX_AARCH64_FIRMWARE_H */
