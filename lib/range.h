/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic on physical ranges that must not wrap; used by every check of the planner. */
#ifndef KX_RANGE_H
#define KX_RANGE_H

#include <kx/kx.h>

static inline int kx_aligned_(uint64_t value, uint64_t to)
{
	return (value & (to - 1)) == 0;
}

static inline uint64_t kx_align_down_(uint64_t value, uint64_t to)
{
	return value & ~(to - 1);
}

/* The caller has made sure that value + to - 1 does not wrap. */
static inline uint64_t kx_align_up_(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

/* A range that ends exactly at 2^64 counts as wrapping: its end cannot be written down. */
static inline int kx_wraps_(uint64_t pa, uint64_t size)
{
	return pa + size < pa;
}

/* Both ranges do not wrap; an empty range overlaps nothing. */
static inline int kx_overlaps_(uint64_t pa, uint64_t size, struct kx_range other)
{
	return size && other.size && pa < other.pa + other.size && other.pa < pa + size;
}

static inline int kx_contains_(struct kx_range outer, uint64_t pa, uint64_t size)
{
	return pa >= outer.pa && size <= outer.size && pa - outer.pa <= outer.size - size;
}

#endif /* KX_RANGE_H */
