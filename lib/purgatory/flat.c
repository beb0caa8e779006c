/* SPDX-License-Identifier: BSD-2-Clause */
/* The flat blob: purgatory for whoever can fill in struct kx_purgatory_info. */
#include "purgatory.h"

#include "mem.h"

/* At KX_PURGATORY_INFO_OFFSET, by info.S; written by the host */
extern const struct kx_purgatory_info kx_purgatory_info_ KX_HIDDEN;

_Noreturn void kx_purgatory_main_(uint64_t x, uint64_t y)
{
	const struct kx_purgatory_info *info = &kx_purgatory_info_;
	struct kx_purgatory *purgatory = kx_purgatory_begin_(info);

	(void)x;
	(void)y;
	kx_mem_copy_(&purgatory->console.devices[0], &info->console, sizeof(info->console));
	purgatory->console.timer_hz = info->timer_hz ? info->timer_hz : kx_ticks_hz_();
	kx_purgatory_run_(purgatory);
	kx_jump_(info->entry_pa, info->args, info->entry_flags);
}
