/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intel VT-d, one remapping unit; called by quiesce.c.
 * VT-d: Intel Virtualization Technology for Directed I/O, Architecture Specification, D51397.
 */
#include "iommu.h"

#include "arch.h"

/* VT-d "Register Descriptions" */
#define CAP    0x08
#define ECAP   0x10
#define GCMD   0x18
#define GSTS   0x1c
#define RTADDR 0x20
#define CCMD   0x28
#define FSTS   0x34
#define FECTL  0x38
#define PMEN   0x64
#define IQH    0x80
#define IQT    0x88
#define IQA    0x90
#define IECTL  0xa0
#define PECTL  0xe0

#define CAP_RWBF      0x10ull
#define CAP_PM        0x60ull /* PLMR, PHMR */
#define CAP_FRO(cap)  (((cap) >> 24 & 0x3ff) * 16)
#define CAP_NFR(cap)  (((cap) >> 40 & 0xff) + 1)
#define ECAP_QI       0x2ull
#define ECAP_IR       0x8ull
#define ECAP_PRS      (1ull << 29)
#define ECAP_SMTS     (1ull << 43) /* the PASID cache is there in scalable mode only */
#define ECAP_IRO(ecap) (((ecap) >> 8 & 0x3ff) * 16)

#define RTADDR_TTM 0xc00ull /* format of the tables */

#define GSTS_TES  0x80000000
#define GSTS_RTPS 0x40000000
#define GSTS_WBFS 0x08000000
#define GSTS_QIES 0x04000000
#define GSTS_IRES 0x02000000
#define GSTS_KEEP 0x96ffffff /* VT-d "Global Command Register": the rest of GSTS is one-shot */

#define CCMD_ICC_GLOBAL 0xa000000000000000
#define IOTLB           8 /* from ECAP.IRO */
#define IOTLB_IVT       0x8000000000000000
#define IOTLB_GLOBAL    0x9003000000000000 /* with IVT, drain reads, drain writes */
#define FSTS_IQE        0x10
#define FSTS_ITE        0x40
#define FSTS_STOPS      (FSTS_IQE | FSTS_ITE) /* no descriptor is fetched while it is set */
#define FSTS_FAULTS     0x71 /* PFO, IQE, ICE, ITE: written as one to clear */
#define FRCD_F          0x80000000
#define IM              0x80000000
#define PMEN_PRS        0x1

/* VT-d "Invalidation Queue": descriptors, first quadword */
#define QI_CONTEXT_GLOBAL 0x11
#define QI_IOTLB_GLOBAL   0xd2 /* drain reads and writes */
#define QI_IEC_GLOBAL     0x04
#define QI_PASID_GLOBAL   0x37
#define QI_WAIT_WRITE     0x25
#define QI_DONE           0x4b58u /* what the wait descriptor writes */
#define QI_DONE_WORD      (KX_PAGE_SIZE / sizeof(uint64_t) - 1) /* where, in our queue's page */
#define QI_OTHER_WORD     (QI_DONE_WORD - 1) /* which nobody looks at */
#define QI_HEAD           0x7fff0ull /* of IQH and IQT */

#define IQA_DW        0x800ull /* descriptors of 256 bits */
#define IQA_SIZE(iqa) ((uint64_t)KX_PAGE_SIZE << ((iqa) & 7))
#define IQA_ADDRESS   0xfffffffffffff000ull

/* One command at a time: everything else as GSTS shows it, one bit changed, until GSTS shows that. */
static int command(const struct kx_io *io, uint32_t bit, int on)
{
	uint32_t now = kx_io_read32_(io, GSTS) & GSTS_KEEP;
	uint32_t want = on && bit != GSTS_WBFS ? bit : 0; /* WBFS goes to 0 when it is done */

	kx_io_write32_(io, GCMD, on ? now | bit : now & ~bit);
	return kx_io_wait32_(io, (struct kx_wait){ GSTS, bit, want, 0 });
}

static int switch_off(const struct kx_io *io, uint32_t bit)
{
	return kx_io_read32_(io, GSTS) & bit ? command(io, bit, 0) : 0;
}

/* A descriptor that writes QI_DONE to a word far behind ours; our other page must stay all zero. */
static void put_wait(const struct kx_io *io, volatile uint64_t *descriptor, uint64_t word)
{
	descriptor[0] = (uint64_t)QI_DONE << 32 | QI_WAIT_WRITE;
	descriptor[1] = kx_io_queue_pa_(io) + word * sizeof(uint64_t);
}

