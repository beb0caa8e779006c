/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * property [sets [seed]] - random segments, planned, proved, sealed and walked
 *
 * Each set is made from seed + its number alone: `property 1 <that sum>` runs one again. In the end
 * memory must be what plain copying would have made of it, and nothing else may have changed but the
 * arena. A refusal must be one that the set has coming.
 */
#include "fake.h"
#include "paging.h"
#include "scene.h"
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AUDITED 50 /* one set in so many has every access looked at */

/** struct tally - what became of the sets */
struct tally {
	uint64_t walked;
	uint64_t pages; /* copied or zeroed */
	uint64_t cycles; /* sets that needed the spare page */
	uint64_t refused_shared;
	uint64_t refused_small;
};

static struct scene scene;
static struct tally tally;

/* Is this refusal one that the set has coming? Then it is counted, and the set is done. */
static const char *judge(int error, const struct kx_plan *plan)
{
	if (error == -KX_ERR_SOURCE_SHARED && scene.shared) {
		tally.refused_shared++;
		return NULL;
	}
	if (error == -KX_ERR_ARENA_SMALL && scene.arena.size < kx_arena_size(plan)) {
		tally.refused_small++;
		return NULL;
	}
	return kx_strerror(error);
}

static void choose_paging(struct kx_jump *jump)
{
	size_t mode = scene_below(&scene, paging_mode_count + 1);

	fake_reset();
	if (mode == paging_mode_count && kx_idmap_off_(&paging_off)) {
		fake.paging = paging_off;
		return;
	}
	mode %= paging_mode_count;
	fake.paging = paging_modes[mode].paging;
	jump->run_va = paging_modes[mode].high_va & -kx_idmap_granule_(&fake.paging);
}

static int prove(const struct kx_list *list)
{
	struct kx_list_rules rules = {
		.memory = &scene.memory,
		.scratch_size = kx_list_check_scratch(&scene.memory),
	};
	int error;

	rules.scratch = malloc(rules.scratch_size);
	error = kx_list_check(list, &rules, NULL);
	free(rules.scratch);
	return error;
}

/* Plan, prove, seal. Returns what a call returned. */
static int plan_and_seal(const struct kx_plan *plan, struct kx_list *list,
			 struct kx_control *control)
{
	struct kx_jump jump = { .memory = &scene.memory };
	int error = kx_segments_check(scene.segment, scene.count, &scene.memory, NULL);

	for (int i = 0; i < KX_HANDOFF_ARGS_COUNT; i++)
		jump.args[i] = scene.random + (uint64_t)i;
	jump.entry_pa = scene.segment[0].dest_pa;
	if (!error && scene.arena.size > kx_arena_size(plan) && scene_below(&scene, 2))
		scene.arena.size = kx_arena_size(plan); /* all that it should need */
	choose_paging(&jump);
	scene_poison(&scene);
	if (!error)
		error = kx_list_build(plan, &scene.arena, list);
	if (!error)
		error = prove(list);
	if (!error)
		error = kx_control_seal(list, &jump, &scene.arena, control);
	scene_unpoison(&scene);
	return error;
}

static const char *run(uint64_t seed, int audit)
{
	struct kx_plan plan = { scene.segment, 0, &scene.memory };
	struct kx_list list;
	struct kx_control control;
	const char *fault;
	int error;

	scene_make(&scene, seed);
	plan.segment_count = scene.count;
	error = plan_and_seal(&plan, &list, &control);
	if (error)
		return judge(error, &plan);
	fault = walk(&scene, &list, &control, audit);
	tally.walked++;
	tally.pages += list.copy_pages + list.zero_pages;
	tally.cycles += list.spare_pa != 0;
	return fault ? fault : scene_compare(&scene);
}

int main(int argc, char **argv)
{
	uint64_t sets = argc > 1 ? strtoull(argv[1], NULL, 0) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	const char *fault = NULL;

	scene_open(&scene);
	if (!walk_open(&scene)) {
		fprintf(stderr, "property: no %s walker here\n", walk_name);
		return 2;
	}
	for (uint64_t i = 0; i < sets && !fault; i++) {
		fault = run(seed + i, i % AUDITED == 0);
		if (fault)
			printf("property: FAIL: %s\nproperty: once more: property 1 %llu\n", fault,
			       (unsigned long long)(seed + i));
	}
	walk_close();
	scene_close(&scene);
	printf("property: %s walker, seed %llu: %llu sets, %llu walked (%llu pages, %llu with cycles), "
	       "%llu refused for the arena's size, %llu for shared sources\n", walk_name,
	       (unsigned long long)seed, (unsigned long long)sets, (unsigned long long)tally.walked,
	       (unsigned long long)tally.pages, (unsigned long long)tally.cycles,
	       (unsigned long long)tally.refused_small, (unsigned long long)tally.refused_shared);
	return fault != NULL;
}
