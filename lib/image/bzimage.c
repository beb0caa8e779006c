/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux's bzImage for x86: a setup header in the first sectors, then what runs in protected or long
 * mode. Spec: Linux Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header" and "64-bit Boot
 * Protocol".
 */
#include "image.h"

#include "bzimage.h"
#include "range.h"

#define SECTOR 512

#define VERSION_2_12 0x20c /* the first with xloadflags */

#define ENTRY_32 0
#define ENTRY_64 0x200

static int is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static int check_header(const uint8_t *data, const struct kx_image *image)
{
	const struct kx_image_load *load = &image->loads[0];

	if (kx_le_(data + BZ_BOOT_FLAG, 2) != BZ_BOOT_FLAG_IS)
		return -KX_ERR_IMAGE_HEADER;
	if (!(data[BZ_LOADFLAGS] & BZ_LOADED_HIGH)) /* a zImage, for memory below 1 MiB */
		return -KX_ERR_IMAGE_HEADER;
	if (!is_power_of_two(image->align) || image->align < KX_PAGE_SIZE)
		return -KX_ERR_IMAGE_HEADER;
	if (!kx_aligned_(image->base_pa, KX_PAGE_SIZE) || kx_wraps_(image->base_pa, load->memsz))
		return -KX_ERR_IMAGE_HEADER;
	return image->entry < load->filesz && load->filesz <= load->memsz ? 0 : -KX_ERR_IMAGE_HEADER;
}

/* The protected-mode part; syssize counts paragraphs, the last of which may be cut short. */
static int find_load(const uint8_t *data, uint64_t size, struct kx_image_load *load)
{
	uint64_t sectors = data[BZ_SETUP_SECTS] ? data[BZ_SETUP_SECTS] : 4;
	uint64_t paragraphs = kx_le_(data + BZ_SYSSIZE, 4);

	load->file_offset = (sectors + 1) * SECTOR;
	if (load->file_offset >= size || (size - load->file_offset + 15) / 16 < paragraphs)
		return -KX_ERR_IMAGE_TRUNCATED;
	load->filesz = size - load->file_offset;
	if (load->filesz > 16 * paragraphs) /* a signature, say: no part of the kernel */
		load->filesz = 16 * paragraphs;
	load->memsz = kx_le_(data + BZ_INIT_SIZE, 4);
	return 0;
}

int kx_image_bzimage_(const uint8_t *data, uint64_t size, struct kx_image *image)
{
	uint64_t xloadflags;
	int error;

	if (size < BZ_HEADER_LEAST || kx_le_(data + BZ_MAGIC, 4) != BZ_MAGIC_IS)
		return -KX_ERR_IMAGE_UNKNOWN;
	if (kx_le_(data + BZ_VERSION, 2) < VERSION_2_12)
		return -KX_ERR_IMAGE_HEADER;
	error = find_load(data, size, &image->loads[0]);
	if (error)
		return error;

	image->kind = KX_IMAGE_BZIMAGE;
	image->load_count = 1;
	image->align = kx_le_(data + BZ_KERNEL_ALIGNMENT, 4);
	/* Where it is put lower than this it moves itself up to it, over whatever lies there. */
	image->base_pa = kx_le_(data + BZ_PREF_ADDRESS, 8);
	if (data[BZ_RELOCATABLE_KERNEL])
		image->flags |= KX_IMAGE_ANYWHERE;
	xloadflags = kx_le_(data + BZ_XLOADFLAGS, 2);
	if (xloadflags & BZ_XLF_5LEVEL)
		image->flags |= KX_IMAGE_5LEVEL;
	image->entry = ENTRY_64;
	if (!(xloadflags & BZ_XLF_KERNEL_64)) {
		image->flags |= KX_IMAGE_ENTER_32;
		image->entry = ENTRY_32;
	}
	return check_header(data, image);
}
