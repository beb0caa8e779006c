/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Zeroing and copying without libc. The build keeps compilers from turning these loops into calls
 * to memset and memcpy, which would have to come from the host, or would be calls to themselves.
 */
#include "mem.h"

/* A word that may alias anything, wherever it lies. */
typedef uint64_t __attribute__((may_alias)) word;

static int both_aligned(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & 7) == 0;
}

void kx_mem_zero_(void *to, uint64_t size)
{
	uint8_t *byte = to;

	if (both_aligned(to, to))
		for (; size >= 8; size -= 8, byte += 8)
			*(word *)(void *)byte = 0;
	while (size--)
		*byte++ = 0;
}

void kx_mem_copy_(void *to, const void *from, uint64_t size)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	if (both_aligned(to, from))
		for (; size >= 8; size -= 8, out += 8, in += 8)
			*(word *)(void *)out = *(const word *)(const void *)in;
	while (size--)
		*out++ = *in++;
}
