/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of devices. Apart from the rest, so that a test can link a device of its own in its place. */
#ifndef KX_MMIO_H
#define KX_MMIO_H

#include <stdint.h>

#include "hidden.h"

KX_HIDDEN uint16_t kx_mmio_read16_(const volatile void *at);
KX_HIDDEN uint32_t kx_mmio_read32_(const volatile void *at);
KX_HIDDEN uint64_t kx_mmio_read64_(const volatile void *at);
KX_HIDDEN void kx_mmio_write16_(volatile void *at, uint16_t value);
KX_HIDDEN void kx_mmio_write32_(volatile void *at, uint32_t value);
KX_HIDDEN void kx_mmio_write64_(volatile void *at, uint64_t value);

#endif /* KX_MMIO_H */
