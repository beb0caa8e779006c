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
static uint64_t image_pa;
static uint64_t identity_va; /* while start.S crosses over */

/* Where image_start is now: at its load address until start.S has crossed over, at IMAGE_VA after it.
 * By assembly, because to a compiler the address of an object never changes. */
static uint64_t image_at(void)
{
	uint64_t address;

	__asm__ volatile("lla %0, image_start" : "=r"(address));
	return address;
}

/* The entry for va whose leaf is 4 KiB << 9 * level; called untranslated and translated alike. */
static uint64_t *entry_of(uint64_t va, unsigned int level)
{
	uint64_t *table = tables[0];

	for (unsigned int i = levels - 1;; i--) {
		uint64_t *entry = &table[va >> (12 + 9 * i) & 511];

		if (i == level)
			return entry;
		if (!*entry) {
			uint64_t pa = mmu_pa(tables[++table_count]);

			*entry = pa >> 12 << 10 | PTE_V;
		}
		table = mmu_ptr(*entry >> 10 << 12);
	}
}

static void map_image(char *from, char *to, uint64_t rights)
{
	uint64_t offset = (uint64_t)(from - image_start);

	for (; from < to; from += KX_PAGE_SIZE, offset += KX_PAGE_SIZE)
		*entry_of(IMAGE_VA + offset, 0) = (image_pa + offset) >> 12 << 10 | rights;
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

	image_pa = image_at();
	levels = read_levels(options->paging);
	if (!levels)
		return 0;
	for (uint64_t gib = 0; gib < LINEAR_GIB; gib++)
		*entry_of(LINEAR_VA + (gib << 30), 2) = gib << 30 >> 12 << 10 | PTE_RW;
	map_image(image_start, image_text_end, PTE_RX);
	map_image(image_text_end, image_end, PTE_RW);
	entry_of(CONTROL_VA, 0);
	identity_va = image_pa >> 30 << 30;
	*entry_of(identity_va, 2) = identity_va >> 12 << 10 | PTE_RX;
	satp = (uint64_t)(levels + 5) << 60 | mmu_pa(tables) >> 12;

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
		*entry_of(identity_va, 2) = 0;
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
	*entry_of(CONTROL_VA, 0) = pa >> 12 << 10 | PTE_RX;
	__asm__ volatile("sfence.vma\n\tfence.i" ::: "memory");
	return CONTROL_VA;
}

/* Do we run where we were linked, or still where we were loaded? */
static int is_up(void)
{
	return image_at() == IMAGE_VA;
}

void *mmu_ptr(uint64_t pa)
{
	return (void *)(uintptr_t)(is_up() ? LINEAR_VA + pa : pa);
}

uint64_t mmu_pa(const void *ptr)
{
	uint64_t va = (uintptr_t)ptr;

	if (!is_up())
		return va;
	return va >= IMAGE_VA ? va - IMAGE_VA + image_pa : va - LINEAR_VA;
}
