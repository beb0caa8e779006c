/* SPDX-License-Identifier: BSD-2-Clause */
/* Two hashes at once are not known to be faster here: KX_PURGATORY_HALVES is refused. */
#include "purgatory.h"

void kx_purgatory_halves_(struct kx_purgatory *purgatory, uint32_t number,
			  uint8_t digest[KX_DIGEST_SIZE])
{
	(void)purgatory;
	(void)number;
	(void)digest;
}
