/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of copies. Most runs are free: nobody writes what they read, nobody reads what they
 * write, and they are emitted as they stand. The others are knotted. Page by page, a knotted copy
 * must come after all copies that read its destination, and before the one that writes its source.
 * So every page whose destination nobody has still to read can be emitted, and may set free the page
 * that writes its source: chains. When there is none left, every page that is left is read by exactly
 * one other: cycles. A cycle is opened by saving one page in the spare page.
 */
#include "arena.h"
#include "range.h"
#include "runs.h"

/** struct cover - is a page in a run's destination, or in a source, and for how many pages so? */
struct cover {
	struct kx_run *run; /* NULL: it is not; in a source: some run */
	uint64_t pages;
};

static uint64_t end_of(uint64_t pa, const struct kx_run *run)
{
	return pa + (run->pages << KX_PAGE_SHIFT);
}

/* The run that writes a page. */
static struct cover writer_of(const struct kx_runs *runs, uint64_t pa)
{
	size_t low = 0, high = runs->count;
	struct cover cover = { NULL, UINT64_MAX };

	while (low < high) { /* how many runs start at or before pa */
		size_t middle = low + (high - low) / 2;

		if (runs->run[middle].dest_pa <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	if (low && end_of(runs->run[low - 1].dest_pa, &runs->run[low - 1]) > pa) {
		cover.run = &runs->run[low - 1];
		cover.pages = (end_of(cover.run->dest_pa, cover.run) - pa) >> KX_PAGE_SHIFT;
	} else if (low < runs->count) {
		cover.pages = (runs->run[low].dest_pa - pa) >> KX_PAGE_SHIFT;
	}
	return cover;
}

/* ---- the runs by source ---- */

static void sift_down(struct kx_runs *runs, size_t root, size_t count)
{
	struct kx_source *heap = runs->by_source;

	for (;;) {
		size_t child = 2 * root + 1;
		struct kx_run *top = heap[root].run;

		if (child >= count)
			return;
		if (child + 1 < count &&
		    heap[child].run->source_pa < heap[child + 1].run->source_pa)
			child++;
		if (top->source_pa >= heap[child].run->source_pa)
			return;
		heap[root].run = heap[child].run;
		heap[child].run = top;
		root = child;
	}
}

/* Heapsort: no recursion, no memory, no bad case. */
static void sort_by_source(struct kx_runs *runs)
{
	struct kx_source *source = runs->by_source;
	size_t count = 0;

	for (size_t i = 0; i < runs->count; i++)
		if (!runs->run[i].zero)
			source[count++].run = &runs->run[i];
	runs->source_count = count;
	for (size_t i = count / 2; i-- > 0;)
		sift_down(runs, i, count);
	while (count > 1) {
		struct kx_run *last = source[--count].run;

		source[count].run = source[0].run;
		source[0].run = last;
		sift_down(runs, 0, count);
	}
	for (size_t i = 0; i < runs->source_count; i++) {
		source[i].reach_pa = end_of(source[i].run->source_pa, source[i].run);
		if (i && source[i - 1].reach_pa > source[i].reach_pa)
			source[i].reach_pa = source[i - 1].reach_pa;
	}
}

/* How many sources start at or before a page. */
static size_t sources_up_to(const struct kx_runs *runs, uint64_t pa)
{
	size_t low = 0, high = runs->source_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (runs->by_source[middle].run->source_pa <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Runs that read a page: one, or several whose sources overlap. */
static struct cover readers_of(const struct kx_runs *runs, uint64_t pa)
{
	const struct kx_source *source = runs->by_source;
	size_t count = sources_up_to(runs, pa);
	struct cover cover = { NULL, UINT64_MAX };

	if (count && source[count - 1].reach_pa > pa) {
		cover.run = source[count - 1].run;
		cover.pages = (source[count - 1].reach_pa - pa) >> KX_PAGE_SHIFT;
	} else if (count < runs->source_count) {
		cover.pages = (source[count].run->source_pa - pa) >> KX_PAGE_SHIFT;
	}
	return cover;
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
	struct cover reader = readers_of(runs, run->dest_pa + offset);
	struct cover writer = { NULL, UINT64_MAX };
	struct stretch stretch = { run->pages - page, 0 };

	if (!run->zero)
		writer = writer_of(runs, run->source_pa + offset);
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
	next = writer_of(runs, source_pa).run;
	if (next)
		*page = (source_pa - next->dest_pa) >> KX_PAGE_SHIFT;
	return next;
}

/* Must some copy still read a page's destination? */
static int is_awaited(const struct kx_runs *runs, const struct kx_run *run, uint64_t page)
{
	uint64_t pa = run->dest_pa + (page << KX_PAGE_SHIFT);

	for (size_t i = sources_up_to(runs, pa); i-- && runs->by_source[i].reach_pa > pa;) {
		const struct kx_run *reader = runs->by_source[i].run;

		if (end_of(reader->source_pa, reader) > pa &&
		    is_todo(runs, reader, (pa - reader->source_pa) >> KX_PAGE_SHIFT))
			return 1;
	}
	return 0;
}

static void emit_chain(struct kx_runs *runs, struct kx_words *words, struct kx_run *run,
		       uint64_t page)
{
	while (run && !is_awaited(runs, run, page)) {
		emit_pages(words, run, page, 1);
		flip_todo(runs, run, page);
		run = next_in_knot(runs, run, &page);
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

/* Emit what is left to do: chains, or, once no chain is left, cycles. */
static void emit_knots(struct kx_runs *runs, struct kx_words *words, int cycles)
{
	for (size_t i = 0; i < runs->count; i++) {
		struct kx_run *run = &runs->run[i];

		for (uint64_t page = 0; run->knotted && page < run->pages; page++) {
			if (!is_todo(runs, run, page) || words->error)
				continue;
			if (cycles)
				emit_cycle(runs, words, run, page);
			else
				emit_chain(runs, words, run, page);
		}
	}
}

int kx_runs_read_(const struct kx_runs *runs, uint64_t pa, uint64_t pages)
{
	struct cover reader = readers_of(runs, pa);

	return reader.run || reader.pages < pages;
}

/* Is a page the source of two runs? */
static int is_shared(const struct kx_runs *runs)
{
	const struct kx_source *source = runs->by_source;

	for (size_t i = 1; i < runs->source_count; i++)
		if (source[i - 1].reach_pa > source[i].run->source_pa)
			return 1;
	return 0;
}

int kx_runs_emit_(struct kx_runs *runs, struct kx_words *words)
{
	sort_by_source(runs);
	emit_free(runs, words);
	if (runs->swap && (runs->todo_bits || is_shared(runs)))
		return -KX_ERR_LIST_PAIR;
	if (!runs->todo_bits)
		return 0;
	runs->todo = kx_arena_lend_(words->arena, (runs->todo_bits + 63) / 64 * 8);
	if (!runs->todo)
		return -KX_ERR_ARENA_SMALL;
	mark_knots(runs);
	emit_knots(runs, words, 0);
	emit_knots(runs, words, 1);
	return 0;
}
