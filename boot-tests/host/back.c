/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The new image comes back: with `kx.return=on` the payload does, when it has reported, with
 * `kx.policy=return` purgatory, when it has found damage. The host looks whether all of its memory and
 * every register is as it was, and then boots an image that stays.
 */
#include "host.h"
#include "rest.h"

static struct rest looked_at;
static struct kx_returned returned;
static struct kx_state before, after;
static int came_back;

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
	if (!rest_except(&looked_at, (struct kx_range){ pa, size }))
		fail("back: there are too many exceptions");
}

const char *back_prepare(const struct options *options, struct kx_jump *jump, const char *bootargs)
{
	if (!back_wanted(options))
		return bootargs;
	back_except(mmu_pa(image_data), (uint64_t)(image_end - image_data)); /* ours, and in use */
	jump->returned = &returned;
	return is(options->back, "on") ? line_with(bootargs, " kx.return") : bootargs;
}

/* All of RAM that is to be as before */
static void look_at(const struct kx_memory *memory)
{
	int room = 1;

	for (size_t i = 0; i < memory->ram_count; i++)
		room &= rest_ram(&looked_at, memory->ram[i]);
	for (size_t i = 0; i < memory->reserved_count; i++)
		room &= rest_except(&looked_at, memory->reserved[i]);
	if (!room)
		fail("back: there are too many ranges");
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
	uintptr_t base = (uintptr_t)mmu_ptr(0);
	uint64_t sum;
	int error;

	state_dirty(options);
	if (!control->host) {
		must(state_enter(options, control, cpus));
		return;
	}
	look_at(memory);
	sum = rest_sum(&looked_at, base);
	before.apic = after.apic = state_entry(options)->apic;
	before.isa = after.isa = state_entry(options)->isa;
	kx_state_snapshot(&before);
	error = state_enter(options, control, cpus);
	kx_state_snapshot(&after);
	came_back = 1;
	print("kx-host: back: kx_enter returned 0x%x, value 0x%lx, detail 0x%lx\n", (unsigned int)error,
	      returned.value, returned.detail);
	print("kx-host: back: memory %s\n", rest_sum(&looked_at, base) == sum ? "is as before" : "differs");
	say_registers();
}

int back_again(struct options *options)
{
	if (!came_back)
		return 0;
	came_back = 0;
	looked_at.ram_count = looked_at.except_count = 0;
	options->back[0] = options->policy[0] = options->corrupt[0] = 0;
	return 1;
}
