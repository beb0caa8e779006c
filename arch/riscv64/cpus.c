/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: other harts by SBI "Hart State Management Extension". */
#include "arch.h"

#include "cpu.h"

int kx_cpu_stopped_(const struct kx_cpus *cpus, uint64_t id)
{
	register uint64_t a0 __asm__("a0") = id;
	register uint64_t a1 __asm__("a1") = 0;
	register uint64_t fid __asm__("a6") = SBI_FID_HSM_GET_STATUS;
	register uint64_t eid __asm__("a7") = SBI_EID_HSM;

	(void)cpus;
	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(fid), "r"(eid) : "memory");
	if (a0) /* SBI_SUCCESS is 0: anything else, and the hart's state is not known */
		return -KX_ERR_CPU_FIRMWARE;
	return a1 == SBI_HSM_STOPPED;
}
