/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random machines with random segments: holes and reserved bytes, sources in destinations, chains,
 * cycles, shifts, memory that is full but for the arena, odd sizes, pages in place.
 */
#include "scene.h"

#include <sanitizer/asan_interface.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t next(struct scene *scene)
{
	uint64_t z = scene->random += 0x9e3779b97f4a7c15; /* SplitMix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t scene_below(struct scene *scene, uint64_t end)
{
	return (next(scene) >> 32) % end;
}

static int one_in(struct scene *scene, uint64_t n)
{
	return !scene_below(scene, n);
}

void scene_open(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->ram = aligned_alloc(PAGE, SCENE_PAGES * PAGE);
	scene->expected = aligned_alloc(PAGE, SCENE_PAGES * PAGE);
}

void scene_close(struct scene *scene)
{
	scene_unpoison(scene);
	free(scene->ram);
	free(scene->expected);
}

uint8_t *scene_at(const struct scene *scene, uint64_t pa)
{
	return pa - scene->pa < scene->pages * PAGE ? scene->ram + (pa - scene->pa) : NULL;
}

/* ---- the machine ---- */

static void make_ranges(struct scene *scene)
{
	uint64_t at = scene_below(scene, 3), count = 0;

	for (;;) {
		uint64_t left = scene->pages - at;
		uint64_t size = one_in(scene, 2) ? left : 1 + scene_below(scene, left);

		scene->range[count++] = (struct kx_range){ scene->pa + at * PAGE, size * PAGE };
		at += size + scene_below(scene, 3); /* ranges may touch */
		if (at >= scene->pages || count == 4)
			break;
	}
	scene->memory = (struct kx_memory){
		.ram = scene->range, .ram_count = count, .reserved = scene->reserved,
	};
	while (scene->memory.reserved_count < 2 && one_in(scene, 3))
		scene->reserved[scene->memory.reserved_count++] = (struct kx_range){
			scene->pa + scene_below(scene, scene->pages * PAGE),
			scene_below(scene, one_in(scene, 2) ? 16 : 4 * PAGE),
		};
}

static void mark_usable(struct scene *scene)
{
	memset(scene->usable, 0, sizeof(scene->usable));
	for (size_t i = 0; i < scene->memory.ram_count; i++)
		memset(scene->usable + (scene->range[i].pa - scene->pa) / PAGE, 1,
		       scene->range[i].size / PAGE);
	for (size_t i = 0; i < scene->memory.reserved_count; i++) {
		uint64_t start = scene->reserved[i].pa - scene->pa, end = start + scene->reserved[i].size;

		for (uint64_t page = start / PAGE; page < scene->pages && start < end; page++) {
			scene->usable[page] = 0;
			start = (page + 1) * PAGE;
		}
	}
}

static uint64_t run_of_usable(const struct scene *scene, uint64_t page, uint64_t most)
{
	uint64_t run = 0;

	while (run < most && page + run < scene->pages && scene->usable[page + run])
		run++;
	return run;
}

static int make_arena(struct scene *scene)
{
	uint64_t ample = 19 + scene->tables + scene->pages / 16;
	uint64_t want = one_in(scene, 8) ? 1 + scene_below(scene, ample) : ample;

	for (int i = 0; i < 20; i++) {
		uint64_t page = one_in(scene, 2) ? scene_below(scene, scene->pages) :
			one_in(scene, 2) ? 0 : scene->pages - (want < scene->pages ? want : 0) - 1;
		uint64_t run = run_of_usable(scene, page, want);

		if (run < want)
			continue;
		memset(scene->usable + page, 0, run);
		scene->arena = (struct kx_arena){
			scene->ram + page * PAGE, scene->pa + page * PAGE, run * PAGE, 0
		};
		if (one_in(scene, 4))
			scene->arena.size -= scene_below(scene, PAGE);
		return 1;
	}
	return 0;
}

/* ---- destinations ---- */

static void add_segment(struct scene *scene, uint64_t page, uint64_t pages)
{
	uint64_t file = one_in(scene, 3) ? scene_below(scene, pages + 1) : pages;

	if (!pages)
		return;
	scene->segment[scene->count++] = (struct kx_segment){
		.dest_pa = scene->pa + page * PAGE, .memsz = pages * PAGE, .filesz = file * PAGE
	};
	memset(scene->is_dest + page, 1, pages);
	for (uint64_t i = 0; i < file; i++)
		scene->dest[scene->copies++] = (uint16_t)(page + i);
}

static void make_dests(struct scene *scene)
{
	int full = one_in(scene, 3);
	uint64_t page = 0, longest = full || one_in(scene, 2) ? scene->pages : 12;

	memset(scene->is_dest, 0, sizeof(scene->is_dest));
	scene->copies = 0;
	while (page < scene->pages && scene->count < SCENE_SEGMENTS) {
		uint64_t run = run_of_usable(scene, page, 1 + scene_below(scene, longest));

		if (run && (full || one_in(scene, 2)))
			add_segment(scene, page, run);
		page += run ? run : 1;
		if (!full)
			page += scene_below(scene, longest);
	}
}

/* ---- sources ---- */

static void shuffle(struct scene *scene, uint16_t *pages, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = scene_below(scene, i);
		uint16_t page = pages[i - 1];

		pages[i - 1] = pages[j];
		pages[j] = page;
	}
}

