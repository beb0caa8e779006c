/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: other CPUs by PSCI "AFFINITY_INFO". */
#include "arch.h"

#include "firmware.h"

int kx_cpu_stopped_(const struct kx_cpus *cpus, uint64_t id)
{
	/* Of a single CPU: x2, the lowest affinity level, is 0. */
	uint64_t state = kx_firmware_(cpus->method, PSCI_AFFINITY_INFO, id);

	/* 0: on, 2: on pending. Errors are negative numbers of 32 bits. */
	if ((int32_t)state < 0)
		return -KX_ERR_CPU_FIRMWARE;
	return state == PSCI_AFFINITY_LEVEL_OFF;
}
