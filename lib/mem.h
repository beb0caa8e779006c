/* SPDX-License-Identifier: BSD-2-Clause */
/* Zeroing and copying without libc: the library calls no memset and no memcpy. */
#ifndef KX_MEM_H
#define KX_MEM_H

#include <stdint.h>

#include "hidden.h"

KX_HIDDEN void kx_mem_zero_(void *to, uint64_t size);

/* The ranges do not overlap. */
KX_HIDDEN void kx_mem_copy_(void *to, const void *from, uint64_t size);

#endif /* KX_MEM_H */
