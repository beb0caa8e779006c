/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to struct kx_memory: is this RAM, is it reserved, what is free. */
#ifndef KX_MEMORY_H
#define KX_MEMORY_H

#include <kx/kx.h>

#include "hidden.h"

/** kx_memory_check_() - 0 if the RAM ranges are as kx.h asks, else -KX_ERR_ARGUMENT */
KX_HIDDEN int kx_memory_check_(const struct kx_memory *memory);

/**
 * kx_memory_usable_() - do these bytes lie in RAM, without a hole, and touch no reserved range?
 *
 * Returns: 0, -KX_ERR_OUTSIDE_RAM, -KX_ERR_RESERVED.
 */
KX_HIDDEN int kx_memory_usable_(const struct kx_memory *memory, uint64_t pa, uint64_t size);

/**
 * kx_memory_source_() - may these bytes be read?
 *
 * Returns: what kx_memory_usable_() returns, -KX_ERR_SOURCE_OVER_WRITER.
 */
KX_HIDDEN int kx_memory_source_(const struct kx_memory *memory, uint64_t pa, uint64_t size);

/**
 * kx_memory_dest_() - may these bytes be written?
 *
 * Returns: what kx_memory_usable_() returns, -KX_ERR_DEST_OVER_CPU, -KX_ERR_DEST_OVER_WRITER.
 */
KX_HIDDEN int kx_memory_dest_(const struct kx_memory *memory, uint64_t pa, uint64_t size);

/**
 * kx_memory_next_free_() - the first stretch of RAM, not reserved, at or after from_pa
 *
 * Returns: 1 and the stretch in *free, or 0 when there is none.
 */
KX_HIDDEN int kx_memory_next_free_(const struct kx_memory *memory, uint64_t from_pa,
				   struct kx_range *free);

#endif /* KX_MEMORY_H */
