/* SPDX-License-Identifier: BSD-2-Clause */
/* What the list builder asks of segments. */
#ifndef KX_SEGMENT_H
#define KX_SEGMENT_H

#include <kx/kx.h>

#include "hidden.h"
#include "range.h"

/** kx_segment_span_() - bytes of whole pages that a segment writes; memsz has been checked */
static inline uint64_t kx_segment_span_(const struct kx_segment *segment)
{
	return kx_align_up_(segment->memsz, KX_PAGE_SIZE);
}

/** kx_segments_verify_() - kx_segments_check() without the sorting; memory is valid */
KX_HIDDEN int kx_segments_verify_(const struct kx_segment *segments, size_t count,
				  const struct kx_memory *memory, uint64_t *at_pa);

#endif /* KX_SEGMENT_H */
