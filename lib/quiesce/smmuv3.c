/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm SMMUv3; called by quiesce.c. Non-secure programming interface only.
 * SMMUv3: Arm System Memory Management Unit Architecture Specification, version 3, IHI 0070.
 */
#include "iommu.h"

/* SMMUv3 "Register overview" */
#define IDR0           0x0
#define CR0            0x20
#define CR0ACK         0x24
#define GBPA           0x44
#define IRQ_CTRL       0x50
#define IRQ_CTRLACK    0x54
#define GERROR         0x60
#define GERRORN        0x64
#define GERROR_IRQ_CFG 0x68
#define CMDQ_BASE      0x90
#define CMDQ_PROD      0x98
#define CMDQ_CONS      0x9c
#define EVENTQ_IRQ_CFG 0xb0
#define PRIQ_IRQ_CFG   0xd0

#define IDR0_HYP    0x200
#define CR0_SMMUEN  0x1
#define CR0_PRIQEN  0x2
#define CR0_EVENTQEN 0x4
#define CR0_CMDQEN  0x8
#define GBPA_ABORT  0x100000
#define GBPA_UPDATE 0x80000000

#define CMDQ_LOG2SIZE 8 /* 256 entries, one page */
#define CMDQ_CONS_ERR 0x7f000000

/* SMMUv3 "Commands": first doubleword, and the range of CFGI_ALL in the second */
#define CMD_CFGI_ALL       0x04
#define CMD_CFGI_ALL_RANGE 31
#define CMD_TLBI_EL2_ALL   0x20
#define CMD_TLBI_NSNH_ALL  0x30
#define CMD_SYNC           0x46 /* CS = 0: no interrupt when it is done */

/* SMMUv3 "SMMU_CR0": a field counts as its old value until CR0ACK shows the new one. */
static int set_cr0(const struct kx_io *io, uint32_t value)
{
	kx_io_write32_(io, CR0, value);
	return kx_io_wait32_(io, (struct kx_wait){ CR0ACK, UINT32_MAX, value, 0 });
}

/* SMMUv3 "SMMU_GBPA": read-only while Update is 1, ignored where Update is not written with it. */
static int set_gbpa(const struct kx_io *io, uint32_t clear, uint32_t set)
{
	struct kx_wait updated = { GBPA, GBPA_UPDATE, 0, 0 };
	int error = kx_io_wait32_(io, updated);
	uint32_t want;

	if (error)
		return error;
	want = (kx_io_read32_(io, GBPA) & ~clear) | set;
	kx_io_write32_(io, GBPA, want | GBPA_UPDATE);
	error = kx_io_wait32_(io, updated);
	if (error)
		return error;
	if ((kx_io_read32_(io, GBPA) ^ want) & GBPA_ABORT)
		return kx_io_fail_(io, -KX_ERR_DEVICE_LOCKED, GBPA);
	return 0;
}

static int stop_interrupts(const struct kx_io *io)
{
	int error;

	kx_io_write32_(io, IRQ_CTRL, 0);
	error = kx_io_wait32_(io, (struct kx_wait){ IRQ_CTRLACK, UINT32_MAX, 0, 0 });
	if (error)
		return error;
	kx_io_write64_(io, GERROR_IRQ_CFG, 0); /* addresses of MSIs */
	kx_io_write64_(io, EVENTQ_IRQ_CFG, 0);
	kx_io_write64_(io, PRIQ_IRQ_CFG, 0);
	return 0;
}

/* Abort first, then SMMUEN: there is no moment at which anything passes untranslated. */
static int block(const struct kx_io *io)
{
	uint32_t cr0 = kx_io_read32_(io, CR0);
	int error = stop_interrupts(io);

	io->state->active = cr0 & CR0_SMMUEN;
	if (!error)
		error = set_gbpa(io, 0, GBPA_ABORT);
	if (!error)
		error = set_cr0(io, cr0 & ~(uint32_t)(CR0_SMMUEN | CR0_PRIQEN | CR0_EVENTQEN));
	return error;
}

/* While an error of the command queue is not acknowledged, no command is taken from it. */
static void acknowledge_errors(const struct kx_io *io)
{
	uint32_t errors = kx_io_read32_(io, GERROR);

	if (kx_io_read32_(io, GERRORN) != errors)
		kx_io_write32_(io, GERRORN, errors);
}

