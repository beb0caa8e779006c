/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm SMMUv1 and SMMUv2 (MMU-400, MMU-500); called by quiesce.c. Its clocks must run.
 * SMMUv2: Arm System Memory Management Unit Architecture Specification, version 2, IHI 0062.
 */
#include "iommu.h"

/* SMMUv2 "Global Register Space 0" */
#define sCR0        0x0
#define sIDR0       0x20
#define sIDR1       0x24
#define sGFSR       0x48
#define TLBIALLNSNH 0x68
#define TLBIALLH    0x6c
#define sTLBGSYNC   0x70
#define sTLBGSTATUS 0x74
#define S2CR        0xc00 /* 4 bytes to the next */

#define sCR0_CLIENTPD 0x1
#define sCR0_USFCFG   0x400
#define sCR0_IRQS     0x36 /* GFRE, GFIE, GCFGFRE, GCFGFIE */
#define GSACTIVE      0x1
#define S2CR_TYPE     0x30000
#define S2CR_FAULT    0x20000

#define sIDR0_SMS           0x8000000
#define sIDR0_NUMSMRG       0xff
#define sIDR0_NUMSIDB_SHIFT 9
#define sIDR0_NUMSIDB_MASK  0xf
#define S2CR_MAX            256

#define sIDR1_PAGESIZE         0x80000000 /* 64 KiB pages */
#define sIDR1_NUMPAGENDXB_SHIFT 28
#define sIDR1_NUMCB            0xff

/* SMMUv2 "Stage 1 and Stage 2 Translation Context Bank registers" */
#define CB_SCTLR     0x0
#define CB_RESUME    0x8
#define CB_FSR       0x58
#define SCTLR_STALL  0xc0 /* CFCFG, and CFIE: an interrupt for it */
#define RESUME_ABORT 0x1
#define FSR_SS       0x40000000

static uint32_t stream_count(const struct kx_io *io)
{
	uint32_t idr0 = kx_io_read32_(io, sIDR0);
	uint32_t bits = idr0 >> sIDR0_NUMSIDB_SHIFT & sIDR0_NUMSIDB_MASK;

	if (idr0 & sIDR0_SMS) /* streams are matched */
		return idr0 & sIDR0_NUMSMRG;
	return bits < 8 ? 1u << bits : S2CR_MAX; /* streams are indexed */
}

/* Where context bank `index` is, in bytes from the base: they fill the upper half of the window. */
static uint64_t bank_offset(const struct kx_io *io, uint32_t index)
{
	uint32_t idr1 = kx_io_read32_(io, sIDR1);
	uint64_t page = idr1 & sIDR1_PAGESIZE ? 0x10000 : 0x1000;
	uint32_t bits = (idr1 >> sIDR1_NUMPAGENDXB_SHIFT & 7) + 1;

	return (page << bits) + page * index;
}

static uint32_t bank_count(const struct kx_io *io)
{
	return kx_io_read32_(io, sIDR1) & sIDR1_NUMCB;
}

/* sCR0 has no acknowledge register: read back, and what comes after waits for that. */
static int set_cr0(const struct kx_io *io, uint32_t value)
{
	kx_io_write32_(io, sCR0, value);
	if ((kx_io_read32_(io, sCR0) ^ value) & (sCR0_CLIENTPD | sCR0_USFCFG | sCR0_IRQS))
		return kx_io_fail_(io, -KX_ERR_DEVICE_LOCKED, sCR0);
	return 0;
}

/* Clear bits of each context bank, and end the transaction that is stalled in it, if one is. */
static void quiet_banks(const struct kx_io *io, uint32_t bits)
{
	for (uint32_t i = 0; i < bank_count(io); i++) {
		uint64_t bank = bank_offset(io, i);

		kx_io_write32_(io, bank + CB_SCTLR, kx_io_read32_(io, bank + CB_SCTLR) & ~bits);
		if (kx_io_read32_(io, bank + CB_FSR) & FSR_SS)
			kx_io_write32_(io, bank + CB_RESUME, RESUME_ABORT);
	}
}

/*
 * SMMUv2 "Transaction streams": every stream faults, those that match nothing too. What has got to a context
 * bank before is translated there still; it may be stalled no more, for the drain waits for it.
 */
