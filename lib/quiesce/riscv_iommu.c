/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RISC-V IOMMU, platform device or PCI function; called by quiesce.c.
 * IOMMU: RISC-V IOMMU Architecture Specification 1.0.
 */
#include "iommu.h"

/* IOMMU "Memory-mapped register interface" */
#define CAPABILITIES 0x00
#define DDTP         0x10
#define CQB          0x18
#define CQH          0x20
#define CQT          0x24
#define CQCSR        0x48
#define FQCSR        0x4c
#define PQCSR        0x50
#define IPSR         0x54
#define ICVEC        0x2f8 /* four vectors of four bits: the only ones that are ever sent */
#define MSI_CFG_CTRL 0x30c /* of vector 0; 16 bytes to the next */

#define CAP_IGS_SHIFT 28
#define CAP_IGS_MASK  3
#define CAP_IGS_WSI   1 /* wires only: no MSI table */
#define ICVEC_BITS    16
#define MSI_MASK      1

#define DDTP_MODE 0xfull
#define DDTP_OFF  0
#define DDTP_BARE 1
#define DDTP_BUSY 0x10

#define CSR_EN     0x1
#define CSR_ON     0x10000
#define CSR_BUSY   0x20000
#define CQ_ERRORS  0x700 /* cqmf, cmd_to, cmd_ill */
#define CSR_ERRORS 0xf00 /* written as one to clear */

#define CQB_LOG2SZ 7 /* minus one: 256 entries, one page */

/* IOMMU "Command-Queue": operands in the first doubleword */
#define IOTINVAL_VMA    0x0001
#define IOTINVAL_GVMA   0x0081
#define IOFENCE_C_PR_PW 0x3002
#define IODIR_INVAL_DDT 0x0003

static int wait_ddtp(const struct kx_io *io)
{
	return kx_io_wait64_(io, (struct kx_wait){ DDTP, DDTP_BUSY, 0, 0 });
}

/* Change the mode. Its PPN stays: "when transitioning to Off" software must not change it. */
static int set_mode(const struct kx_io *io, uint64_t mode)
{
	int error = wait_ddtp(io);
	uint64_t ddtp;

	if (error)
		return error;
	ddtp = kx_io_read64_(io, DDTP);
	if ((ddtp & DDTP_MODE) != mode)
		kx_io_write64_(io, DDTP, (ddtp & ~DDTP_MODE) | mode);
	error = wait_ddtp(io);
	if (error)
		return error;
	if ((kx_io_read64_(io, DDTP) & DDTP_MODE) != mode)
		return kx_io_fail_(io, -KX_ERR_DEVICE_LOCKED, DDTP);
	return 0;
}

/* A queue's csr may be written only while it is not busy. Error bits are cleared on the way. */
static int stop_queue(const struct kx_io *io, uint64_t csr)
{
	int error = kx_io_wait32_(io, (struct kx_wait){ csr, CSR_BUSY, 0, 0 });

	if (error)
		return error;
	kx_io_write32_(io, csr, CSR_ERRORS);
	return kx_io_wait32_(io, (struct kx_wait){ csr, CSR_ON | CSR_BUSY, 0, 0 });
}

static int block(const struct kx_io *io)
{
	uint64_t mode = kx_io_read64_(io, DDTP) & DDTP_MODE;

	/* Off and no commands: nothing was ever cached, and a PCI IOMMU may not even reach memory. */
	io->state->active = mode != DDTP_OFF || (kx_io_read32_(io, CQCSR) & CSR_EN);
	return set_mode(io, DDTP_OFF);
}

/*
 * Translations survive Off in caches. The commands go through a queue of ours: the host's may be
 * full, stopped by an error, or already gone.
 */
