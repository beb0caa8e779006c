/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * property-return [trips [seed [lose]]] - there and back: a random machine, a random list, and the control
 * page and kx_call_ as they ship, on an emulated CPU
 *
 * The new image writes all over its pages and registers before it comes back. Then every byte of memory
 * must be as it was, but for the image's pages, which are where they came from as it has left them; and so
 * must every register that a call preserves. With a third argument something is lost on the way, and must
 * be missed: see enum lose.
 */
#include "emulator.h"
#include "fake.h"
#include "own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE  ((uint64_t)KX_PAGE_SIZE)
#define RAM   0x80000000u
#define PAGES 256
#define ARENA 96 /* of them, at the end */
#define SEGMENTS 4

/** enum lose - what goes wrong, and is to be seen */
enum lose {
	LOSE_NOTHING,
	LOSE_PAIRS, /* the last run of pairs is not put back */
	LOSE_WAY,   /* the host goes on without having gone the way back */
};

extern const uint8_t call_code[], call_code_end[];

static uint64_t seed_now;
static uint8_t *ram, *expected;
static uint64_t pages; /* of RAM that are not the arena's */
static uint16_t shuffled[PAGES];
static struct kx_range range;
static struct kx_memory memory;
static struct kx_piece piece[PAGES];
static struct kx_segment segment[SEGMENTS];
static struct kx_arena arena;
static struct kx_list list;
static struct kx_control control;
static struct kx_returned *returned; /* in RAM: the host's */
static uint64_t stack_pa;
static uint64_t before[EMULATOR_REGISTERS_MOST];
static uc_engine *cpu;
static uc_context *reset;

