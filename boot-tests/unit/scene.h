/* SPDX-License-Identifier: BSD-2-Clause */
/* Random machines with random segments, and what memory must look like in the end. */
#ifndef SCENE_H
#define SCENE_H

#include <kx/kx.h>

#define PAGE           ((uint64_t)KX_PAGE_SIZE)
#define SCENE_PAGES    512
#define SCENE_SEGMENTS 8

/* The two places where a scene's memory may lie: below and above 4 GiB */
#define SCENE_LOW_PA  0x80000000u
#define SCENE_HIGH_PA 0x2000000000u

/** struct scene - a machine, what shall be moved in it, and the memory itself */
struct scene {
	uint64_t random; /* the state of the generator */
	int small;       /* for slow walkers: seven scenes of eight have few pages */
	uint64_t tables; /* pages that translation tables will want of the arena, more or less */
	uint64_t pa;
	uint64_t pages;    /* of the window; holes, reserved pages and the arena among them */
	uint8_t *ram;      /* the window */
	uint8_t *expected; /* the same in the end, but for the arena */
	struct kx_range range[4];
	struct kx_range reserved[2];
	struct kx_memory memory;
	struct kx_segment segment[SCENE_SEGMENTS];
	size_t count;
	struct kx_piece piece[SCENE_PAGES];
	size_t piece_count;
	struct kx_arena arena;
	int shared; /* some page is a source twice */

	uint8_t usable[SCENE_PAGES]; /* in RAM, not reserved, not in the arena */
	uint8_t is_dest[SCENE_PAGES];
	uint16_t dest[SCENE_PAGES]; /* pages that are copied to, and from where */
	uint16_t source[SCENE_PAGES];
	size_t copies;
};

/* Take memory for scenes, once; and give it back. */
void scene_open(struct scene *scene);
void scene_close(struct scene *scene);

/* A scene that depends on the seed alone. */
void scene_make(struct scene *scene, uint64_t seed);

/* Make all memory but the arena and the odd tails untouchable; and all of it touchable. */
void scene_poison(const struct scene *scene);
void scene_unpoison(const struct scene *scene);

/* Is memory as expected? Returns NULL or what is wrong. */
const char *scene_compare(const struct scene *scene);

/* A random number below `end`, which is not zero. */
uint64_t scene_below(struct scene *scene, uint64_t end);

/* The memory of the window at a physical address; NULL: outside. */
uint8_t *scene_at(const struct scene *scene, uint64_t pa);

#endif /* SCENE_H */
