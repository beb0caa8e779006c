/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: how a word is rotated, for want of an instruction. See arch.h.
 *
 * With a copy of it above, a shift brings in at the top what goes out at the bottom. That is three
 * instructions for the copy and one for each rotation; without, it would be three for each. And nothing
 * that is computed with a word has to have its upper half put right, which would be one more each time.
 */
#ifndef KX_ROTATE_H
#define KX_ROTATE_H

#include <stdint.h>

typedef uint64_t kx_word_;

static inline kx_word_ kx_rotatable_(kx_word_ word)
{
	return word << 32 | (uint32_t)word;
}

static inline kx_word_ kx_rotated_(kx_word_ rotatable, unsigned int bits)
{
	return rotatable >> bits;
}

#endif /* KX_ROTATE_H */
