/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page in which a CPU waits, and which the new image covers: at its start the loop; in what comes over
 * it nothing but no-ops, wherever the CPU is, and then a program that leaves a mark in that very page.
 */
#ifndef BARE_PEN_H
#define BARE_PEN_H

#define PEN_CODE   0x800 /* offset of that program */
#define PEN_MARK   0xfe0 /* offset of the word */
#define PEN_WAITS  1     /* the CPU is there */
#define PEN_MARKED 0x214e4550 /* "PEN!": it has executed what came over it */

#endif /* BARE_PEN_H */