static int drain(const struct kx_io *io)
{
	uint64_t *queue = kx_io_queue_(io);
	int error;

	if (!io->state->active)
		return 0;
	error = stop_queue(io, CQCSR);
	if (error)
		return error;
	kx_io_scratch_clear_(io);
	queue[0] = IODIR_INVAL_DDT;
	queue[2] = IOTINVAL_VMA;
	queue[4] = IOTINVAL_GVMA;
	queue[6] = IOFENCE_C_PR_PW;
	kx_io_scratch_publish_(io);
	kx_io_write64_(io, CQB, kx_io_queue_pa_(io) >> KX_PAGE_SHIFT << 10 | CQB_LOG2SZ);
	kx_io_write32_(io, CQT, 0);
	kx_io_write32_(io, CQCSR, CSR_EN);
	error = kx_io_wait32_(io, (struct kx_wait){ CQCSR, CSR_ON | CSR_BUSY, CSR_ON, CQ_ERRORS });
	if (error)
		return error;
	kx_io_write32_(io, CQT, 4);
	error = kx_io_wait32_(io, (struct kx_wait){ CQH, UINT32_MAX, 4, 0 });
	if (kx_io_read32_(io, CQCSR) & CQ_ERRORS) /* then the head stands still */
		return kx_io_fail_(io, -KX_ERR_DEVICE_FAULT, CQCSR);
	return error;
}

static int stop_queues(const struct kx_io *io)
{
	uint64_t icvec = kx_io_read64_(io, ICVEC);
	uint64_t igs = kx_io_read64_(io, CAPABILITIES) >> CAP_IGS_SHIFT & CAP_IGS_MASK;
	int error = stop_queue(io, CQCSR);

	if (!error)
		error = stop_queue(io, FQCSR);
	if (!error)
		error = stop_queue(io, PQCSR);
	if (error)
		return error;
	for (unsigned int i = 0; igs != CAP_IGS_WSI && i < ICVEC_BITS; i += 4)
		kx_io_write32_(io, MSI_CFG_CTRL + 16 * (icvec >> i & 0xf), MSI_MASK);
	kx_io_write32_(io, IPSR, kx_io_read32_(io, IPSR));
	return 0;
}

/* The mode that it is to end in, or a number that is none. */
static uint64_t final_mode(const struct kx_io *io)
{
	switch (io->quiesce->policy) {
	case KX_IOMMU_BYPASS: return DDTP_BARE;
	case KX_IOMMU_ABORT: return DDTP_OFF;
	}
	return io->state->boot[0] & DDTP_MODE;
}

static int verify(const struct kx_io *io)
{
	if ((kx_io_read64_(io, DDTP) & (DDTP_MODE | DDTP_BUSY)) != final_mode(io))
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, DDTP);
	for (uint64_t csr = CQCSR; csr <= PQCSR; csr += 4)
		if (kx_io_read32_(io, csr) & (CSR_EN | CSR_ON | CSR_BUSY))
			return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, csr);
	return 0;
}

static int snapshot(const struct kx_io *io)
{
	io->state->boot[0] = kx_io_read64_(io, DDTP);
	return 0;
}

int kx_riscv_iommu_step_(const struct kx_io *io, int step)
{
	if (step <= KX_STEP_BLOCK && kx_io_read64_(io, CAPABILITIES) == UINT64_MAX)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ABSENT, CAPABILITIES);
	switch (step) {
	case KX_STEP_SNAPSHOT: return snapshot(io);
	case KX_STEP_CHECK: return final_mode(io) <= DDTP_BARE ? 0 : -KX_ERR_IOMMU_POLICY;
	case KX_STEP_BLOCK: return block(io);
	case KX_STEP_DRAIN: return drain(io);
	case KX_STEP_STOP_QUEUES: return stop_queues(io);
	case KX_STEP_OFF: return 0; /* Off is how it blocks */
	case KX_STEP_RESTORE: return set_mode(io, final_mode(io));
	case KX_STEP_VERIFY: return verify(io);
	}
	return -KX_ERR_ARGUMENT;
}
