/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside kexec's loaders there is no policy but to halt; by fault.c. */
#include "purgatory.h"

void kx_purgatory_obey_(struct kx_purgatory *purgatory)
{
	(void)purgatory;
}
