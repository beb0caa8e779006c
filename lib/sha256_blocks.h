/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashing whole blocks: between lib/sha256.c, the portable code and arch/<a>/sha256*. */
#ifndef KX_SHA256_BLOCKS_H
#define KX_SHA256_BLOCKS_H

#include <kx/sha256.h>

#include "hidden.h"

/** kx_sha256_k_ - the constants of FIPS 180-4, section 4.2.2 */
extern const uint32_t kx_sha256_k_[64] KX_HIDDEN;

/**
 * kx_sha256_portable_() - hash `count` blocks
 *
 * By lib/sha256_unrolled.c or by lib/sha256_portable.c, which takes a quarter of the room: whichever is linked.
 */
KX_HIDDEN void kx_sha256_portable_(uint32_t state[8], const void *data, uint64_t count);

/**
 * kx_sha256_blocks_() - hash `count` blocks by hash->method
 *
 * By arch/<a>/sha256.c. A method that the architecture does not have is the portable one.
 */
KX_HIDDEN void kx_sha256_blocks_(struct kx_sha256 *hash, const void *data, uint64_t count);

/** kx_sha256_cpu_() - the same as kx_sha256_portable_(), by arch/<a>/sha256_cpu.S */
KX_HIDDEN void kx_sha256_cpu_(uint32_t state[8], const void *data, uint64_t count);

/** kx_sha256_vector_() - the same, by arch/riscv64/sha256_vector.S */
KX_HIDDEN void kx_sha256_vector_(uint32_t state[8], const void *data, uint64_t count);

/**
 * kx_sha256_pair_() - hash `count` blocks of `first` by hashes[0], and of `second` by hashes[1]
 *
 * Both of method KX_SHA256_CPU. By arch/x86_64/sha256_pair.S; by lib/sha256_pair.c where nothing is
 * known to be gained.
 */
KX_HIDDEN void kx_sha256_pair_(struct kx_sha256 hashes[2], const void *first, const void *second,
			       uint64_t count);

/** kx_sha256_halves_begin_() - two hashes that kx_sha256_halves_final_() makes one digest of */
KX_HIDDEN void kx_sha256_halves_begin_(struct kx_sha256 hashes[2], uint32_t method);

/** kx_sha256_halves_update_() - go on with as many bytes of each; of both, always whole blocks */
KX_HIDDEN void kx_sha256_halves_update_(struct kx_sha256 hashes[2], const void *first, const void *second,
					uint64_t size);

/** kx_sha256_halves_final_() - finish */
KX_HIDDEN void kx_sha256_halves_final_(struct kx_sha256 hashes[2], uint8_t digest[KX_SHA256_SIZE]);

#endif /* KX_SHA256_BLOCKS_H */
