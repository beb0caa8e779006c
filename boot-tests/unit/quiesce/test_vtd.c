/* SPDX-License-Identifier: BSD-2-Clause */
/* The VT-d driver against a model that keeps the specification's rules. */
#include "window.h"

#define CAP    0x08
#define ECAP   0x10
#define GCMD   0x18
#define GSTS   0x1c
#define RTADDR 0x20
#define CCMD   0x28
#define FSTS   0x34
#define FECTL  0x38
#define PMEN   0x64
#define IQH    0x80
#define IQT    0x88
#define IQA    0x90
#define IECTL  0xa0
#define PECTL  0xe0
#define FRCD   0x200 /* CAP.FRO 0x20 */
#define IOTLB  0x108 /* ECAP.IRO 0x10 */

#define TE   0x80000000u
#define SRTP 0x40000000u
#define WBF  0x08000000u
#define QIE  0x04000000u
#define IRE  0x02000000u
#define IRTP 0x01000000u
#define IM   0x80000000u
#define IQE  0x10u
#define ITE  0x40u
#define PAGE2 (RIG_SCRATCH_PA + KX_PAGE_SIZE)

#define WAIT  0x00004b5800000025ull
#define WROTE (RIG_SCRATCH_PA + 0xff8)

static int broken_command; /* 1: in the host's queue, 2: in ours */
static int broken_times;   /* so often; 0: always */
static uint32_t broken_how; /* IQE or ITE */
static int broken_early;   /* it is not even fetched */
static int wide;           /* the host's descriptors are of 256 bits */
static int waited; /* the last descriptor was one that waits */

static void write_gcmd(uint64_t value)
{
	uint32_t now = (uint32_t)window_get(GSTS, 4) & 0x96ffffff;
	uint32_t changed = (uint32_t)value ^ now;

	if (!changed || (changed & (changed - 1)))
		window_fault("GCMD changes more or less than one bit: 0x%x", changed);
	if (value & IRTP)
		window_fault("GCMD with a one-shot bit of GSTS");
	if (changed == WBF)
		window_put(GSTS, 4, now | (window_get(GSTS, 4) & ~0x96ffffffull) | WBF);
	if (changed == QIE && (value & QIE))
		window_put(IQH, 8, 0);
	if (changed == QIE && !(value & QIE) && (!waited || window_get(IQH, 8) != window_get(IQT, 8)))
		window_fault("the queue goes off before it is at rest");
	if (changed == SRTP)
		window_put(GSTS, 4, window_get(GSTS, 4) & ~(uint64_t)SRTP);
	window_answer(GSTS, changed, (value & changed) && changed != WBF ? changed : 0);
}

/* What comes to the host's queue waits, and the last of all says so. Is there one that does? */
static int run_last(uint64_t tail)
{
	uint64_t at = window_get(IQH, 8), size = wide ? 32 : 16;
	int says = 0;

	for (; at != tail; at = (at + size) % KX_PAGE_SIZE) {
		const uint64_t *descriptor = rig.memory + at / 8;

		window_reads(descriptor, size);
		says = descriptor[1] == WROTE;
		if (descriptor[0] != WAIT || (!says && descriptor[1] != WROTE - 8))
			window_fault("the host's queue goes on otherwise");
		if (wide && (descriptor[2] || descriptor[3]))
			window_fault("no zeros behind the descriptor");
	}
	return says;
}

static int run_ours(uint64_t tail)
{
	static const uint64_t expected[][2] = { { 0x11 }, { 0xd2 }, { 0x04 }, { WAIT, WROTE } };
	const uint64_t *queue = (const uint64_t *)(void *)rig.scratch;
	unsigned int step = wide ? 4 : 2;

	if (window_get(IQA, 8) != (RIG_SCRATCH_PA | (wide ? 0x800 : 0)) || tail != 4 * 8 * step)
		window_fault("commands without a queue");
	window_reads(queue, 32 * step);
	for (unsigned int i = 0; i < 4; i++)
		if (memcmp(queue + step * i, expected[i], sizeof(expected[i])))
			window_fault("command %u is 0x%lx", i, queue[step * i]);
	return 1;
}

