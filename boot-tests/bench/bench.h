/* SPDX-License-Identifier: BSD-2-Clause */
/* What is measured, in a guest by count.c and in this machine by native.c: libkx and its peers. */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* <arch>/call.S: kx_walk_, the very object of the control page, as a C function */
uint64_t bench_walk(uint64_t head);

/* kx_sha256_portable_() of lib/sha256_portable.c, by this name; the library has that of sha256_unrolled.c */
void bench_small(uint32_t state[8], const void *data, uint64_t count);

/*
 * <arch>/peer.S: Linux's copy loop, written anew from what it is known to do. Such a loop walks a page
 * for each SOURCE word; x86_64: the one before 6.14, which exchanges pages through swap_page always.
 */
void peer_walk(uint64_t head, void *swap_page);

/* x86_64: the one since then, and the fastest way there is to move as many bytes in sequence */
void peer_walk_plain(uint64_t head);
void limit_copy(void *dest, const void *source, uint64_t size);

/* peer_<who>.c: the hash of the purgatory that Debian ships */
void peer_hash(const void *data, uint32_t size, uint8_t digest[32]);

#pragma GCC visibility pop

#endif /* BENCH_H */
