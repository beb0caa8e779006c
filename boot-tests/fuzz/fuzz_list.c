/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any words as a page list: kx_list_check() accepts exactly the lists that a walk page by page finds
 * sound. The walk is written from the promises in kx.h, not from the check.
 */
#include "fuzz.h"

#define RAM_PA     0x80000000u
#define RAM_PAGES  64
#define LIST_PAGES 4 /* the list can lie in any of the first so many */
#define STEPS_MAX  10000 /* more than the list pages have words */

/** struct lab - a machine, and a list in it */
struct lab {
	struct kx_range ram[2], reserved, parked, written;
	struct kx_memory memory;
	struct kx_list list;
	int swap; /* pages change places */
	uint64_t words[LIST_PAGES][KX_LIST_WORDS_PER_PAGE];
	uint8_t is_list[RAM_PAGES], is_written[RAM_PAGES]; /* the walk's: what has been found */
};

static struct lab lab;

static const void *at(const void *context, uint64_t pa)
{
	const struct lab *in = context;
	uint64_t page = (pa - RAM_PA) / PAGE;

	return page < LIST_PAGES ? in->words[page] : NULL;
}

/* ---- bytes to a list ---- */

static struct kx_range take_range(struct input *input)
{
	uint64_t word = take(input, 2);

	return (struct kx_range){ RAM_PA + word % RAM_PAGES * PAGE + (word & 0x1000 ? 17 : 0),
				  word & 0x8000 ? 0 : 1 + (word >> 8 & 7) * PAGE };
}

/* 12 bits as they are, the page by number; now and then an address that is no memory. */
static uint64_t take_word(struct input *input)
{
	uint64_t bits = take(input, 2), page = take(input, 1), pa = RAM_PA + page % 80 * PAGE;

	if (page >= 0xf0)
		pa = 0 - (page & 15) * PAGE;
	return pa | (bits & KX_PAGE_MASK);
}

static void read_lab(struct input *input)
{
	uint64_t first = take(input, 1), hole = first % RAM_PAGES, shape = take(input, 1);

	memset(&lab, 0, sizeof(lab));
	lab.swap = first >> 7 & 1;
	lab.ram[0] = (struct kx_range){ RAM_PA, RAM_PAGES * PAGE };
	if (hole > 4 && hole < RAM_PAGES - 1) {
		lab.ram[0].size = hole * PAGE;
		lab.ram[1].pa = RAM_PA + (hole + 1) * PAGE;
		lab.ram[1].size = (RAM_PAGES - hole - 1) * PAGE;
	}
	lab.memory = (struct kx_memory){ .ram = lab.ram, .ram_count = lab.ram[1].size ? 2 : 1,
		.reserved = &lab.reserved, .reserved_count = shape & 1,
		.parked = &lab.parked, .parked_count = shape >> 1 & 1,
		.written = &lab.written, .written_count = shape >> 2 & 1 };
	lab.reserved = take_range(input);
	lab.parked = take_range(input);
	lab.written = take_range(input);
	lab.list.spare_pa = shape & 8 ? RAM_PA + (shape >> 4) * 4 * PAGE : 0;
	lab.list.at = at;
	lab.list.context = &lab;
	lab.list.head = take_word(input);
	for (uint64_t i = 0, page = 0; input->size && i < KX_LIST_WORDS_PER_PAGE; i++) {
		lab.words[page][i] = take_word(input);
		if ((lab.words[page][i] & KX_PAGE_MASK) == KX_IND_INDIRECTION && page < LIST_PAGES - 1) {
			page++; /* goes on in the next page, wherever this one went */
			i = UINT64_MAX;
		}
	}
}

/* ---- the same, page by page ---- */

static int touches(struct kx_range range, size_t count, uint64_t pa)
{
	return count && range.size && range.pa < pa + PAGE && pa < range.pa + range.size;
}

static int in_ram(uint64_t pa)
{
	for (size_t i = 0; i < lab.memory.ram_count; i++)
		if (pa >= lab.ram[i].pa && pa < lab.ram[i].pa + lab.ram[i].size)
			return !touches(lab.reserved, lab.memory.reserved_count, pa);
	return 0;
}

