/* SPDX-License-Identifier: BSD-2-Clause */
/* The policies of struct kx_purgatory_info, obeyed; by fault.c. kexec has none: see no_policy.c. */
#include "purgatory.h"

void kx_purgatory_obey_(struct kx_purgatory *purgatory)
{
	const struct kx_purgatory_info *info = purgatory->info;
	struct kx_console *console = &purgatory->console;

	switch (info->policy) {
	case KX_POLICY_RESET:
		kx_say_(console, KX_LINE "reset\n");
		kx_reset_(info->arch);
		kx_say_(console, "kx: purgatory: %s\n", "reset: the machine goes on");
		return;
	case KX_POLICY_FALLBACK:
		if (!info->fallback_pa)
			return;
		kx_say_(console, KX_LINE "fallback at 0x%lx\n", info->fallback_pa);
		kx_purgatory_enter_(purgatory, info->fallback_pa, info->fallback_args,
				    info->fallback_flags);
	case KX_POLICY_RETURN:
		if (!kx_purgatory_back_)
			return;
		kx_say_(console, KX_LINE "back to the old system\n");
		kx_back_((uint64_t)(purgatory->error ? purgatory->error : -KX_ERR_PURGATORY_FAULT),
			 purgatory->error_region);
	}
}
