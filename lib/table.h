/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation tables as a radix tree of 64-bit entries, the same walk for every architecture and
 * granule; what an entry looks like is arch/<a>/idmap.c's. Used by the idmap builders only.
 */
#ifndef KX_TABLE_H
#define KX_TABLE_H

#include <kx/kx.h>

#include "hidden.h"

/** struct kx_table - a set of tables being built */
struct kx_table {
	struct kx_arena *arena;
	uint64_t *root;
	uint64_t root_pa;
	uint64_t attributes;     /* for the architecture's leaves of memory */
	uint64_t device;         /* and of devices */
	unsigned int page_shift; /* of the granule: a table is one granule */
	unsigned int va_bits;
	unsigned int levels;
	unsigned int leaf_level; /* the highest level at which a leaf may stand; level 0 maps pages */
};

#define KX_MAP_DATA   0 /* read, write and execute */
#define KX_MAP_CODE   1 /* read and execute */
#define KX_MAP_DEVICE 2 /* read and write, past the caches */

/** struct kx_mapping - a virtual range and where it leads; granule-aligned, not wrapping */
struct kx_mapping {
	uint64_t va;
	uint64_t pa;
	uint64_t size;
	int kind; /* KX_MAP_* */
};

/** kx_table_init_() - take the root; 0 or -KX_ERR_ARENA_SMALL */
KX_HIDDEN int kx_table_init_(struct kx_table *table, struct kx_arena *arena);

/**
 * kx_table_map_() - map a range; what an earlier call mapped stays as it is
 *
 * The caller has made sure that the tables span the range.
 *
 * Returns: 0, -KX_ERR_ARENA_SMALL.
 */
KX_HIDDEN int kx_table_map_(struct kx_table *table, const struct kx_mapping *mapping);

/* ---- provided by arch/<a>/idmap.c ---- */

/** kx_table_link_() - the entry that leads to another table */
KX_HIDDEN uint64_t kx_table_link_(const struct kx_table *table, uint64_t table_pa);

/** kx_table_is_link_() - does an entry, not zero, lead to another table? */
KX_HIDDEN int kx_table_is_link_(uint64_t entry, unsigned int level);

/** kx_table_target_() - the table that a link leads to */
KX_HIDDEN uint64_t kx_table_target_(const struct kx_table *table, uint64_t entry);

/** kx_table_leaf_() - the entry that maps pa */
KX_HIDDEN uint64_t kx_table_leaf_(const struct kx_table *table, uint64_t pa, unsigned int level,
				  int kind);

#endif /* KX_TABLE_H */
