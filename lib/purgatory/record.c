/* SPDX-License-Identifier: BSD-2-Clause */
/* What the flat blob alone does: the status record, the watchdog, and registers at an exception. */
#include <kx/status.h>

#include "purgatory.h"

#include "cpu.h"

/* NULL where there is none. It has been begun by the host, or this is not where it is. */
static struct kx_status *record_of(const struct kx_purgatory *purgatory)
{
	const struct kx_purgatory_info *info = purgatory->info;
	struct kx_status *record = (struct kx_status *)(uintptr_t)info->status_pa;

	if (info->magic != KX_PURGATORY_MAGIC || !info->status_pa || info->status_pa % KX_STATUS_SIZE ||
	    info->status_pa & kx_purgatory_beyond_(info))
		return NULL;
	return record->magic == KX_STATUS_MAGIC ? record : NULL;
}

void kx_record_stage_(struct kx_purgatory *purgatory, uint32_t stage)
{
	struct kx_status *record = record_of(purgatory);

	purgatory->stage = stage;
	if (!record)
		return;
	kx_status_stage(record, stage);
	if (stage != KX_STATUS_JUMP || !purgatory->cleaned)
		return;
	/* Of each region, once it was hashed; told as if all had been at the end */
	record->more[KX_STATUS_CLEAN - KX_STATUS_EDGE_COUNT - 1] =
		(record->edge[stage - 1] - (uint32_t)(purgatory->cleaned >> (record->rate >> 24 & 63))) | 1;
	record->sum = kx_status_sum(record);
}

void kx_record_failed_(const struct kx_purgatory *purgatory)
{
	struct kx_status *record = record_of(purgatory);
	uint32_t region = purgatory->error_region;

	if (!record)
		return;
	record->index = region;
	kx_status_fail(record, purgatory->error,
		       region < KX_PURGATORY_REGIONS_MAX ? purgatory->info->regions[region].pa : 0);
}

static void say_registers(struct kx_console *console)
{
	for (uint64_t i = KX_REGISTER_FIRST; i < KX_REGISTER_COUNT; i++)
		kx_say_(console,
			i == KX_REGISTER_FIRST || i % 4 == 0 ? "\n" KX_LINE "x%lu=0x%lx" : " x%lu=0x%lx", i,
			kx_purgatory_registers_[i]);
}

void kx_record_trap_(struct kx_purgatory *purgatory, uint64_t cause, uint64_t pc, uint64_t at)
{
	struct kx_status *record = record_of(purgatory);

	if (record && !purgatory->error) { /* else it tells what was wrong first */
		record->index = purgatory->region;
		kx_status_fail(record, 0, at);
		record->pc = pc;
		record->fault = KX_FAULT_CPU;
		record->cause = (uint32_t)(cause | cause >> 63 << 31); /* riscv64: an interrupt */
		record->sum = kx_status_sum(record);
	}
	say_registers(&purgatory->console);
}

void kx_record_kick_(const struct kx_purgatory *purgatory)
{
	const struct kx_kick *kick = &purgatory->info->kick;
	uintptr_t at = (uintptr_t)kick->pa;

	if (!at)
		return;
	switch (kick->width) {
	case 1: *(volatile uint8_t *)at = (uint8_t)kick->value; break;
	case 2: *(volatile uint16_t *)at = (uint16_t)kick->value; break;
	case 4: *(volatile uint32_t *)at = (uint32_t)kick->value; break;
	case 8: *(volatile uint64_t *)at = kick->value; break;
	}
}
