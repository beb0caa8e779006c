/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments: proved sound and sorted by destination. First stage of the planner. */
#include "segment.h"

#include "mem.h"
#include "memory.h"
#include "range.h"

static int check_pieces(const struct kx_segment *segment, const struct kx_memory *memory,
			uint64_t *at_pa)
{
	uint64_t sum = 0;
	int error;

	if (segment->piece_count && !segment->pieces)
		return -KX_ERR_ARGUMENT;
	for (size_t i = 0; i < segment->piece_count; i++) {
		const struct kx_piece *piece = &segment->pieces[i];
		int last = i + 1 == segment->piece_count;

		*at_pa = piece->pa;
		if (!piece->size)
			return -KX_ERR_SEGMENT_SIZE;
		if (!kx_aligned_(piece->pa, KX_PAGE_SIZE))
			return -KX_ERR_MISALIGNED;
		if (!kx_aligned_(piece->size, KX_PAGE_SIZE)) {
			if (!last)
				return -KX_ERR_MISALIGNED;
			if (!piece->data)
				return -KX_ERR_ARGUMENT;
		}
		if (kx_wraps_(piece->pa, piece->size) || kx_wraps_(sum, piece->size))
			return -KX_ERR_WRAPS;
		error = kx_memory_source_(memory, piece->pa, piece->size);
		if (error)
			return error;
		sum += piece->size;
	}
	*at_pa = segment->dest_pa;
	return sum == segment->filesz ? 0 : -KX_ERR_SEGMENT_SIZE;
}

static int check_segment(const struct kx_segment *segment, const struct kx_memory *memory,
			 uint64_t *at_pa)
{
	uint64_t size;
	int error;

	*at_pa = segment->dest_pa;
	if (!kx_aligned_(segment->dest_pa, KX_PAGE_SIZE))
		return -KX_ERR_MISALIGNED;
	if (!segment->memsz || segment->filesz > segment->memsz)
		return -KX_ERR_SEGMENT_SIZE;
	if (segment->memsz > UINT64_MAX - KX_PAGE_MASK)
		return -KX_ERR_WRAPS;
	size = kx_segment_span_(segment);
	if (kx_wraps_(segment->dest_pa, size))
		return -KX_ERR_WRAPS;
	error = kx_memory_dest_(memory, segment->dest_pa, size);
	return error ? error : check_pieces(segment, memory, at_pa);
}

int kx_segments_verify_(const struct kx_segment *segments, size_t count,
			const struct kx_memory *memory, uint64_t *at_pa)
{
	for (size_t i = 0; i < count; i++) {
		int error = check_segment(&segments[i], memory, at_pa);

		if (error)
			return error;
	}
	for (size_t i = 1; i < count; i++) {
		const struct kx_segment *before = &segments[i - 1];

		*at_pa = segments[i].dest_pa;
		if (before->dest_pa > segments[i].dest_pa)
			return -KX_ERR_ARGUMENT;
		if (segments[i].dest_pa - before->dest_pa < kx_segment_span_(before))
			return -KX_ERR_SEGMENT_OVERLAP;
	}
	return 0;
}

/* Insertion sort: a handful of segments, mostly in order. */
static void sort(struct kx_segment *segments, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct kx_segment moving;
		size_t hole = i;

		/* Not by assignments: compilers would call memcpy. */
		kx_mem_copy_(&moving, &segments[i], sizeof(moving));
		for (; hole && segments[hole - 1].dest_pa > moving.dest_pa; hole--)
			kx_mem_copy_(&segments[hole], &segments[hole - 1], sizeof(moving));
		kx_mem_copy_(&segments[hole], &moving, sizeof(moving));
	}
}

int kx_segments_check(struct kx_segment *segments, size_t count, const struct kx_memory *memory,
		      uint64_t *at_pa)
{
	uint64_t ignored;
	int error = kx_memory_check_(memory);

	if (error)
		return error;
	if (!segments || !count)
		return -KX_ERR_ARGUMENT;
	sort(segments, count);
	return kx_segments_verify_(segments, count, memory, at_pa ? at_pa : &ignored);
}
