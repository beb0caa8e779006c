/* SPDX-License-Identifier: BSD-2-Clause */
/* Entering the image, or the one in its place. Called by flat.c and policy.c. */
#include "purgatory.h"

#include "cpu.h"

_Noreturn void kx_purgatory_enter_(const struct kx_purgatory *purgatory, uint64_t entry_pa,
				   const uint64_t args[KX_HANDOFF_ARGS_COUNT], uint64_t flags)
{
	uint64_t own[KX_HANDOFF_ARGS_COUNT];

	if (!(purgatory->info->flags & KX_PURGATORY_KNOWN & KX_PURGATORY_CPU_ID))
		kx_jump_(entry_pa, args, flags);
	for (unsigned int i = 0; i < KX_HANDOFF_ARGS_COUNT; i++)
		own[i] = i ? args[i] : purgatory->first_arg;
	kx_jump_(entry_pa, own, flags);
}
