/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux's `Image` for riscv and arm64: one 64-byte header, little-endian, at the start of the file.
 * Spec: Linux Documentation/arch/riscv/boot-image-header.rst, Documentation/arch/arm64/booting.rst.
 */
#include "image.h"

/* Offsets in the header */
#define TEXT_OFFSET  8  /* load address, from a base of the right alignment */
#define IMAGE_SIZE   16 /* bytes of memory that the kernel takes from there, bss and all */
#define FLAGS        24
#define MAGIC        56 /* riscv: "RSC\x05", the older one at 48 is deprecated; arm64: "ARM\x64" */

#define FLAG_BIG_ENDIAN     1

#define MAGIC_RISCV 0x05435352u
#define MAGIC_ARM64 0x644d5241u

#define BASE_ALIGN 0x200000 /* both protocols: 2 MiB, then text_offset */

static int check_header(uint64_t text_offset, uint64_t image_size)
{
	/* Before Linux 3.17 arm64 left image_size zero, and its offset and size to be guessed. */
	if (image_size < KX_IMAGE_SMALLEST)
		return -KX_ERR_IMAGE_HEADER;
	if (text_offset & KX_PAGE_MASK)
		return -KX_ERR_IMAGE_HEADER;
	if (text_offset + image_size < text_offset || text_offset + image_size > (uint64_t)1 << 52)
		return -KX_ERR_IMAGE_HEADER;
	return 0;
}

int kx_image_linux_(const uint8_t *data, uint64_t size, struct kx_image *image)
{
	uint64_t text_offset, image_size;
	uint32_t magic = (uint32_t)kx_le_(data + MAGIC, 4);
	int error;

	if (magic == MAGIC_RISCV)
		image->kind = KX_IMAGE_RISCV64;
	else if (magic == MAGIC_ARM64)
		image->kind = KX_IMAGE_ARM64;
	else
		return -KX_ERR_IMAGE_UNKNOWN;
	if (kx_le_(data + FLAGS, 8) & FLAG_BIG_ENDIAN)
		return -KX_ERR_IMAGE_ENDIAN;
	text_offset = kx_le_(data + TEXT_OFFSET, 8);
	image_size = kx_le_(data + IMAGE_SIZE, 8);
	error = check_header(text_offset, image_size);
	if (error)
		return error;

	image->flags = KX_IMAGE_ANYWHERE;
	image->align = BASE_ALIGN;
	image->entry = text_offset;
	image->load_count = 1;
	/* What a file carries beyond image_size, a signature say, is no part of the kernel. */
	image->loads[0].filesz = size < image_size ? size : image_size;
	image->loads[0].offset = text_offset;
	image->loads[0].memsz = image_size;
	return 0;
}
