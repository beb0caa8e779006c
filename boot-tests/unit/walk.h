/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walker of page lists, chosen at link time: walk_list.c is kx_list_next() and memcpy; walk_code.c
 * is the linked control page on an emulated CPU.
 */
#ifndef WALK_H
#define WALK_H

#include "arch.h"
#include "scene.h"

extern const char walk_name[];
extern const int walk_is_slow;
extern const int walk_records; /* does it write the status record? */

/* Before the first walk and after the last. Returns 0 where there is no such walker. */
int walk_open(const struct scene *scene);
void walk_close(void);

/* Does it walk for a host that translates like this? */
int walk_takes(const struct kx_paging *paging);

/* Where the walker would report a fault. */
const struct kx_device *walk_console(void);

/* What this list and its segments say may be read and written, and the status record, 0: none: for the audits
 * to come. */
void walk_declare(const struct scene *scene, const struct kx_list *list, uint64_t status_pa);

/* Loads, stores and fetches that audits have looked at. */
extern uint64_t walk_accesses;

/**
 * walk() - do what the list says, in the memory of the scene
 * @scene: whose arena holds the list and the control page
 * @control: sealed
 * @entry_pa: where the new image begins: arriving there ends the walk
 * @audit: also look at every single access; slow
 *
 * Returns: NULL, or what went wrong.
 */
const char *walk(struct scene *scene, const struct kx_list *list, const struct kx_control *control,
		 uint64_t entry_pa, int audit);

/**
 * walk_dry() - look at what the list says, as in a dry run, with every single access looked at
 * @control: sealed; its page is as before afterwards, and so must all of memory be
 * @plant: a mistake: the walk that copies is in the page
 *
 * Returns: NULL, also where this walker has no dry run, or what went wrong.
 */
const char *walk_dry(const struct scene *scene, const struct kx_control *control, int plant);

#endif /* WALK_H */
