/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs: what a list is made from. list_build.c turns segments into runs and runs into words;
 * list_order.c decides in which order runs whose sources are destinations too can be copied.
 */
#ifndef KX_RUNS_H
#define KX_RUNS_H

#include <kx/kx.h>

#include "hidden.h"

/** struct kx_run - contiguous pages that go from one place to another, or become zero */
struct kx_run {
	uint64_t dest_pa;
	uint64_t source_pa;
	uint64_t pages;
	uint64_t first_bit; /* of its pages in kx_runs.todo */
	int zero;           /* no source */
	int knotted;        /* some of its pages are a source and a destination: see list_order.c */
};

/** struct kx_source - a run that has a source, in the order of the sources, which may overlap */
struct kx_source {
	struct kx_run *run;
	uint64_t reach_pa; /* the furthest end of this source and of all before it */
};

/** struct kx_runs - all runs of a plan, by destination and by source */
struct kx_runs {
	struct kx_run *run; /* ascending by dest_pa, not overlapping */
	size_t count;
	struct kx_source *by_source; /* ascending by source_pa */
	size_t source_count;
	uint64_t *todo; /* a bit for each page of each knotted run: still to be copied */
	uint64_t todo_bits;
	int swap; /* pages change places: none may be in two runs */
};

/** struct kx_words - the list being written */
struct kx_words {
	struct kx_arena *arena;
	struct kx_list *list;
	uint64_t *page;      /* the list page being filled; NULL: none yet */
	size_t index;        /* of its next free word */
	struct kx_run held;  /* the last run, not written yet: the next may continue it */
	uint64_t next_dest;  /* where the walker would put the next page */
	int error;           /* the first one; sticks */
};

/** kx_words_add_() - append a run; it is merged with the one before where they are contiguous */
KX_HIDDEN void kx_words_add_(struct kx_words *words, uint64_t dest_pa, uint64_t source_pa,
			     uint64_t pages);

/** kx_words_add_zero_() - append pages to be zeroed */
KX_HIDDEN void kx_words_add_zero_(struct kx_words *words, uint64_t dest_pa, uint64_t pages);

/**
 * kx_runs_emit_() - append all runs, each page read before it is written
 *
 * Returns: 0, -KX_ERR_ARENA_SMALL, -KX_ERR_LIST_PAIR (swapping); an error of the words is in words->error.
 */
KX_HIDDEN int kx_runs_emit_(struct kx_runs *runs, struct kx_words *words);

/** kx_runs_read_() - once they are emitted: does any read one of these pages? */
KX_HIDDEN int kx_runs_read_(const struct kx_runs *runs, uint64_t pa, uint64_t pages);

#endif /* KX_RUNS_H */
