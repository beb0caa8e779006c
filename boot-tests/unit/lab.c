/* SPDX-License-Identifier: BSD-2-Clause */
/* A small machine to plan for; used by the tests of the planner. */
#include "unit.h"

#include <sanitizer/asan_interface.h>

#define ARENA_PAGES 24

void lab_open(struct lab *lab)
{
	uint64_t size = LAB_PAGES * PAGE;

	memset(lab, 0, sizeof(*lab));
	lab->ram = aligned_alloc(PAGE, size); /* with ASan's red zones before and behind */
	memset(lab->ram, 0xa5, size);
	lab->range[0] = (struct kx_range){ LAB_PA, size };
	lab->memory = (struct kx_memory){
		.ram = lab->range, .ram_count = 1, .reserved = lab->reserved,
		.parked = lab->parked, .written = lab->written,
	};
	lab->arena.pa = LAB_PAGE(LAB_PAGES - ARENA_PAGES);
	lab->arena.base = lab->ram + (lab->arena.pa - LAB_PA);
	lab->arena.size = ARENA_PAGES * PAGE;
	lab_segment(lab, 0, 8, 16, 2);
	lab->segment[0].memsz += PAGE;
	lab->count = 1;
	lab_poison(lab);
}

void lab_close(struct lab *lab)
{
	lab_unpoison(lab);
	free(lab->ram);
}

void lab_poison(struct lab *lab)
{
	ASAN_POISON_MEMORY_REGION(lab->ram, lab->arena.pa - LAB_PA);
}

void lab_unpoison(struct lab *lab)
{
	ASAN_UNPOISON_MEMORY_REGION(lab->ram, LAB_PAGES * PAGE);
}

void lab_segment(struct lab *lab, size_t i, uint64_t dest, uint64_t source, uint64_t pages)
{
	lab->piece[i] = (struct kx_piece){ NULL, LAB_PAGE(source), pages * PAGE };
	lab->segment[i] = (struct kx_segment){
		.dest_pa = LAB_PAGE(dest),
		.memsz = pages * PAGE,
		.filesz = pages * PAGE,
		.pieces = &lab->piece[i],
		.piece_count = 1,
	};
}

int lab_check(struct lab *lab)
{
	lab->at_pa = 0;
	return kx_segments_check(lab->segment, lab->count, &lab->memory, &lab->at_pa);
}

int lab_build(struct lab *lab)
{
	struct kx_plan plan = { .segments = lab->segment, .segment_count = lab->count,
				 .memory = &lab->memory };
	int error = lab_check(lab);

	return error ? error : kx_list_build(&plan, &lab->arena, &lab->list);
}

int lab_prove(const struct lab *lab, const struct kx_list *list, uint64_t *at_pa)
{
	uint64_t size = kx_list_check_scratch(&lab->memory);
	struct kx_list_rules rules = { .memory = &lab->memory, .scratch_size = size };
	int error;

	rules.scratch = malloc(size); /* not a byte more than asked for */
	memset(rules.scratch, 0xff, size);
	error = kx_list_check(list, &rules, at_pa);
	free(rules.scratch);
	return error;
}

/* A kx_list.at: the lab's RAM. */
static const void *ram_at(const void *context, uint64_t pa)
{
	const struct lab *lab = context;

	if (pa < LAB_PA || pa >= LAB_PAGE(LAB_PAGES))
		return NULL;
	return lab->ram + (pa - LAB_PA);
}

struct kx_list lab_list(struct lab *lab, const uint64_t *words, size_t count)
{
	uint8_t *page = lab->ram + LAB_WORDS_PAGE * PAGE;
	struct kx_list list = {
		.head = LAB_PAGE(LAB_WORDS_PAGE) | KX_IND_INDIRECTION,
		.at = ram_at,
		.context = lab,
	};

	ASAN_UNPOISON_MEMORY_REGION(page, LAB_PAGE(LAB_PAGES) - LAB_PAGE(LAB_WORDS_PAGE));
	memset(page, 0, PAGE);
	memcpy(page, words, count * sizeof(*words));
	return list;
}
