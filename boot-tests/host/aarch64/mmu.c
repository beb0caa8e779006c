/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: the host's address space: memory in a linear map of large blocks that cannot be executed,
 * the image by pages, and a place for the control page that belongs to neither. Where the CPU has an
 * upper half it is there, as a kernel's; else, or when asked to, in the lower half.
 *
 *   upper                   lower
 *   ffff8000_00000000       00004000_00000000  linear map, 64 GiB: devices in the first, then memory
 *   ffffffff_80000000       00007000_80000000  the image: text read and execute, the rest read, write
 *   ffffffff_c0000000       00007000_c0000000  the control page, if it is mapped apart
 *
 * kx.paging: 4k, 16k, 64k: by granule; 52: 4 KiB and 52 bits; lower: 4 KiB in the lower half;
 * identity: addresses as they are, as bootloaders do it; off: none.
 * Spec: Arm "The AArch64 Virtual Memory System Architecture".
 */
#include "host.h"
#include "machine.h"
#include "psci.h"
#include "space.h"

#define LINEAR_UPPER   0xffff800000000000
#define LINEAR_52      0xfff8000000000000
#define LINEAR_LOWER   0x0000400000000000
#define IMAGE_LOWER    0x0000700080000000
#define CONTROL_OFFSET 0x40000000 /* from the image */

#define GIB        0x40000000ull
#define LINEAR_GIB 64

#define DESC_BLOCK  0x401 /* AF */
#define DESC_PAGE   0x403
#define DESC_TABLE  0x003
#define DESC_NORMAL (1 << 2) /* index in MAIR */
#define DESC_AP1    0x40
#define DESC_RO     0x80
#define DESC_SH     0x300
#define DESC_GP     (1ull << 50) /* branches have to come in by a BTI instruction */
#define DESC_PXN    (1ull << 53)
#define DESC_XN     (1ull << 54)

#define PFR1_BT 0xf /* Arm "ID_AA64PFR1_EL1" */

#define MAIR 0xff00 /* 0: Device-nGnRnE; 1: Normal, write-back */

#define TCR_CACHED    0x3500 /* SH0, ORGN0, IRGN0; 16 bits up for the upper half */
#define TCR_T1_SHIFT  16
#define TCR_EPD1      (1ull << 23)
#define TCR_PS_SHIFT  16
#define TCR_IPS_SHIFT 32
#define TCR_EL2_RES1  0x80800000
#define TCR_EL2_DS    (1ull << 32)
#define TCR_EL1_DS    (1ull << 59)

#define SCTLR_EL1_ON 0x30d01805 /* RES1, M, C, I */
#define SCTLR_EL2_ON 0x30c51835

#define HCR_RW  (1ull << 31)
#define HCR_TGE (1ull << 27)
#define HCR_E2H (1ull << 34)

#define POOL_SIZE 0xa0000

static uint8_t table_pool[POOL_SIZE] __attribute__((aligned(0x10000)));
static uint64_t pool_used;

static struct space main_space;  /* the host's; no shift: no translation */
static struct space cross_space; /* while start.S crosses over, in the lower half */
static unsigned int block_level; /* of the linear map */
static uint64_t common;          /* bits that every leaf has */
static uint64_t guarded;         /* that of code has beside, as where Linux has CONFIG_ARM64_BTI_KERNEL */
static int has_halves, is_upper, is_identity;
static uint64_t control_va, cross_va;

#define READ(to, name)    __asm__ volatile("mrs %0, " name : "=r"(to))
#define WRITE(name, from) __asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(from)))

uint64_t mmu_image_at(void)
{
	uint64_t address;

	__asm__ volatile("adrp %0, image_start\n\tadd %0, %0, :lo12:image_start" : "=r"(address));
	return address;
}

uint64_t mmu_new_table(void)
{
	uint8_t *table = table_pool + pool_used;

	pool_used += (uint64_t)1 << main_space.shift;
	if (pool_used > POOL_SIZE) {
		print("kx: paging-mode: the host has too few tables\n");
		machine_off(1);
	}
	return mmu_pa(table);
}

uint64_t mmu_leaf(uint64_t pa, uint64_t bits)
{
	return pa | bits | DESC_PAGE | DESC_NORMAL | common;
}

