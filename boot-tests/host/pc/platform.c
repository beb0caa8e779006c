/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The platform as PVH start information or boot_params tell it, and what the new kernel gets, in
 * either form. What was handed over is copied, so that nothing of it has to be kept.
 * Spec: Xen "x86/HVM direct boot ABI"; Linux Documentation/arch/x86/zero-page.rst.
 */
#include <kx/boot_params.h>

#include "pc.h"
#include "pvh.h"

#define COM1 0x3f8

/* Memory below is left to firmware and to beat.h. It is RAM all the same, and so mapped for the new
 * kernel: Linux's decompressor reads the BIOS data area, and puts its trampoline there. */
#define LOW_END 0x100000

#define CMDLINE_ROOM 2048

/** struct handed - what was handed over */
struct handed {
	struct kx_e820 map[KX_BP_E820_MAX];
	size_t map_count;
	struct kx_range payload;
	uint64_t rsdp_pa;
	uint64_t cmdline_pa;
	char cmdline[CMDLINE_ROOM];
};

static struct handed handed;

static uint64_t field(const uint8_t *page, unsigned int offset, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | page[offset + bytes];
	return value;
}

static void read_pvh(const struct pvh_start_info *info, struct handed *to)
{
	const struct pvh_map *map = mmu_ptr(info->map_pa);
	const struct pvh_module *module = mmu_ptr(info->modules_pa);

	to->rsdp_pa = info->rsdp_pa;
	to->cmdline_pa = info->cmdline_pa;
	if (info->module_count)
		to->payload = (struct kx_range){ module->pa, module->size };
	for (; to->map_count < info->map_count && to->map_count < KX_BP_E820_MAX; to->map_count++)
		to->map[to->map_count] = (struct kx_e820){
			map[to->map_count].pa, map[to->map_count].size, map[to->map_count].type,
		};
}

static void read_boot_params(const uint8_t *page, struct handed *to)
{
	const uint8_t *entry = page + KX_BP_E820;

	to->rsdp_pa = field(page, KX_BP_RSDP, 8);
	to->cmdline_pa = field(page, KX_BP_CMD_LINE_PTR, 4) |
			 field(page, KX_BP_EXT_CMD_LINE_PTR, 4) << 32;
	to->payload.pa = field(page, KX_BP_RAMDISK_IMAGE, 4) |
			 field(page, KX_BP_EXT_RAMDISK_IMAGE, 4) << 32;
	to->payload.size = field(page, KX_BP_RAMDISK_SIZE, 4) |
			   field(page, KX_BP_EXT_RAMDISK_SIZE, 4) << 32;
	for (; to->map_count < field(page, KX_BP_E820_COUNT, 1); entry += KX_BP_E820_ENTRY)
		to->map[to->map_count++] = (struct kx_e820){
			field(entry, 0, 8), field(entry, 8, 8), (uint32_t)field(entry, 16, 4),
		};
}

static void read_handed(uint64_t info_pa, struct handed *to)
{
	const void *info = mmu_ptr(info_pa);
	const char *line;

	memset(to, 0, sizeof(*to));
	if (((const struct pvh_start_info *)info)->magic == PVH_MAGIC)
		read_pvh(info, to);
	else if (field(info, KX_BP_MAGIC, 4) == KX_BP_MAGIC_IS)
		read_boot_params(info, to);
	line = mmu_ptr(to->cmdline_pa);
	if (to->cmdline_pa)
		memcpy(to->cmdline, line, strnlen(line, CMDLINE_ROOM - 1));
}

/* Before anything is mapped; what it fills is filled again later, with other pointers. */
const char *platform_options(uint64_t info_pa)
{
	read_handed(info_pa, &handed);
	return handed.cmdline;
}

