/* SPDX-License-Identifier: BSD-2-Clause */
/* What a PVH loader hands over. Spec: Xen "x86/HVM direct boot ABI". */
#ifndef BARE_PVH_H
#define BARE_PVH_H

#include <stdint.h>

#define PVH_MAGIC 0x336ec578

struct pvh_start_info {
	uint32_t magic;
	uint32_t version; /* 1: with a memory map */
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules_pa;
	uint64_t cmdline_pa;
	uint64_t rsdp_pa;
	uint64_t map_pa;
	uint32_t map_count;
	uint32_t reserved;
};

struct pvh_module {
	uint64_t pa;
	uint64_t size;
	uint64_t cmdline_pa;
	uint64_t reserved;
};

struct pvh_map {
	uint64_t pa;
	uint64_t size;
	uint32_t type; /* as in the E820 map */
	uint32_t reserved;
};

_Static_assert(sizeof(struct pvh_start_info) == 56, "struct hvm_start_info is packed");

#endif /* BARE_PVH_H */
