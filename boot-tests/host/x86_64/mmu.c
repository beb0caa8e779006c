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
static unsigned int levels;
static int identity;
static uint64_t image_pa;
static uint64_t crossing_va; /* while start.S crosses over */

/* Where image_start is now: at its load address until start.S has crossed over, at IMAGE_VA after it.
 * By assembly, because to a compiler the address of an object never changes. */
static uint64_t image_at(void)
{
	uint64_t address;

	__asm__ volatile("lea image_start(%%rip), %0" : "=r"(address));
	return address;
}

/* The entry for va whose leaf is 4 KiB << 9 * level; called before and after crossing over alike. */
static uint64_t *entry_of(uint64_t va, unsigned int level)
{
	uint64_t *table = tables[0];

	for (unsigned int i = levels - 1;; i--) {
		uint64_t *entry = &table[va >> (12 + 9 * i) & 511];

		if (i == level)
			return entry;
		if (!*entry)
			*entry = mmu_pa(tables[++table_count]) | PTE_LINK;
		table = mmu_ptr(*entry & ADDRESS);
	}
}

static void flush(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

static void map_image(char *from, char *to, uint64_t rights)
{
	uint64_t offset = (uint64_t)(from - image_start);

	for (; from < to; from += KX_PAGE_SIZE, offset += KX_PAGE_SIZE)
		*entry_of(IMAGE_VA + offset, 0) = (image_pa + offset) | rights;
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
	image_pa = image_at();
	levels = la57 ? 5 : 4;
	identity = !strcmp(options->paging, "identity");
	if (identity)
		how |= MMU_IDENTITY;
	for (uint64_t gib = 0; gib < LINEAR_GIB; gib++)
		*entry_of((identity ? 0 : LINEAR_VA) + (gib << 30), 2) =
			gib << 30 | PTE_LEAF | (identity ? PTE_RWX : PTE_RW);
	entry_of(CONTROL_VA, 0);
	if (!identity) {
		map_image(image_start, image_text_end, PTE_RX);
		map_image(image_text_end, image_end, PTE_RW);
		crossing_va = image_pa >> 30 << 30;
		*entry_of(crossing_va, 2) = crossing_va | PTE_LEAF | PTE_RWX;
	}
	return mmu_pa(tables) | how;
}

const char *mmu_settle(void)
{
	if (identity)
		return "identity";
	*entry_of(crossing_va, 2) = 0;
	flush(crossing_va);
	flush(image_pa);
	return levels == 5 ? "la57" : "4level";
}

uint64_t mmu_code_va(void)
{
	return CONTROL_VA;
}

uint64_t mmu_map_code(uint64_t pa)
{
	*entry_of(CONTROL_VA, 0) = pa | PTE_RX;
	flush(CONTROL_VA);
	return CONTROL_VA;
}

volatile void *mmu_device(uint64_t pa)
{
	*entry_of(DEVICE_VA, 0) = pa | PTE_DEVICE;
	flush(DEVICE_VA);
	return (volatile void *)DEVICE_VA;
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
