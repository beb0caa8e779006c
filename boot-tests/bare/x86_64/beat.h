/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64: a page below 1 MiB where the other CPUs run, counting. It is no part of any image and
 * survives the jump: if the count still moves behind it, a CPU was left running.
 */
#ifndef BARE_BEAT_H
#define BARE_BEAT_H

#define BEAT_PA    0x8000
#define BEAT_UP    0xff0 /* offset of the number of CPUs that have come up */
#define BEAT_COUNT 0xff8 /* offset of the count */

#ifndef __ASSEMBLER__

extern const char smp_code[], smp_code_end[]; /* beat.S: for the start of the page */

#endif /* __ASSEMBLER__ */

#endif /* BARE_BEAT_H */
