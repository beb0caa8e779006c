/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How planning grows with the image, in simulated memory: only the arena is real, no source is ever read.
 * Run by bench.py and test_bench.py.
 *
 * Usage: scaling <bytes> <bytes of a run>; prints `scaling <bytes> <runs> <words> <list pages> <arena
 * bytes> <ns to build> <ns to check>`, the best of some rounds of this thread's own time.
 */
#include <kx/kx.h>

#include "native.h"

#include <inttypes.h>

#define SOURCES_PA ((uint64_t)1 << 40)
#define ARENA_PA   ((uint64_t)1 << 41)
#define ROUNDS     7

/* Runs of one size, in memory the other way around, so that none continues another */
static struct kx_piece *make_pieces(uint64_t size, uint64_t run)
{
	uint64_t count = size / run;
	struct kx_piece *pieces = calloc(count, sizeof(*pieces));

	if (!pieces)
		fail("not enough memory");
	for (uint64_t i = 0; i < count; i++)
		pieces[i] = (struct kx_piece){ NULL, SOURCES_PA + (count - 1 - i) * run, run };
	return pieces;
}

static uint64_t time_build(const struct kx_plan *plan, struct kx_arena *arena, struct kx_list *list)
{
	uint64_t start = now();
	int error;

	arena->used = 0;
	error = kx_list_build(plan, arena, list);
	if (error)
		fail(kx_strerror(error));
	return now() - start;
}

static uint64_t time_check(const struct kx_list *list, const struct kx_list_rules *rules)
{
	uint64_t start = now();
	int error = kx_list_check(list, rules, NULL);

	if (error)
		fail(kx_strerror(error));
	return now() - start;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void measure(const struct kx_plan *plan, struct kx_arena *arena)
{
	struct kx_list_rules rules = { .memory = plan->memory };
	uint64_t build = UINT64_MAX, check = UINT64_MAX;
	struct kx_list list;

	rules.scratch_size = kx_list_check_scratch(plan->memory);
	rules.scratch = malloc(rules.scratch_size);
	if (!rules.scratch)
		fail("not enough memory");
	for (int i = 0; i < ROUNDS; i++) {
		build = least(build, time_build(plan, arena, &list));
		check = least(check, time_check(&list, &rules));
	}
	printf("scaling %" PRIu64 " %zu %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
	       plan->segments->memsz, plan->segments->piece_count, list.words,
	       (list.words + KX_LIST_WORDS_PER_PAGE - 1) / KX_LIST_WORDS_PER_PAGE, arena->size, build,
	       check);
	free(rules.scratch);
}

int main(int argc, char **argv)
{
	uint64_t size = argc > 2 ? strtoull(argv[1], NULL, 0) : 0;
	uint64_t run = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
	struct kx_range ram[3] = { { 0, size }, { SOURCES_PA, size }, { ARENA_PA, KX_PAGE_SIZE } };
	struct kx_memory memory = { .ram = ram, .ram_count = 3 };
	struct kx_segment segment = { .memsz = size, .filesz = size };
	struct kx_plan plan = { .segments = &segment, .segment_count = 1, .memory = &memory };
	struct kx_arena arena = { .pa = ARENA_PA };

	if (!run || !size || size % run || run % KX_PAGE_SIZE)
		fail("usage: scaling <bytes> <bytes of a run>");
	segment.pieces = make_pieces(size, run);
	segment.piece_count = size / run;
	arena.size = (kx_arena_size(&plan) + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK;
	arena.base = aligned_alloc(KX_PAGE_SIZE, arena.size);
	if (!arena.base)
		fail("not enough memory");
	ram[2].size = arena.size;
	measure(&plan, &arena);
	return 0;
}
