/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Proving a list. One pass in the order of the walk, with two bits of scratch memory for each page
 * of RAM: written already; a page of the list.
 */
#include "mem.h"
#include "memory.h"
#include "range.h"

/** struct proof - what is known after the words read so far */
struct proof {
	const struct kx_list *list;
	const struct kx_list_rules *rules;
	uint64_t *written;
	uint64_t *listed;
};

static uint64_t ram_pages(const struct kx_memory *memory)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < memory->ram_count; i++)
		pages += memory->ram[i].size >> KX_PAGE_SHIFT;
	return pages;
}

static uint64_t bitmap_words(const struct kx_memory *memory)
{
	return (ram_pages(memory) + 63) / 64;
}

uint64_t kx_list_check_scratch(const struct kx_memory *memory)
{
	return 2 * bitmap_words(memory) * sizeof(uint64_t);
}

/* The bit of a page that lies in RAM. */
static uint64_t bit_of(const struct kx_memory *memory, uint64_t pa)
{
	uint64_t bit = 0;

	for (size_t i = 0; i < memory->ram_count; i++) {
		if (kx_contains_(memory->ram[i], pa, 1))
			return bit + ((pa - memory->ram[i].pa) >> KX_PAGE_SHIFT);
		bit += memory->ram[i].size >> KX_PAGE_SHIFT;
	}
	return bit;
}

enum action { ASK, SET, CLEAR };

/* Was one of `count` bits set? Then change all of them, or none; a word at a time. */
static int bits(uint64_t *map, uint64_t first, uint64_t count, enum action action)
{
	uint64_t found = 0;

	while (count) {
		uint64_t in_word = 64 - first % 64;
		uint64_t here = count < in_word ? count : in_word;
		uint64_t mask = (here == 64 ? UINT64_MAX : ((uint64_t)1 << here) - 1) << first % 64;

		found |= map[first / 64] & mask;
		if (action == SET)
			map[first / 64] |= mask;
		else if (action == CLEAR)
			map[first / 64] &= ~mask;
		first += here;
		count -= here;
	}
	return found != 0;
}

/* Where the trampoline's mappings are larger than a page, what they reach must be RAM in whole. */
static int is_usable(const struct proof *proof, uint64_t pa, uint64_t size)
{
	uint64_t granule = proof->rules->granule ? proof->rules->granule : KX_PAGE_SIZE;
	uint64_t start = kx_align_down_(pa, granule);
	uint64_t end = kx_align_up_(pa + size, granule);

	return kx_memory_usable_(proof->rules->memory, start, end - start);
}

/* May pages be written, as far as memory is concerned, and what the walk itself lives by? */
static int check_written(const struct proof *proof, uint64_t pa, uint64_t pages)
{
	const struct kx_memory *memory = proof->rules->memory;
	uint64_t size = pages << KX_PAGE_SHIFT;
	int error = kx_memory_dest_(memory, pa, size);

	if (!error)
		error = is_usable(proof, pa, size);
	if (error)
		return error;
	if (kx_overlaps_(pa, size, proof->rules->control))
		return -KX_ERR_DEST_OVER_CONTROL;
	if (kx_overlaps_(pa, size, proof->rules->tables))
		return -KX_ERR_DEST_OVER_TABLES;
	if (kx_overlaps_(pa, size, proof->rules->status))
		return -KX_ERR_STATUS_RANGE;
	return bits(proof->listed, bit_of(memory, pa), pages, ASK) ? -KX_ERR_DEST_OVER_LIST : 0;
}

static int check_source(const struct proof *proof, const struct kx_list_step *step)
{
	const struct kx_memory *memory = proof->rules->memory;
	uint64_t size = step->pages << KX_PAGE_SHIFT;
	int error = kx_memory_source_(memory, step->source_pa, size);

	if (!error && proof->rules->swap)
		return check_written(proof, step->source_pa, step->pages);
	if (!error)
		error = is_usable(proof, step->source_pa, size);
	if (error)
		return error;
	if (kx_overlaps_(step->source_pa, size, proof->rules->status))
		return -KX_ERR_STATUS_RANGE;
	if (bits(proof->written, bit_of(memory, step->source_pa), step->pages, ASK))
		return -KX_ERR_LIST_SOURCE_LOST;
	/* Copying upwards, a run that starts below its destination overwrites its own end. */
	if (step->dest_pa > step->source_pa && step->dest_pa - step->source_pa < size)
		return -KX_ERR_LIST_SOURCE_LOST;
	return 0;
}

