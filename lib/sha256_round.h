/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 in portable C: what a round is, and a word of the message; for sha256_portable.c and
 * sha256_unrolled.c. Spec: FIPS 180-4, sections 4.1.2 and 6.2.
 */
#ifndef KX_SHA256_ROUND_H
#define KX_SHA256_ROUND_H

#include "cpu.h"

#include <stdint.h>

/* A word of 32 bits; what is above them, where there is more, means nothing */
typedef KX_ROTATED kx_word_;

/*
 * Where a word is a doubleword, a copy of it above lets a shift bring in at the top what goes out at the bottom.
 * On riscv64 that is three instructions for the copy and one for each rotation; without, it would be three for
 * each. And nothing that is computed with a word has to have its upper half put right, which would be one more.
 */
static inline kx_word_ kx_rotatable_(kx_word_ word)
{
	return (kx_word_)((uint64_t)word << 32 | (uint32_t)word);
}

/* What kx_rotatable_() has made, to the right by 1 to 31 */
static inline kx_word_ kx_rotated_(kx_word_ of, unsigned int bits)
{
	return sizeof(of) > 4 ? of >> bits : of >> bits | of << (32 - bits);
}

static inline __attribute__((always_inline)) kx_word_
rotate_thrice(kx_word_ word, unsigned int first, unsigned int second, unsigned int third)
{
	kx_word_ of = kx_rotatable_(word);

	return kx_rotated_(of, first) ^ kx_rotated_(of, second) ^ kx_rotated_(of, third);
}

/* From the words 16, 15, 7 and 2 before it, each as kx_rotatable_() has made it */
static inline __attribute__((always_inline)) kx_word_
next_word(kx_word_ w16, kx_word_ w15, kx_word_ w7, kx_word_ w2)
{
	return kx_rotatable_(w16 + w7 +
			     (kx_rotated_(w15, 7) ^ kx_rotated_(w15, 18) ^ (uint32_t)w15 >> 3) +
			     (kx_rotated_(w2, 17) ^ kx_rotated_(w2, 19) ^ (uint32_t)w2 >> 10));
}

/*
 * Round `i` of eight. What are a..h in it lie `i` places further on in `s` than in the first, so no word
 * moves: with `i` known to the compiler each of them has a register.
 */
static inline __attribute__((always_inline)) void round_of(kx_word_ s[8], unsigned int i, kx_word_ word)
{
	kx_word_ a = s[-i & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
	kx_word_ e = s[(4 - i) & 7], f = s[(5 - i) & 7], g = s[(6 - i) & 7];
	kx_word_ t1 = s[(7 - i) & 7] + word + (g ^ (e & (f ^ g))) + rotate_thrice(e, 6, 11, 25);

	s[(3 - i) & 7] += t1;
	s[(7 - i) & 7] = t1 + rotate_thrice(a, 2, 13, 22) + (((a ^ b) & (b ^ c)) ^ b);
}

#endif /* KX_SHA256_ROUND_H */