uint64_t mmu_link(uint64_t table_pa)
{
	return table_pa | DESC_TABLE;
}

uint64_t mmu_linked_pa(uint64_t entry)
{
	return entry & 0x0000fffffffff000;
}

static uint64_t block_size(void)
{
	return 1ull << (main_space.shift + (main_space.shift - 3) * block_level);
}

static uint64_t no_execute(void)
{
	return has_halves ? DESC_XN | DESC_PXN : DESC_XN;
}

static void map_linear(void)
{
	uint64_t memory = DESC_BLOCK | DESC_NORMAL | common | (is_identity ? guarded : no_execute());
	uint64_t device = DESC_BLOCK | (common & ~(uint64_t)DESC_SH) | no_execute();

	for (uint64_t pa = 0; pa < LINEAR_GIB * GIB; pa += block_size())
		*space_entry(&main_space, mmu_linear_va + pa, block_level) = pa | (pa < GIB ? device : memory);
}

static void lacks(const char *what)
{
	print("kx: paging-mode: this cpu has no %s\n", what);
	machine_off(1);
}

/* Arm "ID_AA64MMFR0_EL1": TGran4, TGran16, TGran64. */
static void read_granule(const char *paging)
{
	uint64_t mmfr0, tgran4, bits = 48, shift = 12;

	READ(mmfr0, "id_aa64mmfr0_el1");
	tgran4 = mmfr0 >> 28 & 15;
	block_level = 2;
	if (!strcmp(paging, "16k")) {
		shift = 14;
		if (!(mmfr0 >> 20 & 15))
			lacks("16k");
	} else if (!strcmp(paging, "64k")) {
		shift = 16;
		if ((mmfr0 >> 24 & 15) == 15)
			lacks("64k");
	} else if (!strcmp(paging, "52")) {
		bits = 52;
		if (tgran4 != 1)
			lacks("52 bits with 4k");
	} else if (tgran4 == 15) {
		lacks("4k");
	}
	if (shift != 12)
		block_level = 1;
	main_space.bits = (unsigned int)bits;
	main_space.shift = (unsigned int)shift;
}

static void set_e2h(const char *e2h)
{
	uint64_t hcr;

	if (*e2h && runs_at_el2()) {
		WRITE("hcr_el2", *e2h == '1' ? HCR_RW | HCR_TGE | HCR_E2H : HCR_RW);
		__asm__ volatile("isb");
	}
	has_halves = 1;
	if (runs_at_el2()) {
		READ(hcr, "hcr_el2");
		has_halves = (hcr & HCR_E2H) != 0;
		if (*e2h && has_halves != (*e2h == '1'))
			lacks(*e2h == '1' ? "E2H" : "way out of E2H");
	}
}

static uint64_t tcr_value(void)
{
	uint64_t shift = main_space.shift;
	uint64_t tg0 = shift == 12 ? 0 : shift == 14 ? 2 : 1;
	uint64_t tg1 = shift == 12 ? 2 : shift == 14 ? 1 : 3;
	uint64_t size = 64 - main_space.bits;
	uint64_t tcr = tg0 << 14 | TCR_CACHED, mmfr0, range;

	READ(mmfr0, "id_aa64mmfr0_el1");
	range = mmfr0 & 15;
	if (range > 5 && main_space.bits == 48)
		range = 5;
	if (!has_halves)
		return tcr | size | range << TCR_PS_SHIFT | TCR_EL2_RES1 |
		       (main_space.bits == 52 ? TCR_EL2_DS : 0);
	tcr |= range << TCR_IPS_SHIFT | (main_space.bits == 52 ? TCR_EL1_DS : 0);
	if (!is_upper)
		return tcr | size | TCR_EPD1;
	return tcr | (64 - cross_space.bits) | tg1 << 30 | (TCR_CACHED | size) << TCR_T1_SHIFT;
}

static void write_registers(void)
{
	uint64_t lower = is_upper ? cross_space.root_pa : main_space.root_pa;

	if (is_upper)
		WRITE("ttbr1_el1", main_space.root_pa);
	if (runs_at_el2()) {
		WRITE("mair_el2", MAIR);
		WRITE("tcr_el2", tcr_value());
		WRITE("ttbr0_el2", lower);
	} else {
		WRITE("mair_el1", MAIR);
		WRITE("tcr_el1", tcr_value());
		WRITE("ttbr0_el1", lower);
	}
}

