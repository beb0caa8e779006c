/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host dies. Long before, with `kx.crash` it has put everything into a quarter of its memory that it
 * keeps for that; how it dies, and what is wrong then, is
 *
 *   jump      the stack pointer is none
 *   trap      the same, in the handler of an exception, with an interrupt pending
 *   nmi       x86_64: in the handler of an NMI
 *   storm     x86_64: in the handler of an exception, with an NMI every 100 us from before that on
 *   fault     as `jump`, and what libkx is to know of the registers leads nowhere
 *   other     as `jump`, and what libkx is to know of the registers is of another CPU, whose own differ
 *   twice     another CPU was first, and the image has put its own words where libkx's were
 *   race      all other CPUs at once, and this one too late; for a host that is not translated
 *
 * and for negative controls:
 *
 *   enter     as `jump`, but by kx_enter()
 *   storm-enter  as `storm`, but by kx_enter()
 *   other-unsaid  as `other`, but said to be of this one
 *   write     as `jump`, with one word elsewhere written
 *   outside   the status record is not in that quarter
 *
 * The payload is told what memory there is beside it, and what the host has found there at the last moment.
 */
#include "bare.h" /* first: libkx's functions too are at addresses of the load, not of the link */

#include "die.h"

#include "arch.h"
#include "crash.h"
#include "rest.h"

/** struct grave - what dies, in the kept memory, as is its stack */
struct grave {
	struct rest rest;
	struct kx_control control; /* of `enter` */
	struct kx_cpus alone;
	void (*enter)(void *what, uint64_t how);
	void *what;
	uint64_t how;
	uint64_t *elsewhere; /* NULL: nothing there is written */
	struct die_race race;
	uint8_t stack[0x4000] __attribute__((aligned(16)));
};

static struct kx_range kept, ram[2];
static struct kx_memory memory;
static struct grave *grave;
static char way[16];

static int is(const char *value)
{
	return !strcmp(way, value);
}

/* The kept memory; before it, on PCs, what Linux reads when it has no tables of its own yet */
static void choose(const struct platform *platform)
{
	memory = platform->memory;
	memory.ram = ram;
	memory.ram_count = 0;
	if (platform->ram[0].pa < platform->kept.size) /* there nothing is put */
		ram[memory.ram_count++] = platform->ram[0];
	ram[memory.ram_count++] = kept;
}

const struct kx_memory *crash_reserve(const struct options *options, struct layout *layout)
{
	const struct platform *platform = layout->platform;
	uint64_t size = 0, grave_pa;

	memcpy(way, options->crash, sizeof(way));
	if (!*way)
		return &platform->memory;
	for (size_t i = 0; i < platform->memory.ram_count; i++)
		size += platform->ram[i].size / 4;
	kept.size = size & ~(uint64_t)0x1fffff;
	kept.pa = must_place(pool_highest(&layout->live, kept.size, 0x200000), "crash");
	choose(platform);
	layout->live.taken_count--; /* it is what there is from here on */
	layout->live.memory = layout->dest.memory = &memory;
	layout->only = kept;
	grave_pa = must_place(pool_highest(&layout->live, sizeof(*grave), KX_PAGE_SIZE), "grave");
	pool_take(&layout->dest, grave_pa, (sizeof(*grave) + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK);
	grave = mmu_ptr(grave_pa);
	memset(grave, 0, sizeof(*grave));
	print("kx-host: crash: %lu MiB are kept at 0x%lx\n", kept.size >> 20, kept.pa);
	return &memory;
}

const char *crash_prepare(const char *bootargs)
{
	return *way ? line_with_number(bootargs, " kx.rest=", mmu_pa(&grave->rest)) : bootargs;
}

/* All memory but the kept and the firmware's */
static void describe(const struct platform *platform)
{
	int room = rest_except(&grave->rest, kept);

	for (size_t i = 0; i < platform->memory.ram_count; i++)
		room &= rest_ram(&grave->rest, platform->ram[i]);
	for (size_t i = 0; i < platform->memory.reserved_count; i++)
		room &= rest_except(&grave->rest, platform->reserved[i]);
	if (!room)
		fail("crash: there are too many ranges");
}

/* Has none of the other CPUs entered yet? Emulated, they may not run for a while. */
static int race_is_open(void)
{
	const struct kx_crash *crash = grave->race.what;

	return *(const volatile uint64_t *)&crash->claim == KX_CRASH_FREE;
}

/* On a stack in the kept memory: from here on nothing else is written. */
static void die_now(void *unused)
{
	(void)unused;
	grave->rest.sum = rest_sum(&grave->rest, (uintptr_t)mmu_ptr(0));
	if (grave->elsewhere)
		*grave->elsewhere ^= 1;
	if (is("twice"))
		*(volatile uint64_t *)grave->what = 0;
	grave->race.go = 1;
	for (unsigned int tries = 1000000000; is("race") && tries && race_is_open(); tries--)
		;
	if (is("trap") || is("nmi") || !strncmp(way, "storm", 5))
		die_in_handler(grave->what, grave->how, grave->enter);
	else
		die_jumping(grave->what, grave->how, grave->enter);
}

/* What was taken of the registers becomes another CPU's. */
static void take_of_another(struct kx_crash *crash)
{
	struct kx_state *state = (struct kx_state *)(uintptr_t)crash->state; /* in the kept memory */

	state->cpu += is("other");
	for (size_t i = 0; i < kx_register_count_; i++)
		if (kx_registers_[i].rule == KX_RULE_SELF)
			state->value[i] ^= 0x05000000;
}

static void enter_plainly(const struct kx_list *list, const struct kx_jump *jump, struct kx_arena *arena)
{
	must(kx_control_seal(list, jump, arena, &grave->control));
	if (jump->run_va)
		mmu_map_code(grave->control.pa);
	grave->what = &grave->control;
	grave->how = (uintptr_t)&grave->alone;
	grave->enter = (void (*)(void *, uint64_t))(uintptr_t)kx_enter;
}

void crash_enter(const struct kx_list *list, const struct kx_jump *target, struct kx_arena *arena,
		 const struct platform *platform)
{
	struct kx_jump jump = *target;
	struct kx_crash *crash = NULL;

	if (is("outside"))
		jump.status_pa = kept.pa - KX_PAGE_SIZE;
	if (is("enter") || is("storm-enter")) {
		enter_plainly(list, &jump, arena);
	} else {
		must(kx_crash_seal(list, &jump, arena, &crash));
		if (jump.run_va)
			mmu_map_code(kx_crash_page_pa(crash));
		print("kx-host: crash: through the control page at 0x%lx, run at 0x%lx\n",
		      kx_crash_page_pa(crash), crash->run_va - KX_CONTROL_ENTRY);
		grave->what = crash;
		grave->how = platform->boot_cpu;
		grave->enter = (void (*)(void *, uint64_t))(uintptr_t)kx_crash_enter;
	}
	describe(platform);
	if (is("write"))
		grave->elsewhere = mmu_ptr(kept.pa - KX_PAGE_SIZE);
	if (is("trap") && !die_pend(platform))
		fail("crash: no interrupt is pending");
	if (is("other") || is("other-unsaid"))
		take_of_another(crash);
	if (is("fault"))
		crash->state = (const struct kx_state *)DIE_STACK;
	if (is("race")) {
		grave->race.what = crash;
		die_race(&grave->race, platform);
	}
	die_vectors(platform, way);
	print("kx-host: crash: %s\n", way);
	die_on(grave->stack + sizeof(grave->stack), die_now, NULL);
}

_Noreturn void die_lost(void)
{
	print("kx-host: crash: lost, without a stack\n");
	machine_off(1);
}