static int block(const struct kx_io *io)
{
	uint32_t cr0 = kx_io_read32_(io, sCR0), streams = stream_count(io);
	int error;

	io->state->active = !(cr0 & sCR0_CLIENTPD);
	if (!io->state->active)
		return 0;
	for (uint32_t i = 0; i < streams; i++)
		kx_io_write32_(io, S2CR + 4 * i, S2CR_FAULT);
	error = set_cr0(io, (cr0 & ~(uint32_t)sCR0_IRQS) | sCR0_USFCFG);
	if (!error)
		quiet_banks(io, SCTLR_STALL);
	return error;
}

/* The global sync is the only drain that the architecture offers. A context bank that is off lets everything
 * pass, so they go off after it. */
static int drain(const struct kx_io *io)
{
	int error;

	if (!io->state->active)
		return 0;
	/* Not zero: some hypervisors mis-emulate a store of the zero register here. */
	kx_io_write32_(io, TLBIALLNSNH, UINT32_MAX);
	kx_io_write32_(io, TLBIALLH, UINT32_MAX);
	kx_io_write32_(io, sTLBGSYNC, UINT32_MAX);
	error = kx_io_wait32_(io, (struct kx_wait){ sTLBGSTATUS, GSACTIVE, 0, 0 });
	if (!error)
		quiet_banks(io, UINT32_MAX);
	return error;
}

/* There are no queues. Faults are cleared, or their wires stay asserted into the new kernel. */
static int stop_queues(const struct kx_io *io)
{
	for (uint32_t i = 0; i < bank_count(io); i++) {
		uint64_t fsr = bank_offset(io, i) + CB_FSR;

		kx_io_write32_(io, fsr, kx_io_read32_(io, fsr));
	}
	kx_io_write32_(io, sGFSR, kx_io_read32_(io, sGFSR));
	return 0;
}

static int is_abort(const struct kx_io *io)
{
	return io->quiesce->policy == KX_IOMMU_ABORT;
}

/* To abort is how it was blocked, unless it was off. */
static int restore(const struct kx_io *io)
{
	if (!is_abort(io))
		return set_cr0(io, sCR0_CLIENTPD);
	if (io->state->active)
		return 0;
	for (uint32_t i = 0; i < stream_count(io); i++)
		kx_io_write32_(io, S2CR + 4 * i, S2CR_FAULT);
	return set_cr0(io, sCR0_USFCFG);
}

static int verify(const struct kx_io *io)
{
	uint32_t mask = sCR0_CLIENTPD | sCR0_USFCFG | sCR0_IRQS;
	uint32_t want = is_abort(io) ? sCR0_USFCFG : sCR0_CLIENTPD;

	if ((kx_io_read32_(io, sCR0) & mask) != want)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, sCR0);
	for (uint32_t i = 0; is_abort(io) && i < stream_count(io); i++)
		if ((kx_io_read32_(io, S2CR + 4 * i) & S2CR_TYPE) != S2CR_FAULT)
			return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, S2CR + 4 * i);
	return 0;
}

static int snapshot(const struct kx_io *io)
{
	io->state->boot[0] = kx_io_read32_(io, sCR0);
	return 0;
}

/* One that had streams to treat when the host began has a set-up that is not ours to bring back. */
static int check(const struct kx_io *io)
{
	if (io->quiesce->policy == KX_IOMMU_AS_AT_BOOT && !(io->state->boot[0] & sCR0_CLIENTPD))
		return -KX_ERR_IOMMU_POLICY;
	return 0;
}

int kx_smmuv2_step_(const struct kx_io *io, int step)
{
	if (step <= KX_STEP_BLOCK && kx_io_read32_(io, sIDR0) == UINT32_MAX)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ABSENT, sIDR0);
	switch (step) {
	case KX_STEP_SNAPSHOT: return snapshot(io);
	case KX_STEP_CHECK: return check(io);
	case KX_STEP_BLOCK: return block(io);
	case KX_STEP_DRAIN: return drain(io);
	case KX_STEP_STOP_QUEUES: return stop_queues(io);
	case KX_STEP_OFF: return 0; /* it is off when it bypasses: the final state */
	case KX_STEP_RESTORE: return restore(io);
	case KX_STEP_VERIFY: return verify(io);
	}
	return -KX_ERR_ARGUMENT;
}
