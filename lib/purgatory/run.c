/* SPDX-License-Identifier: BSD-2-Clause */
/* Purgatory's work: hash the regions of the new image and say whether they are what they should be. */
#include "purgatory.h"

#include "arch.h"

#define CHUNK 0x100000 /* bytes between two looks at the clock */

static void say_time(struct kx_purgatory *purgatory, uint64_t ticks)
{
	uint64_t khz = purgatory->console.timer_hz / 1000;

	kx_say_dec_(&purgatory->console, khz ? ticks / khz : ticks);
	kx_say_(&purgatory->console, khz ? " ms" : " ticks");
}

static void say_region(struct kx_purgatory *purgatory, uint32_t number)
{
	struct kx_console *console = &purgatory->console;
	const struct kx_region *region = &purgatory->info->regions[number];

	kx_say_(console, "region ");
	kx_say_dec_(console, number);
	kx_say_(console, ", ");
	kx_say_dec_(console, region->size);
	kx_say_(console, " bytes at ");
	kx_say_hex_(console, region->pa);
	kx_say_(console, "\n");
}

static void say_digest(struct kx_purgatory *purgatory, const char *which, const uint8_t *digest)
{
	kx_say_(&purgatory->console, which);
	kx_say_bytes_(&purgatory->console, digest, KX_DIGEST_SIZE);
	kx_say_(&purgatory->console, "\n");
}

/* About once a second, so that a large image on a slow machine does not look dead */
static void say_progress(struct kx_purgatory *purgatory)
{
	struct kx_console *console = &purgatory->console;
	uint64_t now = kx_ticks_();

	if (!console->timer_hz || now - purgatory->said < console->timer_hz)
		return;
	purgatory->said = now;
	kx_say_(console, "kx-purgatory: hashed ");
	kx_say_dec_(console, purgatory->done >> 20);
	kx_say_(console, " of ");
	kx_say_dec_(console, purgatory->total >> 20);
	kx_say_(console, " MiB\n");
}

static _Noreturn void give_up(struct kx_purgatory *purgatory, int error, uint32_t region)
{
	kx_purgatory_blame_(purgatory, error, region);
	kx_purgatory_give_up_(purgatory);
}

static void hash_region(struct kx_purgatory *purgatory, struct kx_sha256 *hash, uint32_t number)
{
	struct kx_region region = purgatory->info->regions[number];
	const uint8_t *at = (const uint8_t *)(uintptr_t)region.pa;
	uint64_t left = region.size;
	int error;

	purgatory->region = number;
	error = kx_region_open_(purgatory, region);
	if (error)
		give_up(purgatory, error, number);
	while (left) {
		uint64_t size = left < CHUNK ? left : CHUNK;

		kx_record_kick_(purgatory);
		kx_sha256_update(hash, at, size);
		at += size;
		left -= size;
		purgatory->done += size;
		say_progress(purgatory);
	}
	kx_region_close_(region);
}

static int equal(const uint8_t *a, const uint8_t *b)
{
	uint8_t difference = 0;

	for (unsigned int i = 0; i < KX_DIGEST_SIZE; i++)
		difference |= a[i] ^ b[i];
	return !difference;
}

static void judge(struct kx_purgatory *purgatory, struct kx_sha256 *hash, const uint8_t *expected,
		  uint32_t number)
{
	struct kx_console *console = &purgatory->console;
	uint8_t actual[KX_DIGEST_SIZE];

	kx_sha256_final(hash, actual);
	if (equal(actual, expected))
		return;
	purgatory->bad++;
	kx_purgatory_blame_(purgatory, -KX_ERR_DIGEST, number);
	do {
		kx_say_(console, "kx-purgatory: ");
		say_region(purgatory, number);
	} while (!(purgatory->info->flags & KX_PURGATORY_EACH_REGION) &&
		 ++number < purgatory->info->region_count);
	say_digest(purgatory, "kx-purgatory: expected ", expected);
	say_digest(purgatory, "kx-purgatory: actual   ", actual);
}

static void verify(struct kx_purgatory *purgatory)
{
	const struct kx_purgatory_info *info = purgatory->info;
	int each = (info->flags & KX_PURGATORY_EACH_REGION) != 0;
	struct kx_sha256 hash;

	for (uint32_t i = 0; i < info->region_count; i++) {
		if (each || !i) {
			kx_sha256_init(&hash);
			hash.method = purgatory->method;
		}
		hash_region(purgatory, &hash, i);
		if (each)
			judge(purgatory, &hash, info->digests[i], i);
	}
	if (!each)
		judge(purgatory, &hash, info->digest, 0);
}

static void check(struct kx_purgatory *purgatory)
{
	struct kx_console *console = &purgatory->console;
	uint32_t number = 0;
	int error = kx_purgatory_check(purgatory->info, purgatory->self, &number);

	if (!error)
		return;
	kx_purgatory_blame_(purgatory, error, number);
	if (-error >= KX_ERR_REGION_EMPTY && -error <= KX_ERR_REGION_RANGE) {
		kx_say_(console, "kx-purgatory: ");
		say_region(purgatory, number);
	}
	kx_purgatory_give_up_(purgatory);
}

static void say_start(struct kx_purgatory *purgatory)
{
	struct kx_console *console = &purgatory->console;

	for (uint32_t i = 0; i < purgatory->info->region_count; i++)
		purgatory->total += purgatory->info->regions[i].size;
	kx_say_(console, "kx-purgatory: ");
	kx_say_dec_(console, purgatory->info->region_count);
	kx_say_(console, " regions, ");
	kx_say_dec_(console, purgatory->total);
	switch (purgatory->method) {
	case KX_SHA256_CPU: kx_say_(console, " bytes, SHA-256 by instructions\n"); break;
	case KX_SHA256_VECTOR: kx_say_(console, " bytes, SHA-256 by vectors\n"); break;
	default: kx_say_(console, " bytes, SHA-256 in C\n");
	}
}

static void check_guard(struct kx_purgatory *purgatory)
{
	for (unsigned int i = 0; i < KX_GUARD_WORDS; i++)
		if (kx_purgatory_guard_[i] != KX_GUARD)
			give_up(purgatory, -KX_ERR_PURGATORY_STACK, 0);
}

void kx_purgatory_run_(struct kx_purgatory *purgatory)
{
	struct kx_console *console = &purgatory->console;
	uint64_t saved[2];

	check(purgatory);
	if (purgatory->info->flags & KX_PURGATORY_SKIP_CHECKS) {
		kx_say_(console, "kx-purgatory: checks skipped, as was asked for\n");
		return;
	}
	kx_vector_open_(saved);
	purgatory->method = kx_method_find_();
	say_start(purgatory);
	purgatory->start = purgatory->said = kx_ticks_();
	verify(purgatory);
	kx_vector_close_(saved);
	kx_say_(console, purgatory->bad ? "kx-purgatory: damaged, found in " :
			"kx-purgatory: the image is intact, seen in ");
	say_time(purgatory, kx_ticks_() - purgatory->start);
	kx_say_(console, "\n");
	check_guard(purgatory);
	if (purgatory->bad)
		kx_purgatory_give_up_(purgatory);
}
