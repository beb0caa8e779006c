/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The platform as a device tree tells it, and the tree that the new kernel gets: riscv64, aarch64.
 * Spec: Devicetree Specification 0.4; Linux Documentation/devicetree/bindings/chosen.
 */
#include <kx/sha256.h>
#include <libfdt.h>

#include "host.h"
#include "fdt_machine.h"
#include "isa.h"

/* A number of one or two cells. */
static uint64_t cells(const fdt32_t *at, int count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 32 | fdt32_to_cpu(*at++);
	return value;
}

static size_t read_reg(const void *fdt, int parent, int node, struct kx_range *to, size_t room)
{
	int address_cells = fdt_address_cells(fdt, parent);
	int size_cells = fdt_size_cells(fdt, parent);
	int step = address_cells + size_cells, size;
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &size);
	size_t count = 0;

	if (!reg || address_cells <= 0 || size_cells < 0)
		return 0;
	for (; size >= 4 * step && count < room; size -= 4 * step, reg += step)
		to[count++] = (struct kx_range){ cells(reg, address_cells),
						 cells(reg + address_cells, size_cells) };
	return count;
}

static size_t read_ram(const void *fdt, struct kx_range *ram)
{
	size_t count = 0;
	int node;

	fdt_for_each_subnode(node, fdt, 0) {
		const char *type = tree_string(fdt, node, "device_type");

		if (type && !strcmp(type, "memory"))
			count += read_reg(fdt, 0, node, ram + count, PLATFORM_RANGES - count);
	}
	for (size_t i = 1; i < count; i++) /* the library wants them ascending */
		for (size_t j = i; j && ram[j - 1].pa > ram[j].pa; j--) {
			struct kx_range swap = ram[j];

			ram[j] = ram[j - 1];
			ram[j - 1] = swap;
		}
	return count;
}

static size_t read_reserved(const void *fdt, struct kx_range *reserved)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node;
	size_t count = 0;

	for (int i = 0; i < fdt_num_mem_rsv(fdt) && count < PLATFORM_RANGES; i++)
		if (!fdt_get_mem_rsv(fdt, i, &reserved[count].pa, &reserved[count].size))
			count++;
	if (parent >= 0)
		fdt_for_each_subnode(node, fdt, parent)
			count += read_reg(fdt, parent, node, reserved + count,
					  PLATFORM_RANGES - count);
	return count;
}

static void read_cpus(const void *fdt, struct platform *platform)
{
	int parent = fdt_path_offset(fdt, "/cpus"), node;
	struct kx_range cpu;

	if (parent < 0)
		return;
	fdt_for_each_subnode(node, fdt, parent) {
		const char *type = tree_string(fdt, node, "device_type");
		const char *status = tree_string(fdt, node, "status");

		if (!type || strcmp(type, "cpu") || (status && strcmp(status, "okay")))
			continue;
		if (read_reg(fdt, parent, node, &cpu, 1) && cpu.pa != platform->boot_cpu &&
		    platform->cpu_count < PLATFORM_CPUS)
			platform->cpus[platform->cpu_count++] = cpu.pa;
	}
}

static uint64_t read_number(const void *fdt, int node, const char *name)
{
	int size;
	const fdt32_t *value = fdt_getprop(fdt, node, name, &size);

	return value ? cells(value, size / 4) : 0;
}

