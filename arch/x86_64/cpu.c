/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: reads and writes registers of the CPU it runs on. APM: AMD64 Architecture Programmer's Manual. */
#include "arch.h"

#include "cpu.h"
#include "msr.h"

/* APM volume 3 "CPUID Fn8000_001F": what of encryption there is, and which bit of an address asks for it */
#define CPUID_EXTENDED   0x80000000
#define CPUID_ENCRYPTION 0x8000001f
#define ENCRYPTION_SME   0x1
#define ENCRYPTION_SEV   0x2
#define ENCRYPTION_BIT   0x3f /* of EBX */

#define MSR_SEV_STATUS 0xc0010131 /* APM volume 2 "SEV_STATUS MSR"; there with SEV */
#define SEV_ENABLED    0x1

/* By SME the host's own tables are, by SEV all of a guest is. */
static int is_encrypted(uint64_t cr3)
{
	struct leaf leaf;

	if (cpuid(CPUID_EXTENDED, 0).eax < CPUID_ENCRYPTION)
		return 0;
	leaf = cpuid(CPUID_ENCRYPTION, 0);
	if (!(leaf.eax & (ENCRYPTION_SME | ENCRYPTION_SEV)))
		return 0;
	if (cr3 >> (leaf.ebx & ENCRYPTION_BIT) & 1)
		return 1;
	return leaf.eax & ENCRYPTION_SEV && rdmsr(MSR_SEV_STATUS) & SEV_ENABLED;
}

void kx_paging_read_(struct kx_paging *paging)
{
	uint64_t cr3, cr4;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	paging->mode = cr4;
	paging->mode2 = rdmsr(MSR_PAT);
	paging->level = is_encrypted(cr3) ? KX_LEVEL_ENCRYPTED : 0;
}

uint64_t kx_ticks_(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* Caches are coherent with fetch and with table walks; enter.S serializes before it jumps. */
void kx_code_publish_(const void *data, uint64_t size)
{
	(void)data;
	(void)size;
	__asm__ volatile("" ::: "memory");
}