/* Whole pages of RAM, ascending as the map is. */
static size_t read_ram(struct kx_range *ram)
{
	size_t count = 0;

	for (size_t i = 0; i < handed.map_count && count < PLATFORM_RANGES; i++) {
		uint64_t start = handed.map[i].pa, end = start + handed.map[i].size;

		start = (start + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK;
		end &= ~(uint64_t)KX_PAGE_MASK;
		if (handed.map[i].type == KX_E820_RAM && start < end)
			ram[count++] = (struct kx_range){ start, end - start };
	}
	return count;
}

const char *platform_isa(uint64_t info_pa)
{
	(void)info_pa; /* CPUID says it all */
	return NULL;
}

const char *platform_read(struct platform *platform, uint64_t boot_cpu, uint64_t info_pa)
{
	uint64_t apic_pa;
	const char *fault;

	read_handed(info_pa, &handed);
	platform->boot_cpu = boot_cpu;
	platform->options = handed.cmdline;
	platform->memory.ram = platform->ram;
	platform->memory.ram_count = read_ram(platform->ram);
	platform->memory.reserved = platform->reserved;
	platform->kept = (struct kx_range){ 0, LOW_END };
	platform->console = (struct kx_device){ KX_DEVICE_UART8250_IO, 1, COM1, 8 };
	if (!platform->memory.ram_count)
		return "no-memory: the firmware handed over no memory map";
	acpi_begin(handed.rsdp_pa);
	fault = madt_read(platform, &apic_pa);
	if (fault)
		return fault;
	platform->apic = mmu_device(apic_pa);
	platform->timer_hz = timer_tsc_hz();
	platform->payload = handed.payload;
	return handed.payload.size ? NULL :
		"no-payload: nothing was loaded; give a FIT image as -initrd";
}

/* The map for the new kernel: less one page, which the others' range is split around. */
static size_t map_without(uint64_t page_pa, struct kx_e820 *to)
{
	size_t count = 0;

	for (size_t i = 0; i < handed.map_count && count + 3 <= KX_BP_E820_MAX; i++) {
		struct kx_e820 range = handed.map[i];

		if (page_pa - range.pa < range.size) {
			uint64_t end = range.pa + range.size, after = page_pa + KX_PAGE_SIZE;

			if (page_pa > range.pa)
				to[count++] = (struct kx_e820){ range.pa, page_pa - range.pa, range.type };
			to[count++] = (struct kx_e820){ page_pa, KX_PAGE_SIZE, KX_E820_RESERVED };
			range = (struct kx_e820){ after, end - after, range.type };
		}
		if (range.size)
			to[count++] = range;
	}
	return count;
}

static void put(struct kx_e820 *to, size_t *count, struct kx_e820 range)
{
	if (range.size && *count < KX_BP_E820_MAX)
		to[(*count)++] = range;
}

/* The same, and of the RAM above 1 MiB one range alone, where it is to use no other. */
static size_t map_for(const struct boot_info *info, struct kx_e820 *to)
{
	static struct kx_e820 all[KX_BP_E820_MAX];
	size_t count = 0, all_count = map_without(info->record_pa, all);
	uint64_t only = info->only.pa, only_end = only + info->only.size;

	for (size_t i = 0; i < all_count; i++) {
		uint64_t pa = all[i].pa, end = pa + all[i].size;
		uint64_t from = pa > only ? pa : only, to_pa = end < only_end ? end : only_end;

		if (!info->only.size || all[i].type != KX_E820_RAM || end <= LOW_END) {
			put(to, &count, all[i]);
			continue;
		}
		if (from >= to_pa)
			from = to_pa = end;
		put(to, &count, (struct kx_e820){ pa, from - pa, KX_E820_RESERVED });
		put(to, &count, (struct kx_e820){ from, to_pa - from, KX_E820_RAM });
		put(to, &count, (struct kx_e820){ to_pa, end - to_pa, KX_E820_RESERVED });
	}
	return count;
}

/* boot_params, and the command line behind it. */
static uint64_t make_boot_params(const struct boot_info *info, uint8_t *to)
{
	static struct kx_e820 map[KX_BP_E820_MAX];
	int is_bzimage = info->image->kind == KX_IMAGE_BZIMAGE;
	struct kx_boot_params from = {
		.kernel = is_bzimage ? info->fit->kernel.data : NULL,
		.map = map,
		.map_count = map_for(info, map),
		.ramdisk = info->ramdisk,
		.cmdline_pa = info->at_pa + KX_BP_SIZE,
		.rsdp_pa = handed.rsdp_pa,
	};
	uint64_t size = strlen(info->fit->bootargs) + 1;

	memcpy(to + KX_BP_SIZE, info->fit->bootargs, size);
	return kx_boot_params_fill(&from, to) ? 0 : KX_BP_SIZE + size;
}

/** struct pvh - start information and what it points to, but for the command line behind it */
struct pvh {
	struct pvh_start_info info;
	struct pvh_module module;
	struct pvh_map map[KX_BP_E820_MAX];
};

static uint64_t make_pvh(const struct boot_info *info, struct pvh *to)
{
	static struct kx_e820 map[KX_BP_E820_MAX];
	size_t count = map_for(info, map);
	uint64_t size = strlen(info->fit->bootargs) + 1;

	to->info = (struct pvh_start_info){
		.magic = PVH_MAGIC,
		.version = 1,
		.module_count = info->ramdisk.size ? 1 : 0,
		.modules_pa = info->at_pa + offsetof(struct pvh, module),
		.cmdline_pa = info->at_pa + sizeof(*to),
		.rsdp_pa = handed.rsdp_pa,
		.map_pa = info->at_pa + offsetof(struct pvh, map),
		.map_count = (uint32_t)count,
	};
	to->module = (struct pvh_module){ .pa = info->ramdisk.pa, .size = info->ramdisk.size };
	for (size_t i = 0; i < count; i++)
		to->map[i] = (struct pvh_map){ map[i].pa, map[i].size, map[i].type, 0 };
	memcpy(to + 1, info->fit->bootargs, size);
	return sizeof(*to) + size;
}

uint64_t platform_boot_info(const struct platform *platform, const struct boot_info *info, void *to,
			    uint64_t room)
{
	(void)platform;
	if (strlen(info->fit->bootargs) > room - sizeof(struct pvh) - KX_BP_SIZE)
		return 0;
	memset(to, 0, sizeof(struct pvh) + KX_BP_SIZE);
	return info->image->flags & KX_IMAGE_PVH ? make_pvh(info, to) : make_boot_params(info, to);
}
