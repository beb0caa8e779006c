/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt controllers that write memory, or pass on what no longer means what it did. */
#ifndef KX_INTERRUPTS_H
#define KX_INTERRUPTS_H

#include "io.h"

/* gicv3.c */

/**
 * kx_gic_tables_() - memory that the redistributors of a region read and write now
 * @ranges: filled in from *count on
 * @room: how many fit
 * @count: grows
 *
 * Returns: 0, -KX_ERR_RANGES_SMALL.
 */
KX_HIDDEN int kx_gic_tables_(const struct kx_io *io, struct kx_range *ranges, size_t room,
			     size_t *count);

/**
 * kx_gic_redist_stop_() - LPIs off in every redistributor of a region
 *
 * Where they cannot be switched off, their tables must keep clear of every destination.
 *
 * Returns: 0, -KX_ERR_DEVICE_TIMEOUT, -KX_ERR_DEST_OVER_WRITER.
 */
KX_HIDDEN int kx_gic_redist_stop_(const struct kx_io *io);

/** kx_gic_its_stop_() - translates no more and has written what it had. Returns as a wait does. */
KX_HIDDEN int kx_gic_its_stop_(const struct kx_io *io);

/* All of that still holds. Return: 0, -KX_ERR_DEVICE_ACTIVE, -KX_ERR_DEST_OVER_WRITER. */
KX_HIDDEN int kx_gic_redist_verify_(const struct kx_io *io);
KX_HIDDEN int kx_gic_its_verify_(const struct kx_io *io);

/* ioapic.c */

/** kx_ioapic_stop_() - every input masked. Returns: 0, -KX_ERR_DEVICE_LOCKED. */
KX_HIDDEN int kx_ioapic_stop_(const struct kx_io *io);

/** kx_ioapic_verify_() - still so. Returns: 0, -KX_ERR_DEVICE_ACTIVE. */
KX_HIDDEN int kx_ioapic_verify_(const struct kx_io *io);

#endif /* KX_INTERRUPTS_H */
