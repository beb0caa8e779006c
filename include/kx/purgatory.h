/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Purgatory between the trampoline and the new image: it verifies what was put in memory, by SHA-256,
 * and enters it. For the list and the trampoline it is one more segment, and where the jump goes:
 *
 *   kx_image_parse -> the image's segments, and the jump to it
 *     kx_purgatory_parse   how much memory it takes
 *     kx_purgatory_seal    digests of those segments, and a jump that goes by purgatory
 *   and on with the blob as one more segment: kx_segments_check -> kx_list_build -> ...
 */
#ifndef KX_PURGATORY_H
#define KX_PURGATORY_H

#include <kx/kx.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * kx_purgatory_parse() - is this purgatory, and how much memory does it take?
 * @blob: kx-purgatory-<arch>.bin, in whole and in memory that can be written; 8-byte aligned
 * @size: its size
 * @memsz: filled in: memory from its first byte on, a multiple of KX_PAGE_SIZE
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_MISALIGNED, -KX_ERR_INFO_MAGIC (also: a blob that was cut),
 * -KX_ERR_INFO_VERSION, -KX_ERR_INFO_MACHINE.
 */
int kx_purgatory_parse(const void *blob, uint64_t size, uint64_t *memsz);

/** struct kx_purgatory_plan - what purgatory shall vouch for, and what if it cannot */
struct kx_purgatory_plan {
	void *blob;    /* as in kx_purgatory_parse(); its info is written */
	uint64_t size; /* of the blob */
	uint64_t pa;   /* where it will lie; KX_PAGE_SIZE aligned */
	const struct kx_segment *segments; /* what it vouches for, in any order; not its own. The
					    * `data` of every piece must be readable */
	size_t segment_count; /* up to KX_PURGATORY_REGIONS_MAX */
	uint32_t flags;       /* KX_PURGATORY_EACH_REGION, KX_PURGATORY_SKIP_CHECKS */
	uint32_t policy;      /* KX_POLICY_* */
	const struct kx_jump *fallback; /* for KX_POLICY_FALLBACK: entry_pa, args and flags count */
	uint64_t timer_hz; /* of the CPU's counter; 0: as the CPU says, else times are in ticks */
	uint64_t arch[KX_PURGATORY_ARCH_COUNT]; /* the architecture's own; aarch64: [0] is KX_PSCI_* */
	uint32_t method; /* KX_SHA256_*: how the digests are computed here; see kx/sha256.h */
};

/**
 * kx_purgatory_seal() - compute the digests, fill in purgatory's info, and go by purgatory
 * @plan: what to vouch for
 * @image: where the new image is to be entered, as kx_control_seal() would be given it
 * @jump: filled in: the same by way of purgatory; for kx_control_seal(). Not @image itself
 * @at_pa: where not NULL, the address that an error is about
 *
 * Each segment becomes a region of memsz bytes, numbered as in @plan: the pieces in their order, then
 * zeros. Purgatory prints on the image's console. After this no byte of a piece may change, nor may
 * the blob's, which is a segment of its own: plan->size bytes at plan->pa, of the memsz that
 * kx_purgatory_parse() tells. Hashes every byte; may be called again, with another plan.
 *
 * With KX_PURGATORY_EACH_REGION purgatory can tell which region is damaged. On x86_64 that sets
 * KX_PURGATORY_HALVES, too: with KX_SHA256_CPU two halves of a region are hashed at once, here and there,
 * which takes half the time, of one large region as of many.
 *
 * With KX_POLICY_RETURN the jump gets KX_ENTER_RETURN, and where purgatory does not let the new image run
 * it comes back, and says with what error and, of -KX_ERR_DIGEST and -KX_ERR_REGION_*, about which region:
 * see struct kx_returned.
 *
 * Returns: 0, what kx_purgatory_parse() and kx_purgatory_check() return, -KX_ERR_ARGUMENT,
 * -KX_ERR_MISALIGNED, -KX_ERR_WRAPS, -KX_ERR_SEGMENT_SIZE. After an error purgatory refuses to run.
 */
int kx_purgatory_seal(const struct kx_purgatory_plan *plan, const struct kx_jump *image,
		      struct kx_jump *jump, uint64_t *at_pa);

/**
 * kx_purgatory_check() - can purgatory work with this info?
 * @info: filled in
 * @self: where the blob will lie, all of its memsz
 * @region: where not NULL, the region that a KX_ERR_REGION_* is about
 *
 * Purgatory does the same before it hashes, and kx_purgatory_seal() before it succeeds; for hosts that
 * fill in the info themselves. What it reads and writes while it hashes, and what it enters, must be within its
 * reach: on aarch64 below 2^48, where it has tables of its own; with KX_PURGATORY_SKIP_CHECKS anywhere.
 *
 * Returns: 0, -KX_ERR_INFO_*, -KX_ERR_REGION_EMPTY, -KX_ERR_REGION_WRAPS, -KX_ERR_REGION_SELF,
 * -KX_ERR_REGION_RANGE.
 */
int kx_purgatory_check(const struct kx_purgatory_info *info, struct kx_range self,
		       uint32_t *region);

#ifdef __cplusplus
}
#endif
#endif /* KX_PURGATORY_H */
