/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: what purgatory asks of the hart and of the firmware. */
#include "purgatory.h"

#include "cpu.h"

KX_HIDDEN uint32_t kx_probe_(void); /* by purgatory.S */

uint64_t kx_ticks_hz_(void)
{
	return 0; /* stands in the device tree only */
}

uint32_t kx_method_find_(void)
{
	return kx_probe_();
}

/* Priv "Extension Context Status in mstatus Register": on a hart without vectors VS stays off. */
void kx_vector_open_(uint64_t saved[2])
{
	__asm__ volatile("csrr %0, sstatus" : "=r"(saved[0]));
	__asm__ volatile("csrs sstatus, %0" : : "r"((uint64_t)SSTATUS_VS_INITIAL));
	saved[1] = 0;
}

void kx_vector_close_(const uint64_t saved[2])
{
	__asm__ volatile("csrc sstatus, %0" : : "r"((uint64_t)SSTATUS_VS));
	__asm__ volatile("csrs sstatus, %0" : : "r"(saved[0] & SSTATUS_VS));
}

/* satp is 0, and what is cached is the platform's to say: RAM is. Priv "Physical Memory Attributes". */
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

/* A warm one, which leaves memory as it is; where there is none, a cold one. */
void kx_reset_(const uint64_t arch[KX_PURGATORY_ARCH_COUNT])
{
	(void)arch;
	for (uint64_t type = SBI_SRST_WARM_REBOOT; type >= SBI_SRST_COLD_REBOOT; type--) {
		register uint64_t a0 __asm__("a0") = type;
		register uint64_t a1 __asm__("a1") = SBI_SRST_FAILURE;
		register uint64_t fid __asm__("a6") = SBI_FID_SRST_RESET;
		register uint64_t eid __asm__("a7") = SBI_EID_SRST;

		__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(fid), "r"(eid) : "memory");
	}
}
