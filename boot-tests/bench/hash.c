/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long purgatory's SHA-256 takes, beside that of kexec-tools: a program of the build machine with the
 * objects of both in it. Prints medians in nanoseconds of this thread's own time, and the median of the
 * ratios of each round. Run by bench.py.
 */
#include <kx/sha256.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 9
#define SIZE   (32u << 20)

/* In kexec-tools' purgatory; its context is smaller than this */
void sha256_starts(void *context);
void sha256_update(void *context, const void *data, unsigned int size);
void sha256_finish(void *context, uint8_t digest[32]);

static uint64_t now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
	return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static uint64_t run_kx(const uint8_t *data, uint8_t digest[32])
{
	struct kx_sha256 hash;
	uint64_t start = now();

	kx_sha256_init(&hash);
	hash.method = kx_sha256_best();
	kx_sha256_update(&hash, data, SIZE);
	kx_sha256_final(&hash, digest);
	return now() - start;
}

static uint64_t run_peer(const uint8_t *data, uint8_t digest[32])
{
	static uint64_t context[64];
	uint64_t start = now();

	sha256_starts(context);
	sha256_update(context, data, SIZE);
	sha256_finish(context, digest);
	return now() - start;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

int main(void)
{
	static double kx[ROUNDS], peer[ROUNDS], ratio[ROUNDS];
	uint8_t *data = malloc(SIZE), a[32], b[32];

	if (!data)
		return 1;
	for (uint32_t i = 0; i < SIZE; i++)
		data[i] = (uint8_t)(i * 7 + i / 512);
	for (int i = 0; i < ROUNDS; i++) {
		kx[i] = (double)run_kx(data, a);
		peer[i] = (double)run_peer(data, b);
		ratio[i] = peer[i] / kx[i];
		if (memcmp(a, b, 32))
			return 1;
	}
	printf("%u %.0f %.0f %.3f\n", kx_sha256_best(), median(kx), median(peer), median(ratio));
	free(data);
	return 0;
}
