/* SPDX-License-Identifier: BSD-2-Clause */
/* From what kexec's loaders set to what purgatory works with. Called by arch/<a>/kexec.c. */
#include "kexec.h"

#include "cpu.h"
#include "mem.h"

static struct kx_purgatory_info info; /* zero, as all of purgatory's data */

int kx_kexec_is_set_(const uint8_t *bytes, uint32_t count)
{
	uint8_t any = 0;

	while (count--)
		any |= *bytes++;
	return any != 0;
}

/* Kexec's loaders know of no record and no watchdog. */
void kx_record_failed_(const struct kx_purgatory *purgatory)
{
	(void)purgatory;
}

void kx_record_trap_(struct kx_purgatory *purgatory, uint64_t cause, uint64_t pc, uint64_t at)
{
	(void)purgatory;
	(void)cause;
	(void)pc;
	(void)at;
}

void kx_record_kick_(const struct kx_purgatory *purgatory)
{
	(void)purgatory;
}

struct kx_purgatory *kx_kexec_begin_(const struct kx_kexec *kexec)
{
	info.magic = KX_PURGATORY_MAGIC;
	info.version = KX_PURGATORY_VERSION;
	info.machine = KX_MACHINE;
	info.policy = KX_POLICY_HALT;
	info.flags = kexec->skip ? KX_PURGATORY_SKIP_CHECKS : 0;
	info.entry_pa = 1; /* not by this: arch/<a>/kexec.c enters the image */
	info.region_count = 0; /* a fault on the way here begins anew */
	for (uint32_t i = 0; i < KX_PURGATORY_REGIONS_MAX; i++) {
		struct kx_region *to = &info.regions[info.region_count];

		to->pa = kexec->regions[i].pa;
		to->size = kexec->regions[i].size;
		info.region_count += to->size != 0;
	}
	kx_mem_copy_(info.digest, kexec->digest, KX_DIGEST_SIZE);
	return kx_purgatory_begin_(&info);
}