static int await(const struct kx_io *io)
{
	int error = kx_io_wait_memory_(io, kx_io_queue_(io) + QI_DONE_WORD, QI_DONE);

	if (kx_io_read32_(io, FSTS) & FSTS_STOPS)
		return kx_io_fail_(io, -KX_ERR_DEVICE_FAULT, FSTS);
	return error ? kx_io_fail_(io, error, IQT) : 0;
}

/** struct queue - the host's queue */
struct queue {
	volatile uint8_t *base;
	uint64_t size;
	uint64_t step; /* bytes of a descriptor */
};

static void fill_slot(const struct kx_io *io, const struct queue *queue, uint64_t at, uint64_t word)
{
	volatile uint64_t *descriptor = (volatile uint64_t *)(volatile void *)(queue->base + at);

	put_wait(io, descriptor, word);
	for (uint64_t i = 2; i < queue->step / sizeof(uint64_t); i++)
		descriptor[i] = 0;
	kx_io_publish_((const void *)(uintptr_t)descriptor, queue->step);
}

/* After an error its head stands still: what the host still wanted is dropped, which is harmless, as
 * everything is invalidated later. */
static void repair(const struct kx_io *io, const struct queue *queue, uint64_t tail)
{
	uint64_t at = kx_io_read64_(io, IQH) & QI_HEAD;

	for (uint64_t n = 0; at != tail && n < queue->size; n += queue->step) {
		fill_slot(io, queue, at, QI_OTHER_WORD);
		at = (at + queue->step) % queue->size;
	}
	kx_io_write32_(io, FSTS, FSTS_FAULTS);
	kx_io_write64_(io, IQT, tail); /* go on */
}

/*
 * VT-d "Queued Invalidation Interface": the queue may be disabled once it is empty and the last
 * descriptor was one that waits. The host's may have been another, so it gets one more of ours.
 */
static int run_out(const struct kx_io *io, const struct queue *queue)
{
	uint64_t tail = kx_io_read64_(io, IQT) & QI_HEAD;
	int error;

	if (tail >= queue->size || tail % queue->step)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ABSENT, IQA);
	if (kx_io_read32_(io, FSTS) & FSTS_STOPS)
		repair(io, queue, tail);
	error = kx_io_wait64_(io, (struct kx_wait){ IQH, QI_HEAD, tail, 0 });
	if (error)
		return error;
	kx_io_scratch_clear_(io);
	fill_slot(io, queue, tail, QI_DONE_WORD);
	kx_io_write64_(io, IQT, (tail + queue->step) % queue->size);
	return await(io);
}

/*
 * VT-d "Invalidation Time-out Error": a device does not answer, as its ATS has been switched off since it
 * was asked, and what waits in the queue is dropped, ours too. So it is tried a second time.
 */
static int finish_queue(const struct kx_io *io)
{
	uint64_t iqa = kx_io_read64_(io, IQA);
	struct queue queue = {
		kx_io_map_(io->quiesce, iqa & IQA_ADDRESS, IQA_SIZE(iqa)), IQA_SIZE(iqa),
		iqa & IQA_DW ? 32 : 16,
	};
	int error;

	if (!queue.base)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ABSENT, IQA);
	error = run_out(io, &queue);
	if (kx_io_read32_(io, FSTS) & FSTS_STOPS)
		error = run_out(io, &queue);
	return error;
}

static int stop_host_queue(const struct kx_io *io)
{
	int error;

	if (!(kx_io_read32_(io, GSTS) & GSTS_QIES))
		return 0;
	error = finish_queue(io);
	return error ? error : switch_off(io, GSTS_QIES);
}

/*
 * There is no state that aborts without translating, so translation stays on and gets a root table
 * with nothing in it. The host's queue is stopped first: from here on it is ours that is used.
 */
static int block(const struct kx_io *io)
{
	uint64_t cap = kx_io_read64_(io, CAP);
	int error;

	io->state->active = kx_io_read32_(io, GSTS) & (GSTS_TES | GSTS_IRES);
	kx_io_write32_(io, FECTL, IM);
	if (kx_io_read64_(io, ECAP) & ECAP_QI)
		kx_io_write32_(io, IECTL, IM);
	if (kx_io_read64_(io, ECAP) & ECAP_PRS)
		kx_io_write32_(io, PECTL, IM);
	error = stop_host_queue(io);
	if (error || !(io->state->active & GSTS_TES))
		return error;
	if (cap & CAP_RWBF) {
		error = command(io, GSTS_WBFS, 1);
		if (error)
			return error;
	}
	kx_io_scratch_clear_(io);
	/* The format of the tables may change only while nothing is translated. */
	kx_io_write64_(io, RTADDR, kx_io_page_pa_(io) | (kx_io_read64_(io, RTADDR) & RTADDR_TTM));
	return command(io, GSTS_RTPS, 1);
}

