/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * property-<walker> [sets [seed [plant]]] - random segments, planned, proved, sealed and walked
 *
 * Each set is made from seed + its number alone: with 1 and that sum as arguments it is run again. In
 * the end memory must be what plain copying would have made of it, and nothing else may have changed
 * but the arena. A refusal must be one that the set has coming.
 *
 * Third argument: `audit` has every set audited, and goes on when an access is one too many, to count them;
 * `plant` damages the sealed list, as nothing that libkx proved can be, and the walker must say so: see enum
 * plant.
 */
#include <kx/status.h>

#include "fake.h"
#include "paging.h"
#include "scene.h"
#include "walk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AUDITED 10 /* one set in so many has every access looked at */

/* Not at the start of a page: Unicorn would look at the page before, which may not be mapped. */
#define ENTRY_OFFSET 0x40

/** enum plant - what is wrong with a list, and what must be noticed */
enum plant {
	PLANT_NOTHING,
	PLANT_DEST,   /* a page that is no destination is written: the audit sees the store */
	PLANT_SOURCE, /* a page that is no source is read: the audit sees the load */
	PLANT_ENTRY,  /* the entry is somewhere else: the audit sees the fetch */
	PLANT_FLAG,   /* a word that means nothing: the trampoline itself stops, and reports it */
	PLANT_DRY,    /* a dry run that copies: the audit sees the store */
	PLANTS
};

/** struct tally - what became of the sets */
struct tally {
	uint64_t walked;
	uint64_t pages; /* copied or zeroed */
	uint64_t dry;   /* sets that were looked at first */
	uint64_t cycles; /* sets that needed the spare page */
	uint64_t shared; /* sets in which a page is the source of several */
	uint64_t refused_small;
	uint64_t planted;
	uint64_t recorded; /* sets with a status record */
	uint64_t violations;
};

static struct scene scene;
static struct tally tally;
static uint64_t current_seed;

static uint64_t status_pa; /* of the set's status record; 0: none */

/* Is this refusal one that the set has coming? Then it is counted, and the set is done. */
static const char *judge(int error, const struct kx_plan *plan)
{
	if (error == -KX_ERR_ARENA_SMALL && scene.arena.size < kx_arena_size(plan)) {
		tally.refused_small++;
		return NULL;
	}
	return kx_strerror(error);
}

/* A mode of small pages: in a larger granule, memory that ends within one is not for libkx to use. */
static void choose_paging(struct kx_jump *jump)
{
	size_t count = paging_mode_count + (kx_idmap_off_(&paging_off) != 0);
	size_t mode = scene_below(&scene, count);

	fake_reset();
	do {
		mode = (mode + 1) % count;
		fake.paging = mode < paging_mode_count ? paging_modes[mode].paging : paging_off;
		jump->run_va = mode < paging_mode_count ? paging_modes[mode].high_va : 0;
	} while (kx_idmap_granule_(&fake.paging) != PAGE || !walk_takes(&fake.paging));
}

/* A page of the window that is used for nothing. */
static uint64_t idle_page(void)
{
	for (uint64_t page = 0; page < scene.pages; page++) {
		int idle = scene.usable[page] && !scene.is_dest[page];

		for (size_t i = 0; i < scene.copies && idle; i++)
			idle = scene.source[i] != page;
		if (idle)
			return scene.pa + page * PAGE;
	}
	return 0;
}

/* An audited set has a status record, where there is room for it. */
static void place_record(int audit)
{
	uint64_t page_pa = audit ? idle_page() : 0;

	status_pa = page_pa ? page_pa + KX_STATUS_SIZE * scene_below(&scene, PAGE / KX_STATUS_SIZE) : 0;
	if (!status_pa)
		return;
	kx_status_begin((struct kx_status *)(void *)scene_at(&scene, status_pa), 1000000);
	tally.recorded++;
}