static void run_commands(uint64_t tail)
{
	int host = window_get(IQA, 8) == (RIG_MEMORY_PA | (wide ? 0x800 : 0)), says;

	if (window_get(FSTS, 4) & (IQE | ITE))
		return; /* it stands still */
	says = (host ? run_last : run_ours)(tail);
	if (says && broken_command == (host ? 1 : 2)) {
		window_put(FSTS, 4, broken_how);
		if (broken_times && !--broken_times)
			broken_command = 0;
		if (broken_early)
			return;
	} else if (says) {
		window_answer_memory((uint32_t *)(void *)(rig.scratch + 0xff8), 0x4b58);
	}
	window_put(IQH, 8, tail);
	waited = 1;
}

static int is_zero(const uint8_t *page)
{
	for (size_t i = 0; i < KX_PAGE_SIZE; i++)
		if (page[i])
			return 0;
	return 1;
}

static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	(void)size;
	switch (offset) {
	case GCMD: write_gcmd(value); return 1;
	case RTADDR:
		window_reads(rig.scratch + KX_PAGE_SIZE, KX_PAGE_SIZE);
		if (!is_zero(rig.scratch + KX_PAGE_SIZE))
			window_fault("the new root table is not empty");
		return 0;
	case IQA:
		if (window_get(GSTS, 4) & QIE)
			window_fault("IQA written while the queue is on");
		return 0;
	case IQT:
		if (window_get(GSTS, 4) & QIE)
			run_commands(value);
		else if (value)
			window_fault("commands without a queue");
		return 0;
	case CCMD:
	case IOTLB:
		if (window_get(GSTS, 4) & QIE)
			window_fault("invalidation by registers while the queue is on");
		window_put(offset, 8, value);
		window_answer(offset, 1ull << 63, 0);
		return 1;
	case PMEN:
		window_put(PMEN, 4, value | 1);
		window_answer(PMEN, 1, 0);
		return 1;
	case FSTS: window_put(FSTS, 4, window_get(FSTS, 4) & ~value); return 1;
	}
	return 0;
}

#define CAP_BASE (0x20ull << 24) /* FRO, one fault record */

static void setup(uint64_t delay, uint64_t cap, uint64_t ecap, uint32_t boot_gsts)
{
	window_reset(delay);
	broken_command = broken_times = broken_early = wide = waited = 0;
	broken_how = IQE;
	window_put(CAP, 8, CAP_BASE | cap);
	window_put(ECAP, 8, 0x10 << 8 | ecap);
	window_put(GSTS, 4, boot_gsts);
	rig_open(KX_DEVICE_VTD);
	window_put(GSTS, 4, TE | SRTP | IRTP | (ecap & 2 ? QIE : 0) | (ecap & 8 ? IRE : 0));
	window_put(IQH, 8, 0x30);
	window_put(IQT, 8, 0x30);
	window_put(IQA, 8, RIG_MEMORY_PA);
	window.model = model;
}

/* Protected memory, write buffers, a queue, interrupt remapping: everything there is. */
static void test_sequence(void **unused)
{
	(void)unused;
	for (uint64_t delay = 0; delay < 40; delay += 13) {
		setup(delay, 0x30, 0x2000000aull, 0);
		window_put(PMEN, 4, 0x80000001);
		rig_quiet();
		EXPECT({ FECTL, IM }, { IECTL, IM }, { PECTL, IM }, { IQT, 0x40 },
		       { GCMD, TE | IRE }, { GCMD, TE | IRE | WBF }, { RTADDR, PAGE2 }, { GCMD, TE | IRE | SRTP },
		       { FSTS, 0x71 }, { IQT, 0 }, { IQA, RIG_SCRATCH_PA }, { GCMD, TE | IRE | QIE },
		       { IQT, 64 }, { GCMD, TE | QIE }, { GCMD, TE }, { PMEN, 0 }, { GCMD, 0 },
		       { FRCD + 12, 0x80000000 }, { FSTS, 0x71 });
		rig_close();
	}
}

