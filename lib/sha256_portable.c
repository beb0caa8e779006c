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

static uint32_t rotate_right(uint32_t value, unsigned int bits)
{
	return value >> bits | value << (32 - bits);
}

static uint32_t load_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void hash_block(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[16], a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

	for (unsigned int t = 0; t < 64; t++) {
		uint32_t word, t1, t2;

		if (t < 16) {
			word = load_be32(block + 4 * t);
		} else {
			uint32_t x = w[(t + 1) & 15], y = w[(t + 14) & 15];

			word = w[t & 15] + w[(t + 9) & 15] +
			       (rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3) +
			       (rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10);
		}
		w[t & 15] = word;
		t1 = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
		     ((e & f) ^ (~e & g)) + kx_sha256_k_[t] + word;
		t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
		     ((a & b) ^ (a & c) ^ (b & c));
		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

void kx_sha256_portable_(uint32_t state[8], const void *data, uint64_t count)
{
	for (const uint8_t *block = data; count; count--, block += KX_SHA256_BLOCK_SIZE)
		hash_block(state, block);
}
