/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: reads and writes registers of the CPU it runs on. */
#include "arch.h"

#include "cpu.h"

#define READ(to, name) __asm__ volatile("mrs %0, " name : "=r"(to))

#define HCR_E2H (1ull << 34) /* Arm "HCR_EL2" */

/* Arm "TCR2_EL1": permissions by PIR or POR, or descriptors of 128 bits. By encodings, because
 * assemblers of 2022 do not know the names. */
#define ID_AA64MMFR3_EL1 "s3_0_c0_c7_3"
#define ID_AA64MMFR3_TCRX 0xf
#define TCR2_EL1 "s3_0_c2_c0_3"
#define TCR2_EL2 "s3_4_c2_c0_3"
#define TCR2_OTHERS 0x2a /* PIE, POE, D128 */

static uint64_t level_bits(uint64_t sctlr, uint64_t tcr2)
{
	uint64_t bits = 0;

	if (sctlr & SCTLR_M)
		bits |= KX_LEVEL_MMU;
	if (sctlr & SCTLR_C)
		bits |= KX_LEVEL_CACHE;
	if (tcr2 & TCR2_OTHERS)
		bits |= KX_LEVEL_OTHERS;
	return bits;
}

static void read_el1(struct kx_paging *paging, int has_tcr2)
{
	uint64_t sctlr, tcr2 = 0;

	READ(sctlr, "sctlr_el1");
	READ(paging->mode, "tcr_el1");
	READ(paging->mode2, "mair_el1");
	if (has_tcr2)
		READ(tcr2, TCR2_EL1);
	paging->level = 1 | level_bits(sctlr, tcr2);
}

static void read_el2(struct kx_paging *paging, int has_tcr2)
{
	uint64_t sctlr, hcr, tcr2 = 0;

	READ(sctlr, "sctlr_el2");
	READ(hcr, "hcr_el2");
	READ(paging->mode, "tcr_el2");
	READ(paging->mode2, "mair_el2");
	if (has_tcr2)
		READ(tcr2, TCR2_EL2);
	paging->level = 2 | level_bits(sctlr, tcr2);
	if (hcr & HCR_E2H)
		paging->level |= KX_LEVEL_E2H;
}

void kx_paging_read_(struct kx_paging *paging)
{
	uint64_t level, mmfr3;

	READ(paging->features, "id_aa64mmfr0_el1");
	READ(mmfr3, ID_AA64MMFR3_EL1); /* reads as zero where there is none */
	READ(level, "currentel");
	switch (level) {
	case CURRENT_EL1: return read_el1(paging, (mmfr3 & ID_AA64MMFR3_TCRX) != 0);
	case CURRENT_EL2: return read_el2(paging, (mmfr3 & ID_AA64MMFR3_TCRX) != 0);
	}
	paging->mode = paging->mode2 = 0;
	paging->level = KX_LEVEL_EL; /* EL3: refused by name */
}

uint64_t kx_ticks_(void)
{
	uint64_t count;

	__asm__ volatile("isb\n\t" /* the counter is not read ahead of time */
			 "mrs %0, cntvct_el0" : "=r"(count));
	return count;
}

/*
 * To the point of coherency and out of the caches: the CPU that jumps may read it with caches off, and
 * one that wrote it with caches off must not find an older line. Arm "Synchronization of instruction
 * and data accesses".
 */
void kx_code_publish_(const void *data, uint64_t size)
{
	uint64_t ctr, line, end = (uintptr_t)data + size;

	READ(ctr, "ctr_el0");
	line = 4ull << (ctr >> CTR_DMINLINE_SHIFT & ((1u << CTR_DMINLINE_BITS) - 1));
	for (uint64_t at = (uintptr_t)data & ~(line - 1); at < end; at += line)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb sy\n\t" /* what is fetched from now on is what is in memory */
			 "ic ialluis\n\t"
			 "dsb sy\n\t"
			 "isb" ::: "memory");
}
