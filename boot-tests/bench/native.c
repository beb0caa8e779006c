/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long libkx's copy and hash take on this machine, and those of its peers: a user-space program with
 * the very objects that go into the blobs. Run by bench.py.
 *
 * Usage: native <rounds> <MiB>. Prints `huge=<bytes in huge pages>` and `method=<KX_SHA256_*>`, then
 * `<what> <bytes> <ns>` for each measure of each round: whoever compares does it within a round.
 */
#include <kx/kx.h>
#include <kx/sha256.h>

#include <openssl/sha.h>

#include "bench.h"
#include "native.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#define MIB        ((uint64_t)1 << 20)
#define HUGE_PAGE  (2 * MIB)
#define HASH_SIZE  (32 * MIB)
#define IMAGE_SIZE (64 * MIB)	/* of what is both copied and hashed: four times this has no cache */
#define PARTS      4		/* that have digests of their own */
#define ADDITIONS  10000000u

/** struct lists - the same copy as libkx's list and as one of Linux's */
struct lists {
	uint64_t kx, linux;
	uint64_t size;
};

static uint8_t *source, *dest, *swap_page;

/* In huge pages, as the trampoline has it mapped */
static void *get_memory(uint64_t size)
{
	uint8_t *at = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		fail("not enough memory");
	at += -(uintptr_t)at & (HUGE_PAGE - 1);
	madvise(at, size, MADV_HUGEPAGE);
	memset(at, 1, size);
	return at;
}

static uint64_t random_below(uint64_t limit)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % limit;
}

/* The source, cut into runs of `run` bytes, in an order drawn by lot */
static struct kx_piece *scatter(uint64_t size, uint64_t run)
{
	uint64_t count = size / run;
	struct kx_piece *pieces = calloc(count, sizeof(*pieces));

	if (!pieces)
		fail("not enough memory");
	for (uint64_t i = 0; i < count; i++) {
		uint64_t j = random_below(i + 1);

		pieces[i] = pieces[j];
		pieces[j] = (struct kx_piece){ NULL, (uintptr_t)source + i * run, run };
	}
	return pieces;
}