static void swap_blocks(struct scene *scene)
{
	size_t n = scene->copies, cut = scene_below(scene, n), wider = scene_below(scene, n - cut);

	/* what lies behind the cut comes first */
	for (size_t i = 0; i < n; i++)
		scene->source[i] = scene->dest[(i + cut) % n];
	shuffle(scene, scene->source + cut, wider % 5);
}

/* What the style wants where it can be had, each page once, and else any other page. */
static void settle(struct scene *scene, int sharing)
{
	uint16_t unused[SCENE_PAGES];
	uint8_t taken[SCENE_PAGES] = { 0 };
	size_t count = 0;

	for (uint64_t page = 0; page < scene->pages; page++)
		if (scene->usable[page])
			unused[count++] = (uint16_t)page;
	shuffle(scene, unused, count);
	scene->shared = 0;
	for (size_t i = 0; i < scene->copies; i++) {
		uint16_t page = scene->source[i];

		if (page >= scene->pages || !scene->usable[page] || (taken[page] && !sharing))
			scene->source[i] = UINT16_MAX;
		else
			scene->shared |= taken[page]++;
	}
	for (size_t i = 0; i < scene->copies; i++) {
		while (scene->source[i] == UINT16_MAX) {
			uint16_t page = unused[--count];

			if (!taken[page]++)
				scene->source[i] = page;
		}
	}
}

static void make_sources(struct scene *scene)
{
	int style = (int)scene_below(scene, 9); /* 5 to 7 below */
	uint16_t shift = (uint16_t)(scene_below(scene, 11) - 5);
	size_t n = scene->copies;

	for (size_t i = 0; i < n; i++) {
		switch (style) {
		case 0: scene->source[i] = UINT16_MAX; break;             /* scattered */
		case 1: scene->source[i] = scene->dest[i] + shift; break; /* over themselves */
		case 2: scene->source[i] = scene->dest[n - 1 - i]; break; /* turned round */
		case 3: scene->source[i] = (uint16_t)scene_below(scene, scene->pages); break;
		case 8: /* few sources for many */
			scene->source[i] = scene->dest[scene_below(scene, 1 + n / 4)];
			break;
		case 4: /* some in place */
			scene->source[i] = one_in(scene, 4) ? UINT16_MAX : scene->dest[i];
			break;
		default: scene->source[i] = scene->dest[i]; break;
		}
	}
	if (style == 5)
		shuffle(scene, scene->source, n); /* cycles */
	if (style == 6 && n)
		swap_blocks(scene); /* long runs change places */
	if (style == 7) /* in place but for a few that changed places */
		shuffle(scene, scene->source + n / 3, n / 5);
	settle(scene, style == 3 || style == 8 || one_in(scene, 10));
}

/* Pages that follow each other make a piece, mostly; the last may be of odd size. */
static void make_pieces(struct scene *scene, struct kx_segment *segment, const uint16_t *source)
{
	uint64_t pages = segment->filesz / PAGE;
	struct kx_piece *piece = &scene->piece[scene->piece_count];

	segment->pieces = piece;
	segment->piece_count = 0;
	for (uint64_t i = 0; i < pages; i++) {
		if (i && source[i] == source[i - 1] + 1 && !one_in(scene, 8)) {
			piece->size += PAGE;
			continue;
		}
		piece = &scene->piece[scene->piece_count++];
		*piece = (struct kx_piece){
			scene->ram + source[i] * PAGE, scene->pa + source[i] * PAGE, PAGE
		};
		segment->piece_count++;
	}
	if (pages && one_in(scene, 3)) {
		uint64_t odd = scene_below(scene, PAGE);

		piece->size -= odd;
		segment->filesz -= odd;
	}
	if (segment->memsz - segment->filesz < PAGE && one_in(scene, 2))
		segment->memsz = segment->filesz;
	else if (segment->memsz - segment->filesz >= PAGE)
		segment->memsz -= scene_below(scene, PAGE);
}