static uint64_t draw(uint64_t end)
{
	uint64_t z = seed_now += 0x9e3779b97f4a7c15; /* SplitMix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return end ? (z >> 32) % end : z;
}

/* Pages that nobody has yet: runs of destinations, and single sources from the rest. */
static size_t make_segments(void)
{
	uint8_t taken[PAGES] = { 0 };
	size_t count = 0, pieces = 0, left = pages, at = draw(4);

	while (count < SEGMENTS && at + 2 < pages / 2) {
		uint64_t size = 1 + draw(pages / 2 - at < 24 ? pages / 2 - at : 24);
		uint64_t file = draw(3) ? size : draw(size + 1);

		memset(taken + at, 1, size);
		segment[count++] = (struct kx_segment){ RAM + at * PAGE, size * PAGE, file * PAGE, NULL, 0 };
		at += size + draw(8);
	}
	for (size_t i = 0; i < pages; i++)
		shuffled[i] = (uint16_t)i;
	for (size_t i = pages; i > 1; i--) {
		size_t j = draw(i);
		uint16_t page = shuffled[i - 1];

		shuffled[i - 1] = shuffled[j];
		shuffled[j] = page;
	}
	for (size_t i = 0; i < count; i++) {
		segment[i].pieces = &piece[pieces];
		for (uint64_t done = 0; done < segment[i].filesz; done += PAGE) {
			while (taken[shuffled[--left]])
				;
			taken[shuffled[left]] = 2;
			piece[pieces++] = (struct kx_piece){ ram + shuffled[left] * PAGE,
							     RAM + shuffled[left] * PAGE, PAGE };
			segment[i].piece_count++;
		}
	}
	/* The host's stack may be where the new image goes, but not where it comes from. */
	do
		stack_pa = draw(pages);
	while (taken[stack_pa] == 2);
	stack_pa = RAM + stack_pa * PAGE;
	return count;
}

static int make(void)
{
	struct kx_plan plan = { .segments = segment, .memory = &memory, .swap = 1 };
	struct kx_jump jump = { .memory = &memory, .flags = KX_ENTER_RETURN,
				.console = emulator_console };
	uint64_t *words = (uint64_t *)(void *)ram, *own;
	int error;

	pages = PAGES - ARENA;
	range = (struct kx_range){ RAM, PAGES * PAGE };
	memory = (struct kx_memory){ .ram = &range, .ram_count = 1 };
	for (uint64_t i = 0; i < PAGES * PAGE / 8; i++)
		words[i] = seed_now + i * 0x9e3779b97f4a7c15;
	plan.segment_count = make_segments();
	arena = (struct kx_arena){ ram + pages * PAGE, RAM + pages * PAGE, ARENA * PAGE, 0 };
	jump.entry_pa = segment[0].dest_pa + 0x40;
	jump.run_va = emulator_paging.mode ? arena.pa : 0;
	fake_reset();
	fake.paging = emulator_paging;
	for (int i = 0; i < KX_HANDOFF_ARGS_COUNT; i++)
		jump.args[i] = draw(0);
	error = kx_segments_check(segment, plan.segment_count, &memory, NULL);
	if (!error)
		error = kx_list_build(&plan, &arena, &list);
	/* Where the host is always translated it runs the control page where that is: it comes next. */
	if (jump.run_va)
		jump.run_va = arena.pa + arena.used;
	if (!error)
		error = kx_control_seal(&list, &jump, &arena, &control);
	if (error)
		return error;
	own = control.own;
	own[KX_HOST_OWN / 8] = control.tables.pa; /* this process' pointers are no addresses of that machine */
	memcpy(expected, ram, PAGES * PAGE);
	return 0;
}

static void *at(uint64_t pa)
{
	return ram + (pa - RAM);
}

/* Every register but the stack's gets a value of its own. */
static void fill_registers(void)
{
	for (size_t i = 0; i < emulator_saved_count; i++) {
		before[i] = draw(0);
		uc_reg_write(cpu, emulator_saved[i], &before[i]);
	}
}

/* As the new image: all of its memory, all of its registers. What it writes is expected at its sources. */
static void be_image(uint64_t values[2])
{
	struct kx_list_walk walk = { .list = &list };
	struct kx_list_step step;

	while (kx_list_next(&walk, &step) > 0)
		for (uint64_t i = 0; i < step.pages && step.kind == KX_STEP_COPY; i++) {
			uint64_t *page = at(step.dest_pa + i * PAGE), word = draw(PAGE / 8), with = draw(0);

			uc_mem_write(cpu, step.dest_pa + i * PAGE + word * 8, &with, 8);
			memcpy(expected + (step.source_pa + i * PAGE - RAM), page, PAGE);
		}
	for (size_t i = 0; i < emulator_saved_count; i++) {
		uint64_t with = draw(0);

		uc_reg_write(cpu, emulator_saved[i], &with);
	}
	for (size_t i = 0; i < emulator_spent_count; i++) {
		uint64_t with = draw(0);

		uc_reg_write(cpu, emulator_spent[i], &with);
	}
	for (int i = 0; i < 2; i++) {
		values[i] = draw(0);
		uc_reg_write(cpu, emulator_values[i], &values[i]);
	}
}

/* End the list before its last run; it is one page long. */
static void lose_pairs(void)
{
	uint64_t word, done = KX_IND_DONE, pa = list.head & ~(uint64_t)KX_PAGE_MASK, last = pa;

	for (word = 0; word != KX_IND_DONE; pa += 8) {
		uc_mem_read(cpu, pa, &word, sizeof(word));
		if (word & KX_IND_SOURCE)
			last = pa;
	}
	uc_mem_write(cpu, last, &done, sizeof(done));
}

static const char *compare(uint64_t stack)
{
	static char words[128];
	uint64_t used = stack_pa - RAM, end = stack - RAM;

	memcpy(expected + used, ram + used, end - used); /* below it, anything */
	for (uint64_t i = 0; i < pages * PAGE; i++)
		if (ram[i] != expected[i]) {
			snprintf(words, sizeof(words), "memory differs at 0x%llx",
				 (unsigned long long)(RAM + i));
			return words;
		}
	for (size_t i = 0; i < emulator_saved_count; i++) {
		uint64_t now = 0;

		uc_reg_read(cpu, emulator_saved[i], &now);
		if (now == before[i])
			continue;
		snprintf(words, sizeof(words), "preserved register %zu was 0x%llx, is 0x%llx", i,
			 (unsigned long long)before[i], (unsigned long long)now);
		return words;
	}
	return NULL;
}

static const char *trip(enum lose lose)
{
	uint64_t stack = stack_pa + PAGE - 64, end = 0, back, values[2];
	uint64_t args[6] = { control.tables_root, control.pa, control.tables_mode, control.tables.pa,
			     control.run_va, stack + 16 };
	const struct kx_handoff *handoff = at(control.pa);
	uint64_t entry_pa = handoff->entry_pa, pc;
	uc_err error;

	uc_context_restore(cpu, reset);
	returned = at(stack + 16);
	uc_reg_write(cpu, emulator_stack, &stack);
	fill_registers();
	pc = emulator_call(cpu, args);
	error = uc_emu_start(cpu, pc, entry_pa, 0, 0);
	if (error)
		return uc_strerror(error);
	back = emulator_back(cpu);
	if (back - control.pa >= PAGE)
		return "the return address is not in the control page";
	be_image(values);
	if (lose == LOSE_PAIRS)
		lose_pairs();
	else if (lose == LOSE_WAY)
		back = EMULATOR_DONE_PA;
	error = uc_emu_start(cpu, back, EMULATOR_DONE_PA, 0, 0);
	if (error)
		return uc_strerror(error);
	uc_reg_read(cpu, emulator_stack, &end);
	if (end != stack)
		return "the stack is another";
	if (returned->value != values[0] || returned->detail != values[1])
		return "what it came back with is lost";
	memcpy(expected + (stack + 16 - RAM), values, sizeof(values));
	return compare(stack);
}

static void put(char c)
{
	putchar(c);
}

static int open_cpu(void)
{
	return !uc_open(emulator_arch, emulator_mode, &cpu) &&
	       !uc_mem_map_ptr(cpu, RAM, PAGES * PAGE, UC_PROT_ALL, ram) &&
	       !uc_mem_map(cpu, EMULATOR_HOST_PA, EMULATOR_HOST_SIZE, UC_PROT_ALL) &&
	       !uc_mem_write(cpu, EMULATOR_TEXT_PA, call_code, (size_t)(call_code_end - call_code)) &&
	       !emulator_listen(cpu, put) && !uc_context_alloc(cpu, &reset) &&
	       !uc_context_save(cpu, reset);
}

int main(int argc, char **argv)
{
	uint64_t trips = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, moved = 0, seen = 0;
	enum lose lose = argc > 3 ? (enum lose)strtoul(argv[3], NULL, 0) : LOSE_NOTHING;

	ram = aligned_alloc(PAGE, PAGES * PAGE);
	expected = malloc(PAGES * PAGE);
	if (!open_cpu()) {
		fprintf(stderr, "round trips: no emulator here\n");
		return 2;
	}
	for (uint64_t i = 0; i < trips; i++) {
		const char *fault;
		int error;

		seed_now = seed + i;
		error = make();
		fault = error ? kx_strerror(error) : trip(lose);
		moved += list.copy_pages;
		seen += fault != NULL;
		if (fault && !lose) {
			printf("round trips: FAIL: %s\nround trips: that alone: property-return 1 %llu\n",
			       fault, (unsigned long long)(seed + i));
			return 1;
		}
	}
	printf("round trips: %llu, %llu pages there and back, %llu losses seen\n",
	       (unsigned long long)trips, (unsigned long long)moved, (unsigned long long)seen);
	return lose && seen != trips;
}
