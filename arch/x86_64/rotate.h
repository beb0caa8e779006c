/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: how a word is rotated: by an instruction. See arch.h. */
#ifndef KX_ROTATE_H
#define KX_ROTATE_H

#include <stdint.h>

typedef uint32_t kx_word_;

static inline kx_word_ kx_rotatable_(kx_word_ word)
{
	return word;
}

static inline kx_word_ kx_rotated_(kx_word_ word, unsigned int bits)
{
	return word >> bits | word << (32 - bits);
}

#endif /* KX_ROTATE_H */
