/* SPDX-License-Identifier: BSD-2-Clause */
/* Linux's zero page; called by hosts that boot a bzImage by the 64-bit or the 32-bit protocol. */
#include <kx/boot_params.h>

#include "bzimage.h"
#include "mem.h"

#define HEADER_END 0x290 /* what the zero page has room for */

static void put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	for (; bytes--; value >>= 8)
		*at++ = (uint8_t)value;
}

static void put_address(uint8_t *page, uint64_t value, unsigned int low, unsigned int high)
{
	put(page + low, value, 4);
	put(page + high, value >> 32, 4);
}

static void put_map(uint8_t *page, const struct kx_boot_params *from)
{
	uint8_t *entry = page + KX_BP_E820;

	page[KX_BP_E820_COUNT] = (uint8_t)from->map_count;
	for (size_t i = 0; i < from->map_count; i++, entry += KX_BP_E820_ENTRY) {
		put(entry, from->map[i].pa, 8);
		put(entry + 8, from->map[i].size, 8);
		put(entry + 16, from->map[i].type, 4);
	}
}

int kx_boot_params_fill(const struct kx_boot_params *from, void *page)
{
	uint8_t *to = page;

	if (!from || !page || from->map_count > KX_BP_E820_MAX || (from->map_count && !from->map))
		return -KX_ERR_ARGUMENT;
	kx_mem_zero_(to, KX_BP_SIZE);
	if (from->kernel) {
		const uint8_t *kernel = from->kernel;
		uint64_t end = BZ_MAGIC + kernel[BZ_JUMP_LENGTH];

		if (end > HEADER_END)
			end = HEADER_END;
		/* the setup header, as the file has it; what lies before and behind stays zero */
		kx_mem_copy_(to + BZ_SETUP_SECTS, kernel + BZ_SETUP_SECTS, end - BZ_SETUP_SECTS);
	}
	to[KX_BP_TYPE_OF_LOADER] = BZ_LOADER_UNKNOWN;
	put_address(to, from->cmdline_pa, KX_BP_CMD_LINE_PTR, KX_BP_EXT_CMD_LINE_PTR);
	put_address(to, from->ramdisk.size ? from->ramdisk.pa : 0, KX_BP_RAMDISK_IMAGE,
		    KX_BP_EXT_RAMDISK_IMAGE);
	put_address(to, from->ramdisk.size, KX_BP_RAMDISK_SIZE, KX_BP_EXT_RAMDISK_SIZE);
	put(to + KX_BP_RSDP, from->rsdp_pa, 8);
	put_map(to, from);
	return 0;
}
