/* SPDX-License-Identifier: BSD-2-Clause */
/* Purgatory's work: hash the regions of the new image and say whether they are what they should be. */
#include "purgatory.h"

#include "arch.h"

static void say_region(struct kx_purgatory *purgatory, uint64_t number)
{
	const struct kx_region *region = &purgatory->info->regions[number];

	kx_say_(&purgatory->console, KX_LINE "region %lu, %lu bytes at 0x%lx\n", number, region->size,
		region->pa);
}

/* So that a large image on a slow machine does not look dead */
void kx_purgatory_progress_(struct kx_purgatory *purgatory, uint64_t size)
{
	struct kx_console *console = &purgatory->console;
	uint64_t now = kx_ticks_();

	purgatory->done += size;
	if (!console->timer_hz || now - purgatory->said < console->timer_hz)
		return;
	purgatory->said = now;
	kx_say_(console, KX_LINE "hashed %lu of %lu MiB\n", purgatory->done >> 20,
		purgatory->total >> 20);
}

static _Noreturn void give_up(struct kx_purgatory *purgatory, int error, uint32_t region)
{
	kx_purgatory_blame_(purgatory, error, region);
	kx_purgatory_give_up_(purgatory);
}

/* Go on with a region: opened, hashed, closed. Of two hashes the second takes what is behind the halves. */
static void hash_region(struct kx_purgatory *purgatory, struct kx_sha256 *hashes, uint32_t number)
{
	struct kx_region region = purgatory->info->regions[number];
	uint64_t done = 0;
	int error;

	purgatory->region = number;
	error = kx_region_open_(purgatory, region);
	if (error)
		give_up(purgatory, error, number);
	if (kx_purgatory_in_halves_(purgatory->info))
		done = kx_purgatory_both_(purgatory, hashes++, &region);
	while (done < region.size) {
		uint64_t left = region.size - done, size = left < KX_CHUNK ? left : KX_CHUNK;

		kx_record_kick_(purgatory);
		kx_sha256_update(hashes, (const uint8_t *)(uintptr_t)region.pa + done, size);
		done += size;
		kx_purgatory_progress_(purgatory, size);
	}
	kx_region_close_(purgatory, region);
}

static int equal(const uint8_t *a, const uint8_t *b)
{
	uint8_t difference = 0;

	for (unsigned int i = 0; i < KX_DIGEST_SIZE; i++)
		difference |= a[i] ^ b[i];
	return !difference;
}

/* Is it the digest that was expected? Tells what is damaged: that region, or all */
static void judge(struct kx_purgatory *purgatory, const uint8_t *actual, const uint8_t *expected,
		  uint32_t number)
{
	if (equal(actual, expected))
		return;
	purgatory->bad++;
	kx_purgatory_blame_(purgatory, -KX_ERR_DIGEST, number);
	do
		say_region(purgatory, number);
	while (!(purgatory->info->flags & KX_PURGATORY_EACH_REGION) &&
	       ++number < purgatory->info->region_count);
	kx_say_(&purgatory->console, KX_LINE "expected %p\n" KX_LINE "actual   %p\n", expected, actual);
}

/* With a digest for each region, or one over all */
static void verify(struct kx_purgatory *purgatory)
{
	const struct kx_purgatory_info *info = purgatory->info;
	uint32_t each = info->flags & KX_PURGATORY_EACH_REGION;
	uint8_t actual[KX_DIGEST_SIZE];
	struct kx_sha256 hashes[2];

	for (uint32_t i = 0; i < info->region_count; i++) {
		if (each || !i)
			kx_purgatory_open_(purgatory, hashes);
		hash_region(purgatory, hashes, i);
		if (!each && i + 1 < info->region_count)
			continue;
		kx_purgatory_close_(purgatory, hashes, actual);
		if (each)
			judge(purgatory, actual, info->digests[i], i);
		else
			judge(purgatory, actual, info->digest, 0);
	}
}

static void check(struct kx_purgatory *purgatory)
{
	uint32_t number = 0;
	int error = kx_purgatory_check(purgatory->info, purgatory->self, &number);

	if (!error)
		return;
	kx_purgatory_blame_(purgatory, error, number);
	if (-error >= KX_ERR_REGION_EMPTY && -error <= KX_ERR_REGION_RANGE)
		say_region(purgatory, number);
	kx_purgatory_give_up_(purgatory);
}

static const char *method_name(uint32_t method)
{
	switch (method) {
	case KX_SHA256_CPU: return "by instructions";
	case KX_SHA256_VECTOR: return "by vectors";
	}
	return "in C";
}

static void say_start(struct kx_purgatory *purgatory)
{
	uint64_t count = purgatory->info->region_count;

	for (uint64_t i = 0; i < count; i++)
		purgatory->total += purgatory->info->regions[i].size;
	kx_say_(&purgatory->console, KX_LINE "%lu regions, %lu bytes, SHA-256 %s\n", count,
		purgatory->total, method_name(purgatory->method));
}

static void say_end(struct kx_purgatory *purgatory)
{
	uint64_t ticks = kx_ticks_() - purgatory->start, khz = purgatory->console.timer_hz / 1000;

	kx_say_(&purgatory->console, KX_LINE "%s in %lu %s\n",
		purgatory->bad ? "damaged, found" : "the image is intact, seen", khz ? ticks / khz : ticks,
		khz ? "ms" : "ticks");
}

static void check_guard(struct kx_purgatory *purgatory)
{
	for (unsigned int i = 0; i < KX_GUARD_WORDS; i++)
		if (kx_purgatory_guard_[i] != KX_GUARD)
			give_up(purgatory, -KX_ERR_PURGATORY_STACK, 0);
}

void kx_purgatory_settle_(struct kx_purgatory *purgatory)
{
	if (purgatory->opened)
		kx_vector_close_(purgatory->vectors);
	purgatory->opened = 0;
}

void kx_purgatory_run_(struct kx_purgatory *purgatory)
{
	check(purgatory);
	if (purgatory->info->flags & KX_PURGATORY_SKIP_CHECKS) {
		kx_say_(&purgatory->console, KX_LINE "checks skipped, as was asked for\n");
		return;
	}
	kx_vector_open_(purgatory->vectors);
	purgatory->opened = 1;
	purgatory->method = kx_method_find_();
	say_start(purgatory);
	purgatory->start = purgatory->said = kx_ticks_();
	verify(purgatory);
	kx_purgatory_settle_(purgatory);
	say_end(purgatory);
	check_guard(purgatory);
	if (purgatory->bad)
		kx_purgatory_give_up_(purgatory);
}
