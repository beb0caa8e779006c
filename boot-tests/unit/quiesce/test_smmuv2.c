/* SPDX-License-Identifier: BSD-2-Clause */
/* The SMMUv2 driver: no emulator has this device, so this is where it is proved. */
#include "window.h"

#define sCR0        0x0
#define sIDR0       0x20
#define sIDR1       0x24
#define sGFSR       0x48
#define TLBIALLNSNH 0x68
#define TLBIALLH    0x6c
#define sTLBGSYNC   0x70
#define sTLBGSTATUS 0x74
#define S2CR(n)     (0xc00u + 4 * (n))
#define BANK(n)     (0x8000u + 0x1000 * (n)) /* 8 pages of global space below them */

#define ALL   UINT32_MAX
#define FAULT 0x20000u
#define HOST  0x36u /* reports on, CLIENTPD off */

static int locked;

static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	(void)size;
	switch (offset) {
	case sCR0: return locked;
	case sTLBGSYNC:
		window_put(sTLBGSTATUS, 4, 1);
		window_answer(sTLBGSTATUS, 1, 0);
		return 0;
	case sGFSR: window_put(sGFSR, 4, window_get(sGFSR, 4) & ~value); return 1;
	}
	if (offset >= BANK(0) && (offset & 0xfff) == 0x58) {
		window_put(offset, 4, window_get(offset, 4) & ~value);
		return 1;
	}
	return 0;
}

static void setup(uint64_t delay, uint32_t boot_cr0)
{
	window_reset(delay);
	locked = 0;
	window_put(sIDR0, 4, 0x8000003);  /* stream matching, three of them */
	window_put(sIDR1, 4, 0x20000002); /* two banks, 2^3 pages of 4 KiB below them */
	window_put(sCR0, 4, boot_cr0);
	rig_open(KX_DEVICE_SMMUV2);
	window_put(sCR0, 4, HOST);
	window_put(sGFSR, 4, 2);
	window_put(BANK(1) + 0x58, 4, 0x40000002); /* stalled on a fault */
	window.model = model;
}

#define UP_TO_FINAL                                                                                \
	{ S2CR(0), FAULT }, { S2CR(1), FAULT }, { S2CR(2), FAULT }, { BANK(0), 0 },                \
		{ BANK(1) + 8, 1 }, { BANK(1), 0 }, { sCR0, 0x400 }, { TLBIALLNSNH, ALL },         \
		{ TLBIALLH, ALL }, { sTLBGSYNC, ALL }, { BANK(0) + 0x58, 0 },                      \
		{ BANK(1) + 0x58, 0x40000002 },                                                    \
	{                                                                                          \
		sGFSR, 2                                                                           \
	}

static void test_sequence(void **unused)
{
	(void)unused;
	for (uint64_t delay = 0; delay < 40; delay += 13) {
		setup(delay, 1);
		rig_quiet();
		EXPECT(UP_TO_FINAL, { sCR0, 1 });
		rig_close();
	}
	setup(1, 0);
	rig.quiesce.policy = KX_IOMMU_ABORT;
	rig_quiet();
	EXPECT(UP_TO_FINAL);
	rig_close();
}

/* Streams that are indexed, not matched: as many as their numbers have bits for. */
static void test_indexed(void **unused)
{
	static const struct { uint32_t bits, count; } cases[] = {
		{ 0, 1 }, { 2, 4 }, { 7, 128 }, { 8, 256 }, { 15, 256 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(1, 1);
		window_put(sIDR0, 4, cases[i].bits << 9 | 3); /* not the number of groups */
		rig_quiet();
		for (uint32_t j = 0; j < cases[i].count; j++)
			assert_int_equal(window_get(S2CR(j), 4), FAULT);
		assert_int_equal(window.writes[cases[i].count].offset, BANK(0));
		rig_close();
	}
	setup(1, 0); /* as the policy says, whatever it was */
	rig.quiesce.policy = KX_IOMMU_BYPASS;
	rig_quiet();
	EXPECT(UP_TO_FINAL, { sCR0, 1 });
	rig_close();
}

/* It bypasses already: there is nothing to block, and to abort it has to be told. */
static void test_off(void **unused)
{
	(void)unused;
	setup(1, 1);
	window_put(sCR0, 4, 1);
	rig_quiet();
	EXPECT({ BANK(0) + 0x58, 0 }, { BANK(1) + 0x58, 0x40000002 }, { sGFSR, 2 }, { sCR0, 1 });
	rig_close();
	setup(1, 1);
	window_put(sCR0, 4, 1);
	rig.quiesce.policy = KX_IOMMU_ABORT;
	rig_quiet();
	EXPECT({ BANK(0) + 0x58, 0 }, { BANK(1) + 0x58, 0x40000002 }, { sGFSR, 2 },
	       { S2CR(0), FAULT }, { S2CR(1), FAULT }, { S2CR(2), FAULT }, { sCR0, 0x400 });
	rig_close();
}

static void test_faults(void **unused)
{
	(void)unused;
	setup(2, 1);
	rig_stuck(sTLBGSTATUS, KX_STAGE_IOMMU_DRAIN, sTLBGSTATUS);
	setup(2, 1);
	locked = 1;
	rig_fails(KX_ERR_DEVICE_LOCKED, KX_STAGE_IOMMU_BLOCK, sCR0);
	rig_close();
	setup(2, 0);
	rig_fails(KX_ERR_IOMMU_POLICY, KX_STAGE_PREFLIGHT, 0);
	assert_int_equal(window.write_count, 0);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence), cmocka_unit_test(test_off),
		cmocka_unit_test(test_faults),   cmocka_unit_test(test_indexed),
	};

	return cmocka_run_group_tests_name("smmuv2", tests, NULL, NULL);
}
