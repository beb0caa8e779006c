/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMUv3 that translates one page for every device. Arm SMMUv3 specification, IHI 0070. */
#include "dma.h"

#define STREAMS_LOG2 7 /* two pages of table, 64 bytes a stream: bus 0 up to device 15 */

static volatile uint8_t *base;

static void put32(uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(base + offset) = value;
}

static void put64(uint32_t offset, uint64_t value)
{
	*(volatile uint64_t *)(base + offset) = value;
}

/* 4 KiB pages, 39 bits: three levels, from the fourth page of the tables on. */
static void map(uint64_t *tables, const struct mapping *mapping)
{
	uint64_t first_pa = mapping->tables_pa + 3 * KX_PAGE_SIZE, iova = mapping->iova_pa;

	for (unsigned int level = 2; level; level--)
		tables[512 * (5 - level) + (iova >> (12 + 9 * level) & 511)] =
			(first_pa + KX_PAGE_SIZE * (3 - level)) | 3;
	if (mapping->target_pa) /* page, read and write for all, inner shareable, accessed */
		tables[512 * 5 + (iova >> 12 & 511)] = mapping->target_pa | 0x743;
}

/* Pages: 0 and 1 streams, 2 the context that all of them share, 3 to 5 translation, 6 commands. */
void iommu_smmuv3_on(uint64_t base_pa, const struct mapping *mapping)
{
	uint64_t *tables = mmu_ptr(mapping->tables_pa), context_pa = mapping->tables_pa + 0x2000;
	uint64_t *context = tables + 512 * 2;

	base = mmu_ptr(base_pa);
	for (unsigned int i = 0; i < 1u << STREAMS_LOG2; i++) {
		tables[8 * i] = context_pa | 5 << 1 | 1; /* stage 1 translates; valid */
		tables[8 * i + 1] = 1ull << 44;          /* SHCFG: as it comes */
	}
	/* T0SZ 25, table 1 off, valid, 40 bits out, AArch64, faults recorded and aborted, ASET, ASID 1 */
	context[0] = 25 | 1ull << 30 | 1ull << 31 | 2ull << 32 | 1ull << 41 | 7ull << 45 | 1ull << 48;
	context[1] = mapping->tables_pa + 3 * KX_PAGE_SIZE;
	context[3] = 0xff;
	map(tables, mapping);
	put64(0x80, mapping->tables_pa);                         /* STRTAB_BASE */
	put32(0x88, STREAMS_LOG2);                               /* STRTAB_BASE_CFG: linear */
	put64(0x90, (mapping->tables_pa + 6 * KX_PAGE_SIZE) | 8); /* CMDQ_BASE */
	put64(0xa0, mapping->queue_pa | 7);                      /* EVENTQ_BASE: 128 records */
	put32(0x100a8, 0);
	put32(0x100ac, 0);
	put32(0x20, 0xd); /* CR0: SMMUEN, EVENTQEN, CMDQEN */
	if (mapping->broken) {
		tables[512 * 6] = 0xff;
		put32(0x98, 1); /* CMDQ_PROD */
	}
}
