/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: what Linux finds in its argument registers. Linux Documentation/arch/riscv/boot.rst. */
#include "arch.h"

void kx_boot_args(const struct kx_image *image, uint64_t cpu_id, uint64_t info_pa,
		  uint64_t args[KX_HANDOFF_ARGS_COUNT])
{
	(void)image;
	args[0] = cpu_id;  /* a0: hart id */
	args[1] = info_pa; /* a1: device tree */
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
	return image->kind == KX_IMAGE_RISCV64 ? 0 : -KX_ERR_IMAGE_ARCH;
}
