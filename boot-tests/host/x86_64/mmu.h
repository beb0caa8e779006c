/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: between mmu.c and start.S. */
#ifndef HOST_MMU_H
#define HOST_MMU_H

/* In the low bits of what mmu_build() returns */
#define MMU_LA57     1 /* five levels */
#define MMU_IDENTITY 2 /* the host stays at its load address */

#endif /* HOST_MMU_H */
