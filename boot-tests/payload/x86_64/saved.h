/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: where start.S has put what it saved, in words of 64 bits. */
#ifndef PAYLOAD_SAVED_H
#define PAYLOAD_SAVED_H

#define SAVED_RAX    0
#define SAVED_RBX    1
#define SAVED_RCX    2
#define SAVED_RDX    3
#define SAVED_RSI    4
#define SAVED_RDI    5
#define SAVED_RBP    6
#define SAVED_RSP    7
#define SAVED_R8     8
#define SAVED_R9     9
#define SAVED_R10    10
#define SAVED_R11    11
#define SAVED_R12    12
#define SAVED_R13    13
#define SAVED_R14    14
#define SAVED_R15    15
#define SAVED_RFLAGS 16
#define SAVED_CR0    17
#define SAVED_CR2    18
#define SAVED_CR3    19
#define SAVED_CR4    20
#define SAVED_CR8    21
#define SAVED_EFER   22
#define SAVED_CS     23
#define SAVED_DS     24
#define SAVED_ES     25
#define SAVED_SS     26
#define SAVED_MODE   27 /* 64 or 32 */
#define SAVED_GDT    28 /* limit in 16 bits, base in 64 or 32 */
#define SAVED_IDT    30
#define SAVED_COUNT  32

#endif /* PAYLOAD_SAVED_H */