static void choose_addresses(const struct options *options)
{
	uint64_t pfr1;

	is_identity = !strcmp(options->paging, "identity");
	is_upper = has_halves && !is_identity && strcmp(options->paging, "lower");
	read_granule(options->paging);
	READ(pfr1, "id_aa64pfr1_el1");
	guarded = pfr1 & PFR1_BT ? DESC_GP : 0;
	common = has_halves ? 0 : DESC_AP1;
	if (main_space.bits == 48) /* else TCR says it for all */
		common |= DESC_SH;
	if (is_identity) {
		mmu_image_va = mmu_image_pa;
		mmu_linear_va = 0;
		control_va = IMAGE_LOWER + CONTROL_OFFSET;
		return;
	}
	mmu_linear_va = main_space.bits == 52 ? LINEAR_52 : LINEAR_UPPER;
	mmu_image_va = IMAGE_VA;
	if (!is_upper) {
		mmu_linear_va = LINEAR_LOWER;
		mmu_image_va = IMAGE_LOWER;
	}
	control_va = mmu_image_va + CONTROL_OFFSET;
}

uint64_t mmu_build(const struct options *options)
{
	struct space *crossing = &main_space;

	mmu_image_pa = mmu_image_at();
	mmu_image_va = mmu_image_pa;
	set_e2h(options->e2h);
	if (!strcmp(options->paging, "off"))
		return 0;
	choose_addresses(options);
	main_space.root_pa = mmu_new_table();
	map_linear();
	space_entry(&main_space, control_va, 0);
	if (is_upper) {
		cross_space.bits = 39; /* other than the upper half's: libkx must not rely on it */
		cross_space.shift = main_space.shift;
		cross_space.root_pa = mmu_new_table();
		crossing = &cross_space;
	}
	if (!is_identity) {
		space_map_image(&main_space, image_start, image_text_end,
				DESC_RO | guarded | (has_halves ? DESC_XN : 0));
		space_map_image(&main_space, image_text_end, image_end, no_execute());
		cross_va = mmu_image_pa & ~(block_size() - 1);
		*space_entry(crossing, cross_va, block_level) =
			cross_va | DESC_BLOCK | DESC_NORMAL | DESC_RO | common;
	}
	write_registers();
	return runs_at_el2() ? SCTLR_EL2_ON : SCTLR_EL1_ON;
}

static void flush_tlb(void)
{
	__asm__ volatile("dsb ishst" ::: "memory");
	if (runs_at_el2())
		__asm__ volatile("tlbi alle2");
	else
		__asm__ volatile("tlbi vmalle1");
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

const char *mmu_settle(void)
{
	if (main_space.shift) {
		machine_uart = mmu_linear_va + MACHINE_UART_PA;
		if (!is_identity) {
			*space_entry(is_upper ? &cross_space : &main_space, cross_va, block_level) = 0;
			flush_tlb();
		}
	}
	print("kx-host: EL%u, E2H %u, %u KiB, %u bits\n", runs_at_el2() ? 2u : 1u,
	      (unsigned int)(runs_at_el2() && has_halves), main_space.shift ? 1u << (main_space.shift - 10) : 0,
	      main_space.bits);
	if (!main_space.shift)
		return "untranslated";
	if (is_identity)
		return "identity";
	return is_upper ? "upper half" : "lower half";
}

/* The control page lies as far into a granule as libkx is told here: at its very end. */
uint64_t mmu_code_va(void)
{
	return main_space.shift ? control_va + (1ull << main_space.shift) - KX_PAGE_SIZE : 0;
}

uint64_t mmu_map_code(uint64_t pa)
{
	*space_entry(&main_space, control_va, 0) = mmu_leaf(pa & ~((1ull << main_space.shift) - 1),
							    DESC_RO | guarded | (has_halves ? DESC_XN : 0));
	flush_tlb();
	__asm__ volatile("ic ialluis\n\tdsb ish\n\tisb" ::: "memory");
	return mmu_code_va();
}
