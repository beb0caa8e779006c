/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: two hashes, one after the other. Called by lib/sha256_halves.c. In turns they would take as
 * many instructions, 20.9 a byte by Zknh; whether a CPU would wait less, no emulator can tell.
 */
#include "sha256_blocks.h"

void kx_sha256_pair_(const struct kx_sha256_run runs[2], uint64_t count)
{
	kx_sha256_blocks_(runs[0].hash, runs[0].data, count);
	kx_sha256_blocks_(runs[1].hash, runs[1].data, count);
}
