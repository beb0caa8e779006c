/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest bootloader that embeds libkx, and the "old kernel" of the tests: it takes a FIT image,
 * scatters it over RAM, and has libkx put it in place. Read boot() to see how libkx is used.
 */
#include "host.h"

static struct options options;
static struct platform platform;
static struct scatter pieces;

static _Noreturn void fail(const char *what)
{
	print("kx: %s\n", what);
	machine_off(1);
}

static void must(int error)
{
	if (error)
		fail(kx_strerror(error));
}

static void must_at(int error, uint64_t at_pa)
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
	options_read(&options, platform_options(info_pa));
	return mmu_build(&options);
}

static uint64_t must_place(uint64_t pa, const char *what)
{
	if (pa != UINT64_MAX)
		return pa;
	print("kx: no-room: there is no free memory for the %s\n", what);
	machine_off(1);
}

/* Where the parts of the new image will lie. What the host itself occupies may be overwritten. */
static uint64_t place(struct pool *pool, const struct kx_image *image, struct scatter_part parts[3])
{
	const struct kx_image_load *load = &image->loads[0];
	uint64_t from = platform.ram[0].pa + load->offset;
	uint64_t pa;

	parts[0].memsz = load->memsz;
	pa = pool_lowest(pool, load->memsz, image->align, options.base ? options.base : from);
	parts[0].dest_pa = must_place(pa, "kernel");
	pool_take(pool, pa, load->memsz);
	for (unsigned int i = 1; i < 3; i++) {
		parts[i].memsz = parts[i].bytes.size;
		pa = pool_lowest(pool, parts[i].memsz, 0x200000, parts[0].dest_pa + load->memsz);
		parts[i].dest_pa = must_place(pa, i == 1 ? "ramdisk" : "device tree");
		pool_take(pool, pa, (parts[i].memsz + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK);
	}
	return parts[0].dest_pa - load->offset + image->entry;
}

static void say_part(const char *name, const struct scatter_part *part)
{
	print("kx-host: %s: %lu bytes to 0x%lx, %lu of memory\n", name, part->bytes.size,
	      part->dest_pa, part->memsz);
}

/* The device tree, or boot_params, for the new kernel; made before its place is known. */
static void make_boot_info(struct pool *pool, const struct fit *fit, const struct kx_range *ramdisk,
			   struct fit_part *made)
{
	struct boot_info info = { fit->bootargs, fit->fdt.data, fit->fdt.size, *ramdisk };
	uint64_t room = 0x20000 + platform.info.size + fit->fdt.size;
	void *to = made->data ? (void *)(uintptr_t)made->data :
		mmu_ptr(must_place(pool_highest(pool, room, KX_PAGE_SIZE), "boot information"));

	made->data = to;
	made->size = platform_boot_info(&platform, &info, to, room);
	if (!made->size)
		fail("boot-info: the new kernel's device tree cannot be made");
}

/* Everything that the host still needs, and so must not use for anything else. */
static void take_live(struct pool *pool)
{
	pool->memory = &platform.memory;
	pool_take(pool, mmu_pa(image_start), (uint64_t)(image_end - image_start));
	pool_take(pool, platform.payload.pa, platform.payload.size);
	pool_take(pool, platform.info.pa, platform.info.size);
}

/* Say that the other CPUs shall stop, and jump. Comes back only with a refusal. */
static void jump(const struct kx_control *control)
{
	struct kx_cpus cpus = {
		.ids = platform.cpus,
		.count = platform.cpu_count,
		.timer_hz = platform.timer_hz,
		.timeout_us = 1000000,
		.method = platform.cpus_method,
	};
	uint64_t culprit = 0;
	int error;

	smp_stop(&platform, !strcmp(options.cpus, "park"));
	error = kx_cpus_confirm(&cpus, &culprit);
	if (error) {
		print("kx: %s; cpu %lu\n", kx_strerror(error), culprit);
		print("kx-host: still alive after a refusal\n");
		return;
	}
	print("kx-host: cpus: %zu others have stopped\n", platform.cpu_count);
	print("kx-host: jump through the control page at 0x%lx, run at 0x%lx\n", control->pa,
	      control->run_va);
	must(kx_enter(control, &cpus));
}

/* Negative controls of the tests: damage that comes after every check must be seen behind it. */
static void corrupt(const struct kx_list *list)
{
	uint64_t *words = mmu_ptr(list->head & ~(uint64_t)KX_PAGE_MASK);

	if (!strcmp(options.corrupt, "byte"))
		*(uint8_t *)mmu_ptr(pieces.segments[1].pieces[0].pa) ^= 1;
	else if (!strcmp(options.corrupt, "list"))
		words[0] = 0x40; /* no such flag */
	else if (!strcmp(options.corrupt, "dest"))
		words[0] = HOST_NOWHERE | KX_IND_DESTINATION;
}

/* Segments -> list -> control page -> jump: the use of libkx. */
static void boot(struct kx_plan *plan, struct kx_jump *target, struct kx_arena *arena)
{
	struct kx_list list;
	struct kx_control control;
	uint64_t at_pa = 0;

	must_at(kx_segments_check(pieces.segments, pieces.count, &platform.memory, &at_pa), at_pa);
	must(kx_list_build(plan, arena, &list));
	print("kx-host: list: %lu words, %lu pages to copy, %lu to zero%s\n", list.words,
	      list.copy_pages, list.zero_pages, list.spare_pa ? ", cycles by a spare page" : "");

	if (!strcmp(options.control, "vmap"))
		target->run_va = mmu_code_va();
	must(kx_control_seal(&list, target, arena, &control));
	if (target->run_va)
		mmu_map_code(control.pa);
	corrupt(&list);
	jump(&control);
}

static void prepare_arena(struct pool *pool, const struct kx_plan *plan, struct kx_arena *arena)
{
	uint64_t pages = 0;

	/* What the library asks for, and what it costs if every page were tied into a knot. */
	for (size_t i = 0; i < plan->segment_count; i++)
		pages += plan->segments[i].memsz / KX_PAGE_SIZE + 1;
	arena->size = (kx_arena_size(plan) + pages * 17 + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK;
	arena->pa = must_place(pool_highest(pool, arena->size, 0x10000), "arena");
	arena->base = mmu_ptr(arena->pa);
	arena->used = 0;
}

static void load(const struct fit *fit, const struct kx_image *image)
{
	struct pool live = { 0 }, dest = { .memory = &platform.memory };
	struct scatter_part parts[3] = { { .bytes = fit->kernel }, { .bytes = fit->ramdisk } };
	struct kx_range ramdisk = { 0, fit->ramdisk.size };
	struct kx_plan plan = { pieces.segments, 0, &platform.memory };
	struct kx_jump target = { .memory = &platform.memory, .console = platform.console };
	struct kx_arena arena;

	take_live(&live);
	make_boot_info(&live, fit, &ramdisk, &parts[2].bytes);
	parts[2].bytes.size += 64; /* room for the ramdisk's final address */
	target.entry_pa = place(&dest, image, parts);
	ramdisk.pa = parts[1].dest_pa;
	make_boot_info(&live, fit, &ramdisk, &parts[2].bytes);
	kx_boot_args(image, platform.boot_cpu, parts[2].dest_pa, target.args);
	target.flags = kx_boot_flags(image);
	say_part("kernel", &parts[0]);
	say_part("ramdisk", &parts[1]);
	say_part("boot information", &parts[2]);

	if (!fit->ramdisk.size)
		parts[1] = parts[2];
	pieces.seed = options.seed;
	if (!scatter(&pieces, &live, parts, fit->ramdisk.size ? 3 : 2))
		fail("no-room: there is no free memory to scatter the payload over");
	print("kx-host: scattered: %zu pieces from 0x%lx to 0x%lx, seed %lu\n", pieces.piece_count,
	      pieces.span.pa, pieces.span.pa + pieces.span.size, options.seed);

	plan.segment_count = pieces.count;
	for (size_t i = 0; i < dest.taken_count; i++)
		pool_take(&live, dest.taken[i].pa, dest.taken[i].size);
	prepare_arena(&live, &plan, &arena);
	if (*options.refuse)
		machine_off(!refuse(options.refuse, &platform, &pieces, &arena));
	boot(&plan, &target, &arena);
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
	print("kx-host: %s, %s, %zu MiB of RAM at 0x%lx, %zu other cpus\n", HOST_ARCH, mode,
	      platform.ram[0].size >> 20, platform.ram[0].pa, platform.cpu_count);
	fault = fit_open(mmu_ptr(platform.payload.pa), platform.payload.size, &fit);
	if (fault)
		fail(fault);
	print("kx-host: payload: FIT image at 0x%lx, every hash holds\n", platform.payload.pa);
	must(kx_image_parse(fit.kernel.data, fit.kernel.size, &image));
	must(kx_boot_check(&image));
	if (smp_start(&platform) != platform.cpu_count)
		fail("smp: not every other cpu could be started");
	load(&fit, &image);
	machine_off(1);
}
