/* SPDX-License-Identifier: BSD-2-Clause */
/* What cpus.c asks of a parking place, and what it is made of. */
#ifndef KX_PARK_H
#define KX_PARK_H

#include <kx/kx.h>

#include "hidden.h"

/** kx_park_waits_() - has this CPU said that it waits? Returns: 1, 0, -KX_ERR_ARGUMENT (no slot). */
KX_HIDDEN int kx_park_waits_(const struct kx_park *park, uint64_t id);

/**
 * kx_park_code_ - arch/<a>/park.S: what parked CPUs run, anywhere
 *
 * kx_park_code_size_ bytes; 0 on an architecture where no CPU has to be parked.
 */
extern const uint8_t kx_park_code_[] KX_HIDDEN;
extern const uint32_t kx_park_code_size_ KX_HIDDEN;

#endif /* KX_PARK_H */
