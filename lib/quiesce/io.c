/* SPDX-License-Identifier: BSD-2-Clause */
/* One device, its registers, and time; called by every driver of lib/quiesce/. */
#include "io.h"

#include "arch.h"
#include "clock.h"
#include "mem.h"
#include "mmio.h"

volatile void *kx_io_map_(const struct kx_quiesce *quiesce, uint64_t pa, uint64_t size)
{
	if (!quiesce->map)
		return (volatile void *)(uintptr_t)pa;
	return quiesce->map(quiesce->context, pa, size);
}

int kx_io_open_(struct kx_io *io, struct kx_quiesce *quiesce, size_t index)
{
	io->quiesce = quiesce;
	io->device = &quiesce->devices[index];
	io->state = quiesce->states ? &quiesce->states[index] : NULL;
	io->base = NULL;
	if (io->device->kind == KX_DEVICE_PCI_PORTS)
		return 0; /* no memory to be mapped */
	io->base = kx_io_map_(quiesce, io->device->base, io->device->length);
	return io->base ? 0 : -KX_ERR_DEVICE_ABSENT;
}

uint32_t kx_io_read32_(const struct kx_io *io, uint64_t offset)
{
	return kx_mmio_read32_(io->base + offset);
}

uint64_t kx_io_read64_(const struct kx_io *io, uint64_t offset)
{
	return kx_mmio_read64_(io->base + offset);
}

void kx_io_write32_(const struct kx_io *io, uint64_t offset, uint32_t value)
{
	kx_mmio_write32_(io->base + offset, value);
}

void kx_io_write64_(const struct kx_io *io, uint64_t offset, uint64_t value)
{
	kx_mmio_write64_(io->base + offset, value);
}

int kx_io_fail_(const struct kx_io *io, int error, uint64_t place)
{
	io->quiesce->fault.place = place;
	return error;
}

static void start_clock(const struct kx_io *io, struct kx_deadline *deadline)
{
	kx_deadline_set_(deadline, io->quiesce->cpus->timer_hz, io->quiesce->timeout_us);
}

/* One look at a register: 0 when it is as it should be, 1 when not yet. */
static int look(const struct kx_wait *wait, uint64_t value)
{
	if (value & wait->fault)
		return -KX_ERR_DEVICE_FAULT;
	return (value & wait->mask) != wait->value;
}

int kx_io_wait32_(const struct kx_io *io, struct kx_wait wait)
{
	struct kx_deadline deadline;
	int late, result;

	start_clock(io, &deadline);
	do { /* looked at after the clock, so that an answer is seen even past the deadline */
		late = kx_deadline_passed_(&deadline);
		result = look(&wait, kx_io_read32_(io, wait.offset));
	} while (result > 0 && !late);
	if (result > 0)
		result = -KX_ERR_DEVICE_TIMEOUT;
	return result ? kx_io_fail_(io, result, wait.offset) : 0;
}

int kx_io_wait64_(const struct kx_io *io, struct kx_wait wait)
{
	struct kx_deadline deadline;
	int late, result;

	start_clock(io, &deadline);
	do {
		late = kx_deadline_passed_(&deadline);
		result = look(&wait, kx_io_read64_(io, wait.offset));
	} while (result > 0 && !late);
	if (result > 0)
		result = -KX_ERR_DEVICE_TIMEOUT;
	return result ? kx_io_fail_(io, result, wait.offset) : 0;
}

int kx_io_wait_memory_(const struct kx_io *io, const void *word, uint32_t value)
{
	struct kx_deadline deadline;
	int late, here;

	start_clock(io, &deadline);
	do {
		late = kx_deadline_passed_(&deadline);
		kx_io_barrier_();
		here = *(const volatile uint32_t *)word == value;
	} while (!here && !late);
	return here ? 0 : -KX_ERR_DEVICE_TIMEOUT;
}

uint64_t *kx_io_queue_(const struct kx_io *io)
{
	return io->quiesce->scratch;
}

uint64_t kx_io_queue_pa_(const struct kx_io *io)
{
	return io->quiesce->scratch_pa;
}

uint64_t *kx_io_page_(const struct kx_io *io)
{
	return (uint64_t *)io->quiesce->scratch + KX_PAGE_SIZE / sizeof(uint64_t);
}

uint64_t kx_io_page_pa_(const struct kx_io *io)
{
	return io->quiesce->scratch_pa + KX_PAGE_SIZE;
}

void kx_io_scratch_clear_(const struct kx_io *io)
{
	kx_mem_zero_(io->quiesce->scratch, KX_QUIESCE_SCRATCH);
	kx_io_scratch_publish_(io);
}

void kx_io_scratch_publish_(const struct kx_io *io)
{
	kx_io_publish_(io->quiesce->scratch, KX_QUIESCE_SCRATCH);
}