/* ---- what must become of it ---- */

/* Half of the time of a scene, were each of these stores looked at: they go nowhere else. */
__attribute__((no_sanitize("address", "undefined"))) static void fill(const struct scene *scene)
{
	uint64_t *words = (uint64_t *)(void *)scene->ram;

	for (uint64_t i = 0; i < scene->pages * PAGE / 8; i++)
		words[i] = scene->random + i * 0x9e3779b97f4a7c15;
}

/* The plain way: all bytes are taken before one is written. */
static void expect(const struct scene *scene)
{
	memcpy(scene->expected, scene->ram, scene->pages * PAGE);
	for (size_t i = 0; i < scene->count; i++) {
		const struct kx_segment *segment = &scene->segment[i];
		uint8_t *to = scene->expected + (segment->dest_pa - scene->pa);

		memset(to, 0, (segment->memsz + PAGE - 1) / PAGE * PAGE);
		for (size_t j = 0; j < segment->piece_count; j++) {
			memcpy(to, segment->pieces[j].data, segment->pieces[j].size);
			to += segment->pieces[j].size;
		}
	}
}

void scene_make(struct scene *scene, uint64_t seed)
{
	size_t done = 0;

	scene->random = seed;
	do {
		scene->pa = one_in(scene, 4) ? SCENE_HIGH_PA : SCENE_LOW_PA;
		scene->pages = 64 + scene_below(scene, one_in(scene, 16) ? SCENE_PAGES - 63 : 64);
		if (scene->small && !one_in(scene, 8))
			scene->pages = 31 + scene->tables + scene_below(scene, 16);
		make_ranges(scene);
		mark_usable(scene);
		scene->count = 0;
		if (make_arena(scene))
			make_dests(scene);
	} while (!scene->count);
	make_sources(scene);
	scene->piece_count = 0;
	for (size_t i = 0; i < scene->count; i++) {
		uint64_t pages = scene->segment[i].filesz / PAGE;

		make_pieces(scene, &scene->segment[i], scene->source + done);
		done += pages;
	}
	fill(scene);
	expect(scene);
	for (size_t i = scene->count; i > 1; i--) {
		size_t j = scene_below(scene, i);
		struct kx_segment segment = scene->segment[i - 1];

		scene->segment[i - 1] = scene->segment[j];
		scene->segment[j] = segment;
	}
}

void scene_poison(const struct scene *scene)
{
	uint64_t before = scene->arena.pa - scene->pa, end = before + scene->arena.size;

	ASAN_POISON_MEMORY_REGION(scene->ram, before);
	ASAN_POISON_MEMORY_REGION(scene->ram + end, scene->pages * PAGE - end);
	for (size_t i = 0; i < scene->piece_count; i++) {
		const struct kx_piece *piece = &scene->piece[i];
		uint64_t odd = piece->size % PAGE;
		const uint8_t *data = piece->data;

		ASAN_UNPOISON_MEMORY_REGION(data + (piece->size - odd), odd);
	}
}

void scene_unpoison(const struct scene *scene)
{
	ASAN_UNPOISON_MEMORY_REGION(scene->ram, SCENE_PAGES * PAGE);
}

const char *scene_compare(const struct scene *scene)
{
	static char words[128];
	uint64_t arena = scene->arena.pa - scene->pa, end = arena + scene->arena.size;

	if (!memcmp(scene->ram, scene->expected, arena) &&
	    !memcmp(scene->ram + end, scene->expected + end, scene->pages * PAGE - end))
		return NULL;
	for (uint64_t i = 0;; i++) {
		if (scene->ram[i] == scene->expected[i] || (i >= arena && i < end))
			continue;
		snprintf(words, sizeof(words), "memory differs at 0x%llx, in page %llu%s",
			 (unsigned long long)(scene->pa + i), (unsigned long long)(i / PAGE),
			 scene->is_dest[i / PAGE] ? "" : ", which is no destination");
		return words;
	}
}
