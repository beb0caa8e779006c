/* SPDX-License-Identifier: BSD-2-Clause */
/* What native.c and scaling.c share: how they end, and what time they count. */
#ifndef NATIVE_H
#define NATIVE_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline _Noreturn void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(1);
}

/* Nanoseconds that this thread has run. */
static inline uint64_t now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
	return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

#endif /* NATIVE_H */
