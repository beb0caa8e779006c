/* SPDX-License-Identifier: BSD-2-Clause */
/* Purgatory: the info it accepts, and every damage it must see. */
#include "purgatory_test.h"

#include "cpu.h"

#include <stdio.h>

static void test_intact(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		info_seal(ways[i]);
		assert_int_equal(machine_run(&info), MACHINE_GOOD);
		assert_said("kx-purgatory: the image is intact, seen in ");
		assert_not_said("kx: ");
		assert_int_equal(machine.opened, 0);
		assert_int_equal(machine.regions, 0);
	}
}

/* Each of the bits of each digest, alone */
static void test_digest_bits(void **state)
{
	(void)state;
	for (uint32_t i = 0; i <= REGIONS; i++) {
		uint8_t *digest = i < REGIONS ? info.digests[i] : info.digest;
		char region[32];

		info.flags = i < REGIONS ? KX_PURGATORY_EACH_REGION : 0;
		snprintf(region, sizeof(region), "region %u,", i);
		for (uint32_t bit = 0; bit < 256; bit++) {
			digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(machine_run(&info), MACHINE_HALTED);
			assert_said("kx: purgatory: digest: ");
			assert_said("kx-purgatory: halted");
			if (i < REGIONS)
				assert_said(region);
			digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
}

/* That region is named, and no other. */
static void assert_only_region(uint32_t number)
{
	for (uint32_t i = 0; i < REGIONS; i++) {
		char region[32];

		snprintf(region, sizeof(region), "region %u,", i);
		if (i == number)
			assert_said(region);
		else
			assert_not_said(region);
	}
}

/* One byte in each page of each region; with a digest for each, that region and no other is named */
static void test_bytes(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < REGIONS; i++) {
		uint8_t *data = (uint8_t *)(uintptr_t)info.regions[i].pa;

		for (uint64_t page = 0; page < sizes[i]; page += PAGE) {
			uint64_t last = page + PAGE < sizes[i] ? page + PAGE : sizes[i];
			uint64_t at = i ? last - i : page;

			for (size_t way = 0; way < WAYS; way++) {
				info_seal(ways[way]);
				data[at] ^= 0x10;
				assert_int_equal(machine_run(&info), MACHINE_HALTED);
				data[at] ^= 0x10;
				if (ways[way])
					assert_only_region(i);
			}
		}
	}
}

/* Two hashes at once, of a region's own halves: of every block but those of the rest, whatever its size. */
static void test_halves(void **state)
{
	uint64_t whole = info.regions[2].size;

	(void)state;
	if (!(KX_PURGATORY_KNOWN & KX_PURGATORY_HALVES))
		skip();
	for (uint64_t size = 1; size <= whole; size += size < 260 ? 1 : 9973) {
		uint64_t paired = sizes[0] / 128 + sizes[1] / 128 + size / 128;
		uint8_t *last = (uint8_t *)(uintptr_t)info.regions[2].pa + size - 1;

		info.regions[2].size = size;
		info_seal(KX_PURGATORY_EACH_REGION | KX_PURGATORY_HALVES);
		machine.paired = 0;
		assert_int_equal(machine_run(&info), MACHINE_GOOD);
		assert_int_equal(machine.paired, paired);
		*last ^= 1;
		assert_int_equal(machine_run(&info), MACHINE_HALTED);
		assert_only_region(2);
		*last ^= 1;
	}
	info.flags = KX_PURGATORY_EACH_REGION; /* plain ones are others */
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
}

/* Bytes that have changed places, between the halves, are seen. */
static void test_halves_exchanged(void **state)
{
	uint8_t *data = (uint8_t *)(uintptr_t)info.regions[0].pa, *other = data + sizes[0] / 2, byte;

	(void)state;
	if (!(KX_PURGATORY_KNOWN & KX_PURGATORY_HALVES))
		skip();
	info_seal(KX_PURGATORY_EACH_REGION | KX_PURGATORY_HALVES);
	for (uint64_t i = 0; i < sizes[0] / 2; i++) {
		byte = data[i];
		data[i] = other[i];
		other[i] = byte;
	}
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_only_region(0);
}

static void assert_refused(int error)
{
	char text[128];

	assert_result(kx_purgatory_check(&info, machine.self, NULL), -error);
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	snprintf(text, sizeof(text), "kx: purgatory: %s\n", kx_strerror(error));
	assert_said(text);
	assert_int_equal(machine.opened, 0);
}

#define REFUSED(member, value, error)                                                              \
	do {                                                                                       \
		struct kx_purgatory_info whole = info;                                             \
		info.member = (value);                                                             \
		assert_refused(error);                                                             \
		info = whole;                                                                      \
	} while (0)

static void test_damaged_info(void **state)
{
	(void)state;
	for (uint32_t bit = 0; bit < 32; bit++) {
		REFUSED(magic, KX_PURGATORY_MAGIC ^ 1u << bit, KX_ERR_INFO_MAGIC);
		REFUSED(version, KX_PURGATORY_VERSION ^ 1u << bit, KX_ERR_INFO_VERSION);
		REFUSED(machine, KX_MACHINE ^ 1u << bit, KX_ERR_INFO_MACHINE);
		if (!(1u << bit & KX_PURGATORY_KNOWN))
			REFUSED(flags, 1u << bit, KX_ERR_INFO_RESERVED);
	}
	REFUSED(flags, KX_PURGATORY_HALVES, KX_ERR_INFO_RESERVED); /* of what? */
	REFUSED(reserved[0], 1, KX_ERR_INFO_RESERVED);
	REFUSED(entry_flags, KX_ENTER_4LEVEL, KX_ERR_INFO_RESERVED);
	REFUSED(fallback_flags, 4, KX_ERR_INFO_RESERVED);
	REFUSED(kick.reserved, 1, KX_ERR_INFO_RESERVED);
	REFUSED(policy, 0, KX_ERR_INFO_POLICY);
	REFUSED(policy, 5, KX_ERR_INFO_POLICY);
	REFUSED(entry_flags, KX_ENTER_32 | KX_ENTER_RETURN,
		KX_ENTER_KNOWN & KX_ENTER_32 ? KX_ERR_INFO_ENTRY : KX_ERR_INFO_RESERVED);
	REFUSED(region_count, 0, KX_ERR_INFO_COUNT);
	REFUSED(region_count, 17, KX_ERR_INFO_COUNT);
	REFUSED(region_count, UINT32_MAX, KX_ERR_INFO_COUNT);
	REFUSED(region_count, REGIONS + 1, KX_ERR_REGION_EMPTY);
	REFUSED(entry_pa, 0, KX_ERR_INFO_ENTRY);
	REFUSED(console.kind, 99, KX_ERR_INFO_CONSOLE);
	info.policy = KX_POLICY_FALLBACK;
	REFUSED(fallback_pa, 0, KX_ERR_INFO_ENTRY);
}

/* To leave 64-bit mode, purgatory and where it goes lie below 4 GiB; elsewhere there is no such thing. */
static void test_enter_32(void **state)
{
	struct kx_range self = { 0xffffc000, 2 * PAGE }, end = { 0xffffe000, 2 * PAGE };
	int known = KX_ENTER_KNOWN & KX_ENTER_32;

	(void)state;
	info.region_count = 0;
	info.flags = KX_PURGATORY_SKIP_CHECKS;
	info.policy = KX_POLICY_FALLBACK;
	for (int i = 0; i < 2; i++) {
		uint64_t *entry_pa = i ? &info.fallback_pa : &info.entry_pa;
		uint64_t *flags = i ? &info.fallback_flags : &info.entry_flags;
		uint64_t before = *entry_pa;

		*entry_pa = 0x100000000;
		assert_result(kx_purgatory_check(&info, self, NULL), 0);
		*flags = KX_ENTER_32;
		assert_result(kx_purgatory_check(&info, self, NULL),
			      known ? KX_ERR_INFO_ENTRY : KX_ERR_INFO_RESERVED);
		*entry_pa = 0xffffffff;
		assert_result(kx_purgatory_check(&info, self, NULL), known ? 0 : KX_ERR_INFO_RESERVED);
		*entry_pa = before;
		assert_result(kx_purgatory_check(&info, end, NULL), known ? 0 : KX_ERR_INFO_RESERVED);
		end.pa += PAGE;
		assert_result(kx_purgatory_check(&info, end, NULL),
			      known ? KX_ERR_INFO_ENTRY : KX_ERR_INFO_RESERVED);
		end.pa -= PAGE;
		*flags = 0;
	}
	info.region_count = REGIONS;
}

/* As many regions as there is room for; and no fallback where none is asked for */
static void test_most(void **state)
{
	(void)state;
	for (uint32_t i = REGIONS; i < KX_PURGATORY_REGIONS_MAX; i++)
		info.regions[i] = info.regions[0];
	info.region_count = KX_PURGATORY_REGIONS_MAX;
	info.fallback_pa = 0;
	for (info.policy = KX_POLICY_HALT; info.policy < KX_POLICY_FALLBACK; info.policy++)
		assert_result(kx_purgatory_check(&info, machine.self, NULL), 0);
	assert_result(kx_purgatory_check(&info, machine.self, NULL), KX_ERR_INFO_ENTRY);
	info.region_count = REGIONS;
}

/* A block whose fields are all of ones, or of zeros: what a missing one looks like */
static void test_no_info(void **state)
{
	struct kx_purgatory_info whole = info;

	(void)state;
	memset(&info, 0xff, sizeof(info));
	assert_refused(KX_ERR_INFO_MAGIC);
	memset(&info, 0, sizeof(info));
	assert_refused(KX_ERR_INFO_MAGIC);
	info = whole;
}

static void test_regions(void **state)
{
	uint32_t region = 99;
	struct kx_range self = machine.self;
	struct kx_region last = info.regions[2];

	(void)state;
	REFUSED(regions[1].size, 0, KX_ERR_REGION_EMPTY);
	REFUSED(regions[1].size, 0 - info.regions[1].pa, KX_ERR_REGION_WRAPS);
	REFUSED(regions[1].size, UINT64_MAX, KX_ERR_REGION_WRAPS);
	REFUSED(regions[2].pa, UINT64_MAX, KX_ERR_REGION_WRAPS);
	REFUSED(regions[2].pa, self.pa - sizes[2] + 1, KX_ERR_REGION_SELF);
	REFUSED(regions[2].pa, self.pa + self.size - 1, KX_ERR_REGION_SELF);
	info.regions[2] = (struct kx_region){ self.pa - PAGE, self.size + 2 * PAGE };
	assert_refused(KX_ERR_REGION_SELF);
	info.regions[2] = (struct kx_region){ self.pa - PAGE, PAGE }; /* up to it, not over it */
	assert_result(kx_purgatory_check(&info, self, NULL), 0);
	info.regions[2] = (struct kx_region){ self.pa + self.size, PAGE };
	assert_result(kx_purgatory_check(&info, self, NULL), 0);
	info.regions[2] = last;
	info.regions[2].size ^= UINT64_MAX;
	assert_result(kx_purgatory_check(&info, machine.self, &region), -KX_ERR_REGION_WRAPS);
	assert_int_equal(region, 2);
	info.regions[2].size ^= UINT64_MAX;
	machine.error = -KX_ERR_REGION_RANGE;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_int_equal(machine.opened, 0);
	assert_said("kx: purgatory: region-range: ");
}

#define REACHES(what, value, error)                                                                \
	do {                                                                                       \
		__typeof__(what) before = what;                                                    \
		what = (value);                                                                    \
		assert_result(kx_purgatory_check(&info, self, NULL), error);                       \
		what = before;                                                                     \
	} while (0)

/* What is touched with translation on, and what is entered, up to the last byte that can be; then each of the
 * bits beyond. Who hashes nothing may be anywhere. */
static void test_reach(void **state)
{
	uint64_t last = ~(uint64_t)KX_PURGATORY_BEYOND;
	struct kx_range self = machine.self;
	struct kx_purgatory_info whole = info;

	(void)state;
	if (!KX_PURGATORY_BEYOND)
		skip();
	info.policy = KX_POLICY_FALLBACK;
	info.console.kind = KX_DEVICE_SBI_DBCN; /* of this machine */
	info.entry_pa = info.fallback_pa = info.status_pa = info.kick.pa = info.console.base = last;
	REACHES(info.regions[2], ((struct kx_region){ last - PAGE, PAGE + 1 }), 0);
	REACHES(info.regions[2], ((struct kx_region){ last - PAGE, PAGE + 2 }), KX_ERR_REGION_RANGE);
	REACHES(self.pa, last - self.size + 1, 0);
	REACHES(self.pa, last - self.size + 2, KX_ERR_INFO_RANGE);
	for (unsigned int bit = 0; bit < 64; bit++) {
		uint64_t pa = (uint64_t)1 << bit;

		if (!(pa & KX_PURGATORY_BEYOND))
			continue;
		REACHES(info.entry_pa, pa, KX_ERR_INFO_ENTRY);
		REACHES(info.fallback_pa, pa, KX_ERR_INFO_ENTRY);
		REACHES(info.console.base, pa, KX_ERR_INFO_CONSOLE);
		REACHES(info.status_pa, pa, KX_ERR_INFO_RANGE);
		REACHES(info.kick.pa, pa, KX_ERR_INFO_RANGE);
		REACHES(self.pa, pa, KX_ERR_INFO_RANGE);
		REACHES(info.regions[2].pa, pa, KX_ERR_REGION_RANGE);
	}
	info.console.base = info.fallback_pa = UINT64_MAX;
	info.console.kind = KX_DEVICE_NONE; /* what is not there is nowhere */
	REACHES(info.policy, KX_POLICY_HALT, 0);
	info.console.kind = KX_DEVICE_SBI_DBCN;
	info.entry_pa = info.status_pa = info.kick.pa = info.regions[2].pa = self.pa = KX_PURGATORY_BEYOND;
	self.pa -= self.size;
	REACHES(info.flags, KX_PURGATORY_SKIP_CHECKS, 0);
	info = whole;
}

static void test_skip(void **state)
{
	(void)state;
	info.flags = KX_PURGATORY_SKIP_CHECKS;
	info.digest[0] ^= 1;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	assert_said("checks skipped");
	info.region_count = 0;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	info.region_count = REGIONS;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INFO_TEST(test_intact),
		INFO_TEST(test_digest_bits),
		INFO_TEST(test_bytes),
		INFO_TEST(test_halves),
		INFO_TEST(test_halves_exchanged),
		INFO_TEST(test_damaged_info),
		INFO_TEST(test_enter_32),
		INFO_TEST(test_most),
		INFO_TEST(test_no_info),
		INFO_TEST(test_regions),
		INFO_TEST(test_reach),
		INFO_TEST(test_skip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
