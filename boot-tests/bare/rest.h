/* SPDX-License-Identifier: BSD-2-Clause */
/* All of memory but some of it, and its sum: for the host, and for the payload after it, to see changes. */
#ifndef BARE_REST_H
#define BARE_REST_H

#include <kx/kx.h>

#include "bare.h"

#define REST_RAM    16
#define REST_EXCEPT 48

struct rest {
	uint64_t sum;
	uint64_t ram_count;
	uint64_t except_count;
	struct kx_range ram[REST_RAM];
	struct kx_range except[REST_EXCEPT];
};

/* Another range of RAM, or of what does not count. Returns 0 where there is no room. */
int rest_ram(struct rest *rest, struct kx_range range);
int rest_except(struct rest *rest, struct kx_range range);

/* The sum over all pages that no exception touches, in order; base: where physical address 0 is seen.
 * Writes nothing but its own stack. */
uint64_t rest_sum(const struct rest *rest, uintptr_t base);

#endif /* BARE_REST_H */
