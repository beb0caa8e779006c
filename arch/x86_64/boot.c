/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: what a kernel finds in its registers, and the mode it is entered in. Linux
 * Documentation/arch/x86/boot.rst "64-bit Boot Protocol"; Xen "x86/HVM direct boot ABI".
 */
#include "arch.h"

void kx_boot_args(const struct kx_image *image, uint64_t cpu_id, uint64_t info_pa,
		  uint64_t args[KX_HANDOFF_ARGS_COUNT])
{
	int pvh = image->flags & KX_IMAGE_PVH;

	(void)cpu_id;
	args[0] = 0;                 /* rax */
	args[1] = pvh ? info_pa : 0; /* rbx: struct hvm_start_info */
	args[2] = pvh ? 0 : info_pa; /* rsi: struct boot_params */
	args[3] = 0;                 /* rdi */
}

uint64_t kx_boot_flags(const struct kx_image *image)
{
	if (image->flags & KX_IMAGE_ENTER_32)
		return KX_ENTER_32;
	return image->flags & KX_IMAGE_5LEVEL ? 0 : KX_ENTER_4LEVEL;
}

int kx_boot_check(const struct kx_image *image)
{
	if (!image)
		return -KX_ERR_ARGUMENT;
	if (image->kind == KX_IMAGE_BZIMAGE || image->kind == KX_IMAGE_ELF_X86_64)
		return 0;
	return -KX_ERR_IMAGE_ARCH;
}