static int may_read(uint64_t pa)
{
	return in_ram(pa) && !touches(lab.written, lab.memory.written_count, pa) &&
	       !lab.is_written[(pa - RAM_PA) / PAGE];
}

static int may_write(uint64_t pa)
{
	uint64_t page = (pa - RAM_PA) / PAGE;

	return in_ram(pa) && !lab.is_list[page] && !lab.is_written[page] &&
	       !touches(lab.parked, lab.memory.parked_count, pa) &&
	       !touches(lab.written, lab.memory.written_count, pa);
}

/* Each page has one other to change places with, or is in place; so that it can be put back. */
static int swap_run(uint64_t word, uint64_t dest_pa, uint64_t pages)
{
	uint64_t source_pa = word & ~(uint64_t)KX_PAGE_MASK;

	if ((word & KX_IND_FLAGS) == KX_IND_ZERO)
		return 0;
	for (uint64_t i = 0; i < pages; i++, source_pa += PAGE, dest_pa += PAGE) {
		if (!may_read(source_pa) || !may_write(dest_pa) || !may_write(source_pa))
			return 0;
		lab.is_written[(dest_pa - RAM_PA) / PAGE] = 1;
		lab.is_written[(source_pa - RAM_PA) / PAGE] = 1;
	}
	return 1;
}

/* One SOURCE or ZERO. The spare page can be written and read again, but not within one run. */
static int walk_run(uint64_t word, uint64_t dest_pa, uint64_t pages)
{
	uint64_t source_pa = word & ~(uint64_t)KX_PAGE_MASK;
	int zero = (word & KX_IND_FLAGS) == KX_IND_ZERO;

	if (zero && source_pa)
		return 0;
	for (uint64_t i = 0; i < pages; i++, source_pa += PAGE, dest_pa += PAGE) {
		if ((!zero && !may_read(source_pa)) || !may_write(dest_pa))
			return 0;
		lab.is_written[(dest_pa - RAM_PA) / PAGE] = 1;
	}
	if (lab.list.spare_pa && in_ram(lab.list.spare_pa))
		lab.is_written[(lab.list.spare_pa - RAM_PA) / PAGE] = 0;
	return 1;
}

/* Returns where the words of a list page lie; NULL: it must not be one. */
static const uint64_t *walk_page(uint64_t pa)
{
	uint64_t page = (pa - RAM_PA) / PAGE;

	if (!may_read(pa) || lab.is_list[page] || (lab.list.spare_pa && pa == lab.list.spare_pa))
		return NULL;
	lab.is_list[page] = 1;
	return at(&lab, pa);
}

static int walk(void)
{
	const uint64_t *next = &lab.list.head, *end = next + 1;
	uint64_t dest_pa = 0, pages;
	int has_dest = 0;

	for (int i = 0; i < STEPS_MAX && next < end; i++) {
		uint64_t word = *next++, pa = word & ~(uint64_t)KX_PAGE_MASK;

		switch (word & KX_IND_FLAGS) {
		case KX_IND_SOURCE:
		case KX_IND_ZERO:
			pages = (word >> KX_IND_RUN_SHIFT & (KX_RUN_MAX_PAGES - 1)) + 1;
			if (!has_dest || !(lab.swap ? swap_run : walk_run)(word, dest_pa, pages))
				return 0;
			dest_pa += pages * PAGE;
			continue;
		}
		switch (word & KX_PAGE_MASK) {
		case KX_IND_DESTINATION:
			dest_pa = pa;
			has_dest = 1;
			break;
		case KX_IND_INDIRECTION:
			next = walk_page(pa);
			if (!next)
				return 0;
			end = next + KX_LIST_WORDS_PER_PAGE;
			break;
		default:
			return (word & KX_PAGE_MASK) == KX_IND_DONE;
		}
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct kx_list_rules rules = { .memory = &lab.memory };
	int error;

	read_lab(&input);
	rules.swap = lab.swap;
	rules.scratch_size = kx_list_check_scratch(&lab.memory);
	rules.scratch = malloc(rules.scratch_size);
	error = kx_list_check(&lab.list, &rules, NULL);
	free(rules.scratch);
	MUST((error == 0) == walk());
	return 0;
}
