/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256, FIPS 180-4. The context is the caller's, holds no pointers and may be moved. */
#ifndef KX_SHA256_H
#define KX_SHA256_H

#define KX_SHA256_SIZE       32 /* bytes of a digest */
#define KX_SHA256_BLOCK_SIZE 64
#define KX_SHA256_SIZEOF     112 /* of struct kx_sha256 */

/* Where kx_sha256_halves() cuts so many bytes: about in the middle, behind a whole block */
#define KX_SHA256_HALF(size) ((size) / (2 * KX_SHA256_BLOCK_SIZE) * KX_SHA256_BLOCK_SIZE)

/*
 * How blocks are hashed. All but the first need instructions that the CPU may lack, and some need vector
 * registers that belong to somebody: whoever sets another method answers for both.
 */
#define KX_SHA256_PORTABLE 0 /* general registers, base instructions */
#define KX_SHA256_CPU      1 /* x86_64: SHA-NI; aarch64: FEAT_SHA256; riscv64: Zknh and Zbb */
#define KX_SHA256_VECTOR   2 /* riscv64: Zvknha or Zvknhb, and vectors of 128 bits or more */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct kx_sha256 - a hash in progress */
struct kx_sha256 {
	uint32_t state[8];
	uint32_t method; /* KX_SHA256_*; kx_sha256_init() sets KX_SHA256_PORTABLE */
	uint32_t reserved;
	uint64_t length; /* bytes hashed so far; up to 2^61 - 1 */
	uint8_t block[KX_SHA256_BLOCK_SIZE];
};

/**
 * kx_sha256_best() - the best method that the CPU says it has
 *
 * riscv64 harts say nothing: the answer there is always KX_SHA256_PORTABLE, and whoever knows more
 * (from the device tree, or by trying) sets it.
 */
uint32_t kx_sha256_best(void);

/** kx_sha256_init() - start */
void kx_sha256_init(struct kx_sha256 *hash);

/** kx_sha256_update() - go on with more bytes; any number, any alignment */
void kx_sha256_update(struct kx_sha256 *hash, const void *data, uint64_t size);

/** kx_sha256_final() - finish; the context must be initialised again before further use */
void kx_sha256_final(struct kx_sha256 *hash, uint8_t digest[KX_SHA256_SIZE]);

/**
 * kx_sha256_halves() - a digest in halves: SHA-256 of the two digests of data's halves
 * @data: any alignment
 * @size: of it, any; the first half is KX_SHA256_HALF(size) bytes, the rest is the second
 * @method: KX_SHA256_*, as in struct kx_sha256
 * @digest: filled in
 *
 * It proves what SHA-256 of the data does, of which both halves can be hashed at once: on x86_64 with
 * KX_SHA256_CPU that takes half the time.
 */
void kx_sha256_halves(const void *data, uint64_t size, uint32_t method,
		      uint8_t digest[KX_SHA256_SIZE]);

#ifdef __cplusplus
}
#endif
#endif /* __ASSEMBLER__ */
#endif /* KX_SHA256_H */
