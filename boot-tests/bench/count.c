/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many instructions libkx's loops take, and those of its peers: a bare-metal program, run by bench.py
 * in QEMU with -icount. The counts are exact. Prints `count <what> <bytes> <instructions>`, or
 * `count <what> lacks` where the CPU has not got the instructions.
 */
#include <kx/abi.h>
#include <kx/sha256.h>

#include "bare.h"
#include "bench.h"

#define PAGES  256
#define SIZE   (PAGES * KX_PAGE_SIZE)
#define STRIDE 101 /* from the source of a page to that of the next; odd, so that each has its turn */

#define LACKS UINT64_MAX

/* <arch>/start.S, which calls count_main(): instructions between the call of run() and its return, and a few; or LACKS */
uint64_t guest_count(void (*run)(void));
_Noreturn void count_main(void);

extern const uint32_t guest_method_last; /* KX_SHA256_*, ditto: what the architecture goes up to */

static uint8_t source[SIZE] __attribute__((aligned(KX_PAGE_SIZE)));
static uint8_t dest[SIZE] __attribute__((aligned(KX_PAGE_SIZE)));
static uint64_t words[KX_LIST_WORDS_PER_PAGE] __attribute__((aligned(KX_PAGE_SIZE)));
static uint8_t digest[KX_SHA256_SIZE], expected[KX_SHA256_SIZE];
static uint64_t nothing_took;

static uint64_t head(void)
{
	return (uint64_t)(uintptr_t)words | KX_IND_INDIRECTION;
}

static void hash_by(uint32_t method)
{
	struct kx_sha256 hash;

	kx_sha256_init(&hash);
	hash.method = method;
	kx_sha256_update(&hash, source, SIZE);
	kx_sha256_final(&hash, digest);
}

static void run_nothing(void) { }
static void run_hash_c(void) { hash_by(KX_SHA256_PORTABLE); }
static void run_hash_small(void)
{
	struct kx_sha256 hash;

	kx_sha256_init(&hash);
	bench_small(hash.state, source, SIZE / KX_SHA256_BLOCK_SIZE);
	hash.length = SIZE;
	kx_sha256_final(&hash, digest);
}

static void run_hash_cpu(void) { hash_by(KX_SHA256_CPU); }
static void run_hash_vector(void) { hash_by(KX_SHA256_VECTOR); }
static void run_hash_peer(void) { peer_hash(source, SIZE, digest); }
static void run_copy(void) { bench_walk(head()); }
static void run_copy_peer(void) { peer_walk(head(), NULL); }

static uint64_t page_of(uint64_t i)
{
	return i * STRIDE % PAGES;
}

/* Pages scattered, and one to a word, as Linux's allocator leaves them and its lists say it */
static void make_list(void)
{
	words[0] = (uint64_t)(uintptr_t)dest | KX_IND_DESTINATION;
	for (uint64_t i = 0; i < PAGES; i++)
		words[1 + i] = (uint64_t)(uintptr_t)(source + page_of(i) * KX_PAGE_SIZE) | KX_IND_SOURCE;
	words[1 + PAGES] = KX_IND_DONE;
}

static int is_copied(void)
{
	for (uint64_t i = 0; i < PAGES; i++)
		if (memcmp(dest + i * KX_PAGE_SIZE, source + page_of(i) * KX_PAGE_SIZE, KX_PAGE_SIZE))
			return 0;
	return 1;
}

static int is_hashed(void)
{
	return !memcmp(digest, expected, sizeof(digest));
}

static void count(const char *what, void (*run)(void), int (*is_right)(void))
{
	uint64_t took;

	memset(digest, 0, sizeof(digest));
	memset(dest, 0, sizeof(dest));
	took = guest_count(run);
	if (took == LACKS)
		print("count %s lacks\n", what);
	else if (is_right())
		print("count %s %u %lu\n", what, SIZE, took - nothing_took);
	else
		print("kx: count: %s: the result is wrong\n", what);
}

_Noreturn void count_main(void)
{
	for (uint32_t i = 0; i < SIZE; i++)
		source[i] = (uint8_t)(i * 7 + i / 509);
	make_list();
	nothing_took = guest_count(run_nothing);
	hash_by(KX_SHA256_PORTABLE);
	memcpy(expected, digest, sizeof(expected));
	count("hash-c", run_hash_c, is_hashed);
	count("hash-c-small", run_hash_small, is_hashed);
	count("hash-cpu", run_hash_cpu, is_hashed);
	if (guest_method_last == KX_SHA256_VECTOR)
		count("hash-vector", run_hash_vector, is_hashed);
	count("hash-peer", run_hash_peer, is_hashed);
	count("copy", run_copy, is_copied);
	count("copy-peer", run_copy_peer, is_copied);
	print("count done\n");
	machine_off(0);
}
