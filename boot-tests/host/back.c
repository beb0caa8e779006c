/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The new image comes back: with `kx.return=on` the payload does, when it has reported, with
 * `kx.policy=return` purgatory, when it has found damage. The host looks whether all of its memory and
 * every register is as it was, and then boots an image that stays.
 */
#include "host.h"

#define EXCEPTIONS 8

static struct kx_range except[EXCEPTIONS];
static size_t except_count;
static struct kx_returned returned;
static struct kx_state before, after;
static int came_back;
static char line[512];

static int is(const char *value, const char *word)
{
	return !strcmp(value, word);
}

int back_wanted(const struct options *options)
{
	return is(options->back, "on") || is(options->policy, "return");
}

void back_except(uint64_t pa, uint64_t size)
{
	if (except_count == EXCEPTIONS)
		fail("back: there are too many exceptions");
	except[except_count++] = (struct kx_range){ pa, size };
}

const char *back_prepare(const struct options *options, struct kx_jump *jump, const char *bootargs)
{
	static const char word[] = " kx.return";
	size_t size = strlen(bootargs);

	if (!back_wanted(options))
		return bootargs;
	back_except(mmu_pa(image_data), (uint64_t)(image_end - image_data)); /* ours, and in use */
	jump->returned = &returned;
	if (!is(options->back, "on") || size + sizeof(word) > sizeof(line))
		return bootargs;
	memcpy(line, bootargs, size);
	memcpy(line + size, word, sizeof(word));
	return line;
}

/* The range that this page touches; NULL: none. */
static const struct kx_range *touched(const struct kx_range *range, size_t count, uint64_t pa)
{
	for (; count; range++, count--)
		if (pa + KX_PAGE_SIZE > range->pa && pa < range->pa + range->size)
			return range;
	return NULL;
}

/* All of RAM that is to be as before, in order: two sums, as Fletcher's. */
static uint64_t sum_of_ram(const struct kx_memory *memory)
{
	uint64_t sum = 0, sums = 0;

	for (size_t i = 0; i < memory->ram_count; i++) {
		uint64_t end = memory->ram[i].pa + memory->ram[i].size;

		for (uint64_t pa = memory->ram[i].pa; pa < end; pa += KX_PAGE_SIZE) {
			const uint64_t *word = mmu_ptr(pa);

			if (touched(except, except_count, pa) ||
			    touched(memory->reserved, memory->reserved_count, pa))
				continue;
			for (size_t j = 0; j < KX_PAGE_SIZE / 8; j++) {
				sum += word[j];
				sums += sum;
			}
		}
	}
	return sums;
}

static void say_registers(void)
{
	size_t count = 0, i = 0;

	while ((i = kx_state_diff(&before, &after, i)) < KX_STATE_MAX) {
		print("kx-host: back: %s was 0x%lx, is 0x%lx\n", kx_state_name(i), before.value[i],
		      after.value[i]);
		count++;
		i++;
	}
	print("kx-host: back: registers: %zu differ\n", count);
}

void back_enter(const struct options *options, const struct kx_control *control,
		const struct kx_cpus *cpus, const struct kx_memory *memory)
{
	uint64_t sum;
	int error;

	state_dirty(options);
	if (!control->host) {
		must(state_enter(options, control, cpus));
		return;
	}
	sum = sum_of_ram(memory);
	before.apic = after.apic = state_entry(options)->apic;
	before.isa = after.isa = state_entry(options)->isa;
	kx_state_snapshot(&before);
	error = state_enter(options, control, cpus);
	kx_state_snapshot(&after);
	came_back = 1;
	print("kx-host: back: kx_enter returned 0x%x, value 0x%lx, detail 0x%lx\n", (unsigned int)error,
	      returned.value, returned.detail);
	print("kx-host: back: memory %s\n", sum_of_ram(memory) == sum ? "is as before" : "differs");
	say_registers();
}

int back_again(struct options *options)
{
	if (!came_back)
		return 0;
	came_back = 0;
	except_count = 0;
	options->back[0] = options->policy[0] = options->corrupt[0] = 0;
	return 1;
}
