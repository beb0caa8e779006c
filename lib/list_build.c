/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building a page list: segments become runs, runs become words. The order of the words is
 * list_order.c's.
 */
#include "arena.h"
#include "mem.h"
#include "memory.h"
#include "range.h"
#include "runs.h"
#include "segment.h"

/* ---- words ---- */

static void put_word(struct kx_words *words, uint64_t word)
{
	uint64_t pa;
	uint64_t *page;

	/* The last word of a page is kept for the way to the next one. */
	if (!words->page || words->index == KX_LIST_WORDS_PER_PAGE - 1) {
		page = kx_arena_take_(words->arena, KX_PAGE_SIZE, KX_PAGE_SIZE, &pa);
		if (!page) {
			words->error = -KX_ERR_ARENA_SMALL;
			return;
		}
		if (words->page)
			words->page[words->index] = pa | KX_IND_INDIRECTION;
		else
			words->list->head = pa | KX_IND_INDIRECTION;
		words->page = page;
		words->index = 0;
		words->list->words++;
	}
	words->page[words->index++] = word;
	words->list->words++;
}

/* Write the run that is held back. */
static void flush(struct kx_words *words)
{
	struct kx_run *run = &words->held;

	if (run->pages && (!words->page || words->next_dest != run->dest_pa))
		put_word(words, run->dest_pa | KX_IND_DESTINATION);
	while (run->pages) {
		uint64_t pages = run->pages < KX_RUN_MAX_PAGES ? run->pages : KX_RUN_MAX_PAGES;
		uint64_t length = (pages - 1) << KX_IND_RUN_SHIFT, size = pages << KX_PAGE_SHIFT;

		if (run->zero) {
			put_word(words, length | KX_IND_ZERO);
			words->list->zero_pages += pages;
		} else {
			put_word(words, run->source_pa | length | KX_IND_SOURCE);
			if (run->source_pa != run->dest_pa)
				words->list->copy_pages += pages;
			run->source_pa += size;
		}
		run->dest_pa += size;
		run->pages -= pages;
	}
	words->next_dest = run->dest_pa;
}

static void add(struct kx_words *words, const struct kx_run *run)
{
	struct kx_run *held = &words->held;
	uint64_t size = held->pages << KX_PAGE_SHIFT;

	if (held->pages && held->zero == run->zero && held->dest_pa + size == run->dest_pa &&
	    (run->zero || held->source_pa + size == run->source_pa)) {
		held->pages += run->pages;
		return;
	}
	flush(words);
	kx_mem_copy_(held, run, sizeof(*held)); /* for an assignment compilers would call memcpy */
}

void kx_words_add_(struct kx_words *words, uint64_t dest_pa, uint64_t source_pa, uint64_t pages)
{
	struct kx_run run = { .dest_pa = dest_pa, .source_pa = source_pa, .pages = pages };

	add(words, &run);
}

void kx_words_add_zero_(struct kx_words *words, uint64_t dest_pa, uint64_t pages)
{
	struct kx_run run = { .dest_pa = dest_pa, .pages = pages, .zero = 1 };

	add(words, &run);
}

static void finish(struct kx_words *words)
{
	flush(words);
	put_word(words, KX_IND_DONE);
}

/* ---- segments -> runs ---- */

/* Add a run behind the last one, or to it; pages that are in place already come later. */
static void append_run(struct kx_runs *runs, const struct kx_run *run)
{
	struct kx_run *last = runs->count ? &runs->run[runs->count - 1] : NULL;
	uint64_t size;

	if (!run->pages || (!run->zero && run->dest_pa == run->source_pa))
		return;
	if (last && last->zero == run->zero) {
		size = last->pages << KX_PAGE_SHIFT;
		if (last->dest_pa + size == run->dest_pa &&
		    (run->zero || last->source_pa + size == run->source_pa)) {
			last->pages += run->pages;
			return;
		}
	}
	kx_mem_copy_(&runs->run[runs->count++], run, sizeof(*run));
}

/* A last page of odd size is completed with zeros in a page of the arena, and copied from there. */
static int append_tail(struct kx_runs *runs, const struct kx_piece *piece, uint64_t dest_pa,
		       struct kx_arena *arena)
{
	uint64_t odd = piece->size & KX_PAGE_MASK;
	struct kx_run run = { .dest_pa = dest_pa, .pages = 1 };
	void *page = kx_arena_take_(arena, KX_PAGE_SIZE, KX_PAGE_SIZE, &run.source_pa);

	if (!page)
		return -KX_ERR_ARENA_SMALL;
	kx_mem_copy_(page, (const uint8_t *)piece->data + (piece->size - odd), odd);
	append_run(runs, &run);
	return 0;
}

/* Zeros behind the file: where pages change places they come from the arena. */
static int append_zeros(struct kx_runs *runs, struct kx_run *run, struct kx_arena *arena)
{
	uint64_t size = run->pages << KX_PAGE_SHIFT;

	run->zero = !runs->swap;
	if (runs->swap && size && !kx_arena_take_(arena, size, KX_PAGE_SIZE, &run->source_pa))
		return -KX_ERR_ARENA_SMALL;
	append_run(runs, run);
	return 0;
}

