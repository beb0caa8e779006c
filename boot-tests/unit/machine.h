/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine that purgatory runs on, faked: linked in the place of arch/<a>/purgatory.S, machine.c,
 * console.c and sha256.c. Physical addresses are pointers.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "cpu.h"
#include "purgatory.h"

#include <setjmp.h>

#define MACHINE_TEXT 65536

/* How a run ended */
#define MACHINE_GOOD   1 /* kx_purgatory_run_() came back */
#define MACHINE_HALTED 2
#define MACHINE_JUMPED 3
#define MACHINE_BACK   4

struct machine {
	jmp_buf end;
	char said[MACHINE_TEXT];
	size_t length;
	uint64_t entry_pa; /* of the jump */
	uint64_t entry_flags;
	uint64_t args[KX_HANDOFF_ARGS_COUNT];
	uint64_t value; /* of the way back */
	uint64_t detail;
	int resets;    /* asked for; none of them works */
	int opened;    /* vector registers: 1 while open */
	int regions;   /* open now */
	int ready;     /* 0: the console takes nothing */
	int puts;      /* asked of the console */
	int late;      /* the console had to be found */
	uint32_t method; /* of hashing, where vector registers may be used */
	uint32_t hashed_by; /* the method of the last hash */
	int small; /* the portable hash: lib/sha256_portable.c, not lib/sha256_unrolled.c */
	int break_guard;
	int error;     /* of kx_region_open_() */
	uint64_t paired; /* blocks of each half that kx_sha256_pair_() was given */
	struct kx_range self;
};

extern struct machine machine;

/* kx_sha256_portable_() of lib/sha256_portable.c: the Makefile gives it this name here */
void kx_sha256_small_(uint32_t state[8], const void *data, uint64_t count);

void machine_reset(void);

/* One run of purgatory with this info; returns MACHINE_*. */
int machine_run(const struct kx_purgatory_info *info);

#endif /* MACHINE_H */
