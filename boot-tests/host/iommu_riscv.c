/* SPDX-License-Identifier: BSD-2-Clause */
/* A RISC-V IOMMU that translates one page for every device. RISC-V IOMMU Specification 1.0. */
#include "dma.h"

#define CAP_MSI_FLAT 0x400000

static volatile uint8_t *base;

static volatile uint64_t *reg64(uint32_t offset)
{
	return (volatile uint64_t *)(base + offset);
}

static volatile uint32_t *reg32(uint32_t offset)
{
	return (volatile uint32_t *)(base + offset);
}

/* Sv39, one page */
static void map(uint64_t *tables, const struct mapping *mapping)
{
	uint64_t first_pa = mapping->tables_pa + KX_PAGE_SIZE, iova = mapping->iova_pa;

	for (unsigned int level = 2; level; level--) {
		tables[512 * (3 - level) + (iova >> (12 + 9 * level) & 511)] =
			(first_pa + KX_PAGE_SIZE * (3 - level)) >> 12 << 10 | 1;
	}
	if (mapping->target_pa)
		tables[512 * 3 + (iova >> 12 & 511)] = mapping->target_pa >> 12 << 10 | 0xd7;
}

void iommu_riscv_on(uint64_t base_pa, const struct mapping *mapping)
{
	uint64_t *tables = mmu_ptr(mapping->tables_pa);
	unsigned int step;

	base = mmu_ptr(base_pa);
	step = *reg64(0) & CAP_MSI_FLAT ? 8 : 4; /* words of a device context */
	for (unsigned int i = 0; i < 512; i += step) {
		tables[i] = 1;
		tables[i + 3] = 8ull << 60 | (mapping->tables_pa + KX_PAGE_SIZE) >> 12;
	}
	map(tables, mapping);
	*reg64(0x28) = mapping->queue_pa >> 12 << 10 | 6; /* fqb: 128 records */
	*reg32(0x4c) = 1;                                 /* fqcsr */
	*reg64(0x18) = (mapping->tables_pa + 5 * KX_PAGE_SIZE) >> 12 << 10 | 7; /* cqb */
	*reg32(0x48) = 1;                                                       /* cqcsr */
	if (mapping->broken) {
		tables[512 * 5] = 0x7f;
		*reg32(0x24) = 1; /* cqt */
	}
	*reg64(0x10) = mapping->tables_pa >> 12 << 10 | 2; /* ddtp: one level */
}
