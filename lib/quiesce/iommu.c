/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers of IOMMUs share; called by them. */
#include "iommu.h"

int kx_iommu_check_off_(const struct kx_io *io, uint64_t on)
{
	switch (io->quiesce->policy) {
	case KX_IOMMU_ABORT: return -KX_ERR_IOMMU_POLICY;
	case KX_IOMMU_AS_AT_BOOT: return io->state->boot[0] & on ? -KX_ERR_IOMMU_POLICY : 0;
	}
	return 0;
}
