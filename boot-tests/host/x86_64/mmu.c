/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: the host's address space, as a kernel's: all memory in a linear map of 1 GiB leaves that
 * cannot be executed, the image in the upper half by pages, and places for a device and for the control
 * page that belong to neither. With 4 levels or, kx.paging=la57, 5; or, kx.paging=identity, as a
 * bootloader's: everything where it is.
 *
 *   ffff8000_00000000  linear map, 64 GiB, read and write
 *   ffffffff_80000000  the image: text read and execute, the rest read and write
 *   ffffffff_c0000000  the control page, if it is mapped apart
 *   ffffffff_c0001000  a device
 */
#include "mmu.h"
#include "pc.h"
#include "port.h"
#include "space.h"

#define LINEAR_VA  0xffff800000000000
#define CONTROL_VA 0xffffffffc0000000
#define DEVICE_VA  0xffffffffc0001000
#define LINEAR_GIB 64

#define PTE_LINK   0x003 /* P RW */
#define PTE_RW     (0x163 | PTE_NX) /* P RW A D G */
#define PTE_RX     0x121 /* P A G */
#define PTE_RWX    0x163
#define PTE_DEVICE (0x17b | PTE_NX) /* P RW PWT PCD A D G */
#define PTE_NX     ((uint64_t)1 << 63)
#define PTE_LEAF   0x80 /* above level 0 */
#define ADDRESS    0x000ffffffffff000

#define TABLES 24

static uint64_t tables[TABLES][512] __attribute__((aligned(KX_PAGE_SIZE)));
static unsigned int table_count;
static struct space space = { .shift = KX_PAGE_SHIFT };
static int identity;
static uint64_t crossing_va; /* while start.S crosses over */

uint64_t mmu_image_at(void)
{
	uint64_t address;

	__asm__ volatile("lea image_start(%%rip), %0" : "=r"(address));
	return address;
}

uint64_t mmu_new_table(void)
{
	return mmu_pa(tables[table_count++]);
}

uint64_t mmu_leaf(uint64_t pa, uint64_t bits)
{
	return pa | bits;
}

uint64_t mmu_link(uint64_t table_pa)
{
	return table_pa | PTE_LINK;
}

uint64_t mmu_linked_pa(uint64_t entry)
{
	return entry & ADDRESS;
}

static void flush(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

static void need(const char *mode, int there)
{
	if (there)
		return;
	print("kx: paging-mode: this CPU has no %s\n", mode);
	machine_off(1);
}

uint64_t mmu_build(const struct options *options)
{
	int la57 = !strcmp(options->paging, "la57");
	uint64_t how = la57 ? MMU_LA57 : 0;

	need("1 GiB leaves", read_cpuid(0x80000001).d >> 26 & 1);
	need("la57", !la57 || read_cpuid(7).c >> 16 & 1);
	mmu_image_pa = mmu_image_at();
	identity = !strcmp(options->paging, "identity");
	mmu_image_va = identity ? 0 : IMAGE_VA;
	mmu_linear_va = identity ? 0 : LINEAR_VA;
	space.bits = la57 ? 57 : 48;
	space.root_pa = mmu_new_table();
	if (identity)
		how |= MMU_IDENTITY;
	for (uint64_t gib = 0; gib < LINEAR_GIB; gib++)
		*space_entry(&space, mmu_linear_va + (gib << 30), 2) =
			gib << 30 | PTE_LEAF | (identity ? PTE_RWX : PTE_RW);
	space_entry(&space, CONTROL_VA, 0);
	if (!identity) {
		space_map_image(&space, image_start, image_text_end, PTE_RX);
		space_map_image(&space, image_text_end, image_end, PTE_RW);
		crossing_va = mmu_image_pa >> 30 << 30;
		*space_entry(&space, crossing_va, 2) = crossing_va | PTE_LEAF | PTE_RWX;
	}
	return space.root_pa | how;
}

const char *mmu_settle(void)
{
	if (identity)
		return "identity";
	*space_entry(&space, crossing_va, 2) = 0;
	flush(crossing_va);
	flush(mmu_image_pa);
	return space.bits == 57 ? "la57" : "4level";
}

uint64_t mmu_code_va(void)
{
	return CONTROL_VA;
}

uint64_t mmu_map_code(uint64_t pa)
{
	*space_entry(&space, CONTROL_VA, 0) = pa | PTE_RX;
	flush(CONTROL_VA);
	return CONTROL_VA;
}

volatile void *mmu_device(uint64_t pa)
{
	*space_entry(&space, DEVICE_VA, 0) = pa | PTE_DEVICE;
	flush(DEVICE_VA);
	return (volatile void *)DEVICE_VA;
}
