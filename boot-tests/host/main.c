/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest bootloader that embeds libkx, and the "old kernel" of the tests: it takes a FIT image,
 * scatters it over RAM, and has libkx put it in place. Read boot() to see how libkx is used.
 */
#include "host.h"

static struct options options;
static struct platform platform;
static struct layout layout;
static struct scatter pieces;

_Noreturn void fail(const char *what)
{
	print("kx: %s\n", what);
	machine_off(1);
}

void must(int error)
{
	if (error)
		fail(kx_strerror(error));
}

void must_at(int error, uint64_t at_pa)
{
	if (!error)
		return;
	print("kx: %s; at 0x%lx\n", kx_strerror(error), at_pa);
	machine_off(1);
}

/* Called by start.S, untranslated: the command line says how the host maps itself. */
uint64_t host_early(uint64_t boot_cpu, uint64_t info_pa);
uint64_t host_early(uint64_t boot_cpu, uint64_t info_pa)
{
	(void)boot_cpu;
	state_early(info_pa);
	options_read(&options, platform_options(info_pa));
	return mmu_build(&options);
}

/* Say that the other CPUs shall stop, and jump. Comes back only with a refusal. */
static void jump(const struct kx_control *control, const struct kx_plan *plan)
{
	struct kx_cpus cpus;
	uint64_t culprit = 0;
	int error;

	status_quiesce();
	cpus_stop(&cpus);
	error = kx_cpus_confirm(&cpus, &culprit);
	if (error) {
		print("kx: %s; cpu %lu\n", kx_strerror(status_failed(error, culprit)), culprit);
		print("kx-host: still alive after a refusal\n");
		return;
	}
	print("kx-host: cpus: %zu others have stopped\n", cpus.count);
	error = quiet_now(&cpus, plan);
	if (error) {
		status_failed(error, 0);
		print("kx-host: still alive after a refusal\n");
		return;
	}
	print("kx-host: jump through the control page at 0x%lx, run at 0x%lx\n", control->pa,
	      control->run_va);
	back_enter(&options, control, &cpus, plan->memory);
}

/*
 * A byte of a part, by number: the kernel, the ramdisk, the boot information. Not in a last page of odd
 * size: the list has a copy of that.
 */
static void corrupt_part(size_t number)
{
	const struct kx_segment *segment = pieces.segments, *last = segment + pieces.count - 1;

	if (number >= layout.count)
		fail("option: kx.corrupt: the image has no such part");
	while (segment < last && segment->dest_pa != layout.part[number].dest_pa) /* they were sorted */
		segment++;
	print("kx-host: damage: a byte of the part at 0x%lx\n", segment->dest_pa);
	*((uint8_t *)mmu_ptr(segment->pieces[(segment->piece_count - 1) / 2].pa) + 2000) ^= 1;
}

/* At the end of the ramdisk, a page that changes places with two: none of the three will be put back. */
static void corrupt_pair(uint64_t *words)
{
	while (words[0] != (layout.part[1].dest_pa | KX_IND_DESTINATION))
		words++;
	while (words[2] & KX_IND_SOURCE)
		words++;
	words[1] = words[0];
}

/* Negative controls of the tests: damage that comes after every check must be seen behind it. */
static void corrupt(const struct kx_list *list)
{
	uint64_t *words = mmu_ptr(list->head & ~(uint64_t)KX_PAGE_MASK);

	if (!strncmp(options.corrupt, "byte", 4))
		corrupt_part(options.corrupt[4] ? (size_t)(options.corrupt[4] - '0') : 1);
	else if (!strcmp(options.corrupt, "list"))
		words[0] = 0x40; /* no such flag */
	else if (!strcmp(options.corrupt, "pair"))
		corrupt_pair(words);
	else if (!strcmp(options.corrupt, "dest"))
		words[0] = HOST_NOWHERE | KX_IND_DESTINATION;
}

/* Segments -> list -> control page -> jump: the use of libkx. */
static void boot(struct kx_plan *plan, struct kx_jump *target, struct kx_arena *arena)
{
	struct kx_list list;
	struct kx_control control;
	uint64_t at_pa = 0;
	int error;

	error = kx_segments_check(pieces.segments, pieces.count, plan->memory, &at_pa);
	must_at(error, at_pa); /* apart: what a call fills in is no argument beside it */
	must(kx_list_build(plan, arena, &list));
	print("kx-host: list: %lu words, %lu pages to copy, %lu to zero%s\n", list.words,
	      list.copy_pages, list.zero_pages, list.spare_pa ? ", cycles by a spare page" : "");

	if (!strcmp(options.control, "vmap"))
		target->run_va = mmu_code_va();
	if (*options.crash)
		crash_enter(&list, target, arena, &platform);
	must(kx_control_seal(&list, target, arena, &control));
	if (target->run_va)
		mmu_map_code(control.pa);
	corrupt(&list);
	if (dry_run(&options, &control, arena, plan->memory))
		jump(&control, plan);
}

