/* SPDX-License-Identifier: BSD-2-Clause */
/* Is all as before? Every page of RAM and every register of this CPU; for back.c and dry.c. */
#include "host.h"

static void must_fit(int room)
{
	if (!room)
		fail("same: there are too many ranges");
}

void same_except(struct same *same, uint64_t pa, uint64_t size)
{
	must_fit(rest_except(&same->rest, (struct kx_range){ pa, size }));
}

void same_forget(struct same *same)
{
	same->rest.ram_count = same->rest.except_count = 0;
}

static uint64_t sum_now(const struct same *same)
{
	return rest_sum(&same->rest, (uintptr_t)mmu_ptr(0));
}

/* All of RAM that is to be as before: what is ours is in use. */
static void look_at(struct same *same, const struct kx_memory *memory)
{
	for (size_t i = 0; i < memory->ram_count; i++)
		must_fit(rest_ram(&same->rest, memory->ram[i]));
	for (size_t i = 0; i < memory->reserved_count; i++)
		must_fit(rest_except(&same->rest, memory->reserved[i]));
	same_except(same, mmu_pa(image_data), (uint64_t)(image_end - image_data));
}

void same_begin(struct same *same, const struct options *options, const struct kx_memory *memory)
{
	look_at(same, memory);
	same->rest.sum = sum_now(same);
	same->before.apic = same->after.apic = state_entry(options)->apic;
	same->before.isa = same->after.isa = state_entry(options)->isa;
	kx_state_snapshot(&same->before);
}

void same_end(struct same *same)
{
	kx_state_snapshot(&same->after);
}

void same_say(const struct same *same, const char *name)
{
	const struct kx_state *before = &same->before, *after = &same->after;
	size_t count = 0, i = 0;

	print("kx-host: %s: memory %s\n", name,
	      sum_now(same) == same->rest.sum ? "is as before" : "differs");
	while ((i = kx_state_diff(before, after, i)) < KX_STATE_MAX) {
		print("kx-host: %s: %s was 0x%lx, is 0x%lx\n", name, kx_state_name(i), before->value[i],
		      after->value[i]);
		count++;
		i++;
	}
	print("kx-host: %s: registers: %zu differ\n", name, count);
}
