/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AMD-Vi, one IOMMU; called by quiesce.c.
 * AMD-Vi: AMD I/O Virtualization Technology (IOMMU) Specification, 48882.
 */
#include "iommu.h"

#include "arch.h"

/* AMD-Vi "MMIO Registers" */
#define DEVTAB   0x0
#define CMDBUF   0x8
#define CONTROL  0x18
#define EXTFEAT  0x30
#define DEVTABn  0x100 /* of segment 1; 8 bytes to the next */
#define CMDHEAD  0x2000
#define CMDTAIL  0x2008
#define STATUS   0x2020

#define CONTROL_IOMMUEN   0x1ull
#define CONTROL_EVENTLOG  0xcull     /* EventLogEn, EventIntEn */
#define CONTROL_COMWAIT   0x10ull    /* ComWaitIntEn */
#define CONTROL_CMDBUFEN  0x1000ull
#define CONTROL_PPR       0xe000ull  /* PPRLogEn, PPRIntEn, PPREn */
#define CONTROL_GT_GA     0x30000ull /* GTEn, GAEn */
#define CONTROL_GALOG     0x30000000ull /* GALogEn, GAIntEn */
#define CONTROL_SEG_SHIFT 34         /* DevTblSegEn, 3 bits */
#define CONTROL_XT        0x80c000000000000ull /* XTEn, IntCapXTEn, IRTCacheDis */

#define STATUS_EVENTLOG 0x8
#define STATUS_CMDBUF   0x10
#define STATUS_PPRLOG   0x80
#define STATUS_GALOG    0x100
#define STATUS_RUN      (STATUS_EVENTLOG | STATUS_CMDBUF | STATUS_PPRLOG | STATUS_GALOG)

#define EXTFEAT_IASUP 0x40

#define TABLE_ADDRESS 0xffffffffff000ull
#define TABLE_PAGES   0x1ff /* minus one */
#define CMDBUF_256    0x0800000000000000ull /* entries: one page */
#define CMDBUF_BITS   (TABLE_ADDRESS | 0x0f00000000000000ull)

/* AMD-Vi "Device Table": the entry, in 64-bit words */
#define DTE_WORDS     4
#define DTE_NO_ACCESS 0x3 /* V, TV, no translation, neither read nor write */
#define DTE_IOTLB     0x100000000ull /* in the second word, beside the domain id */
#define DTE_NO_INTS   0x1 /* third word: IV, and IntCtl 0 aborts */

/* AMD-Vi "Commands" */
#define OPCODE_SHIFT   60
#define COMPLETION     1
#define COMPLETION_S   1 /* store */
#define INVAL_DEVTAB   2
#define INVAL_PAGES    3
#define INVAL_PAGES_ALL 0x7ffffffffffff003ull /* size, page directories, every address */
#define INVAL_INTS     5
#define INVAL_ALL      8
#define BATCH          192 /* commands before we wait; fewer than the queue holds */
#define DONE           0x4b58u

/** struct batch - commands that are being written to the queue */
struct batch {
	const struct kx_io *io;
	uint64_t count;
	uint32_t done; /* what the last completion wrote */
};

static int set_control(const struct kx_io *io, uint64_t clear, uint64_t set)
{
	uint64_t want = (kx_io_read64_(io, CONTROL) & ~clear) | set;

	kx_io_write64_(io, CONTROL, want);
	if ((kx_io_read64_(io, CONTROL) ^ want) & (clear | set))
		return kx_io_fail_(io, -KX_ERR_DEVICE_LOCKED, CONTROL);
	return 0;
}

/* Base, head and tail may change only once the run bit says that hardware has let go. */
static int stop_log(const struct kx_io *io, uint64_t control, uint64_t run)
{
	int error = 0;

	if (kx_io_read64_(io, CONTROL) & control)
		error = set_control(io, control, 0);
	return error ? error : kx_io_wait64_(io, (struct kx_wait){ STATUS, run, 0, 0 });
}

/* A queue of ours: the host's may be full, stopped by an error, or already gone. */
static int open_queue(const struct kx_io *io)
{
	uint64_t want = kx_io_queue_pa_(io) | CMDBUF_256;
	int error = stop_log(io, CONTROL_CMDBUFEN, STATUS_CMDBUF);

	if (error)
		return error;
	kx_io_scratch_clear_(io);
	kx_io_write64_(io, CMDBUF, want);
	if ((kx_io_read64_(io, CMDBUF) & CMDBUF_BITS) != want) /* locked by SNP */
		return kx_io_fail_(io, -KX_ERR_DEVICE_LOCKED, CMDBUF);
	kx_io_write64_(io, CMDHEAD, 0);
	kx_io_write64_(io, CMDTAIL, 0);
	error = set_control(io, 0, CONTROL_CMDBUFEN);
	if (error)
		return error;
	return kx_io_wait64_(io, (struct kx_wait){ STATUS, STATUS_CMDBUF, STATUS_CMDBUF, 0 });
}

static void put(struct batch *batch, uint64_t opcode, uint64_t first, uint64_t second)
{
	uint64_t *queue = kx_io_queue_(batch->io);

	queue[2 * batch->count] = opcode << OPCODE_SHIFT | first;
	queue[2 * batch->count + 1] = second;
	batch->count++;
}