static void prepare_arena(struct pool *pool, const struct kx_plan *plan, struct kx_arena *arena)
{
	arena->size = (kx_arena_size(plan) + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK;
	if (*options.crash)
		arena->size += KX_CRASH_ARENA;
	arena->pa = must_place(pool_highest(pool, arena->size, 0x10000), "arena");
	arena->base = mmu_ptr(arena->pa);
	arena->used = 0;
}

/* Nothing more is put where a destination is. */
static void keep_clear(void)
{
	for (size_t i = 0; i < layout.dest.taken_count; i++)
		pool_take(&layout.live, layout.dest.taken[i].pa, layout.dest.taken[i].size);
}

/* How the new kernel is entered, and what is done when something goes wrong. */
static struct kx_jump begin_jump(void)
{
	struct kx_jump target = { .memory = &platform.memory, .console = platform.console,
				  .state = state_entry(&options), .reset = platform.psci };

	if (options.kick)
		target.kick = (struct kx_kick){ .pa = options.kick, .value = '.', .width = 1 };
	if (!strcmp(options.policy, "reset"))
		target.policy = KX_POLICY_RESET;
	return target;
}

/* Where each part goes, and what the new kernel is told. */
static void lay_out(const struct fit *fit, const struct kx_image *image, struct kx_jump *target)
{
	struct fit told = *fit;

	memset(&layout, 0, sizeof(layout));
	layout.base_pa = options.base;
	layout_begin(&layout, &platform);
	dry_dig(&options, &platform, &layout);
	target->memory = crash_reserve(&options, &layout);
	status_begin(&layout, target, platform.timer_hz);
	cpus_begin(&platform, &options);
	told.bootargs = cpus_prepare(&layout.live, quiet_prepare(&layout.live, fit->bootargs));
	told.bootargs = back_prepare(&options, target, crash_prepare(told.bootargs));
	layout_add(&layout, &told, image, target);
	if (*options.back)
		target->flags |= KX_ENTER_RETURN;
	purgatory_lay_out(&layout, &told, &options);
}

/* The parts, scattered, as segments. */
static void take_apart(struct kx_jump *target)
{
	memset(&pieces, 0, sizeof(pieces));
	if (back_wanted(&options))
		keep_clear(); /* a page cannot change places with two others */
	pieces.seed = options.seed;
	if (!scatter(&pieces, &layout.live, layout.part, layout.count))
		fail("no-room: there is no free memory to scatter the payload over");
	print("kx-host: scattered: %zu pieces from 0x%lx to 0x%lx, seed %lu\n", pieces.piece_count,
	      pieces.span.pa, pieces.span.pa + pieces.span.size, options.seed);
	purgatory_insert(&pieces, &platform, target);
	if (!cpus_start()) /* not before: a CPU that waits takes time from this one */
		fail("smp: not every other cpu could be started, or went where it was to go");
	if (!cpus_insert(&pieces))
		fail("no-room: there are too many segments");
}

static void load(const struct fit *fit, const struct kx_image *image)
{
	struct kx_jump target = begin_jump();
	struct kx_arena arena;
	struct kx_plan plan;

	lay_out(fit, image, &target);
	take_apart(&target);
	plan = (struct kx_plan){ .segments = pieces.segments, .segment_count = pieces.count,
				 .memory = target.memory,
				 .swap = (target.flags & KX_ENTER_RETURN) != 0 };
	if (!back_wanted(&options))
		keep_clear();
	prepare_arena(&layout.live, &plan, &arena);
	back_except(pieces.span.pa, pieces.span.size);
	back_except(arena.pa, arena.size);
	back_except(layout.record_pa, KX_PAGE_SIZE);
	if (*options.refuse)
		machine_off(!refuse(options.refuse, &platform, &pieces, &arena));
	boot(&plan, &target, &arena);
}

static uint64_t ram_mib(void)
{
	uint64_t size = 0;

	for (size_t i = 0; i < platform.memory.ram_count; i++)
		size += platform.ram[i].size;
	return size >> 20;
}

/* Called by start.S where the host will stay. */
_Noreturn void host_main(uint64_t boot_cpu, uint64_t info_pa);
_Noreturn void host_main(uint64_t boot_cpu, uint64_t info_pa)
{
	const char *mode = mmu_settle();
	struct kx_image image;
	struct fit fit;
	const char *fault = platform_read(&platform, boot_cpu, info_pa);

	if (fault)
		fail(fault);
	print("kx-host: %s, %s, %lu MiB of RAM, %zu other cpus\n", HOST_ARCH, mode, ram_mib(),
	      platform.cpu_count);
	options_must(&options);
	state_settle(&platform);
	platform_devices(&platform);
	quiet_begin(&platform, &options);
	fault = fit_open(mmu_ptr(platform.payload.pa), platform.payload.size, &fit);
	if (fault)
		fail(fault);
	print("kx-host: payload: FIT image at 0x%lx, every hash holds\n", platform.payload.pa);
	must(kx_image_parse(fit.kernel.data, fit.kernel.size, &image));
	must(kx_boot_check(&image));
	load(&fit, &image);
	if (back_again(&options) || dry_again(&options, &platform))
		load(&fit, &image);
	machine_off(1);
}
