/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzz targets share. libFuzzer calls with bytes; what must then hold is asserted. */
#ifndef FUZZ_H
#define FUZZ_H

#include <kx/kx.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE ((uint64_t)KX_PAGE_SIZE)

/* libFuzzer's; returns 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "fuzz: does not hold: %s\n", #what);                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/** struct input - bytes to be taken from the front; zeros behind the end */
struct input {
	const uint8_t *data;
	size_t size;
};

static inline uint64_t take(struct input *input, unsigned int bytes)
{
	uint64_t value = 0;

	for (; bytes--; input->data += input->size > 0, input->size -= input->size > 0)
		value = value << 8 | (input->size ? *input->data : 0);
	return value;
}

/* Any number, but often one that matters: small, a page's, one near a limit. */
static inline uint64_t take_size(struct input *input)
{
	uint64_t kind = take(input, 1), value = take(input, 2);

	switch (kind % 8) {
	case 0: return value % 3;
	case 1: return value * PAGE;
	case 2: return 0 - value * PAGE;
	case 3: return 0 - value;
	case 4: return (uint64_t)1 << value % 64;
	case 5: return value << 48 | take(input, 6);
	}
	return value;
}

/* A copy that ends where its memory ends: a byte read behind it is seen. */
static inline void *exact_copy(const void *data, size_t size)
{
	void *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	return copy;
}

#endif /* FUZZ_H */
