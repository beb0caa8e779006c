/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of copies. Most runs are free: nobody writes what they read, nobody reads what they
 * write, and they are emitted as they stand. The others are knotted. Page by page, a knotted copy
 * must come before the one copy that writes its source, and after the one that reads its
 * destination; each page has at most one of either, so the knots are chains and cycles. A chain is
 * emitted from the page that nobody reads; a cycle is opened by saving one page in the spare page.
 */
#include "arena.h"
#include "range.h"
#include "runs.h"

enum side { BY_DEST, BY_SOURCE };

/** struct cover - the run on one side that holds a page, and for how many pages that stays so */
struct cover {
	struct kx_run *run; /* NULL: no run does */
	uint64_t pages;
};

static struct kx_run *run_at(const struct kx_runs *runs, enum side side, size_t index)
{
	return &runs->run[side == BY_DEST ? index : runs->by_source[index]];
}

static uint64_t start_of(const struct kx_run *run, enum side side)
{
	return side == BY_DEST ? run->dest_pa : run->source_pa;
}

static struct cover cover_of(const struct kx_runs *runs, enum side side, uint64_t pa)
{
	size_t low = 0, high = side == BY_DEST ? runs->count : runs->source_count;
	size_t count = high;
	struct cover cover = { NULL, UINT64_MAX };
	uint64_t offset;

