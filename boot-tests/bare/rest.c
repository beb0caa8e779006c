/* SPDX-License-Identifier: BSD-2-Clause */
/* See rest.h. */
#include "rest.h"

static int add(struct kx_range *ranges, uint64_t *count, uint64_t room, struct kx_range range)
{
	if (*count == room)
		return 0;
	ranges[(*count)++] = range;
	return 1;
}

int rest_ram(struct rest *rest, struct kx_range range)
{
	return add(rest->ram, &rest->ram_count, REST_RAM, range);
}

int rest_except(struct rest *rest, struct kx_range range)
{
	return add(rest->except, &rest->except_count, REST_EXCEPT, range);
}

/* The end of the exception that this page touches; 0: none. */
static uint64_t end_of_except(const struct rest *rest, uint64_t pa)
{
	for (uint64_t i = 0; i < rest->except_count; i++) {
		struct kx_range range = rest->except[i];

		if (pa + KX_PAGE_SIZE > range.pa && pa < range.pa + range.size)
			return (range.pa + range.size + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK;
	}
	return 0;
}

/* Two sums, as Fletcher's. */
uint64_t rest_sum(const struct rest *rest, uintptr_t base)
{
	uint64_t sum = 0, sums = 0;

	for (uint64_t i = 0; i < rest->ram_count; i++) {
		uint64_t pa = rest->ram[i].pa, end = pa + rest->ram[i].size;

		while (pa < end) {
			const uint64_t *word = (const uint64_t *)(base + pa);
			uint64_t behind = end_of_except(rest, pa);

			if (behind) {
				pa = behind;
				continue;
			}
			for (size_t j = 0; j < KX_PAGE_SIZE / 8; j++) {
				sum += word[j];
				sums += sum;
			}
			pa += KX_PAGE_SIZE;
		}
	}
	return sums;
}
