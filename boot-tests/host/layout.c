/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the parts of a new image will lie: kernel, ramdisk, and what the kernel is handed. What the host
 * itself occupies may be overwritten.
 */
#include "host.h"

uint64_t must_place(uint64_t pa, const char *what)
{
	if (pa != UINT64_MAX)
		return pa;
	print("kx: no-room: there is no free memory for the %s\n", what);
	machine_off(1);
}

void layout_begin(struct layout *layout, const struct platform *platform)
{
	layout->platform = platform;
	layout->live.memory = layout->dest.memory = &platform->memory;
	pool_take(&layout->live, mmu_pa(image_start), (uint64_t)(image_end - image_start));
	pool_take(&layout->live, platform->kept.pa, platform->kept.size);
	pool_take(&layout->live, platform->payload.pa, platform->payload.size);
	pool_take(&layout->live, platform->info.pa, platform->info.size);
	pool_take(&layout->dest, platform->kept.pa, platform->kept.size);
}

static uint64_t place_kernel(struct layout *layout, const struct kx_image *image)
{
	/* Nothing lies before the first load: riscv and arm64 leave room there for firmware. */
	uint64_t skip = image->loads[0].offset & ~(image->align - 1), size = 0, from, pa;
	uint64_t ram_pa = layout->platform->ram[0].pa;
	int fixed = !(image->flags & KX_IMAGE_ANYWHERE);

	for (size_t i = 0; i < image->load_count; i++)
		if (image->loads[i].offset + image->loads[i].memsz - skip > size)
			size = image->loads[i].offset + image->loads[i].memsz - skip;
	from = ram_pa > image->base_pa ? ram_pa : image->base_pa;
	if (layout->base_pa && !fixed)
		from = layout->base_pa - skip;
	pa = must_place(pool_lowest(&layout->dest, size, image->align, from + skip), "kernel");
	if (fixed && pa != image->base_pa)
		must_place(UINT64_MAX, "kernel where it has to be");
	pool_take(&layout->dest, pa, size);
	return pa - skip;
}

uint64_t layout_place(struct layout *layout, uint64_t from_pa, uint64_t size, const char *name)
{
	uint64_t pa = must_place(pool_lowest(&layout->dest, size, 0x200000, from_pa), name);

	pool_take(&layout->dest, pa, (size + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK);
	return pa;
}

static void add_part(struct layout *layout, const char *name, struct scatter_part part)
{
	print("kx-host: %s: %lu bytes to 0x%lx, %lu of memory\n", name, part.bytes.size, part.dest_pa,
	      part.memsz);
	if (part.memsz)
		layout->part[layout->count++] = part;
}

/* What the new kernel is handed; made before its place is known, and again after. */
static void make_boot_info(struct layout *layout, const struct boot_info *info, struct fit_part *made)
{
	const struct platform *platform = layout->platform;
	uint64_t room = 0x20000 + platform->info.size + info->fit->fdt.size;
	void *to = made->data ? (void *)(uintptr_t)made->data :
		mmu_ptr(must_place(pool_highest(&layout->live, room, KX_PAGE_SIZE), "boot information"));

	made->data = to;
	made->size = platform_boot_info(platform, info, to, room);
	if (!made->size)
		fail("boot-info: what the new kernel is handed cannot be made");
}

void layout_add(struct layout *layout, const struct fit *fit, const struct kx_image *image,
		struct kx_jump *jump)
{
	struct scatter_part ramdisk = { .bytes = fit->ramdisk, .memsz = fit->ramdisk.size }, made = { 0 };
	struct boot_info info = { .fit = fit, .image = image, .ramdisk = { 0, fit->ramdisk.size },
				  .record_pa = layout->record_pa, .only = layout->only };
	uint64_t base_pa;

	make_boot_info(layout, &info, &made.bytes);
	made.memsz = made.bytes.size + 64; /* room for the ramdisk's final address */
	base_pa = place_kernel(layout, image);
	/* Behind the kernel, so that it can find them before it knows its memory. */
	if (ramdisk.memsz)
		ramdisk.dest_pa = layout_place(layout, base_pa, ramdisk.memsz, "ramdisk");
	made.dest_pa = layout_place(layout, base_pa, made.memsz, "boot information");
	info.ramdisk.pa = ramdisk.dest_pa;
	info.at_pa = made.dest_pa;
	make_boot_info(layout, &info, &made.bytes);
	for (size_t i = 0; i < image->load_count; i++) {
		const struct kx_image_load *load = &image->loads[i];
		const uint8_t *data = (const uint8_t *)fit->kernel.data + load->file_offset;

		add_part(layout, "kernel", (struct scatter_part){ { data, load->filesz },
								  base_pa + load->offset, load->memsz });
	}
	add_part(layout, "ramdisk", ramdisk);
	add_part(layout, "boot information", made);
	jump->entry_pa = base_pa + image->entry;
	jump->flags = kx_boot_flags(image);
	kx_boot_args(image, layout->platform->boot_cpu, made.dest_pa, jump->args);
}
