/* SPDX-License-Identifier: BSD-2-Clause */
/* IOMMUs: the steps that each driver knows, and how they are called from quiesce.c. */
#ifndef KX_IOMMU_H
#define KX_IOMMU_H

#include "io.h"

/*
 * Each driver is one function that does one step on one IOMMU; what a step means stands here once.
 *
 *   SNAPSHOT     is it there; remember in state->boot how it is. Reads only.
 *   CHECK        can it end as the policy says? Reads only.
 *   BLOCK        nothing passes any more; state->active says whether there was anything to stop
 *   DRAIN        what had passed has arrived, and no cache holds a translation
 *   STOP_QUEUES  it writes no queue and no log, and sends no interrupt
 *   OFF          no interrupt remapping, no translation
 *   RESTORE      to the policy's final state
 *   VERIFY       all of this still holds
 *
 * Up to BLOCK it is asked whether it is there: a callback may have taken its power.
 *
 * Each returns 0, -KX_ERR_DEVICE_ABSENT (up to BLOCK), -KX_ERR_IOMMU_POLICY (CHECK), or from BLOCK on
 * -KX_ERR_DEVICE_TIMEOUT, -KX_ERR_DEVICE_FAULT, -KX_ERR_DEVICE_LOCKED, -KX_ERR_DEVICE_ACTIVE.
 */
#define KX_STEP_SNAPSHOT    1
#define KX_STEP_CHECK       2
#define KX_STEP_BLOCK       3
#define KX_STEP_DRAIN       4
#define KX_STEP_STOP_QUEUES 5
#define KX_STEP_OFF         6
#define KX_STEP_RESTORE     7
#define KX_STEP_VERIFY      8

KX_HIDDEN int kx_smmuv2_step_(const struct kx_io *io, int step);
KX_HIDDEN int kx_smmuv3_step_(const struct kx_io *io, int step);
KX_HIDDEN int kx_vtd_step_(const struct kx_io *io, int step);
KX_HIDDEN int kx_amdvi_step_(const struct kx_io *io, int step);
KX_HIDDEN int kx_riscv_iommu_step_(const struct kx_io *io, int step);

/* CHECK of one that can only end off, which lets everything pass: to abort it would have to keep a table. `on`:
 * what boot[0] has set where it translated at boot. */
KX_HIDDEN int kx_iommu_check_off_(const struct kx_io *io, uint64_t on);

#endif /* KX_IOMMU_H */
