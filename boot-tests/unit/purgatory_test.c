/* SPDX-License-Identifier: BSD-2-Clause */
/* An info of three regions, sealed, and what purgatory has said. */
#include "purgatory_test.h"

#include "cpu.h"

const uint64_t sizes[REGIONS] = { 3 * PAGE, 2 * PAGE + 100, 70000 };
struct kx_purgatory_info info;

const uint32_t ways[] = { 0, KX_PURGATORY_EACH_REGION, KX_PURGATORY_EACH_REGION | KX_PURGATORY_HALVES };

void info_seal(uint32_t flags)
{
	struct kx_sha256 all, one;

	kx_sha256_init(&all);
	for (uint32_t i = 0; i < info.region_count; i++) {
		const void *data = (const void *)(uintptr_t)info.regions[i].pa;

		kx_sha256_init(&one);
		kx_sha256_update(&one, data, info.regions[i].size);
		kx_sha256_final(&one, info.digests[i]);
		if (flags & KX_PURGATORY_HALVES)
			kx_sha256_halves(data, info.regions[i].size, KX_SHA256_PORTABLE, info.digests[i]);
		kx_sha256_update(&all, data, info.regions[i].size);
	}
	kx_sha256_final(&all, info.digest);
	info.flags = flags;
}

int info_setup(void **state)
{
	(void)state;
	machine_reset();
	info = (struct kx_purgatory_info){
		.magic = KX_PURGATORY_MAGIC, .version = KX_PURGATORY_VERSION,
		.machine = KX_MACHINE, .policy = KX_POLICY_HALT, .region_count = REGIONS, .timer_hz = 1000000,
		.entry_pa = 0x1000, .args = { 1, 2, 3, 4 },
		.fallback_pa = 0x2000, .fallback_args = { 5, 6, 7, 8 },
	};
	for (uint32_t i = 0; i < REGIONS; i++) {
		uint8_t *data = malloc(sizes[i]);

		for (uint64_t j = 0; j < sizes[i]; j++)
			data[j] = (uint8_t)(j * 7 + j / 256 + i);
		info.regions[i] = (struct kx_region){ (uintptr_t)data, sizes[i] };
	}
	info_seal(0);
	return 0;
}

int info_teardown(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < REGIONS; i++)
		free((void *)(uintptr_t)info.regions[i].pa);
	return 0;
}

void assert_said(const char *text)
{
	if (!strstr(machine.said, text))
		fail_msg("'%s' is not in:\n%s", text, machine.said);
}

void assert_not_said(const char *text)
{
	if (strstr(machine.said, text))
		fail_msg("'%s' is in:\n%s", text, machine.said);
}
