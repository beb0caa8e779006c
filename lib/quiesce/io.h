/* SPDX-License-Identifier: BSD-2-Clause */
/* What a driver of lib/quiesce/ is given: one device, its registers, and time. */
#ifndef KX_IO_H
#define KX_IO_H

#include <kx/quiesce.h>

#include "hidden.h"

/** struct kx_io - one device */
struct kx_io {
	struct kx_quiesce *quiesce;
	const struct kx_device *device;
	struct kx_device_state *state;
	volatile uint8_t *base; /* of its registers */
};

/** kx_io_open_() - device `index` of the array. Returns: 0, -KX_ERR_DEVICE_ABSENT (not mapped). */
KX_HIDDEN int kx_io_open_(struct kx_io *io, struct kx_quiesce *quiesce, size_t index);

/** kx_io_map_() - memory or registers at a physical address; NULL where the host cannot */
KX_HIDDEN volatile void *kx_io_map_(const struct kx_quiesce *quiesce, uint64_t pa, uint64_t size);

KX_HIDDEN uint32_t kx_io_read32_(const struct kx_io *io, uint64_t offset);
KX_HIDDEN uint64_t kx_io_read64_(const struct kx_io *io, uint64_t offset);
KX_HIDDEN void kx_io_write32_(const struct kx_io *io, uint64_t offset, uint32_t value);
KX_HIDDEN void kx_io_write64_(const struct kx_io *io, uint64_t offset, uint64_t value);

/** struct kx_wait - bits of a register that are to take a value */
struct kx_wait {
	uint64_t offset;
	uint64_t mask;
	uint64_t value;
	uint64_t fault; /* bits that mean that they never will */
};

/**
 * kx_io_wait32_(), kx_io_wait64_() - the one way to wait for a register
 *
 * Returns: 0, -KX_ERR_DEVICE_FAULT, -KX_ERR_DEVICE_TIMEOUT; with an error fault.place is the offset.
 */
KX_HIDDEN int kx_io_wait32_(const struct kx_io *io, struct kx_wait wait);
KX_HIDDEN int kx_io_wait64_(const struct kx_io *io, struct kx_wait wait);

/** kx_io_wait_memory_() - wait until a device has written a word of the scratch pages; as above */
KX_HIDDEN int kx_io_wait_memory_(const struct kx_io *io, const void *word, uint32_t value);

/** kx_io_fail_() - the error, with fault.place set */
KX_HIDDEN int kx_io_fail_(const struct kx_io *io, int error, uint64_t place);

/* The scratch pages: a command queue, and a page for anything else. Zeroed, seen by the device. */
KX_HIDDEN uint64_t *kx_io_queue_(const struct kx_io *io);
KX_HIDDEN uint64_t kx_io_queue_pa_(const struct kx_io *io);
KX_HIDDEN uint64_t *kx_io_page_(const struct kx_io *io);
KX_HIDDEN uint64_t kx_io_page_pa_(const struct kx_io *io);
KX_HIDDEN void kx_io_scratch_clear_(const struct kx_io *io);
KX_HIDDEN void kx_io_scratch_publish_(const struct kx_io *io);

#endif /* KX_IO_H */
