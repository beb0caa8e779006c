/* SPDX-License-Identifier: BSD-2-Clause */
/* Purgatory made ready to vouch for a new image. Called by hosts; see kx/purgatory.h. */
#include "purgatory.h"

#include "cpu.h"
#include "mem.h"
#include "range.h"

static struct kx_purgatory_info *info_of(void *blob)
{
	return (struct kx_purgatory_info *)(void *)((uint8_t *)blob + KX_PURGATORY_INFO_OFFSET);
}

int kx_purgatory_parse(const void *blob, uint64_t size, uint64_t *memsz)
{
	const struct kx_purgatory_info *info;

	if (!blob || !memsz)
		return -KX_ERR_ARGUMENT;
	if (!kx_aligned_((uintptr_t)blob, 8))
		return -KX_ERR_MISALIGNED;
	if (size < KX_PURGATORY_INFO_OFFSET + KX_PURGATORY_INFO_SIZE)
		return -KX_ERR_INFO_MAGIC;
	info = (const void *)((const uint8_t *)blob + KX_PURGATORY_INFO_OFFSET);
	if (info->magic != KX_PURGATORY_MAGIC)
		return -KX_ERR_INFO_MAGIC;
	if (info->version != KX_PURGATORY_VERSION)
		return -KX_ERR_INFO_VERSION;
	if (info->machine != KX_MACHINE)
		return -KX_ERR_INFO_MACHINE;
	if (size != info->filesz || info->memsz < size || !kx_aligned_(info->memsz, KX_PAGE_SIZE))
		return -KX_ERR_INFO_MAGIC;
	*memsz = info->memsz;
	return 0;
}

/* Are all bytes of the segment there to be read? */
static int check_segment(const struct kx_segment *segment)
{
	uint64_t sum = 0;

	if (segment->piece_count && !segment->pieces)
		return -KX_ERR_ARGUMENT;
	for (size_t i = 0; i < segment->piece_count; i++) {
		const struct kx_piece *piece = &segment->pieces[i];

		if (!piece->data)
			return -KX_ERR_ARGUMENT;
		if (kx_wraps_(sum, piece->size))
			return -KX_ERR_WRAPS;
		sum += piece->size;
	}
	return sum == segment->filesz && sum <= segment->memsz ? 0 : -KX_ERR_SEGMENT_SIZE;
}

static int fill_regions(struct kx_purgatory_info *info, const struct kx_purgatory_plan *plan,
			uint64_t *at_pa)
{
	if (plan->segment_count > KX_PURGATORY_REGIONS_MAX)
		return -KX_ERR_INFO_COUNT;
	if (plan->segment_count && !plan->segments)
		return -KX_ERR_ARGUMENT;
	kx_mem_zero_(info->regions, sizeof(info->regions));
	info->region_count = (uint32_t)plan->segment_count;
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct kx_segment *segment = &plan->segments[i];
		int error;

		*at_pa = segment->dest_pa;
		error = check_segment(segment);
		if (error)
			return error;
		info->regions[i].pa = segment->dest_pa;
		info->regions[i].size = segment->memsz;
	}
	return 0;
}

static void copy_args(uint64_t to[KX_HANDOFF_ARGS_COUNT], const uint64_t from[KX_HANDOFF_ARGS_COUNT])
{
	kx_mem_copy_(to, from, KX_HANDOFF_ARGS_COUNT * sizeof(*to));
}

/* All but the regions and their digests. */
static void fill_orders(struct kx_purgatory_info *info, const struct kx_purgatory_plan *plan,
			const struct kx_jump *image)
{
	kx_mem_zero_(&info->flags, KX_PURGATORY_INFO_SIZE - KX_PURGATORY_FLAGS);
	info->machine = KX_MACHINE;
	info->flags = plan->flags;
	if (plan->flags & KX_PURGATORY_EACH_REGION)
		info->flags |= KX_PURGATORY_HALVES & KX_PURGATORY_KNOWN;
	info->flags |= KX_PURGATORY_CPU_ID & KX_PURGATORY_KNOWN;
	info->policy = plan->policy;
	info->timer_hz = plan->timer_hz;
	kx_mem_copy_(&info->console, &image->console, sizeof(info->console));
	kx_mem_copy_(info->arch, plan->arch, sizeof(info->arch));
	kx_mem_copy_(&info->kick, &image->kick, sizeof(info->kick));
	info->status_pa = image->status_pa;
	info->entry_pa = image->entry_pa;
	info->entry_flags = image->flags & (KX_ENTER_32 | KX_ENTER_RETURN);
	copy_args(info->args, image->args);
	if (plan->fallback) {
		info->fallback_pa = plan->fallback->entry_pa;
		info->fallback_flags = plan->fallback->flags & (KX_ENTER_32 | KX_ENTER_RETURN);
		copy_args(info->fallback_args, plan->fallback->args);
	}
}

/* Fallback and image run with the same paging: what one of them cannot have, neither gets. The first argument
 * stays: see KX_PURGATORY_CPU_ID; a system that dies has yet to put it there. */
static void fill_jump(const struct kx_purgatory_plan *plan, const struct kx_jump *image,
		      struct kx_jump *jump)
{
	kx_mem_copy_(jump, image, sizeof(*jump));
	kx_mem_zero_(jump->args + 1, sizeof(jump->args) - sizeof(*jump->args));
	jump->entry_pa = plan->pa;
	if (plan->fallback)
		jump->flags |= plan->fallback->flags;
	jump->flags &= ~(uint64_t)KX_ENTER_32;
	jump->flags |= KX_ENTER_GUARDED;
	if (plan->policy == KX_POLICY_RETURN)
		jump->flags |= KX_ENTER_RETURN;
}

static int seal(const struct kx_purgatory_plan *plan, const struct kx_jump *image, uint64_t *at_pa)
{
	struct kx_purgatory_info *info = info_of(plan->blob);
	struct kx_range self = { plan->pa, info->memsz };
	uint32_t region = UINT32_MAX;
	int error;

	*at_pa = plan->pa;
	if (!kx_aligned_(self.pa, KX_PAGE_SIZE))
		return -KX_ERR_MISALIGNED;
	if (kx_wraps_(self.pa, self.size))
		return -KX_ERR_WRAPS;
	fill_orders(info, plan, image);
	error = fill_regions(info, plan, at_pa);
	if (error)
		return error;
	error = kx_purgatory_check(info, self, &region);
	*at_pa = error && region < KX_PURGATORY_REGIONS_MAX ? info->regions[region].pa : plan->pa;
	if (!error)
		kx_purgatory_digests_(info, plan);
	return error;
}

int kx_purgatory_seal(const struct kx_purgatory_plan *plan, const struct kx_jump *image,
		      struct kx_jump *jump, uint64_t *at_pa)
{
	uint64_t ignored, memsz;
	int error;

	if (!plan || !image || !jump || image == jump)
		return -KX_ERR_ARGUMENT;
	error = kx_purgatory_parse(plan->blob, plan->size, &memsz);
	if (error)
		return error;
	error = seal(plan, image, at_pa ? at_pa : &ignored);
	if (error)
		info_of(plan->blob)->policy = 0; /* which is none: purgatory will not run */
	else
		fill_jump(plan, image, jump);
	return error;
}
