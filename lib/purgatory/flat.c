/* SPDX-License-Identifier: BSD-2-Clause */
/* The flat blob: purgatory for whoever can fill in struct kx_purgatory_info. */
#include "purgatory.h"

#include "mem.h"

/* At KX_PURGATORY_INFO_OFFSET, by info.S; written by the host */
extern const struct kx_purgatory_info kx_purgatory_info_ KX_HIDDEN;

static struct kx_purgatory *begin(const struct kx_purgatory_info *info)
{
	struct kx_purgatory *purgatory = kx_purgatory_begin_(info);

	kx_mem_copy_(&purgatory->console.devices[0], &info->console, sizeof(info->console));
	purgatory->console.timer_hz = info->timer_hz ? info->timer_hz : kx_ticks_hz_();
	return purgatory;
}

void kx_purgatory_late_(void)
{
	begin(&kx_purgatory_info_);
}

_Noreturn void kx_purgatory_main_(uint64_t x, uint64_t y)
{
	const struct kx_purgatory_info *info = &kx_purgatory_info_;
	struct kx_purgatory *purgatory = begin(info);

	(void)x;
	(void)y;
	kx_record_stage_(purgatory, KX_STATUS_VERIFY);
	kx_purgatory_run_(purgatory);
	kx_record_stage_(purgatory, KX_STATUS_JUMP);
	kx_jump_(info->entry_pa, info->args, info->entry_flags);
}