static int check_dest(const struct proof *proof, const struct kx_list_step *step)
{
	const struct kx_memory *memory = proof->rules->memory;
	uint64_t spare_pa = proof->list->spare_pa;
	uint64_t size = step->pages << KX_PAGE_SHIFT;
	int error = check_written(proof, step->dest_pa, step->pages);

	if (error)
		return error;
	if (bits(proof->written, bit_of(memory, step->dest_pa), step->pages, SET))
		return proof->rules->swap ? -KX_ERR_LIST_PAIR : -KX_ERR_LIST_DEST_TWICE;
	if (proof->rules->swap)
		return 0;
	/* The spare page alone may be written again and again, and read after it. */
	if (spare_pa && kx_contains_((struct kx_range){ step->dest_pa, size }, spare_pa, 1))
		bits(proof->written, bit_of(memory, spare_pa), 1, CLEAR);
	return 0;
}

/* The other page of each pair; in place it is the same one. */
static int check_pair(const struct proof *proof, const struct kx_list_step *step)
{
	uint64_t first = bit_of(proof->rules->memory, step->source_pa);

	if (step->source_pa != step->dest_pa && bits(proof->written, first, step->pages, SET))
		return -KX_ERR_LIST_PAIR;
	return 0;
}

/* The walk has moved on to another page of the list. */
static int check_page(const struct proof *proof, uint64_t page_pa)
{
	const struct kx_memory *memory = proof->rules->memory;
	uint64_t bit;
	int error = kx_memory_source_(memory, page_pa, KX_PAGE_SIZE);

	if (!error)
		error = is_usable(proof, page_pa, KX_PAGE_SIZE);
	if (error)
		return error;
	if (kx_overlaps_(page_pa, KX_PAGE_SIZE, proof->rules->status))
		return -KX_ERR_STATUS_RANGE;
	bit = bit_of(memory, page_pa);
	if (bits(proof->written, bit, 1, ASK))
		return -KX_ERR_DEST_OVER_LIST;
	if (proof->list->spare_pa && page_pa == proof->list->spare_pa)
		return -KX_ERR_DEST_OVER_LIST;
	return bits(proof->listed, bit, 1, SET) ? -KX_ERR_LIST_LOOP : 0;
}

static int check_step(const struct proof *proof, const struct kx_list_step *step, uint64_t *at_pa)
{
	int error = 0;

	*at_pa = step->source_pa;
	if (step->kind == KX_STEP_PAGE)
		return check_page(proof, step->source_pa);
	if (step->kind == KX_STEP_COPY)
		error = check_source(proof, step);
	if (error)
		return error;
	*at_pa = step->dest_pa;
	if (step->kind == KX_STEP_ZERO && proof->rules->swap)
		return -KX_ERR_LIST_PAIR;
	error = check_dest(proof, step);
	if (error || !proof->rules->swap)
		return error;
	*at_pa = step->source_pa;
	return check_pair(proof, step);
}

static int prove(const struct proof *proof, uint64_t *at_pa)
{
	struct kx_list_walk walk;
	struct kx_list_step step;
	int more;

	kx_mem_zero_(&walk, sizeof(walk)); /* for an initialiser compilers would call memset */
	walk.list = proof->list;
	while ((more = kx_list_next(&walk, &step)) > 0) {
		int error = check_step(proof, &step, at_pa);

		if (error)
			return error;
	}
	*at_pa = walk.page_pa;
	return more;
}

int kx_list_check(const struct kx_list *list, const struct kx_list_rules *rules, uint64_t *at_pa)
{
	struct proof proof = { .list = list, .rules = rules };
	uint64_t ignored, words;
	int error;

	if (!list || !rules)
		return -KX_ERR_ARGUMENT;
	error = kx_memory_check_(rules->memory);
	if (error)
		return error;
	if (kx_wraps_(rules->control.pa, rules->control.size) ||
	    kx_wraps_(rules->tables.pa, rules->tables.size) ||
	    kx_wraps_(rules->status.pa, rules->status.size))
		return -KX_ERR_WRAPS;
	if (!rules->scratch || ((uintptr_t)rules->scratch & 7))
		return -KX_ERR_ARGUMENT;
	words = bitmap_words(rules->memory);
	if (rules->scratch_size < kx_list_check_scratch(rules->memory))
		return -KX_ERR_ARENA_SMALL;
	proof.written = rules->scratch;
	proof.listed = proof.written + words;
	kx_mem_zero_(rules->scratch, kx_list_check_scratch(rules->memory));
	return prove(&proof, at_pa ? at_pa : &ignored);
}
