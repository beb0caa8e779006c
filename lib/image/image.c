/* SPDX-License-Identifier: BSD-2-Clause */
/* What is this image? The formats are told apart by their magic numbers, wherever libkx runs. */
#include "image.h"

#include "mem.h"

int kx_image_parse(const void *data, uint64_t size, struct kx_image *image)
{
	int error;

	if (!data || !image)
		return -KX_ERR_ARGUMENT;
	if (size < KX_IMAGE_SMALLEST)
		return -KX_ERR_IMAGE_TRUNCATED;
	kx_mem_zero_(image, sizeof(*image));
	error = kx_image_linux_(data, size, image);
	if (error == -KX_ERR_IMAGE_UNKNOWN)
		error = kx_image_elf64_(data, size, image);
	if (error == -KX_ERR_IMAGE_UNKNOWN)
		error = kx_image_bzimage_(data, size, image);
	return error;
}
