/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm GICv3: pending tables that redistributors write, and the ITS; called by quiesce.c.
 * GIC: Arm Generic Interrupt Controller Architecture Specification, versions 3 and 4, IHI 0069.
 */
#include "interrupts.h"
#include "range.h"

/* GIC "The GIC Redistributor register map" */
#define GICR_CTLR       0x0
#define GICR_TYPER      0x8
#define GICR_PROPBASER  0x70
#define GICR_PENDBASER  0x78
#define GICR_VPENDBASER 0x20078

#define CTLR_EnableLPIs 0x1
#define CTLR_RWP        0x8
#define TYPER_PLPIS     0x1
#define TYPER_VLPIS     0x2
#define TYPER_Last      0x10
#define REDIST_SIZE     0x20000ull /* two frames of 64 KiB; four with virtual LPIs */
#define BASER_IDbits    0x1f
#define BASER_ADDRESS   0xffffffffff000ull /* bits 51:12 */
#define PENDBASER_ADDRESS 0xfffffffff0000ull
#define LPI_FIRST       8192
#define RESERVE_SIZE    0x10000 /* Linux goes on with a table only if so much of it is reserved */
#define VPENDBASER_Valid 0x8000000000000000ull
#define VPENDBASER_Dirty 0x1000000000000000ull

/* GIC "The ITS register map" */
#define GITS_CTLR      0x0
#define CTLR_Enabled   0x1
#define CTLR_Quiescent 0x80000000

/* The next redistributor's frames; 0: that was the last. */
static uint64_t next_frame(const struct kx_io *io, uint64_t frame)
{
	uint64_t typer = kx_io_read64_(io, frame + GICR_TYPER);
	uint64_t next = frame + (typer & TYPER_VLPIS ? 2 * REDIST_SIZE : REDIST_SIZE);

	return typer & TYPER_Last || next + REDIST_SIZE > io->device->length ? 0 : next;
}

/* A byte for each LPI, and a bit for each interrupt, as far as IDbits says. */
static void read_tables(const struct kx_io *io, uint64_t frame, struct kx_range tables[2])
{
	uint64_t prop = kx_io_read64_(io, frame + GICR_PROPBASER);
	uint64_t pend = kx_io_read64_(io, frame + GICR_PENDBASER);
	uint64_t ids = 2ull << (prop & BASER_IDbits);

	tables[0].pa = prop & BASER_ADDRESS;
	tables[0].size = ids > LPI_FIRST ? kx_align_up_(ids - LPI_FIRST, KX_PAGE_SIZE) : KX_PAGE_SIZE;
	tables[1].pa = pend & PENDBASER_ADDRESS;
	tables[1].size = kx_align_up_(ids / 8, 0x10000);
}

static int is_enabled(const struct kx_io *io, uint64_t frame)
{
	return (kx_io_read64_(io, frame + GICR_TYPER) & TYPER_PLPIS) &&
	       (kx_io_read32_(io, frame + GICR_CTLR) & CTLR_EnableLPIs);
}

static int is_known(const struct kx_range *ranges, size_t count, struct kx_range range)
{
	for (size_t i = 0; i < count; i++)
		if (kx_contains_(ranges[i], range.pa, range.size))
			return 1;
	return 0;
}

int kx_gic_tables_(const struct kx_io *io, struct kx_range *ranges, size_t room, size_t *count)
{
	uint64_t frame = 0;

	do {
		struct kx_range tables[2];

		if (!is_enabled(io, frame))
			continue;
		read_tables(io, frame, tables);
		for (unsigned int i = 0; i < 2; i++) {
			tables[i].size = kx_align_up_(tables[i].size, RESERVE_SIZE);
			if (is_known(ranges, *count, tables[i]))
				continue;
			if (*count >= room)
				return -KX_ERR_RANGES_SMALL;
			ranges[(*count)++] = tables[i];
		}
	} while ((frame = next_frame(io, frame)));
	return 0;
}

static int check_clear(const struct kx_io *io, uint64_t frame)
{
	const struct kx_plan *plan = io->quiesce->plan;
	struct kx_range tables[2];

	read_tables(io, frame, tables);
	for (size_t i = 0; plan && i < plan->segment_count; i++)
		for (unsigned int j = 0; j < 2; j++)
			if (kx_overlaps_(plan->segments[i].dest_pa, plan->segments[i].memsz, tables[j]))
				return kx_io_fail_(io, -KX_ERR_DEST_OVER_WRITER, tables[j].pa);
	return 0;
}

/* On many parts EnableLPIs cannot be cleared once it was set: GIC "GICR_CTLR". */
static int stop_lpis(const struct kx_io *io, uint64_t frame)
{
	uint32_t ctlr = kx_io_read32_(io, frame + GICR_CTLR);
	int error;

	kx_io_write32_(io, frame + GICR_CTLR, ctlr & ~(uint32_t)CTLR_EnableLPIs);
	error = kx_io_wait32_(io, (struct kx_wait){ frame + GICR_CTLR, CTLR_RWP, 0, 0 });
	if (error)
		return error;
	return is_enabled(io, frame) ? check_clear(io, frame) : 0;
}

/* The table of a virtual CPU that is still scheduled here. */
static int stop_virtual(const struct kx_io *io, uint64_t frame)
{
	uint64_t at = frame + GICR_VPENDBASER, value = kx_io_read64_(io, at);

	if (!(value & VPENDBASER_Valid))
		return 0;
	kx_io_write64_(io, at, value & ~VPENDBASER_Valid);
	return kx_io_wait64_(io, (struct kx_wait){ at, VPENDBASER_Dirty, 0, 0 });
}

int kx_gic_redist_stop_(const struct kx_io *io)
{
	uint64_t frame = 0;
	int error = 0;

	do {
		if (kx_io_read64_(io, frame + GICR_TYPER) & TYPER_VLPIS)
			error = stop_virtual(io, frame);
		if (!error && is_enabled(io, frame))
			error = stop_lpis(io, frame);
	} while (!error && (frame = next_frame(io, frame)));
	return error;
}

int kx_gic_its_stop_(const struct kx_io *io)
{
	uint32_t ctlr = kx_io_read32_(io, GITS_CTLR);

	if (ctlr & CTLR_Enabled)
		kx_io_write32_(io, GITS_CTLR, ctlr & ~(uint32_t)CTLR_Enabled);
	return kx_io_wait32_(io, (struct kx_wait){ GITS_CTLR, CTLR_Enabled | CTLR_Quiescent,
						   CTLR_Quiescent, 0 });
}

/* Where EnableLPIs stays, or is back, no destination may lie under the tables. */
int kx_gic_redist_verify_(const struct kx_io *io)
{
	uint64_t frame = 0;

	do {
		int error = is_enabled(io, frame) ? check_clear(io, frame) : 0;

		if (error)
			return error;
		if ((kx_io_read64_(io, frame + GICR_TYPER) & TYPER_VLPIS) &&
		    (kx_io_read64_(io, frame + GICR_VPENDBASER) & VPENDBASER_Valid))
			return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, frame + GICR_VPENDBASER);
	} while ((frame = next_frame(io, frame)));
	return 0;
}

int kx_gic_its_verify_(const struct kx_io *io)
{
	uint32_t ctlr = kx_io_read32_(io, GITS_CTLR) & (CTLR_Enabled | CTLR_Quiescent);

	return ctlr == CTLR_Quiescent ? 0 : kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, GITS_CTLR);
}
