/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot_params or PVH start information hand over: command line, ramdisk, memory map. */
#include <kx/boot_params.h>

#include "payload.h"
#include "pvh.h"

static uint64_t field(uint64_t page_pa, unsigned int offset, unsigned int bytes)
{
	const uint8_t *at = (const uint8_t *)(uintptr_t)page_pa + offset;
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static void report(uint64_t cmdline_pa, uint64_t ramdisk_pa, uint64_t ramdisk_size)
{
	print("BOOTARGS=%s\n", (const char *)(uintptr_t)cmdline_pa);
	report_number("INITRD", ramdisk_pa);
	if (ramdisk_size)
		report_digest("SHA256_INITRD", (const void *)(uintptr_t)ramdisk_pa, ramdisk_size);
}

static void report_pvh(const struct pvh_start_info *info)
{
	const struct pvh_module *module = (const void *)(uintptr_t)info->modules_pa;
	const struct pvh_map *map = (const void *)(uintptr_t)info->map_pa;

	report_number("PVH", (uintptr_t)info);
	report_number("RSDP", info->rsdp_pa);
	for (uint32_t i = 0; i < info->map_count; i++)
		print("MAP%u=0x%lx 0x%lx %u\n", i, map[i].pa, map[i].size, map[i].type);
	report(info->cmdline_pa, info->module_count ? module->pa : 0,
	       info->module_count ? module->size : 0);
}

static void report_boot_params(uint64_t page)
{
	report_number("BOOT_PARAMS", page);
	report_number("RSDP", field(page, KX_BP_RSDP, 8));
	for (unsigned int i = 0; i < field(page, KX_BP_E820_COUNT, 1); i++) {
		unsigned int entry = KX_BP_E820 + i * KX_BP_E820_ENTRY;

		print("MAP%u=0x%lx 0x%lx %u\n", i, field(page, entry, 8), field(page, entry + 8, 8),
		      (unsigned int)field(page, entry + 16, 4));
	}
	report(field(page, KX_BP_CMD_LINE_PTR, 4) | field(page, KX_BP_EXT_CMD_LINE_PTR, 4) << 32,
	       field(page, KX_BP_RAMDISK_IMAGE, 4) | field(page, KX_BP_EXT_RAMDISK_IMAGE, 4) << 32,
	       field(page, KX_BP_RAMDISK_SIZE, 4) | field(page, KX_BP_EXT_RAMDISK_SIZE, 4) << 32);
}

const char *handover_line(uint64_t info_pa)
{
	const struct pvh_start_info *info = (const void *)(uintptr_t)info_pa;
	uint64_t line_pa = 0;

	if (info->magic == PVH_MAGIC)
		line_pa = info->cmdline_pa;
	else if (field(info_pa, KX_BP_MAGIC, 4) == KX_BP_MAGIC_IS)
		line_pa = field(info_pa, KX_BP_CMD_LINE_PTR, 4);
	return line_pa ? (const char *)(uintptr_t)line_pa : "";
}

void report_handover(uint64_t info_pa)
{
	const struct pvh_start_info *info = (const void *)(uintptr_t)info_pa;

	if (info->magic == PVH_MAGIC)
		report_pvh(info);
	else if (field(info_pa, KX_BP_MAGIC, 4) == KX_BP_MAGIC_IS)
		report_boot_params(info_pa);
	else
		print("HANDOVER=bad\n");
}
