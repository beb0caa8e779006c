/* SPDX-License-Identifier: BSD-2-Clause */
/* The image formats, a file each; image.c asks them in turn. */
#ifndef KX_IMAGE_H
#define KX_IMAGE_H

#include <kx/kx.h>

#include "hidden.h"

#define KX_IMAGE_SMALLEST 64 /* bytes; no format has a shorter header */

/*
 * Each returns 0 with the image filled in, -KX_ERR_IMAGE_UNKNOWN where the bytes are of another
 * format, or what is wrong with them. `image` is zero, `size` at least KX_IMAGE_SMALLEST.
 */
KX_HIDDEN int kx_image_linux_(const uint8_t *data, uint64_t size, struct kx_image *image);
KX_HIDDEN int kx_image_bzimage_(const uint8_t *data, uint64_t size, struct kx_image *image);
KX_HIDDEN int kx_image_elf64_(const uint8_t *data, uint64_t size, struct kx_image *image);

/* A little-endian number; the file may be unaligned in memory, so it is read byte by byte. */
static inline uint64_t kx_le_(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* Do `size` bytes at `offset` lie in a file of `file_size`? */
static inline int kx_in_file_(uint64_t offset, uint64_t size, uint64_t file_size)
{
	return offset <= file_size && size <= file_size - offset;
}

#endif /* KX_IMAGE_H */
