/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: other CPUs by PSCI "AFFINITY_INFO". */
#include "arch.h"

#include "cpu.h"

/* SMC Calling Convention 1.0 lets firmware use them; later versions keep them. */
#define CLOBBERED "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", \
	"x16", "x17", "memory"

int kx_cpu_stopped_(const struct kx_cpus *cpus, uint64_t id)
{
	register uint64_t x0 __asm__("x0") = PSCI_AFFINITY_INFO;
	register uint64_t x1 __asm__("x1") = id;
	register uint64_t x2 __asm__("x2") = 0; /* lowest_affinity_level: a single CPU */
	register uint64_t x3 __asm__("x3") = 0;

	if (cpus->method == KX_CPUS_PSCI_HVC)
		__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : CLOBBERED);
	else
		__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : CLOBBERED);
	/* 0: on, 2: on pending. Errors are negative numbers of 32 bits. */
	if ((int32_t)x0 < 0)
		return -KX_ERR_CPU_FIRMWARE;
	return x0 == PSCI_AFFINITY_LEVEL_OFF;
}
