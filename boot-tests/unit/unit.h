/* SPDX-License-Identifier: BSD-2-Clause */
/* What the unit tests share: cmocka, errors compared by name, and a machine to plan for. */
#ifndef UNIT_H
#define UNIT_H

#include <kx/kx.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGE ((uint64_t)KX_PAGE_SIZE)

/* A call returned this KX_ERR_*, or 0. A failure shows both names. */
#define assert_result(call, error) assert_string_equal(kx_strerror(call), kx_strerror(error))

#define LAB_PA    0x80000000u /* where the lab's RAM begins */
#define LAB_PAGES 64

/* The physical address of a page of the lab, by number */
#define LAB_PAGE(n) (LAB_PA + (n)*PAGE)

/**
 * struct lab - a small machine: 64 pages of RAM, the last 24 of them the arena
 *
 * All RAM but the arena is poisoned: the library must not touch it.
 */
struct lab {
	uint8_t *ram;
	struct kx_range range[3]; /* one of them in use at first */
	struct kx_range reserved[3];
	struct kx_range parked[1];
	struct kx_range written[1];
	struct kx_memory memory;
	struct kx_piece piece[8];
	struct kx_segment segment[4];
	size_t count;
	struct kx_arena arena;
	struct kx_list list;
	uint64_t at_pa;
};

/* A lab with one sound segment: two pages from page 16 to page 8, one page of zeros behind. */
void lab_open(struct lab *lab);
void lab_close(struct lab *lab);

/* Make all RAM but the arena untouchable, and all of it touchable. */
void lab_poison(struct lab *lab);
void lab_unpoison(struct lab *lab);

int lab_check(struct lab *lab);
int lab_build(struct lab *lab); /* checks the segments first */
int lab_prove(const struct lab *lab, const struct kx_list *list, uint64_t *at_pa);

/* Segment i: pages from and to, by number; the rest of the segment is of zeros. */
void lab_segment(struct lab *lab, size_t i, uint64_t dest, uint64_t source, uint64_t pages);

/* A list of the caller's own words, `count` of them, in pages that begin at the lab's page 40. */
#define LAB_WORDS_PAGE 36
struct kx_list lab_list(struct lab *lab, const uint64_t *words, size_t count);

#endif /* UNIT_H */