static void fill_queue(const struct kx_io *io, uint64_t *queue)
{
	kx_io_scratch_clear_(io);
	queue[0] = CMD_CFGI_ALL;
	queue[1] = CMD_CFGI_ALL_RANGE;
	/* without Hyp there is no EL2 to invalidate, and the command would be illegal */
	queue[2] = kx_io_read32_(io, IDR0) & IDR0_HYP ? CMD_TLBI_EL2_ALL : CMD_TLBI_NSNH_ALL;
	queue[4] = CMD_TLBI_NSNH_ALL;
	queue[6] = CMD_SYNC;
	kx_io_scratch_publish_(io);
}

/*
 * With SMMUEN 0 nothing enters a cache, so what is invalidated now stays away. The commands go
 * through a queue of ours: the host's may be full, stopped by an error, or already gone.
 */
static int drain(const struct kx_io *io)
{
	int error;

	if (!io->state->active)
		return 0;
	error = set_cr0(io, 0);
	if (error)
		return error;
	acknowledge_errors(io);
	fill_queue(io, kx_io_queue_(io));
	kx_io_write64_(io, CMDQ_BASE, kx_io_queue_pa_(io) | CMDQ_LOG2SIZE);
	kx_io_write32_(io, CMDQ_PROD, 0);
	kx_io_write32_(io, CMDQ_CONS, 0);
	error = set_cr0(io, CR0_CMDQEN);
	if (error)
		return error;
	kx_io_write32_(io, CMDQ_PROD, 4);
	return kx_io_wait32_(io, (struct kx_wait){ CMDQ_CONS, 0xfffff, 4, CMDQ_CONS_ERR });
}

static int stop_queues(const struct kx_io *io)
{
	int error = set_cr0(io, 0);

	if (!error)
		acknowledge_errors(io);
	return error;
}

/* GBPA as it was; its other fields have reset values of the implementation's own. */
static int restore(const struct kx_io *io)
{
	uint32_t abort = GBPA_ABORT;

	switch (io->quiesce->policy) {
	case KX_IOMMU_BYPASS: return set_gbpa(io, abort, 0);
	case KX_IOMMU_ABORT: return set_gbpa(io, 0, abort);
	}
	return set_gbpa(io, UINT32_MAX, (uint32_t)io->state->boot[1] & ~GBPA_UPDATE);
}

static int verify(const struct kx_io *io)
{
	uint32_t want = io->quiesce->policy == KX_IOMMU_ABORT ? GBPA_ABORT : 0;

	if (io->quiesce->policy == KX_IOMMU_AS_AT_BOOT)
		want = (uint32_t)io->state->boot[1] & GBPA_ABORT;
	if (kx_io_read32_(io, CR0ACK) || kx_io_read32_(io, CR0))
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, CR0ACK);
	if (kx_io_read32_(io, IRQ_CTRLACK))
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, IRQ_CTRLACK);
	if ((kx_io_read32_(io, GBPA) & (GBPA_ABORT | GBPA_UPDATE)) != want)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, GBPA);
	return 0;
}

static int snapshot(const struct kx_io *io)
{
	io->state->boot[0] = kx_io_read32_(io, CR0);
	io->state->boot[1] = kx_io_read32_(io, GBPA);
	return 0;
}

/* One that translated when the host began has tables that are not ours to bring back. */
static int check(const struct kx_io *io)
{
	if (io->quiesce->policy == KX_IOMMU_AS_AT_BOOT && (io->state->boot[0] & CR0_SMMUEN))
		return -KX_ERR_IOMMU_POLICY;
	return 0;
}

int kx_smmuv3_step_(const struct kx_io *io, int step)
{
	if (step <= KX_STEP_BLOCK && kx_io_read32_(io, IDR0) == UINT32_MAX)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ABSENT, IDR0);
	switch (step) {
	case KX_STEP_SNAPSHOT: return snapshot(io);
	case KX_STEP_CHECK: return check(io);
	case KX_STEP_BLOCK: return block(io);
	case KX_STEP_DRAIN: return drain(io);
	case KX_STEP_STOP_QUEUES: return stop_queues(io);
	case KX_STEP_OFF: return 0; /* SMMUEN went in BLOCK */
	case KX_STEP_RESTORE: return restore(io);
	case KX_STEP_VERIFY: return verify(io);
	}
	return -KX_ERR_ARGUMENT;
}
