/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an image: what kx_image_parse() accepts lies in the file, and can be placed. */
#include "fuzz.h"

#include <kx/boot_params.h>

static void check_load(const struct kx_image *image, const struct kx_image_load *load, size_t size)
{
	MUST(load->file_offset <= size && load->filesz <= size - load->file_offset);
	MUST(load->memsz && load->filesz <= load->memsz);
	MUST(load->offset % PAGE == 0);
	MUST(load->offset <= UINT64_MAX - (load->memsz - 1));
	if (!(image->flags & KX_IMAGE_ANYWHERE))
		MUST(image->base_pa <= UINT64_MAX - (load->memsz - 1) - load->offset);
}

static int holds_entry(const struct kx_image *image)
{
	for (size_t i = 0; i < image->load_count; i++)
		if (image->entry >= image->loads[i].offset &&
		    image->entry - image->loads[i].offset < image->loads[i].memsz)
			return 1;
	return 0;
}

static void check_image(const struct kx_image *image, size_t size)
{
	MUST(image->kind >= KX_IMAGE_RISCV64 && image->kind <= KX_IMAGE_ELF_X86_64);
	MUST(image->load_count && image->load_count <= KX_IMAGE_LOADS_MAX);
	MUST(image->align >= PAGE && !(image->align & (image->align - 1)));
	MUST(image->base_pa % PAGE == 0);
	for (size_t i = 0; i < image->load_count; i++)
		check_load(image, &image->loads[i], size);
	MUST(holds_entry(image));
}

static void fill_zero_page(const void *kernel)
{
	struct kx_boot_params from = { .kernel = kernel };
	void *page = malloc(KX_BP_SIZE);

	MUST(!kx_boot_params_fill(&from, page));
	free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *file = exact_copy(data, size);
	uint64_t args[KX_HANDOFF_ARGS_COUNT];
	struct kx_image image;

	if (!kx_image_parse(file, size, &image)) {
		check_image(&image, size);
		if (image.kind == KX_IMAGE_BZIMAGE)
			fill_zero_page(file);
		if (!kx_boot_check(&image))
			kx_boot_args(&image, 1, 2, args);
	}
	free(file);
	return 0;
}
