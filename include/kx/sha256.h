/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256, FIPS 180-4. The context is the caller's, holds no pointers and may be moved. */
#ifndef KX_SHA256_H
#define KX_SHA256_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KX_SHA256_SIZE       32 /* bytes of a digest */
#define KX_SHA256_BLOCK_SIZE 64

/** struct kx_sha256 - a hash in progress */
struct kx_sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes hashed so far; up to 2^61 - 1 */
	uint8_t block[KX_SHA256_BLOCK_SIZE];
};

/** kx_sha256_init() - start */
void kx_sha256_init(struct kx_sha256 *hash);

/** kx_sha256_update() - go on with more bytes; any number, any alignment */
void kx_sha256_update(struct kx_sha256 *hash, const void *data, uint64_t size);

/** kx_sha256_final() - finish; the context must be initialised again before further use */
void kx_sha256_final(struct kx_sha256 *hash, uint8_t digest[KX_SHA256_SIZE]);

#ifdef __cplusplus
}
#endif
#endif /* KX_SHA256_H */