static const char *bootargs(const void *fdt)
{
	const char *line = tree_string(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs");

	return line ? line : "";
}

static int is_sound(const void *fdt)
{
	return !fdt_check_header(fdt) && tree_is_sound(fdt, fdt_totalsize(fdt));
}

const char *platform_options(uint64_t info_pa)
{
	const void *fdt = (const void *)(uintptr_t)info_pa;

	return info_pa && is_sound(fdt) ? bootargs(fdt) : "";
}

const char *platform_isa(uint64_t info_pa)
{
	const void *fdt = mmu_ptr(info_pa);

	return info_pa && is_sound(fdt) ? fdt_isa(fdt) : NULL;
}

const char *platform_read(struct platform *platform, uint64_t boot_cpu, uint64_t info_pa)
{
	const void *fdt = mmu_ptr(info_pa);
	uint64_t start, end;
	int chosen;

	if (!info_pa || !is_sound(fdt))
		return "no-fdt: the firmware handed over no device tree";
	platform->info = (struct kx_range){ info_pa, fdt_totalsize(fdt) };
	platform->boot_cpu = boot_cpu;
	platform->options = bootargs(fdt);
	platform->memory = (struct kx_memory){
		.ram = platform->ram,
		.ram_count = read_ram(fdt, platform->ram),
		.reserved = platform->reserved,
		.reserved_count = read_reserved(fdt, platform->reserved),
	};
	read_cpus(fdt, platform);
	fdt_machine_read(fdt, platform);
	if (!platform->memory.ram_count)
		return "no-memory: the device tree names no memory";
	if (platform->memory.reserved_count == PLATFORM_RANGES) /* what came after is not known */
		return "too-many: the device tree reserves more ranges than there is room for";
	chosen = fdt_path_offset(fdt, "/chosen");
	start = chosen < 0 ? 0 : read_number(fdt, chosen, "linux,initrd-start");
	end = chosen < 0 ? 0 : read_number(fdt, chosen, "linux,initrd-end");
	if (end <= start)
		return "no-payload: nothing was loaded; give a FIT image as -initrd";
	platform->payload = (struct kx_range){ start, end - start };
	return NULL;
}

/* A seed for the new kernel, drawn from the one that we got and the time. Ours is never used again. */
static int renew_seed(void *fdt, int chosen, uint64_t ticks)
{
	uint8_t digest[KX_SHA256_SIZE];
	struct kx_sha256 hash;
	int size;
	const void *seed = fdt_getprop(fdt, chosen, "rng-seed", &size);

	kx_sha256_init(&hash);
	if (seed)
		kx_sha256_update(&hash, seed, (uint64_t)size);
	kx_sha256_update(&hash, &ticks, sizeof(ticks));
	kx_sha256_final(&hash, digest);
	return fdt_setprop(fdt, chosen, "rng-seed", digest, sizeof(digest));
}

/* What is still in use when the new kernel starts, it must leave alone too. */
static int keep(void *fdt, const struct kx_range *ranges, size_t count)
{
	int error = 0;

	for (size_t i = 0; !error && i < count; i++)
		error = fdt_add_mem_rsv(fdt, ranges[i].pa, ranges[i].size);
	return error;
}

/* Spec: Devicetree Specification 0.4 "/cpus/cpu* Node Properties". */
static int publish(void *fdt, const struct kx_park *park)
{
	int cpus = fdt_path_offset(fdt, "/cpus"), error = 0;
	struct kx_range cpu;

	for (int node = fdt_first_subnode(fdt, cpus); !error && node >= 0;
	     node = fdt_next_subnode(fdt, node)) {
		uint64_t release_pa = read_reg(fdt, cpus, node, &cpu, 1) ?
			kx_park_release_pa(park, cpu.pa) : 0;

		if (!release_pa)
			continue;
		error = fdt_setprop_string(fdt, node, "enable-method", "spin-table");
		error |= fdt_setprop_u64(fdt, node, "cpu-release-addr", release_pa);
	}
	return error;
}

uint64_t platform_boot_info(const struct platform *platform, const struct boot_info *info, void *to,
			    uint64_t room)
{
	const void *from = info->fit->fdt.data ? info->fit->fdt.data : mmu_ptr(platform->info.pa);
	uint64_t start = info->ramdisk.pa, end = start + info->ramdisk.size;
	int chosen, error;

	if (room > INT32_MAX || fdt_open_into(from, to, (int)room))
		return 0;
	chosen = fdt_path_offset(to, "/chosen");
	if (chosen < 0)
		chosen = fdt_add_subnode(to, 0, "chosen");
	if (chosen < 0)
		return 0;
	while (!fdt_delprop(to, chosen, "linux,initrd-start")) /* was the FIT image; may be there twice */
		;
	while (!fdt_delprop(to, chosen, "linux,initrd-end"))
		;
	error = fdt_setprop_string(to, chosen, "bootargs", info->fit->bootargs);
	if (info->ramdisk.size) {
		error |= fdt_setprop_u64(to, chosen, "linux,initrd-start", start);
		error |= fdt_setprop_u64(to, chosen, "linux,initrd-end", end);
	}
	error |= renew_seed(to, chosen, fdt_machine_ticks());
	error |= keep(to, platform->memory.written, platform->memory.written_count);
	error |= keep(to, platform->memory.parked, platform->memory.parked_count);
	if (platform->park)
		error |= publish(to, platform->park);
	if (info->only.size) {
		error |= fdt_setprop_u64(to, chosen, "linux,usable-memory-range", info->only.pa);
		error |= fdt_appendprop_u64(to, chosen, "linux,usable-memory-range", info->only.size);
	}
	error |= fdt_add_mem_rsv(to, info->record_pa, KX_PAGE_SIZE);
	return error || fdt_pack(to) ? 0 : fdt_totalsize(to);
}
