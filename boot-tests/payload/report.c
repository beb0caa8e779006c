/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report, in `KEY=VALUE` lines: entry registers, digests of every byte that was loaded, and
 * whether the memory that should be zero is. Read by boot-tests/test_payload.py.
 */
#include <kx/sha256.h>

#include "payload.h"

void report_number(const char *key, uint64_t value)
{
	print("%s=0x%lx\n", key, value);
}

void report_digest(const char *key, const void *data, uint64_t size)
{
	uint8_t digest[KX_SHA256_SIZE];
	struct kx_sha256 hash;

	kx_sha256_init(&hash);
	kx_sha256_update(&hash, data, size);
	kx_sha256_final(&hash, digest);
	print("%s=", key);
	for (unsigned int i = 0; i < KX_SHA256_SIZE; i++)
		print("%02x", digest[i]);
	print("\n");
}

/* Called by start.S: `dirty` is the first byte of bss that was not zero at entry, or NULL. */
_Noreturn void payload_main(uint64_t info_pa, const char *dirty);
_Noreturn void payload_main(uint64_t info_pa, const char *dirty)
{
	watch(handover_line(info_pa)); /* before anything else takes time */
	print("PAYLOAD=%s\n", HOST_ARCH);
	report_number("IMAGE", (uintptr_t)image_start);
	report_registers();
	report_digest("SHA256_IMAGE", image_start, (uint64_t)(image_file_end - image_start));
	print("BSS=%s\n", dirty ? "dirty" : "zero");
	report_handover(info_pa);
	report_cpus(info_pa);
	print("PAYLOAD-DONE\n");
	machine_off(0);
}