/* It says that the image was entered, is sound, and all around it is as it was. */
static const char *check_record(void)
{
	struct kx_status_report report;
	uint8_t *record = scene_at(&scene, status_pa);
	int error;

	if (!status_pa)
		return NULL;
	error = kx_status_read(record, &report);
	memcpy(scene.expected + (status_pa - scene.pa), record, KX_STATUS_SIZE);
	if (error)
		return kx_strerror(error);
	return !strcmp(report.stage, KX_STATUS_NAME_JUMP) ? NULL : "the status record is not at the jump";
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

/* The list alone, in what kx_arena_size() counts for it: the rest of that size is no reserve. */
static int build_in_its_share(const struct kx_plan *plan)
{
	const struct kx_paging any = { 0 };
	struct kx_arena arena = scene.arena;
	struct kx_list list;

	arena.size = kx_arena_size(plan) - kx_list_check_scratch(&scene.memory) -
		     (kx_idmap_pages_(&any, &scene.memory) + 3) * kx_idmap_granule_(&any);
	return arena.size > scene.arena.size ? 0 : kx_list_build(plan, &arena, &list);
}

/* Plan, prove, seal. Returns what a call returned. */
static int plan_and_seal(const struct kx_plan *plan, struct kx_list *list,
			 struct kx_control *control)
{
	struct kx_jump jump = { .memory = &scene.memory, .status_pa = status_pa };
	int error = kx_segments_check(scene.segment, scene.count, &scene.memory, NULL);

	for (int i = 0; i < KX_HANDOFF_ARGS_COUNT; i++)
		jump.args[i] = scene.random + (uint64_t)i;
	jump.entry_pa = scene.segment[0].dest_pa + ENTRY_OFFSET;
	jump.console = *walk_console();
	if (status_pa)
		jump.status = (struct kx_status *)(void *)scene_at(&scene, status_pa);
	if (!error && scene.arena.size > kx_arena_size(plan) && scene_below(&scene, 2))
		scene.arena.size = kx_arena_size(plan); /* all that it should need */
	choose_paging(&jump);
	scene_poison(&scene);
	if (!error && build_in_its_share(plan))
		error = -KX_ERR_ARGUMENT; /* none that judge() would let pass */
	if (!error)
		error = kx_list_build(plan, &scene.arena, list);
	if (!error)
		error = prove(list);
	if (!error)
		error = kx_control_seal(list, &jump, &scene.arena, control);
	scene_unpoison(&scene);
	return error;
}

/* ---- damage, to show that it is seen ---- */

/* A word of the list's first page with this flag, any but the last; NULL: none there. */
static uint64_t *find_word(const struct kx_list *list, uint64_t flag)
{
	uint8_t *page = scene_at(&scene, list->head & ~(uint64_t)KX_PAGE_MASK);
	uint64_t *words = (uint64_t *)(void *)page, *found = NULL;

	for (uint64_t i = 0; page && i < KX_LIST_WORDS_PER_PAGE && words[i] != KX_IND_DONE; i++)
		if ((words[i] & KX_IND_FLAGS) == flag && (!found || !scene_below(&scene, 4)))
			found = &words[i];
	return found;
}

/* Is any page not in its place? */
static int moves(void)
{
	for (size_t i = 0; i < scene.copies; i++)
		if (scene.source[i] != scene.dest[i])
			return 1;
	return 0;
}

static uint64_t bad_word(uint64_t word)
{
	uint64_t page = word & ~(uint64_t)KX_PAGE_MASK;

	switch (scene_below(&scene, 6)) {
	case 0: return 0;
	case 1: return page | KX_IND_SOURCE | KX_IND_DESTINATION;
	case 2: return page | 1u << KX_IND_RUN_SHIFT | KX_IND_DESTINATION; /* has no run length */
	case 3: return scene.pa | KX_IND_ZERO;                             /* nor an address */
	case 4: return page | 1u << KX_IND_RUN_SHIFT | KX_IND_INDIRECTION;
	}
	return page | 1u << KX_IND_RUN_SHIFT | KX_IND_DONE;
}

/* Do the damage. Returns what the walker must begin its complaint with; NULL: no place for it here. */
static const char *plant(enum plant what, const struct kx_list *list,
			 const struct kx_control *control)
{
	struct kx_handoff *handoff = (void *)scene_at(&scene, control->pa);
	uint64_t idle_pa = idle_page(), *dest = find_word(list, KX_IND_DESTINATION);
	uint64_t *source = find_word(list, KX_IND_SOURCE);

	switch (what) {
	case PLANT_DEST:
		if (!dest || !idle_pa)
			return NULL;
		*dest = idle_pa | KX_IND_DESTINATION;
		return "audit: store to 0x";
	case PLANT_SOURCE:
		if (!source || !idle_pa)
			return NULL;
		*source = idle_pa | KX_IND_SOURCE;
		return "audit: load from 0x";
	case PLANT_ENTRY:
		/* The emulator remembers what it has fetched: at no place where a control page has code. */
		handoff->entry_pa += 4;
		return "audit: fetch from 0x";
	case PLANT_DRY:
		return list->zero_pages || moves() ? "audit: store to 0x" : NULL;
	default:
		source = dest && scene_below(&scene, 2) ? dest : source;
		if (!source)
			return NULL;
		*source = bad_word(*source);
		return "kx: fault: trampoline copy cause=0x000000004c465f58 ";
	}
}

static const char *run_planted(enum plant what, struct kx_list *list, struct kx_control *control)
{
	static char words[512];
	struct kx_handoff *handoff = (void *)scene_at(&scene, control->pa);
	uint64_t entry_pa = handoff->entry_pa;
	const char *expected = plant(what, list, control), *fault;

	if (!expected)
		return NULL;
	tally.planted++;
	fault = what == PLANT_DRY ? walk_dry(&scene, control, 1) :
				    walk(&scene, list, control, entry_pa, 1);
	if (fault && !strncmp(fault, expected, strlen(expected)))
		return NULL;
	snprintf(words, sizeof(words), "planted violation %d was not seen: %s", what,
		 fault ? fault : "the walk went well");
	return words;
}

/* ---- a set ---- */

static const char *run(uint64_t seed, int audit, enum plant what)
{
	struct kx_plan plan = { .segments = scene.segment, .segment_count = 0, .memory = &scene.memory };
	struct kx_list list;
	struct kx_control control;
	const char *fault;
	int error;

	current_seed = seed;
	alarm(60);
	scene_make(&scene, seed);
	place_record(walk_records && audit && !what);
	plan.segment_count = scene.count;
	error = plan_and_seal(&plan, &list, &control);
	if (error)
		return judge(error, &plan);
	walk_declare(&scene, &list, status_pa);
	if (what)
		return run_planted(what, &list, &control);
	fault = audit ? walk_dry(&scene, &control, 0) : NULL;
	if (fault)
		return fault;
	tally.dry += audit;
	fault = walk(&scene, &list, &control, scene.segment[0].dest_pa + ENTRY_OFFSET, audit);
	tally.walked++;
	tally.pages += list.copy_pages + list.zero_pages;
	tally.cycles += list.spare_pa != 0;
	tally.shared += scene.shared != 0;
	if (!fault)
		fault = check_record();
	return fault ? fault : scene_compare(&scene);
}

static void print_tally(uint64_t sets, uint64_t seed)
{
	printf("property: %s walker, seed %llu: %llu sets, %llu walked (%llu pages, %llu with cycles, "
	       "%llu with shared sources, %llu after a dry run), %llu planted, %llu refused for the arena's "
	       "size; %llu accesses audited, %llu status records, %llu violations\n", walk_name,
	       (unsigned long long)seed, (unsigned long long)sets, (unsigned long long)tally.walked,
	       (unsigned long long)tally.pages, (unsigned long long)tally.cycles,
	       (unsigned long long)tally.shared, (unsigned long long)tally.dry,
	       (unsigned long long)tally.planted,
	       (unsigned long long)tally.refused_small, (unsigned long long)walk_accesses,
	       (unsigned long long)tally.recorded, (unsigned long long)tally.violations);
}

static void print_fault(const char *fault)
{
	printf("property: FAIL: %s\nproperty: the set alone: property-<walker> 1 %llu\n", fault,
	       (unsigned long long)current_seed);
}

/* A walk that does not end. */
static void on_alarm(int signal)
{
	(void)signal;
	print_fault("time is up");
	fflush(stdout);
	_exit(1);
}

int main(int argc, char **argv)
{
	uint64_t sets = argc > 1 ? strtoull(argv[1], NULL, 0) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	const char *fault = NULL, *mode = argc > 3 ? argv[3] : "";
	int failed = 0, audit = !strcmp(mode, "audit"), plants = !strcmp(mode, "plant");

	signal(SIGALRM, on_alarm);
	scene_open(&scene);
	scene.small = walk_is_slow;
	scene.tables = paging_maps_ram ? 30 : 9;
	if (!walk_open(&scene)) {
		fprintf(stderr, "property: no %s walker here\n", walk_name);
		return 2;
	}
	for (uint64_t i = 0; i < sets && (!fault || audit); i++) {
		enum plant what = plants ? 1 + i % (PLANTS - 1) : PLANT_NOTHING;

		fault = run(seed + i, audit || i % AUDITED == 0, what);
		tally.violations += fault && !strncmp(fault, "audit:", 6);
		failed |= fault != NULL;
		if (fault)
			print_fault(fault);
	}
	walk_close();
	scene_close(&scene);
	print_tally(sets, seed);
	return failed;
}
