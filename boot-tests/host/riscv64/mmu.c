/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: the host's address space, as a kernel's: all memory in a linear map of 1 GiB leaves that
 * cannot be executed, the image in the upper half by pages, and a place for the control page that
 * belongs to neither.
 *
 *   ffffffc0_00000000  linear map, 128 GiB, read and write
 *   ffffffff_80000000  the image: text read and execute, the rest read and write
 *   ffffffff_c0000000  the control page, if it is mapped apart
 */
#include "host.h"
#include "space.h"

#define LINEAR_VA  0xffffffc000000000
#define CONTROL_VA 0xffffffffc0000000
#define LINEAR_GIB 128

#define PTE_V  0x01
#define PTE_RW 0xc7 /* V R W A D */
#define PTE_RX 0x4b /* V R X A */

#define TABLES 24

static uint64_t tables[TABLES][512] __attribute__((aligned(KX_PAGE_SIZE)));
static unsigned int table_count;
static unsigned int levels;
static struct space space = { .shift = KX_PAGE_SHIFT };
static uint64_t identity_va; /* while start.S crosses over */

uint64_t mmu_image_at(void)
{
	uint64_t address;

	__asm__ volatile("lla %0, image_start" : "=r"(address));
	return address;
}

uint64_t mmu_new_table(void)
{
	return mmu_pa(tables[table_count++]);
}

uint64_t mmu_leaf(uint64_t pa, uint64_t bits)
{
	return pa >> 12 << 10 | bits;
}

uint64_t mmu_link(uint64_t table_pa)
{
	return mmu_leaf(table_pa, PTE_V);
}

uint64_t mmu_linked_pa(uint64_t entry)
{
	return entry >> 10 << 12;
}

static unsigned int read_levels(const char *paging)
{
	if (!strcmp(paging, "bare"))
		return 0;
	if (!strcmp(paging, "sv48"))
		return 4;
	if (!strcmp(paging, "sv57"))
		return 5;
	return 3;
}

uint64_t mmu_build(const struct options *options)
{
	uint64_t satp, kept;

	mmu_image_pa = mmu_image_at();
	levels = read_levels(options->paging);
	if (!levels)
		return 0;
	mmu_image_va = IMAGE_VA;
	mmu_linear_va = LINEAR_VA;
	space.bits = KX_PAGE_SHIFT + 9 * levels;
	space.root_pa = mmu_new_table();
	for (uint64_t gib = 0; gib < LINEAR_GIB; gib++)
		*space_entry(&space, LINEAR_VA + (gib << 30), 2) = mmu_leaf(gib << 30, PTE_RW);
	space_map_image(&space, image_start, image_text_end, PTE_RX);
	space_map_image(&space, image_text_end, image_end, PTE_RW);
	space_entry(&space, CONTROL_VA, 0);
	identity_va = mmu_image_pa >> 30 << 30;
	*space_entry(&space, identity_va, 2) = mmu_leaf(identity_va, PTE_RX);
	satp = (uint64_t)(levels + 5) << 60 | space.root_pa >> 12;

	/* A mode that the hart does not have leaves satp as it was: try it, while it maps us 1:1. */
	__asm__ volatile("csrw satp, %1\n\tsfence.vma\n\tcsrr %0, satp\n\tcsrw satp, zero\n\tsfence.vma"
			 : "=r"(kept) : "r"(satp) : "memory");
	if (kept != satp) {
		print("kx: paging-mode: this hart has no %s\n", options->paging);
		machine_off(1);
	}
	return satp;
}

const char *mmu_settle(void)
{
	if (levels) {
		*space_entry(&space, identity_va, 2) = 0;
		__asm__ volatile("sfence.vma" ::: "memory");
	}
	switch (levels) {
	case 3: return "sv39";
	case 4: return "sv48";
	case 5: return "sv57";
	}
	return "bare";
}

uint64_t mmu_code_va(void)
{
	return levels ? CONTROL_VA : 0;
}

uint64_t mmu_map_code(uint64_t pa)
{
	*space_entry(&space, CONTROL_VA, 0) = mmu_leaf(pa, PTE_RX);
	__asm__ volatile("sfence.vma\n\tfence.i" ::: "memory");
	return CONTROL_VA;
}
