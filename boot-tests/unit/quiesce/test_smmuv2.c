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
#define FSR    0x58
#define RESUME 0x8
#define STALLED 0x40000000u
#define ON      0xe7u /* a bank that translates; faults stall, with an interrupt */
#define NOT_ON  0x27u /* they do not stall */

static int locked;
static int drained; /* 1: nothing is on its way any more */

/* SMMUv2 "Context bank": with translation off it passes everything on as it is. A stalled transaction goes when
 * it is told to, and another may be stalled in its place. */
static int write_bank(uint64_t at, uint64_t reg, uint64_t value)
{
	int blocked = window_get(S2CR(0), 4) == FAULT && window_get(sCR0, 4) == 0x400;

	if (reg == 0 && !(value & 1) && (!drained || window_get(sTLBGSTATUS, 4)))
		window_fault("bank 0x%lx bypasses while transactions are on their way", at);
	if (reg == RESUME) {
		if (value != 1 || !blocked)
			window_fault("what was stalled goes on");
		if (window_get(at, 4) & 0x80)
			window_fault("the next one is stalled");
		window_put(at + FSR, 4, window_get(at + FSR, 4) & ~(uint64_t)STALLED);
	}
	if (reg == FSR)
		window_put(at + FSR, 4, window_get(at + FSR, 4) & ~(value & ~(uint64_t)STALLED));
	return reg == FSR;
}

static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	(void)size;
	switch (offset) {
	case sCR0: return locked;
	case sTLBGSYNC:
		window_put(sTLBGSTATUS, 4, 1);
		if (!(window_get(BANK(1) + FSR, 4) & STALLED)) /* for which it would wait */
			window_answer(sTLBGSTATUS, 1, 0);
		drained = window_get(sCR0, 4) == 0x400;
		return 0;
	case sGFSR: window_put(sGFSR, 4, window_get(sGFSR, 4) & ~value); return 1;
	}
	return offset >= BANK(0) ? write_bank(offset & ~0xfffull, offset & 0xfff, value) : 0;
}

static void setup(uint64_t delay, uint32_t boot_cr0)
{
	window_reset(delay);
	locked = drained = 0;
	window_put(sIDR0, 4, 0x8000003);  /* stream matching, three of them */
	window_put(sIDR1, 4, 0x20000002); /* two banks, 2^3 pages of 4 KiB below them */
	window_put(sCR0, 4, boot_cr0);
	rig_open(KX_DEVICE_SMMUV2);
	window_put(sCR0, 4, HOST);
	window_put(sGFSR, 4, 2);
	window_put(BANK(0), 4, 1);
	window_put(BANK(1), 4, ON);
	window_put(BANK(1) + FSR, 4, STALLED | 2); /* on a fault */
	window.model = model;
}

#define CLEAR_FAULTS                                                                               \
	{ BANK(0) + FSR, 0 }, { BANK(1) + FSR, 2 },                                                \
	{                                                                                          \
		sGFSR, 2                                                                           \
	}
#define UP_TO_FINAL                                                                                \
	{ S2CR(0), FAULT }, { S2CR(1), FAULT }, { S2CR(2), FAULT }, { sCR0, 0x400 },               \
		{ BANK(0), 1 }, { BANK(1), NOT_ON }, { BANK(1) + RESUME, 1 },                      \
		{ TLBIALLNSNH, ALL }, { TLBIALLH, ALL }, { sTLBGSYNC, ALL }, { BANK(0), 0 },       \
		{ BANK(1), 0 }, CLEAR_FAULTS

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
		assert_int_equal(window.writes[cases[i].count].offset, sCR0);
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
	window_put(BANK(1) + FSR, 4, 2);
	rig_quiet();
	EXPECT(CLEAR_FAULTS, { sCR0, 1 });
	rig_close();
	setup(1, 1);
	window_put(sCR0, 4, 1);
	window_put(BANK(1) + FSR, 4, 2);
	rig.quiesce.policy = KX_IOMMU_ABORT;
	rig_quiet();
	EXPECT(CLEAR_FAULTS,
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
