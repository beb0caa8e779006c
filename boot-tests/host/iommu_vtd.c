/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VT-d unit that translates one page for every device of bus 0, with its queue and interrupt
 * remapping on. Intel VT-d specification, D51397.
 */
#include "dma.h"

#define GCMD 0x18
#define GSTS 0x1c
#define TE   0x80000000
#define RTP  0x40000000
#define QIE  0x04000000
#define IRE  0x02000000
#define IRTP 0x01000000
#define KEEP 0x96ffffff /* of GSTS; the rest was said once */

/* Pages of the tables */
enum { ROOT, CONTEXT, LEVELS, QUEUE = LEVELS + 3, INTERRUPTS };

static volatile uint8_t *base;

static void put64(uint32_t offset, uint64_t value)
{
	*(volatile uint64_t *)(base + offset) = value;
}

static uint32_t status(void)
{
	return *(volatile uint32_t *)(base + GSTS);
}

static void command(uint32_t bit)
{
	*(volatile uint32_t *)(base + GCMD) = (status() & KEEP) | bit;
	for (unsigned int tries = 1000000; tries && !(status() & bit); tries--)
		;
}

/* Second stage, 39 bits: three levels. */
static void map(uint64_t *tables, const struct mapping *mapping)
{
	uint64_t iova = mapping->iova_pa;

	for (unsigned int level = 2; level; level--)
		tables[512 * (LEVELS + 2 - level) + (iova >> (12 + 9 * level) & 511)] =
			(mapping->tables_pa + KX_PAGE_SIZE * (LEVELS + 3 - level)) | 3;
	if (mapping->target_pa)
		tables[512 * (LEVELS + 2) + (iova >> 12 & 511)] = mapping->target_pa | 3;
}

void iommu_vtd_on(uint64_t base_pa, const struct mapping *mapping)
{
	uint64_t *tables = mmu_ptr(mapping->tables_pa), *queue = tables + 512 * QUEUE;

	base = mmu_ptr(base_pa);
	tables[512 * ROOT] = (mapping->tables_pa + KX_PAGE_SIZE * CONTEXT) | 1; /* bus 0 */
	for (unsigned int i = 0; i < 256; i++) {
		tables[512 * CONTEXT + 2 * i] = (mapping->tables_pa + KX_PAGE_SIZE * LEVELS) | 1;
		tables[512 * CONTEXT + 2 * i + 1] = 1 << 8 | 1; /* domain 1, 39 bits */
	}
	map(tables, mapping);
	queue[0] = 0x11; /* forget contexts, */
	queue[2] = 0xd2; /* translations, */
	queue[4] = 0x04; /* interrupt entries */
	put64(0x20, mapping->tables_pa); /* RTADDR */
	command(RTP);
	put64(0x88, 0);                                          /* IQT */
	put64(0x90, mapping->tables_pa + KX_PAGE_SIZE * QUEUE); /* IQA: one page */
	command(QIE);
	put64(0xb8, (mapping->tables_pa + KX_PAGE_SIZE * INTERRUPTS) | 7); /* IRTA: 256 entries */
	command(IRTP);
	queue[6] = 0xf; /* there is no such descriptor */
	put64(0x88, mapping->broken ? 4 * 16 : 3 * 16);
	command(IRE);
	command(TE);
}