static int append_segment(struct kx_runs *runs, const struct kx_segment *segment,
			  struct kx_arena *arena)
{
	struct kx_run run = { .dest_pa = segment->dest_pa };
	uint64_t end = segment->dest_pa + kx_segment_span_(segment);

	for (size_t i = 0; i < segment->piece_count; i++) {
		const struct kx_piece *piece = &segment->pieces[i];

		run.source_pa = piece->pa;
		run.pages = piece->size >> KX_PAGE_SHIFT;
		append_run(runs, &run);
		run.dest_pa += run.pages << KX_PAGE_SHIFT;
		if (piece->size & KX_PAGE_MASK) {
			int error = append_tail(runs, piece, run.dest_pa, arena);

			if (error)
				return error;
			run.dest_pa += KX_PAGE_SIZE;
		}
	}
	run.pages = (end - run.dest_pa) >> KX_PAGE_SHIFT;
	return append_zeros(runs, &run, arena);
}

/*
 * Pages in place need no order, only to be listed: where the new image reads memory past the caches,
 * the trampoline writes back what the host has in them. Last, when others have read them.
 */
static int emit_in_place(const struct kx_segment *segment, const struct kx_runs *runs,
			 struct kx_words *words)
{
	uint64_t dest_pa = segment->dest_pa;

	for (size_t i = 0; i < segment->piece_count; i++) {
		const struct kx_piece *piece = &segment->pieces[i];
		uint64_t pages = piece->size >> KX_PAGE_SHIFT;

		if (pages && piece->pa == dest_pa) {
			if (runs->swap && kx_runs_read_(runs, dest_pa, pages))
				return -KX_ERR_LIST_PAIR;
			kx_words_add_(words, dest_pa, piece->pa, pages);
		}
		dest_pa += kx_align_up_(piece->size, KX_PAGE_SIZE);
	}
	return 0;
}

/* Every piece is at most a run and an odd tail, every segment may end in zeros. */
static uint64_t count_runs(const struct kx_plan *plan)
{
	uint64_t count = 0;

	for (size_t i = 0; i < plan->segment_count; i++)
		count += plan->segments[i].piece_count + 2;
	return count;
}

static int check_arena(const struct kx_plan *plan, const struct kx_arena *arena)
{
	struct kx_range range = { arena->pa, arena->size };
	int error = kx_memory_dest_(plan->memory, arena->pa, arena->size);

	if (error)
		return error;
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct kx_segment *segment = &plan->segments[i];

		if (kx_overlaps_(segment->dest_pa, kx_segment_span_(segment), range))
			return -KX_ERR_DEST_OVER_ARENA;
		for (size_t j = 0; j < segment->piece_count; j++)
			if (kx_overlaps_(segment->pieces[j].pa, segment->pieces[j].size, range))
				return -KX_ERR_SOURCE_OVER_ARENA;
	}
	return 0;
}

static int check_plan(const struct kx_plan *plan, const struct kx_arena *arena)
{
	uint64_t at_pa;
	int error;

	if (!plan || !plan->segments || !plan->segment_count)
		return -KX_ERR_ARGUMENT;
	error = kx_memory_check_(plan->memory);
	if (!error)
		error = kx_arena_check_(arena);
	if (!error)
		error = kx_segments_verify_(plan->segments, plan->segment_count, plan->memory,
					    &at_pa);
	return error ? error : check_arena(plan, arena);
}

static int build(const struct kx_plan *plan, struct kx_arena *arena, struct kx_list *list)
{
	struct kx_words words;
	struct kx_runs runs;
	uint64_t most = count_runs(plan);
	int error = 0;

	kx_mem_zero_(&words, sizeof(words)); /* for initialisers compilers would call memset */
	kx_mem_zero_(&runs, sizeof(runs));
	words.arena = arena;
	words.list = list;
	runs.swap = plan->swap;
	if (most > UINT32_MAX) /* keeps the products below from wrapping; no arena is that large */
		return -KX_ERR_ARENA_SMALL;
	runs.run = kx_arena_lend_(arena, most * sizeof(*runs.run));
	runs.by_source = kx_arena_lend_(arena, most * sizeof(*runs.by_source));
	if (!runs.run || !runs.by_source)
		return -KX_ERR_ARENA_SMALL;
	for (size_t i = 0; i < plan->segment_count && !error; i++)
		error = append_segment(&runs, &plan->segments[i], arena);
	if (!error)
		error = kx_runs_emit_(&runs, &words);
	for (size_t i = 0; i < plan->segment_count && !error; i++)
		error = emit_in_place(&plan->segments[i], &runs, &words);
	finish(&words);
	return error ? error : words.error;
}

int kx_list_build(const struct kx_plan *plan, struct kx_arena *arena, struct kx_list *list)
{
	int error = list ? check_plan(plan, arena) : -KX_ERR_ARGUMENT;
	uint64_t used, size;

	if (error)
		return error;
	used = arena->used;
	size = arena->size;
	kx_mem_zero_(list, sizeof(*list));
	list->at = kx_arena_at_;
	list->context = arena;
	error = build(plan, arena, list);
	arena->size = size;
	if (error)
		arena->used = used;
	return error;
}
