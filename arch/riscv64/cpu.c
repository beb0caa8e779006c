/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: reads and writes registers of the hart it runs on. */
#include "arch.h"

#include "cpu.h"

/* T-Head's C9xx before Svpbmt: with MAEE set, bits 63 to 59 of an entry are a memory type of their own.
 * "T-Head extension specification", th.sxstatus. Elsewhere the number is nobody's, and a read traps. */
#define VENDOR_THEAD  0x5b7
#define TH_SXSTATUS   "0x5c0"
#define SXSTATUS_MAEE (1 << 21)

/* SBI "Base Extension": what the hart is, 0 where firmware does not know */
static uint64_t base(uint64_t function)
{
	register uint64_t a0 __asm__("a0") = 0;
	register uint64_t a1 __asm__("a1") = 0;
	register uint64_t fid __asm__("a6") = function;
	register uint64_t eid __asm__("a7") = SBI_EID_BASE;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(fid), "r"(eid) : "memory");
	return a0 ? 0 : a1;
}

static int has_types_of_its_own(void)
{
	uint64_t status;

	if (base(SBI_FID_BASE_VENDOR) != VENDOR_THEAD || base(SBI_FID_BASE_ARCH) ||
	    base(SBI_FID_BASE_IMPLEMENTATION)) /* later ones say which they are, and have Svpbmt */
		return 0;
	__asm__ volatile("csrr %0, " TH_SXSTATUS : "=r"(status));
	return (status & SXSTATUS_MAEE) != 0;
}

void kx_paging_read_(struct kx_paging *paging)
{
	uint64_t satp;

	__asm__ volatile("csrr %0, satp" : "=r"(satp));
	paging->mode = satp;
	paging->mode2 = 0;
	paging->level = satp >> SATP_MODE_SHIFT != SATP_MODE_BARE && has_types_of_its_own() ?
			KX_LEVEL_MAEE : 0;
}

uint64_t kx_ticks_(void)
{
	uint64_t time;

	__asm__ volatile("csrr %0, time" : "=r"(time));
	return time;
}

/* Caches are coherent with table walks; fetch is made so by enter.S, on the hart that jumps. */
void kx_code_publish_(const void *data, uint64_t size)
{
	(void)data;
	(void)size;
	__asm__ volatile("fence rw, rw" ::: "memory");
}
