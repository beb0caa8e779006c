/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest bootloader that embeds libkx, and the "old kernel" of the tests: it takes a FIT image,
 * scatters it over RAM, and has libkx put it in place. Read boot() to see how libkx is used.
 */
#include "host.h"

/** struct parts - the parts of the new image */
struct parts {
	struct scatter_part part[SCATTER_SEGMENTS];
	size_t count;
	struct pool dest; /* what they take */
	uint64_t info_pa; /* what the new kernel is handed */
};

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

/* Where the image's base will lie. What the host itself occupies may be overwritten. */
static uint64_t place_kernel(struct pool *pool, const struct kx_image *image)
{
	/* Nothing lies before the first load: riscv and arm64 leave room there for firmware. */
	uint64_t skip = image->loads[0].offset & ~(image->align - 1), size = 0, from, pa;
	int fixed = !(image->flags & KX_IMAGE_ANYWHERE);

	for (size_t i = 0; i < image->load_count; i++)
		if (image->loads[i].offset + image->loads[i].memsz - skip > size)
			size = image->loads[i].offset + image->loads[i].memsz - skip;
	from = platform.ram[0].pa > image->base_pa ? platform.ram[0].pa : image->base_pa;
	if (options.base && !fixed)
		from = options.base - skip;
	pa = must_place(pool_lowest(pool, size, image->align, from + skip), "kernel");
	if (fixed && pa != image->base_pa)
		must_place(UINT64_MAX, "kernel where it has to be");
	pool_take(pool, pa, size);
	return pa - skip;
}

/* Behind the kernel, so that it can find them before it knows its memory. */
static void place_part(struct pool *pool, uint64_t from_pa, struct scatter_part *part,
		       const char *name)
{
	part->memsz = part->bytes.size;
	part->dest_pa = must_place(pool_lowest(pool, part->memsz, 0x200000, from_pa), name);
	pool_take(pool, part->dest_pa, (part->memsz + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK);
}

static void say_part(const char *name, const struct scatter_part *part)
{
	print("kx-host: %s: %lu bytes to 0x%lx, %lu of memory\n", name, part->bytes.size,
	      part->dest_pa, part->memsz);
}

static void add_part(struct parts *parts, const char *name, struct scatter_part part)
{
	say_part(name, &part);
	if (part.memsz)
		parts->part[parts->count++] = part;
}

/* What the new kernel is handed; made before its place is known, and again after. */
static void make_boot_info(struct pool *pool, const struct fit *fit, struct boot_info *info,
			   struct fit_part *made)
{
	uint64_t room = 0x20000 + platform.info.size + fit->fdt.size;
	void *to = made->data ? (void *)(uintptr_t)made->data :
		mmu_ptr(must_place(pool_highest(pool, room, KX_PAGE_SIZE), "boot information"));

	made->data = to;
	made->size = platform_boot_info(&platform, info, to, room);
	if (!made->size)
		fail("boot-info: what the new kernel is handed cannot be made");
}

/* The parts of the new image, each with its place. Returns where the image's base is. */
static uint64_t lay_out(struct pool *live, const struct fit *fit, const struct kx_image *image,
			struct parts *parts)
{
	struct pool *dest = &parts->dest;
	struct scatter_part ramdisk = { .bytes = fit->ramdisk }, made = { 0 };
	struct boot_info info = { .fit = fit, .image = image, .ramdisk = { 0, fit->ramdisk.size } };
	uint64_t base_pa;

	make_boot_info(live, fit, &info, &made.bytes);
	made.bytes.size += 64; /* room for the ramdisk's final address */
	dest->memory = &platform.memory;
	pool_take(dest, platform.kept.pa, platform.kept.size);
	base_pa = place_kernel(dest, image);
	if (ramdisk.bytes.size)
		place_part(dest, base_pa, &ramdisk, "ramdisk");
	place_part(dest, base_pa, &made, "boot information");
	info.ramdisk.pa = ramdisk.dest_pa;
	info.at_pa = made.dest_pa;
	make_boot_info(live, fit, &info, &made.bytes);
	for (size_t i = 0; i < image->load_count; i++) {
		const struct kx_image_load *load = &image->loads[i];
		const uint8_t *data = (const uint8_t *)fit->kernel.data + load->file_offset;

		add_part(parts, "kernel", (struct scatter_part){ { data, load->filesz },
								 base_pa + load->offset, load->memsz });
	}
	add_part(parts, "ramdisk", ramdisk);
	add_part(parts, "boot information", made);
	parts->info_pa = made.dest_pa;
	return base_pa;
}

/* Everything that the host still needs, and so must not use for anything else. */
static void take_live(struct pool *pool)
{
	pool->memory = &platform.memory;
	pool_take(pool, mmu_pa(image_start), (uint64_t)(image_end - image_start));
	pool_take(pool, platform.kept.pa, platform.kept.size);
	pool_take(pool, platform.payload.pa, platform.payload.size);
	pool_take(pool, platform.info.pa, platform.info.size);
}

/* Say that the other CPUs shall stop, and jump. Comes back only with a refusal. */
static void jump(const struct kx_control *control, const struct kx_plan *plan)
{
	struct kx_cpus cpus = {
		.ids = platform.cpus,
		.timer_hz = platform.timer_hz,
		.timeout_us = 1000000,
		.method = platform.cpus_method,
		.apic = platform.apic,
	};
	uint64_t culprit = 0;
	int error;

	cpus.count = smp_stop(&platform, !strcmp(options.cpus, "park"));
	error = kx_cpus_confirm(&cpus, &culprit);
	if (error) {
		print("kx: %s; cpu %lu\n", kx_strerror(error), culprit);
		print("kx-host: still alive after a refusal\n");
		return;
	}
	print("kx-host: cpus: %zu others have stopped\n", cpus.count);
	if (quiet_now(&cpus, plan)) {
		print("kx-host: still alive after a refusal\n");
		return;
	}
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
	jump(&control, plan);
}

static void prepare_arena(struct pool *pool, const struct kx_plan *plan, struct kx_arena *arena)
{
	arena->size = (kx_arena_size(plan) + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK;
	arena->pa = must_place(pool_highest(pool, arena->size, 0x10000), "arena");
	arena->base = mmu_ptr(arena->pa);
	arena->used = 0;
}

static void load(const struct fit *fit, const struct kx_image *image)
{
	struct pool live = { 0 };
	struct parts parts = { .count = 0 };
	struct kx_plan plan;
	struct kx_jump target = { .memory = &platform.memory, .console = platform.console };
	struct kx_arena arena;
	struct fit told = *fit;

	take_live(&live);
	told.bootargs = quiet_prepare(&live, fit->bootargs);
	target.entry_pa = lay_out(&live, &told, image, &parts) + image->entry;
	kx_boot_args(image, platform.boot_cpu, parts.info_pa, target.args);
	target.flags = kx_boot_flags(image);

	pieces.seed = options.seed;
	if (!scatter(&pieces, &live, parts.part, parts.count))
		fail("no-room: there is no free memory to scatter the payload over");
	print("kx-host: scattered: %zu pieces from 0x%lx to 0x%lx, seed %lu\n", pieces.piece_count,
	      pieces.span.pa, pieces.span.pa + pieces.span.size, options.seed);

	plan.segments = pieces.segments;
	plan.segment_count = pieces.count;
	plan.memory = &platform.memory;
	for (size_t i = 0; i < parts.dest.taken_count; i++)
		pool_take(&live, parts.dest.taken[i].pa, parts.dest.taken[i].size);
	prepare_arena(&live, &plan, &arena);
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
	platform_devices(&platform);
	quiet_begin(&platform, &options);
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