/* By the planner, at addresses that stand for physical ones: all there are is RAM */
static uint64_t list_of_kx(const struct kx_segment *segment)
{
	struct kx_range ram = { 0, (uint64_t)1 << 47 };
	struct kx_memory memory = { .ram = &ram, .ram_count = 1 };
	struct kx_plan plan = { .segments = segment, .segment_count = 1, .memory = &memory };
	struct kx_arena arena = { 0 };
	struct kx_list list;
	int error;

	arena.size = (kx_arena_size(&plan) + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK;
	arena.base = aligned_alloc(KX_PAGE_SIZE, arena.size);
	arena.pa = (uintptr_t)arena.base;
	error = arena.base ? kx_list_build(&plan, &arena, &list) : -KX_ERR_ARENA_SMALL;
	if (error)
		fail(kx_strerror(error));
	return list.head;
}

/* As Linux writes it, a word for a page */
static uint64_t list_of_linux(const struct kx_segment *segment)
{
	uint64_t *words = aligned_alloc(KX_PAGE_SIZE, segment->memsz / KX_PAGE_SIZE * 8 + KX_PAGE_SIZE);
	uint64_t *word = words;

	if (!words)
		fail("not enough memory");
	*word++ = segment->dest_pa | KX_IND_DESTINATION;
	for (size_t i = 0; i < segment->piece_count; i++)
		for (uint64_t at = 0; at < segment->pieces[i].size; at += KX_PAGE_SIZE)
			*word++ = (segment->pieces[i].pa + at) | KX_IND_SOURCE;
	*word = KX_IND_DONE;
	return (uintptr_t)words | KX_IND_INDIRECTION;
}

static struct lists make_lists(uint64_t size, uint64_t run)
{
	struct kx_piece *pieces = scatter(size, run);
	struct kx_segment segment = { (uintptr_t)dest, size, size, pieces, size / run };
	struct lists lists = { list_of_kx(&segment), list_of_linux(&segment), size };

	bench_walk(lists.kx);
	for (size_t i = 0; i < segment.piece_count; i++)
		if (memcmp(dest + i * run, (const void *)(uintptr_t)pieces[i].pa, run))
			fail("the copy is wrong");
	free(pieces);
	return lists;
}

static void tell(const char *what, uint64_t bytes, uint64_t start)
{
	printf("%s %" PRIu64 " %" PRIu64 "\n", what, bytes, now() - start);
}

static void hash_by(uint32_t method, const uint8_t *data, uint64_t size, uint8_t digest[32])
{
	struct kx_sha256 hash;

	kx_sha256_init(&hash);
	hash.method = method;
	kx_sha256_update(&hash, data, size);
	kx_sha256_final(&hash, digest);
}

/* As the flat purgatory does, which is small */
static void hash_small(const uint8_t *data, uint64_t size, uint8_t digest[32])
{
	struct kx_sha256 hash;

	kx_sha256_init(&hash);
	bench_small(hash.state, data, size / KX_SHA256_BLOCK_SIZE);
	hash.length = size;
	kx_sha256_final(&hash, digest);
}

static void hash_kx(const uint8_t *data, uint64_t size, uint8_t digest[32])
{
	hash_by(kx_sha256_best(), data, size, digest);
}

/* As purgatory does the regions of an image */
static void hash_each(const uint8_t *data, uint64_t size, uint8_t digests[PARTS][32])
{
	for (uint64_t i = 0; i < PARTS; i++)
		kx_sha256_halves(data + i * (size / PARTS), size / PARTS, kx_sha256_best(), digests[i]);
}

/* The same by OpenSSL */
static void hash_each_limit(const uint8_t *data, uint64_t size, uint8_t digests[PARTS][32])
{
	uint8_t halves[64];

	size /= PARTS;
	for (uint64_t i = 0; i < PARTS; i++) {
		SHA256(data + i * size, size / 2, halves);
		SHA256(data + i * size + size / 2, size / 2, halves + 32);
		SHA256(halves, sizeof(halves), digests[i]);
	}
}

/* Each addition waits for the one before: so many cycles, whatever the clock runs at */
static void add_up(void)
{
	uint64_t left = ADDITIONS / 8;

	__asm__ volatile("1: .rept 7; add $1, %%rax; .endr; add $1, %%rax; dec %0; jnz 1b"
			 : "+r"(left) : : "rax", "cc");
}

static void round_of_hashes(void)
{
	uint8_t parts[PARTS][32], parts_limit[PARTS][32];
	uint8_t kx[32], portable[32], small[32], peer[32], limit[32];
	uint64_t start = now();

	add_up();
	tell("cycle", ADDITIONS, start);
	start = now();
	hash_kx(source, HASH_SIZE, kx);
	tell("hash", HASH_SIZE, start);
	start = now();
	hash_by(KX_SHA256_PORTABLE, source, HASH_SIZE, portable);
	tell("hash-c", HASH_SIZE, start);
	start = now();
	peer_hash(source, HASH_SIZE, peer);
	tell("hash-peer", HASH_SIZE, start);
	start = now();
	hash_small(source, HASH_SIZE, small);
	tell("hash-c-small", HASH_SIZE, start);
	start = now();
	SHA256(source, HASH_SIZE, limit);
	tell("hash-limit", HASH_SIZE, start);
	if (memcmp(kx, peer, 32) || memcmp(kx, limit, 32) || memcmp(kx, portable, 32) ||
	    memcmp(kx, small, 32))
		fail("the digests differ");
	start = now();
	hash_each(source, HASH_SIZE, parts);
	tell("each", HASH_SIZE, start);
	hash_each_limit(source, HASH_SIZE, parts_limit);
	if (memcmp(parts, parts_limit, sizeof(parts)))
		fail("the digests of parts differ");
}

static void round_of_copies(const struct lists *pages, const struct lists *runs)
{
	uint64_t start = now();

	limit_copy(dest, source, pages->size);
	tell("copy-limit", pages->size, start);
	start = now();
	bench_walk(pages->kx);
	tell("copy-pages", pages->size, start);
	start = now();
	peer_walk_plain(pages->linux);
	tell("copy-pages-plain", pages->size, start);
	start = now();
	peer_walk(pages->linux, swap_page);
	tell("copy-pages-peer", pages->size, start);
	start = now();
	bench_walk(runs->kx);
	tell("copy-runs", runs->size, start);
	start = now();
	peer_walk_plain(runs->linux);
	tell("copy-runs-plain", runs->size, start);
	start = now();
	peer_walk(runs->linux, swap_page);
	tell("copy-runs-peer", runs->size, start);
}

/* The whole way: copy, then verify what has landed */
static void round_of_both(const struct lists *image)
{
	uint8_t parts[PARTS][32];
	uint8_t digest[32];
	uint64_t start = now();

	hash_kx(dest, image->size, digest);
	tell("both-hash-alone", image->size, start);
	start = now();
	bench_walk(image->kx);
	hash_kx(dest, image->size, digest);
	tell("both", image->size, start);
	start = now();
	bench_walk(image->kx);
	hash_each(dest, image->size, parts);
	tell("both-each", image->size, start);
	start = now();
	limit_copy(dest, source, image->size);
	hash_kx(dest, image->size, digest);
	tell("both-limit", image->size, start);
	start = now();
	peer_walk(image->linux, swap_page);
	peer_hash(dest, image->size, digest);
	tell("both-peer", image->size, start);
}

/* Whether the memory has become what was asked for is known to the kernel alone. */
static void tell_huge(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	uint64_t kib = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "AnonHugePages: %" SCNu64, &kib);
	if (file)
		fclose(file);
	printf("huge=%" PRIu64 "\n", kib * 1024);
}

int main(int argc, char **argv)
{
	uint64_t rounds = argc > 2 ? strtoull(argv[1], NULL, 0) : 0;
	uint64_t size = argc > 2 ? strtoull(argv[2], NULL, 0) * MIB : 0;
	struct lists pages, runs, image;

	if (!rounds || size < IMAGE_SIZE || size % HUGE_PAGE)
		fail("usage: native <rounds> <MiB, 64 or more>");
	source = get_memory(size);
	dest = get_memory(size);
	swap_page = get_memory(HUGE_PAGE);
	for (uint64_t i = 0; i < size; i += 8)
		*(uint64_t *)(source + i) = i * 0x9e3779b97f4a7c15u;
	tell_huge();
	printf("method=%u\n", kx_sha256_best());
	pages = make_lists(size, KX_PAGE_SIZE);
	runs = make_lists(size, HUGE_PAGE);
	image = make_lists(IMAGE_SIZE, KX_PAGE_SIZE);
	for (; rounds; rounds--) {
		round_of_hashes();
		round_of_copies(&pages, &runs);
		round_of_both(&image);
	}
	return 0;
}
