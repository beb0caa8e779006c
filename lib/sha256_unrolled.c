/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 blocks in portable C, the fast way: sixteen rounds to a pass, and the last sixteen words of the
 * message in a ring. Linked into libkx.a and purgatory.ro. The small way, with the same name: sha256_portable.c.
 * Spec: FIPS 180-4, section 6.2.
 *
 * By GCC 12, beside the small way:
 *             bytes of code    instructions a byte
 *   aarch64    2356 :  652        29.2 : 43.6
 *   riscv64    3728 :  834        49.7 : 61.9
 *   x86_64     3602 :  759        53.7 : 59.6, of which more can go at once
 */
#include "mem.h"
#include "sha256_blocks.h"
#include "sha256_round.h"

/* A word that may alias anything */
typedef uint32_t __attribute__((may_alias)) word;

struct work {
	kx_word_ s[8];	/* a..h */
	kx_word_ w[16]; /* words of the message, each in the place of the one that is 16 before it */
	unsigned int t; /* the first round of the pass */
};

static inline uint32_t from_be32(uint32_t value)
{
	return value << 24 | (value << 8 & 0xff0000) | (value >> 8 & 0xff00) | value >> 24;
}

static inline __attribute__((always_inline)) void extend(kx_word_ w[16], unsigned int i)
{
	w[i] = next_word(w[i], w[(i + 1) & 15], w[(i + 9) & 15], w[(i + 14) & 15]);
}

/* Rounds `i` and `i + 1` of a pass. What comes in the place of their words does not wait for them. */
static inline __attribute__((always_inline)) void two_rounds(struct work *work, unsigned int i)
{
	round_of(work->s, i, work->w[i] + kx_sha256_k_[work->t + i]);
	round_of(work->s, i + 1, work->w[i + 1] + kx_sha256_k_[work->t + i + 1]);
	if (work->t < 48) {
		extend(work->w, i);
		extend(work->w, i + 1);
	}
}

static inline __attribute__((always_inline)) void hash_block(uint32_t state[8], const word block[16])
{
	struct work work;

	for (unsigned int i = 0; i < 16; i++)
		work.w[i] = kx_rotatable_(from_be32(block[i]));
	for (unsigned int i = 0; i < 8; i++)
		work.s[i] = state[i];
	for (work.t = 0; work.t < 64; work.t += 16) {
		two_rounds(&work, 0);
		two_rounds(&work, 2);
		two_rounds(&work, 4);
		two_rounds(&work, 6);
		two_rounds(&work, 8);
		two_rounds(&work, 10);
		two_rounds(&work, 12);
		two_rounds(&work, 14);
	}
	for (unsigned int i = 0; i < 8; i++)
		state[i] += (uint32_t)work.s[i];
}

void kx_sha256_portable_(uint32_t state[8], const void *data, uint64_t count)
{
	uint64_t copy[KX_SHA256_BLOCK_SIZE / 8];
	const uint8_t *at = data;

	for (; count; count--, at += KX_SHA256_BLOCK_SIZE) {
		const void *block = at;

		if ((uintptr_t)at % sizeof(word)) { /* at an odd address a word may not be loaded */
			kx_mem_copy_(copy, at, sizeof(copy));
			block = copy;
		}
		hash_block(state, block);
	}
}