/* The host's queue wraps around, its descriptors are wide, and its tables of the other format. */
static void test_wide(void **unused)
{
	(void)unused;
	setup(3, 0, 0xa, 0);
	wide = 1;
	window_put(IQA, 8, RIG_MEMORY_PA | 0x800);
	window_put(IQH, 8, 0xfe0);
	window_put(IQT, 8, 0xfe0);
	window_put(RTADDR, 8, 0x77777400);
	memset(rig.memory, 0xff, KX_PAGE_SIZE);
	rig_quiet();
	assert_int_equal(window.writes[2].offset, IQT);
	assert_int_equal(window.writes[2].value, 0);
	assert_int_equal(window_get(RTADDR, 8), PAGE2 | 0x400);
	rig_close();
}

#define AFTER_HOST_QUEUE                                                                           \
	{ GCMD, TE | IRE }, { RTADDR, PAGE2 }, { GCMD, TE | IRE | SRTP }, { FSTS, 0x71 }, { IQT, 0 },   \
		{ IQA, RIG_SCRATCH_PA }, { GCMD, TE | IRE | QIE }, { IQT, 64 }, { GCMD, TE | QIE },     \
		{ GCMD, TE }, { GCMD, 0 }, { FRCD + 12, 0x80000000 },                                   \
	{                                                                                          \
		FSTS, 0x71                                                                         \
	}

/* The host's queue stands still after an error, two descriptors from its tail; or comes to stand still. */
static void test_broken_queue(void **unused)
{
	(void)unused;
	for (int i = 0; i < 3; i++) {
		setup(i < 2 ? 3 : 1, 0, 0xa, 0); /* 1: when it is looked at again */
		window_put(IQH, 8, 0xff0);
		window_put(IQT, 8, 0x10);
		if (i < 2)
			window_put(FSTS, 4, i ? ITE : IQE);
		else
			window_answer_old(FSTS, 0, ITE);
		memset(rig.memory, 0xff, KX_PAGE_SIZE);
		rig_quiet();
		EXPECT({ FECTL, IM }, { IECTL, IM }, { FSTS, 0x71 }, { IQT, 0x10 }, { IQT, 0x20 },
		       AFTER_HOST_QUEUE);
		rig_close();
	}
}

/* A device's answer is no longer awaited when ours is the last descriptor, fetched or not: it is dropped. */
static void test_time_out(void **unused)
{
	(void)unused;
	for (int early = 0; early < 2; early++) {
		setup(3, 0, 0xa, 0);
		broken_command = broken_times = 1;
		broken_how = ITE;
		broken_early = early;
		rig_quiet();
		EXPECT({ FECTL, IM }, { IECTL, IM }, { IQT, 0x40 }, { FSTS, 0x71 }, { IQT, 0x40 },
		       { IQT, 0x50 }, AFTER_HOST_QUEUE);
		rig_close();
	}
}

/* An old unit: no queue, no interrupt remapping. */
static void test_registers(void **unused)
{
	(void)unused;
	setup(5, 0, 0, 0);
	rig_quiet();
	EXPECT({ FECTL, IM }, { RTADDR, PAGE2 }, { GCMD, TE | SRTP }, { CCMD, 0xa000000000000000 },
	       { IOTLB, 0x9003000000000000 }, { GCMD, 0 }, { FRCD + 12, 0x80000000 },
	       { FSTS, 0x71 });
	rig_close();
}

/* As the policy says, whatever it was. */
static void test_bypass(void **unused)
{
	(void)unused;
	setup(2, 0x20, 0xa, TE);
	rig.quiesce.policy = KX_IOMMU_BYPASS;
	rig_quiet();
	assert_int_equal(window_get(GSTS, 4) & (TE | IRE | QIE), 0);
	rig_close();
}

static void test_off(void **unused)
{
	(void)unused;
	setup(5, 0, 2, 0);
	window_put(GSTS, 4, 0);
	rig_quiet();
	EXPECT({ FECTL, IM }, { IECTL, IM }, { FRCD + 12, 0x80000000 }, { FSTS, 0x71 });
	rig_close();
}