/* By registers, on units without a queue. */
static int drain_registers(const struct kx_io *io)
{
	uint64_t iotlb = ECAP_IRO(kx_io_read64_(io, ECAP)) + IOTLB;
	int error;

	kx_io_write64_(io, CCMD, CCMD_ICC_GLOBAL);
	error = kx_io_wait64_(io, (struct kx_wait){ CCMD, IOTLB_IVT, 0, 0 }); /* ICC is bit 63 too */
	if (error)
		return error;
	kx_io_write64_(io, iotlb, IOTLB_GLOBAL);
	return kx_io_wait64_(io, (struct kx_wait){ iotlb, IOTLB_IVT, 0, 0 });
}

/* Returns how many bytes: descriptors are of the host's width, which goes with its tables. */
static uint64_t fill_queue(const struct kx_io *io, uint64_t wide)
{
	uint64_t ecap = kx_io_read64_(io, ECAP), step = wide ? 4 : 2, count = 0;
	uint64_t *queue = kx_io_queue_(io);

	kx_io_scratch_clear_(io);
	queue[step * count++] = QI_CONTEXT_GLOBAL;
	if (ecap & ECAP_SMTS)
		queue[step * count++] = QI_PASID_GLOBAL;
	queue[step * count++] = QI_IOTLB_GLOBAL;
	if (ecap & ECAP_IR)
		queue[step * count++] = QI_IEC_GLOBAL;
	put_wait(io, queue + step * count++, QI_DONE_WORD);
	kx_io_scratch_publish_(io);
	return step * count * sizeof(uint64_t);
}

static int drain(const struct kx_io *io)
{
	uint64_t wide = kx_io_read64_(io, IQA) & IQA_DW, size;
	int error;

	if (!io->state->active)
		return 0;
	if (!(kx_io_read64_(io, ECAP) & ECAP_QI))
		return drain_registers(io);
	size = fill_queue(io, wide);
	kx_io_write32_(io, FSTS, FSTS_FAULTS); /* a stale error would stop our queue as well */
	kx_io_write64_(io, IQT, 0);
	kx_io_write64_(io, IQA, kx_io_queue_pa_(io) | wide); /* one page */
	error = command(io, GSTS_QIES, 1);
	if (error)
		return error;
	kx_io_write64_(io, IQT, size);
	return await(io);
}

/* Interrupt remapping first: its cache is behind the queue. Ours ended with a wait. */
static int stop_queues(const struct kx_io *io)
{
	int error = switch_off(io, GSTS_IRES);

	return error ? error : switch_off(io, GSTS_QIES);
}

static void clear_faults(const struct kx_io *io)
{
	uint64_t cap = kx_io_read64_(io, CAP);

	for (uint64_t i = 0; i < CAP_NFR(cap); i++)
		kx_io_write32_(io, CAP_FRO(cap) + 16 * i + 12, FRCD_F);
	kx_io_write32_(io, FSTS, FSTS_FAULTS);
}

static int off(const struct kx_io *io)
{
	int error = 0;

	if (kx_io_read64_(io, CAP) & CAP_PM) {
		kx_io_write32_(io, PMEN, 0);
		error = kx_io_wait32_(io, (struct kx_wait){ PMEN, PMEN_PRS, 0, 0 });
	}
	if (!error)
		error = switch_off(io, GSTS_TES);
	if (!error)
		clear_faults(io);
	return error;
}

static int verify(const struct kx_io *io)
{
	if (kx_io_read32_(io, GSTS) & (GSTS_TES | GSTS_IRES | GSTS_QIES))
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, GSTS);
	if ((kx_io_read64_(io, CAP) & CAP_PM) && (kx_io_read32_(io, PMEN) & PMEN_PRS))
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, PMEN);
	return 0;
}

static int snapshot(const struct kx_io *io)
{
	io->state->boot[0] = kx_io_read32_(io, GSTS);
	return 0;
}

int kx_vtd_step_(const struct kx_io *io, int step)
{
	if (step <= KX_STEP_BLOCK && kx_io_read64_(io, CAP) == UINT64_MAX)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ABSENT, CAP);
	switch (step) {
	case KX_STEP_SNAPSHOT: return snapshot(io);
	case KX_STEP_CHECK: return kx_iommu_check_off_(io, GSTS_TES);
	case KX_STEP_BLOCK: return block(io);
	case KX_STEP_DRAIN: return drain(io);
	case KX_STEP_STOP_QUEUES: return stop_queues(io);
	case KX_STEP_OFF: return off(io);
	case KX_STEP_RESTORE: return 0; /* off is its state at boot, and its bypass */
	case KX_STEP_VERIFY: return verify(io);
	}
	return -KX_ERR_ARGUMENT;
}
