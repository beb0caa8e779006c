/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 blocks in portable C, the small way. The fast way: sha256_unrolled.c. Spec: FIPS 180-4, section 6.2. */
#include "sha256_blocks.h"
#include "sha256_round.h"

static inline uint32_t load_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Four more words of the message, made from the sixteen before them: w[-16..-1] */
static inline void extend(kx_word_ *w)
{
	kx_word_ y = w[-2], next = w[-1];

	for (kx_word_ *end = w + 4; w < end; w++) {
		w[0] = next_word(w[-16], w[-15], w[-7], y);
		y = next; /* not out of memory again: it has hardly got there */
		next = w[0];
	}
}

/* After four rounds each word is four places from where the first round wants it. */
static inline __attribute__((always_inline)) void exchange(kx_word_ s[8])
{
	kx_word_ a = s[0], b = s[1], c = s[2], d = s[3];

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
	kx_word_ w[64], s[8];

	for (unsigned int t = 0; t < 16; t++)
		w[t] = kx_rotatable_(load_be32(block + 4 * t));
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
		state[i] += (uint32_t)s[i];
}

void kx_sha256_portable_(uint32_t state[8], const void *data, uint64_t count)
{
	for (const uint8_t *block = data; count; count--, block += KX_SHA256_BLOCK_SIZE)
		hash_block(state, block);
}