/* Run what is in the queue to its end; the completion covers DMA that used the old entries. */
static int finish(struct batch *batch)
{
	const struct kx_io *io = batch->io;
	int error;

	batch->done++;
	put(batch, COMPLETION, kx_io_page_pa_(io) | COMPLETION_S, DONE + batch->done);
	kx_io_scratch_publish_(io);
	kx_io_write64_(io, CMDTAIL, batch->count * 16);
	error = kx_io_wait_memory_(io, kx_io_page_(io), DONE + batch->done);
	batch->count = 0;
	return error ? kx_io_fail_(io, error, CMDTAIL) : 0;
}

/* For each device of a segment of the table: no access; then forget what was cached of it. */
static int close_devices(struct batch *batch, volatile uint64_t *table, uint64_t count, uint64_t id)
{
	int error = 0;

	for (uint64_t i = 0; !error && i < count; i++, table += DTE_WORDS) {
		uint64_t domain = table[1] & 0xffff;

		if (!batch->count)
			error = open_queue(batch->io);
		if (error)
			return error;
		table[0] = DTE_NO_ACCESS;
		table[1] = table[1] & ~DTE_IOTLB;
		table[2] = DTE_NO_INTS;
		kx_io_publish_((const void *)(uintptr_t)table, DTE_WORDS * sizeof(uint64_t));
		put(batch, INVAL_DEVTAB, id + i, 0);
		put(batch, INVAL_PAGES, domain << 32, INVAL_PAGES_ALL);
		put(batch, INVAL_INTS, id + i, 0);
		if (batch->count >= BATCH)
			error = finish(batch);
	}
	return error;
}

static int close_segment(struct batch *batch, uint64_t reg, uint64_t first_id)
{
	uint64_t base = kx_io_read64_(batch->io, reg);
	uint64_t size = ((base & TABLE_PAGES) + 1) * KX_PAGE_SIZE;
	volatile uint64_t *table = kx_io_map_(batch->io->quiesce, base & TABLE_ADDRESS, size);

	if (!table)
		return kx_io_fail_(batch->io, -KX_ERR_DEVICE_ABSENT, reg);
	return close_devices(batch, table, size / (DTE_WORDS * sizeof(uint64_t)), first_id);
}

static int block(const struct kx_io *io)
{
	uint64_t control = kx_io_read64_(io, CONTROL);
	uint64_t segments = 1ull << (control >> CONTROL_SEG_SHIFT & 7);
	struct batch batch = { io, 0, 0 };
	int error = 0;

	io->state->active = control & CONTROL_IOMMUEN;
	if (!io->state->active)
		return 0;
	for (uint64_t i = 0; !error && i < segments; i++)
		error = close_segment(&batch, i ? DEVTABn + 8 * (i - 1) : DEVTAB,
				      i * (0x10000 / segments));
	return !error && batch.count ? finish(&batch) : error;
}

static int drain(const struct kx_io *io)
{
	struct batch batch = { io, 0, 0 };
	int error;

	if (!io->state->active)
		return 0;
	error = open_queue(io);
	if (error)
		return error;
	if (kx_io_read64_(io, EXTFEAT) & EXTFEAT_IASUP)
		put(&batch, INVAL_ALL, 0, 0);
	return finish(&batch);
}

static int stop_queues(const struct kx_io *io)
{
	int error = stop_log(io, CONTROL_CMDBUFEN, STATUS_CMDBUF);

	if (!error)
		error = stop_log(io, CONTROL_EVENTLOG, STATUS_EVENTLOG);
	if (!error)
		error = stop_log(io, CONTROL_PPR, STATUS_PPRLOG);
	if (!error)
		error = stop_log(io, CONTROL_GALOG, STATUS_GALOG);
	return error;
}

/* Everything passes from here on. Then the modes that change the size of a table entry. */
static int off(const struct kx_io *io)
{
	int error = set_control(io, CONTROL_IOMMUEN, 0);

	if (!error && (kx_io_read64_(io, CONTROL) & (CONTROL_XT | CONTROL_GT_GA | CONTROL_COMWAIT)))
		error = set_control(io, CONTROL_XT | CONTROL_GT_GA | CONTROL_COMWAIT, 0);
	return error;
}

static int verify(const struct kx_io *io)
{
	if (kx_io_read64_(io, CONTROL) & (CONTROL_IOMMUEN | CONTROL_CMDBUFEN))
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, CONTROL);
	if (kx_io_read64_(io, STATUS) & STATUS_RUN)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, STATUS);
	return 0;
}

static int snapshot(const struct kx_io *io)
{
	io->state->boot[0] = kx_io_read64_(io, CONTROL);
	return 0;
}

int kx_amdvi_step_(const struct kx_io *io, int step)
{
	if (step <= KX_STEP_BLOCK && kx_io_read64_(io, CONTROL) == UINT64_MAX)
		return kx_io_fail_(io, -KX_ERR_DEVICE_ABSENT, CONTROL);
	switch (step) {
	case KX_STEP_SNAPSHOT: return snapshot(io);
	case KX_STEP_CHECK: return kx_iommu_check_off_(io, CONTROL_IOMMUEN);
	case KX_STEP_BLOCK: return block(io);
	case KX_STEP_DRAIN: return drain(io);
	case KX_STEP_STOP_QUEUES: return stop_queues(io);
	case KX_STEP_OFF: return off(io);
	case KX_STEP_RESTORE: return 0; /* off is its state at boot, and its bypass */
	case KX_STEP_VERIFY: return verify(io);
	}
	return -KX_ERR_ARGUMENT;
}
