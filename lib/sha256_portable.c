/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 blocks in portable C. Spec: FIPS 180-4, sections 4.1.2, 4.2.2 and 6.2. */
#include "sha256_blocks.h"

const uint32_t kx_sha256_k_[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate_right(uint32_t value, unsigned int bits)
{
	return value >> bits | value << (32 - bits);
}

static inline uint32_t load_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Four more words of the message, made from the sixteen before them: w[-16..-1] */
static inline void extend(uint32_t *w)
{
	uint32_t y = w[-2], next = w[-1];

	for (uint32_t *end = w + 4; w < end; w++) {
		uint32_t x = w[-15];

		w[0] = w[-16] + w[-7] + (rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3) +
		       (rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10);
		y = next; /* not out of memory again: it has hardly got there */
		next = w[0];
	}
}

/*
 * Round `i` of four. What are a..h in it lie `i` places further on in `s` than in the first, so no word
 * moves: with `i` known to the compiler each of them has a register.
 */
static inline __attribute__((always_inline)) void round_of(uint32_t s[8], unsigned int i, uint32_t word)
{
	uint32_t a = s[-i & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
	uint32_t e = s[(4 - i) & 7], f = s[(5 - i) & 7], g = s[(6 - i) & 7];
	uint32_t t1 = s[(7 - i) & 7] + word + (g ^ (e & (f ^ g))) +
		      (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25));

	s[(3 - i) & 7] += t1;
	s[(7 - i) & 7] = t1 + (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
			 (((a ^ b) & (b ^ c)) ^ b);
}

/* After four rounds each word is four places from where the first round wants it. */
static inline __attribute__((always_inline)) void exchange(uint32_t s[8])
{
	uint32_t a = s[0], b = s[1], c = s[2], d = s[3];

	s[0] = s[4];
	s[1] = s[5];
	s[2] = s[6];
	s[3] = s[7];
	s[4] = a;
	s[5] = b;
	s[6] = c;
	s[7] = d;
}

static inline __attribute__((always_inline)) void hash_block(uint32_t state[8], const uint8_t *block)
{
	const uint32_t *k = kx_sha256_k_;
	uint32_t w[64], s[8];

	for (unsigned int t = 0; t < 16; t++)
		w[t] = load_be32(block + 4 * t);
	for (unsigned int i = 0; i < 8; i++)
		s[i] = state[i];
	for (unsigned int t = 0; t < 64; t += 4) {
		if (t < 48)
			extend(w + 16 + t); /* early: rounds and this do not wait for each other */
		round_of(s, 0, w[t] + k[t]);
		round_of(s, 1, w[t + 1] + k[t + 1]);
		round_of(s, 2, w[t + 2] + k[t + 2]);
		round_of(s, 3, w[t + 3] + k[t + 3]);
		exchange(s);
	}
	for (unsigned int i = 0; i < 8; i++)
		state[i] += s[i];
}

void kx_sha256_portable_(uint32_t state[8], const void *data, uint64_t count)
{
	for (const uint8_t *block = data; count; count--, block += KX_SHA256_BLOCK_SIZE)
		hash_block(state, block);
}
