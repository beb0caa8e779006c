/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An AMD IOMMU that translates one page for every device of bus 0 and remaps their interrupts, with
 * its command buffer and its event log on. AMD-Vi specification, 48882.
 */
#include "dma.h"

#define VALID        0x3ull /* and so is the translation */
#define READ_WRITE   0x6000000000000000ull
#define LEVEL(n)     ((uint64_t)(n) << 9)
#define RESERVED     0x4ull /* a bit of an entry that must be 0: each access is an event */
#define ENTRIES_256  0x0800000000000000ull
#define REMAP        0x2000000000000000ull /* IntCtl */

/* Pages of the tables: those of 256 devices fill two */
enum { DEVICES, LEVELS = DEVICES + 2, COMMANDS = LEVELS + 3, INTERRUPTS, DONE };

/* 39 bits: three levels. */
static void map(uint64_t *tables, const struct mapping *mapping)
{
	uint64_t iova = mapping->iova_pa;

	for (unsigned int level = 2; level; level--)
		tables[512 * (LEVELS + 2 - level) + (iova >> (12 + 9 * level) & 511)] =
			(mapping->tables_pa + KX_PAGE_SIZE * (LEVELS + 3 - level)) | READ_WRITE |
			LEVEL(level) | 1;
	tables[512 * (LEVELS + 2) + (iova >> 12 & 511)] = mapping->target_pa | READ_WRITE | 1;
}

void iommu_amdvi_on(uint64_t base_pa, const struct mapping *mapping)
{
	uint64_t *tables = mmu_ptr(mapping->tables_pa), *commands = tables + 512 * COMMANDS;
	volatile uint64_t *base = mmu_ptr(base_pa);

	for (uint64_t *entry = tables; entry < tables + 512 * LEVELS; entry += 4) {
		entry[0] = (mapping->tables_pa + KX_PAGE_SIZE * LEVELS) | READ_WRITE | LEVEL(3) | VALID;
		if (!mapping->target_pa)
			entry[0] |= RESERVED;
		entry[1] = 1; /* domain */
		entry[2] = (mapping->tables_pa + KX_PAGE_SIZE * INTERRUPTS) | REMAP | 8 << 1 | 1;
	}
	map(tables, mapping);
	commands[0] = 3ull << 60 | 1ull << 32; /* forget every page of the domain */
	commands[1] = 0x7ffffffffffff003;
	commands[2] = 1ull << 60 | (mapping->tables_pa + KX_PAGE_SIZE * DONE) | 1; /* and say so */
	base[0x00 / 8] = mapping->tables_pa | 1;                                   /* two pages */
	base[0x08 / 8] = (mapping->tables_pa + KX_PAGE_SIZE * COMMANDS) | ENTRIES_256;
	base[0x10 / 8] = mapping->queue_pa | ENTRIES_256; /* the event log */
	base[0x2000 / 8] = base[0x2008 / 8] = 0;
	base[0x2010 / 8] = base[0x2018 / 8] = 0;
	base[0x18 / 8] = 0x1005; /* CmdBufEn, EventLogEn, IommuEn */
	commands[4] = 0xfull << 60; /* there is no such command */
	base[0x2008 / 8] = mapping->broken ? 48 : 32;
}
