/* SPDX-License-Identifier: BSD-2-Clause */
/* The flat blob: purgatory for whoever can fill in struct kx_purgatory_info. */
#include "purgatory.h"

#include "cpu.h"

/* At KX_PURGATORY_INFO_OFFSET, by info.S; written by the host */
extern const struct kx_purgatory_info kx_purgatory_info_ KX_HIDDEN;

static struct kx_purgatory *begin(const struct kx_purgatory_info *info, uint64_t first_arg)
{
	struct kx_purgatory *purgatory = kx_purgatory_begin_(info);
	struct kx_console *console = &purgatory->console;

	if (KX_PURGATORY_KNOWN & KX_PURGATORY_CPU_ID)
		purgatory->first_arg = first_arg;
	if (!(info->console.base & kx_purgatory_beyond_(info))) /* else it is refused, but not on itself */
		console->devices[0].kind = info->console.kind;
	console->devices[0].stride = info->console.stride;
	console->devices[0].base = info->console.base;
	console->timer_hz = info->timer_hz ? info->timer_hz : kx_ticks_hz_();
	return purgatory;
}

void kx_purgatory_late_(void)
{
	begin(&kx_purgatory_info_, kx_purgatory_info_.args[0]);
}

_Noreturn void kx_purgatory_main_(uint64_t x, uint64_t y)
{
	const struct kx_purgatory_info *info = &kx_purgatory_info_;
	struct kx_purgatory *purgatory = begin(info, x);

	(void)y;
	kx_record_stage_(purgatory, KX_STATUS_VERIFY);
	kx_purgatory_run_(purgatory);
	kx_record_stage_(purgatory, KX_STATUS_JUMP);
	kx_purgatory_enter_(purgatory, info->entry_pa, info->args, info->entry_flags);
}
