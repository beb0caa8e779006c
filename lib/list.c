/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a page list word by word, in the order in which the trampoline does. Used by
 * kx_list_check(), by dumps and by tests.
 */
#include <kx/kx.h>

#include "arena.h"
#include "range.h"

/* Say that the walk goes on at a list page. Brent's algorithm finds a loop without a memory of the
 * pages seen. */
static int leave_page(struct kx_list_walk *walk, uint64_t page_pa, struct kx_list_step *step)
{
	if (walk->hops && page_pa == walk->mark_pa)
		return -KX_ERR_LIST_LOOP;
	if (walk->hops == walk->mark_hop) {
		walk->mark_pa = page_pa;
		walk->mark_hop = walk->mark_hop ? 2 * walk->mark_hop : 1;
	}
	walk->hops++;
	walk->page_pa = page_pa;
	walk->entering = 1;
	step->kind = KX_STEP_PAGE;
	step->source_pa = page_pa;
	step->pages = 1;
	return 1;
}

/* libkx's own by its name: in a host with Zicfilp in force a pointer must lead to a landing pad, which compilers may
 * not know how to make. */
static const uint64_t *page_at(const struct kx_list *list, uint64_t pa)
{
	if (list->at == kx_arena_at_)
		return kx_arena_at_(list->context, pa);
	return list->at ? list->at(list->context, pa) : NULL;
}

static int read_word(struct kx_list_walk *walk, uint64_t *word)
{
	if (!walk->begun) {
		walk->begun = 1;
		*word = walk->list->head;
		return 0;
	}
	if (walk->entering) {
		walk->entering = 0;
		walk->next = page_at(walk->list, walk->page_pa);
		if (!walk->next)
			return -KX_ERR_OUTSIDE_RAM;
		walk->end = walk->next + KX_LIST_WORDS_PER_PAGE;
	}
	if (walk->next == walk->end)
		return -KX_ERR_LIST_UNTERMINATED;
	*word = *walk->next++;
	return 0;
}

static int take_step(struct kx_list_walk *walk, uint64_t word, struct kx_list_step *step)
{
	uint64_t size;

	step->kind = word & KX_IND_ZERO ? KX_STEP_ZERO : KX_STEP_COPY;
	step->source_pa = kx_align_down_(word, KX_PAGE_SIZE);
	step->dest_pa = walk->dest_pa;
	step->pages = ((word & KX_PAGE_MASK) >> KX_IND_RUN_SHIFT) + 1;
	size = step->pages << KX_PAGE_SHIFT;

	if (step->kind == KX_STEP_ZERO && step->source_pa)
		return -KX_ERR_LIST_FLAG;
	if (!walk->has_dest)
		return -KX_ERR_LIST_ORDER;
	if (kx_wraps_(step->source_pa, size) || kx_wraps_(step->dest_pa, size))
		return -KX_ERR_WRAPS;
	walk->dest_pa += size;
	return 1;
}

int kx_list_next(struct kx_list_walk *walk, struct kx_list_step *step)
{
	for (;;) {
		uint64_t word;
		int error = read_word(walk, &word);

		if (error)
			return error;
		switch (word & KX_IND_FLAGS) {
		case KX_IND_SOURCE:
		case KX_IND_ZERO:
			return take_step(walk, word, step);
		}
		switch (word & KX_PAGE_MASK) {
		case KX_IND_DESTINATION:
			walk->dest_pa = kx_align_down_(word, KX_PAGE_SIZE);
			walk->has_dest = 1;
			break;
		case KX_IND_INDIRECTION:
			return leave_page(walk, kx_align_down_(word, KX_PAGE_SIZE), step);
		case KX_IND_DONE:
			return 0;
		default:
			return -KX_ERR_LIST_FLAG;
		}
	}
}
