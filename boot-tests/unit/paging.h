/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests know of an architecture's translation, written apart from arch/<a>/idmap.c. */
#ifndef PAGING_H
#define PAGING_H

#include "arch.h"

/** struct paging_mode - a translation mode that a host may use */
struct paging_mode {
	const char *name;
	struct kx_paging paging;
	uint64_t high_va;  /* somewhere in the upper half */
	uint64_t limit_pa; /* the first address that cannot be mapped to itself */
};

/** struct paging_leaf - what one entry maps */
struct paging_leaf {
	uint64_t va;
	uint64_t pa;
	uint64_t size;
	int write;
	int exec;
};

extern const struct paging_mode paging_modes[];
extern const size_t paging_mode_count;
extern const int paging_maps_ram; /* does the copy run translated? */

/* A mode that is none, and the mode of a host that runs untranslated; no mode: not on this machine */
extern const int paging_has_unknown;
extern const struct kx_paging paging_unknown;
extern const struct kx_paging paging_off;

/**
 * paging_roots() - the sets of tables that a handoff leads to
 * @roots: the values of the register that switches to them: on the way, and for the copy
 *
 * Returns: how many there are, 1 or 2.
 */
int paging_roots(const struct kx_handoff *handoff, uint64_t roots[2]);

/* Does a host that runs there keep its own tables on the way, so that no alias is needed? */
int paging_keeps(const struct paging_mode *mode, uint64_t run_va);

/**
 * paging_leaves() - what tables map
 * @mode: which kind of tables
 * @tables: one of the roots
 * @arena: where they lie; a table that does not is a failure
 * @leaves: filled in, ascending by index, addresses as the CPU would see them
 *
 * Returns: how many there are; -1: the tables are broken.
 */
int paging_leaves(const struct paging_mode *mode, uint64_t tables, const struct kx_arena *arena,
		  struct paging_leaf *leaves, int most);

#endif /* PAGING_H */