	while (low < high) { /* how many runs start at or before pa */
		size_t middle = low + (high - low) / 2;

		if (start_of(run_at(runs, side, middle), side) <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	if (low) {
		struct kx_run *run = run_at(runs, side, low - 1);

		offset = (pa - start_of(run, side)) >> KX_PAGE_SHIFT;
		if (offset < run->pages) {
			cover.run = run;
			cover.pages = run->pages - offset;
			return cover;
		}
	}
	if (low < count)
		cover.pages = (start_of(run_at(runs, side, low), side) - pa) >> KX_PAGE_SHIFT;
	return cover;
}

/* ---- the runs by source ---- */

static void sift_down(struct kx_runs *runs, size_t root, size_t count)
{
	size_t *heap = runs->by_source;

	for (;;) {
		size_t child = 2 * root + 1;
		size_t swap = heap[root];

		if (child >= count)
			return;
		if (child + 1 < count &&
		    runs->run[heap[child]].source_pa < runs->run[heap[child + 1]].source_pa)
			child++;
		if (runs->run[swap].source_pa >= runs->run[heap[child]].source_pa)
			return;
		heap[root] = heap[child];
		heap[child] = swap;
		root = child;
	}
}

/* Heapsort: no recursion, no memory, no bad case. */
static void sort_by_source(struct kx_runs *runs)
{
	size_t count = 0;

	for (size_t i = 0; i < runs->count; i++)
		if (!runs->run[i].zero)
			runs->by_source[count++] = i;
	runs->source_count = count;
	for (size_t i = count / 2; i-- > 0;)
		sift_down(runs, i, count);
	while (count > 1) {
		size_t last = runs->by_source[--count];

		runs->by_source[count] = runs->by_source[0];
		runs->by_source[0] = last;
		sift_down(runs, 0, count);
	}
}

static int is_written(const struct kx_runs *runs, uint64_t pa, uint64_t end)
{
	struct cover writer = cover_of(runs, BY_DEST, pa);

	return writer.run || writer.pages < (end - pa) >> KX_PAGE_SHIFT;
}

/* Sources that overlap each other are fine as long as none of them is overwritten. */
static int check_shared(const struct kx_runs *runs)
{
	uint64_t start = 0, end = 0; /* of the sources that hang together so far */
	int shared = 0;

	for (size_t i = 0; i < runs->source_count; i++) {
		const struct kx_run *run = run_at(runs, BY_SOURCE, i);
		uint64_t run_end = run->source_pa + (run->pages << KX_PAGE_SHIFT);

		if (run->source_pa < end) {
			shared = 1;
		} else {
			shared = 0;
			start = run->source_pa;
		}
		if (run_end > end)
			end = run_end;
		if (shared && is_written(runs, start, end))
			return -KX_ERR_SOURCE_SHARED;
	}
	return 0;
}

/* ---- free and knotted stretches ---- */

/** struct stretch - pages of a run that are all free or all knotted */
struct stretch {
	uint64_t pages;
	int knotted;
};

static struct stretch stretch_at(const struct kx_runs *runs, const struct kx_run *run,
				 uint64_t page)
{
	uint64_t offset = page << KX_PAGE_SHIFT;
	struct cover reader = cover_of(runs, BY_SOURCE, run->dest_pa + offset);
	struct cover writer = { NULL, UINT64_MAX };
	struct stretch stretch = { run->pages - page, 0 };

	if (!run->zero)
		writer = cover_of(runs, BY_DEST, run->source_pa + offset);
	if (reader.pages < stretch.pages)
		stretch.pages = reader.pages;
	if (writer.pages < stretch.pages)
		stretch.pages = writer.pages;
	stretch.knotted = reader.run || writer.run;
	return stretch;
}

static void emit_pages(struct kx_words *words, const struct kx_run *run, uint64_t page,
		       uint64_t pages)
{
	uint64_t offset = page << KX_PAGE_SHIFT;

	if (run->zero)
		kx_words_add_zero_(words, run->dest_pa + offset, pages);
	else
		kx_words_add_(words, run->dest_pa + offset, run->source_pa + offset, pages);
}

static void emit_free(struct kx_runs *runs, struct kx_words *words)
{
	for (size_t i = 0; i < runs->count; i++) {
		struct kx_run *run = &runs->run[i];
		struct stretch stretch;

		for (uint64_t page = 0; page < run->pages; page += stretch.pages) {
			stretch = stretch_at(runs, run, page);
			if (stretch.knotted)
				run->knotted = 1;
			else
				emit_pages(words, run, page, stretch.pages);
		}
		if (run->knotted) {
			run->first_bit = runs->todo_bits;
			runs->todo_bits += run->pages;
		}
	}
}

/* ---- knots ---- */

static int is_todo(const struct kx_runs *runs, const struct kx_run *run, uint64_t page)
{
	uint64_t bit = run->first_bit + page;

	return runs->todo[bit / 64] >> (bit % 64) & 1;
}

static void flip_todo(struct kx_runs *runs, const struct kx_run *run, uint64_t page)
{
	uint64_t bit = run->first_bit + page;

	runs->todo[bit / 64] ^= (uint64_t)1 << (bit % 64);
}

static void mark_knots(struct kx_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++) {
		struct kx_run *run = &runs->run[i];
		struct stretch stretch;

		for (uint64_t page = 0; run->knotted && page < run->pages; page += stretch.pages) {
			stretch = stretch_at(runs, run, page);
			for (uint64_t j = 0; stretch.knotted && j < stretch.pages; j++)
				flip_todo(runs, run, page + j);
		}
	}
}

/* Move from a page to the one whose destination is its source; NULL where there is none. */
static struct kx_run *next_in_knot(const struct kx_runs *runs, const struct kx_run *run,
				   uint64_t *page)
{
	uint64_t source_pa = run->source_pa + (*page << KX_PAGE_SHIFT);
	struct kx_run *next;

	if (run->zero)
		return NULL;
	next = cover_of(runs, BY_DEST, source_pa).run;
	if (next)
		*page = (source_pa - next->dest_pa) >> KX_PAGE_SHIFT;
	return next;
}

static void emit_chain(struct kx_runs *runs, struct kx_words *words, struct kx_run *run,
		       uint64_t page)
{
	for (; run; run = next_in_knot(runs, run, &page)) {
		emit_pages(words, run, page, 1);
		flip_todo(runs, run, page);
	}
}

static void emit_cycle(struct kx_runs *runs, struct kx_words *words, struct kx_run *run,
		       uint64_t page)
{
	uint64_t first_pa = run->dest_pa + (page << KX_PAGE_SHIFT);
	uint64_t spare_pa = words->list->spare_pa;

	if (!spare_pa && !kx_arena_take_(words->arena, KX_PAGE_SIZE, KX_PAGE_SIZE, &spare_pa)) {
		words->error = -KX_ERR_ARENA_SMALL;
		return;
	}
	words->list->spare_pa = spare_pa;
	kx_words_add_(words, spare_pa, first_pa, 1);
	while (is_todo(runs, run, page)) {
		uint64_t offset = page << KX_PAGE_SHIFT;
		uint64_t source_pa = run->source_pa + offset;

		kx_words_add_(words, run->dest_pa + offset,
			      source_pa == first_pa ? spare_pa : source_pa, 1);
		flip_todo(runs, run, page);
		run = next_in_knot(runs, run, &page);
	}
}

/* Emit what is left to do: chains from their free end, or, once no chain is left, cycles. */
static void emit_knots(struct kx_runs *runs, struct kx_words *words, int cycles)
{
	for (size_t i = 0; i < runs->count; i++) {
		struct kx_run *run = &runs->run[i];

		for (uint64_t page = 0; run->knotted && page < run->pages; page++) {
			if (!is_todo(runs, run, page) || words->error)
				continue;
			if (cycles)
				emit_cycle(runs, words, run, page);
			else if (!cover_of(runs, BY_SOURCE,
					   run->dest_pa + (page << KX_PAGE_SHIFT)).run)
				emit_chain(runs, words, run, page);
		}
	}
}

int kx_runs_emit_(struct kx_runs *runs, struct kx_words *words)
{
	int error;

	sort_by_source(runs);
	error = check_shared(runs);
	if (error)
		return error;
	emit_free(runs, words);
	if (!runs->todo_bits)
		return words->error;
	runs->todo = kx_arena_lend_(words->arena, (runs->todo_bits + 63) / 64 * 8);
	if (!runs->todo)
		return -KX_ERR_ARENA_SMALL;
	mark_knots(runs);
	emit_knots(runs, words, 0);
	emit_knots(runs, words, 1);
	return words->error;
}
