/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Linux is handed on x86: struct boot_params, the "zero page". Fields by their offset, and one
 * call that makes it. Spec: Linux Documentation/arch/x86/zero-page.rst and boot.rst.
 */
#ifndef KX_BOOT_PARAMS_H
#define KX_BOOT_PARAMS_H

#include <kx/kx.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KX_BP_SIZE 4096

#define KX_BP_RSDP              0x070 /* 8 bytes; 0: unknown */
#define KX_BP_EXT_RAMDISK_IMAGE 0x0c0 /* 4 bytes each: the upper halves of those below */
#define KX_BP_EXT_RAMDISK_SIZE  0x0c4
#define KX_BP_EXT_CMD_LINE_PTR  0x0c8
#define KX_BP_E820_COUNT        0x1e8 /* 1 byte */
#define KX_BP_MAGIC             0x202 /* 4 bytes, "HdrS" */
#define KX_BP_TYPE_OF_LOADER    0x210 /* 1 byte */
#define KX_BP_RAMDISK_IMAGE     0x218 /* 4 bytes each */
#define KX_BP_RAMDISK_SIZE      0x21c
#define KX_BP_CMD_LINE_PTR      0x228
#define KX_BP_E820              0x2d0 /* entries of 20 bytes: address, size, type */

#define KX_BP_MAGIC_IS   0x53726448
#define KX_BP_E820_ENTRY 20
#define KX_BP_E820_MAX   128

#define KX_E820_RAM 1
#define KX_E820_RESERVED 2

/** struct kx_e820 - a range of physical memory and what it is for: KX_E820_RAM, or not for Linux */
struct kx_e820 {
	uint64_t pa;
	uint64_t size;
	uint32_t type; /* Advanced Configuration and Power Interface Specification "Address Range Types" */
};

/** struct kx_boot_params - what the zero page is made from */
struct kx_boot_params {
	const void *kernel;        /* the bzImage; NULL for an ELF file, which has no setup header */
	const struct kx_e820 *map; /* what the firmware said of memory */
	size_t map_count;          /* at most KX_BP_E820_MAX */
	struct kx_range ramdisk;   /* size 0: none */
	uint64_t cmdline_pa;       /* zero-terminated */
	uint64_t rsdp_pa;          /* ACPI's root pointer; 0: unknown */
};

/**
 * kx_boot_params_fill() - make the zero page
 * @from: what of; its kernel has been through kx_image_parse()
 * @page: KX_BP_SIZE bytes, overwritten
 *
 * Returns: 0, -KX_ERR_ARGUMENT.
 */
int kx_boot_params_fill(const struct kx_boot_params *from, void *page);

#ifdef __cplusplus
}
#endif
#endif /* KX_BOOT_PARAMS_H */
