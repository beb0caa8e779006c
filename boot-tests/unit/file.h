/* SPDX-License-Identifier: BSD-2-Clause */
/* Files for kx_image_parse(), made from bytes and numbers. */
#ifndef FILE_H
#define FILE_H

#include "unit.h"

/** struct file - a file in a buffer of just its size, so that ASan sees a byte read too far */
struct file {
	uint8_t *data;
	uint64_t size;
};

static inline void put_le(uint8_t *at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* Parse a copy of the first `size` bytes, then give it back. */
static inline int file_parse(const void *data, uint64_t size, struct kx_image *image)
{
	uint8_t *copy = malloc(size ? size : 1);
	int error;

	memcpy(copy, data, size);
	memset(image, 0xff, sizeof(*image));
	error = kx_image_parse(copy, size, image);
	free(copy);
	return error;
}

#endif /* FILE_H */
