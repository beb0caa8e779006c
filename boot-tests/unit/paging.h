/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests know of an architecture's translation, written apart from arch/<a>/idmap.c. */
#ifndef PAGING_H
#define PAGING_H

#include "arch.h"

/** struct paging_mode - a translation mode that a host may use */
struct paging_mode {
	const char *name;
	struct kx_paging paging;
	uint64_t high_va;  /* somewhere that the host could run the control page at */
	uint64_t limit_pa; /* the first address that cannot be mapped to itself */
};

/** struct paging_leaf - what one entry maps */
struct paging_leaf {
	uint64_t va;
	uint64_t pa;
	uint64_t size;
	int write;
	int exec;
	int device; /* not cached */
};

/** struct paging_root - a set of tables: the register that switches to them, and how to read them */
struct paging_root {
	uint64_t tables;
	uint64_t mode; /* aarch64: TCR */
};

extern const struct paging_mode paging_modes[];
extern const size_t paging_mode_count;
extern const int paging_maps_ram; /* does the copy run translated? */
extern const int paging_maps_console; /* and a console that lies in memory, too? */

/* Modes that libkx does not know, and the mode of a host that runs untranslated; no mode: not on this machine */
extern const struct kx_paging paging_unknown[];
extern const size_t paging_unknown_count;
extern const struct kx_paging paging_off;

/* Hosts whose tables cannot say what libkx has to say of memory and of devices */
extern const struct kx_paging paging_untyped[];
extern const size_t paging_untyped_count;

/**
 * paging_roots() - the sets of tables that a handoff leads to
 * @roots: on the way to the control page, and for the copy
 *
 * Returns: how many there are, 1 or 2.
 */
int paging_roots(const struct kx_handoff *handoff, struct paging_root roots[2]);

/* Can a host run there? */
int paging_reaches(const struct paging_mode *mode, uint64_t va);

/* Does a host that runs there keep its own tables on the way, so that no alias is needed? */
int paging_keeps(const struct paging_mode *mode, uint64_t run_va);

/**
 * paging_leaves() - what tables map
 * @mode: of the host
 * @root: the tables
 * @arena: where they lie; a table that does not is a failure
 * @leaves: filled in, ascending by index, addresses as the CPU would see them
 *
 * Returns: how many there are; -1: the tables are broken.
 */
int paging_leaves(const struct paging_mode *mode, const struct paging_root *root,
		  const struct kx_arena *arena, struct paging_leaf *leaves, int most);

#endif /* PAGING_H */
