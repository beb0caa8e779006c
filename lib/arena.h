/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking memory from struct kx_arena: kept from the low end, lent from the high end. */
#ifndef KX_ARENA_H
#define KX_ARENA_H

#include <kx/kx.h>

#include "hidden.h"

/** kx_arena_check_() - 0 if the arena is as kx.h asks, else -KX_ERR_ARGUMENT */
KX_HIDDEN int kx_arena_check_(const struct kx_arena *arena);

/**
 * kx_arena_take_() - zeroed memory that stays taken
 * @align: a power of two, of the physical address
 * @pa: its physical address
 *
 * Returns: NULL when too little is left.
 */
KX_HIDDEN void *kx_arena_take_(struct kx_arena *arena, uint64_t size, uint64_t align, uint64_t *pa);

/**
 * kx_arena_lend_() - zeroed working memory, 8-byte aligned
 *
 * Shrinks arena->size; the borrower puts the old size back when done.
 *
 * Returns: NULL when too little is left.
 */
KX_HIDDEN void *kx_arena_lend_(struct kx_arena *arena, uint64_t size);

/** kx_arena_at_() - the host's pointer to a physical page in the arena, or NULL; a kx_list.at */
KX_HIDDEN const void *kx_arena_at_(const void *arena, uint64_t pa);

#endif /* KX_ARENA_H */
