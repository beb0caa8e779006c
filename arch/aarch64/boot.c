/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: what Linux finds in its argument registers. Linux Documentation/arch/arm64/booting.rst. */
#include "arch.h"

void kx_boot_args(const struct kx_image *image, uint64_t cpu_id, uint64_t info_pa,
		  uint64_t args[KX_HANDOFF_ARGS_COUNT])
{
	(void)image;
	(void)cpu_id;
	args[0] = info_pa; /* x0: device tree */
	args[1] = 0;
	args[2] = 0;
	args[3] = 0;
}

uint64_t kx_boot_flags(const struct kx_image *image)
{
	(void)image;
	return 0;
}

int kx_boot_check(const struct kx_image *image)
{
	if (!image)
		return -KX_ERR_ARGUMENT;
	return image->kind == KX_IMAGE_ARM64 ? 0 : -KX_ERR_IMAGE_ARCH;
}