static void test_timeouts(void **unused)
{
	(void)unused;
	setup(2, 0x20, 0xa, 0); /* the host's queue never empties */
	window_put(IQH, 8, 0x20);
	rig_fails(KX_ERR_DEVICE_TIMEOUT, KX_STAGE_IOMMU_BLOCK, IQH);
	rig_close();
	setup(2, 0x20, 0xa, 0);
	rig_stuck(GSTS, KX_STAGE_IOMMU_BLOCK, GSTS);
	setup(2, 0x20, 0xa, 0);
	window_put(PMEN, 4, 1);
	rig_stuck(PMEN, KX_STAGE_IOMMU_OFF, PMEN);
	setup(2, 0x20, 0xa, 0);
	*(uint32_t *)(void *)(rig.scratch + 0xff8) = 0x4b58; /* of an earlier one */
	rig_stuck(MEMORY, KX_STAGE_IOMMU_BLOCK, IQT); /* the wait descriptor writes nothing */
	EXPECT({ FECTL, IM }, { IECTL, IM }, { IQT, 0x40 }); /* which is no reason to try again */
	setup(2, 0x20, 0xa, 0);
	window_put(GSTS, 4, TE | SRTP); /* and neither in our own queue */
	rig_stuck(MEMORY, KX_STAGE_IOMMU_DRAIN, IQT);
	setup(2, 0x20, 0, 0);
	rig_stuck(IOTLB, KX_STAGE_IOMMU_DRAIN, IOTLB);
	setup(2, 0x20, 0, 0);
	rig_stuck(CCMD, KX_STAGE_IOMMU_DRAIN, CCMD);
	for (int stage = KX_STAGE_IOMMU_DRAIN; stage <= KX_STAGE_IOMMU_OFF; stage++) {
		setup(2, 0x20, 0xa, 0); /* it had answered before */
		rig_stuck_later(GSTS, stage, GSTS);
	}
}

static void test_faults(void **unused)
{
	(void)unused;
	for (int i = 0; i < 4; i++) {
		setup(2, 0x20, 0xa, 0);
		broken_command = i / 2 + 1;
		broken_how = i % 2 ? ITE : IQE;
		rig_fails(KX_ERR_DEVICE_FAULT, i < 2 ? KX_STAGE_IOMMU_BLOCK : KX_STAGE_IOMMU_DRAIN, FSTS);
		rig_close();
	}
	setup(2, 0x20, 0xa, 0);
	window_put(IQA, 8, 0x77777000); /* the host cannot reach its own queue */
	rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_IOMMU_BLOCK, IQA);
	rig_close();
	for (int i = 0; i < 2; i++) { /* a tail behind its end, or between two wide descriptors */
		setup(2, 0x20, 0xa, 0);
		window_put(IQA, 8, RIG_MEMORY_PA | (i ? 0x800 : 0));
		window_put(IQT, 8, i ? 0x10 : KX_PAGE_SIZE);
		window_put(IQH, 8, i ? 0x10 : KX_PAGE_SIZE);
		rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_IOMMU_BLOCK, IQA);
		rig_close();
	}
	setup(2, 0x20, 0xa, TE);
	rig_fails(KX_ERR_IOMMU_POLICY, KX_STAGE_PREFLIGHT, 0);
	rig_close();
	setup(2, 0x20, 0xa, 0);
	rig.quiesce.policy = KX_IOMMU_ABORT;
	rig_fails(KX_ERR_IOMMU_POLICY, KX_STAGE_PREFLIGHT, 0);
	assert_int_equal(window.write_count, 0);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence), cmocka_unit_test(test_registers),
		cmocka_unit_test(test_wide),     cmocka_unit_test(test_time_out),
		cmocka_unit_test(test_broken_queue), cmocka_unit_test(test_bypass),
		cmocka_unit_test(test_off),      cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests_name("vtd", tests, NULL, NULL);
}
