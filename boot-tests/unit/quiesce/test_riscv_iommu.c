/* SPDX-License-Identifier: BSD-2-Clause */
/* The RISC-V IOMMU driver against a model that keeps the specification's rules. */
#include "window.h"

#define CAPABILITIES 0x00
#define DDTP         0x10
#define CQB          0x18
#define CQH          0x20
#define CQT          0x24
#define CQCSR        0x48
#define FQCSR        0x4c
#define PQCSR        0x50
#define IPSR         0x54
#define ICVEC        0x2f8
#define MSI(n)       (0x30cu + 16u * (n))

#define BUSY  0x10u
#define TABLE 0x48d159c00ull /* PPN in place */
#define QUEUE (RIG_SCRATCH_PA / KX_PAGE_SIZE << 10 | 7)

static int broken_command; /* the queue stops at it */

static void write_ddtp(uint64_t value)
{
	uint64_t old = window_get(DDTP, 8);

	if (old & BUSY)
		window_fault("ddtp written while busy");
	if (!(value & 0xf) && (value ^ old) >> 10)
		window_fault("PPN changed on the way to Off");
	if ((old & 0xf) > 1 && (value & 0xf))
		window_fault("from translating to mode %u, not through Off", (unsigned)value & 0xf);
	window_put(DDTP, 8, value | BUSY);
	window_answer(DDTP, 0x00000001ffffffff & BUSY, 0);
}

static void write_csr(uint64_t csr, uint64_t value)
{
	uint32_t old = (uint32_t)window_get(csr, 4) & ~((uint32_t)value & 0xf00);

	if (old & 0x20000)
		window_fault("0x%lx written while busy", csr);
	window_put(csr, 4, (old & 0xfff0f00) | (value & 3) | 0x20000);
	if (csr == CQCSR && (value & 1) && !(old & 0x10000))
		window_put(CQH, 4, 0);
	window_answer(csr, 0x30000, value & 1 ? 0x10000 : 0);
}

static void run_commands(uint64_t tail)
{
	static const uint64_t expected[] = { 0x3, 0x1, 0x81, 0x3002 };
	const uint64_t *queue = (const uint64_t *)(void *)rig.scratch;

	if (!(window_get(CQCSR, 4) & 0x10000) || window_get(CQB, 8) != QUEUE || tail != 4)
		window_fault("commands without a queue");
	window_reads(queue, 64);
	for (unsigned int i = 0; i < 4; i++)
		if (queue[2 * i] != expected[i] || queue[2 * i + 1])
			window_fault("command %u is 0x%lx", i, queue[2 * i]);
	if (broken_command)
		window_put(CQCSR, 4, window_get(CQCSR, 4) | 0x400);
	else
		window_answer(CQH, UINT32_MAX, tail);
}

static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	(void)size;
	switch (offset) {
	case DDTP: write_ddtp(value); return 1;
	case CQCSR:
	case FQCSR:
	case PQCSR: write_csr(offset, value); return 1;
	case IPSR: window_put(IPSR, 4, window_get(IPSR, 4) & ~value); return 1;
	case CQB:
	case CQH:
		if (window_get(CQCSR, 4) & 0x30000)
			window_fault("0x%lx written while the queue is on", offset);
		return 0;
	case CQT:
		if (value)
			run_commands(value);
		return 0;
	}
	return 0;
}

/* A host that translates, with faults pending, over a machine that began in `boot_mode`. */
static void setup(uint64_t delay, uint64_t boot_mode)
{
	window_reset(delay);
	broken_command = 0;
	window_put(CAPABILITIES, 8, 0x10);
	window_put(ICVEC, 8, 0x0132);
	window_put(DDTP, 8, boot_mode);
	rig_open(KX_DEVICE_RISCV_IOMMU);
	window_put(DDTP, 8, TABLE | 2);
	window_put(CQCSR, 4, 0x10001);
	window_put(FQCSR, 4, 0x10103);
	window_put(PQCSR, 4, 0x10001);
	window_put(CQT, 4, 9);
	window_put(CQH, 4, 9);
	window_put(IPSR, 4, 2);
	window.model = model;
}

#define UP_TO_QUEUES                                                                               \
	{ DDTP, TABLE }, { CQCSR, 0xf00 }, { CQB, QUEUE }, { CQT, 0 }, { CQCSR, 1 }, { CQT, 4 },   \
		{ CQCSR, 0xf00 }, { FQCSR, 0xf00 }, { PQCSR, 0xf00 }, { MSI(2), 1 },               \
		{ MSI(3), 1 }, { MSI(1), 1 }, { MSI(0), 1 },                                       \
	{                                                                                          \
		IPSR, 2                                                                            \
	}

static void test_sequence(void **unused)
{
	(void)unused;
	for (uint64_t delay = 0; delay < 40; delay += 13) {
		setup(delay, 0);
		rig_quiet();
		EXPECT(UP_TO_QUEUES);
		assert_int_equal(window_get(DDTP, 8), TABLE);
		rig_close();
	}
}

/* Off comes before Bare, and Bare after everything else. */
static void test_bare(void **unused)
{
	(void)unused;
	setup(3, 1);
	rig_quiet();
	EXPECT(UP_TO_QUEUES, { DDTP, TABLE | 1 });
	rig_close();
	setup(3, 0);
	rig.quiesce.policy = KX_IOMMU_BYPASS;
	rig_quiet();
	EXPECT(UP_TO_QUEUES, { DDTP, TABLE | 1 });
	rig_close();
	setup(3, 1);
	rig.quiesce.policy = KX_IOMMU_ABORT;
	rig_quiet();
	EXPECT(UP_TO_QUEUES);
	rig_close();
}

/* It was off and had no queue: nothing to drain, and perhaps no way to memory. */
static void test_off(void **unused)
{
	(void)unused;
	setup(3, 0);
	window_put(DDTP, 8, 0);
	window_put(CQCSR, 4, 0);
	window_put(FQCSR, 4, 0);
	window_put(PQCSR, 4, 0);
	rig_quiet();
	for (size_t i = 0; i < window.write_count; i++)
		assert_true(window.writes[i].offset != CQB && window.writes[i].offset != DDTP);
	rig_close();
}

static int drained(void)
{
	for (size_t i = 0; i < window.write_count; i++)
		if (window.writes[i].offset == CQB)
			return 1;
	return 0;
}

/* One of the two is enough for something to be in its caches. */
static void test_half_off(void **unused)
{
	(void)unused;
	setup(3, 0);
	window_put(DDTP, 8, TABLE);
	rig_quiet();
	assert_true(drained());
	rig_close();
	setup(3, 0);
	window_put(CQCSR, 4, 0);
	rig_quiet();
	assert_true(drained());
	rig_close();
}

/* Interrupts by wires: there is no table of messages. */
static void test_wires(void **unused)
{
	(void)unused;
	for (uint64_t igs = 0; igs < 3; igs++) {
		size_t masked = 0;

		setup(3, 0);
		window_put(CAPABILITIES, 8, 0x8000000000000010u | igs << 28);
		rig_quiet();
		for (size_t i = 0; i < window.write_count; i++)
			masked += window.writes[i].offset >= MSI(0);
		assert_int_equal(masked, igs == 1 ? 0 : 4);
		rig_close();
	}
}

/* What the host asked of it last is not done yet. */
static void test_busy(void **unused)
{
	(void)unused;
	setup(7, 0);
	window_put(DDTP, 8, TABLE | 2 | BUSY);
	window_put(CQCSR, 4, 0x30001);
	window_put(FQCSR, 4, 0x20000);
	window_answer_old(DDTP, BUSY, 0);
	window_answer_old(CQCSR, 0x20000, 0);
	window_answer_old(FQCSR, 0x20000, 0x10000);
	rig_quiet();
	EXPECT(UP_TO_QUEUES);
	rig_close();
}

static void test_timeouts(void **unused)
{
	static const struct { uint64_t reg; int stage; } cases[] = {
		{ DDTP, KX_STAGE_IOMMU_BLOCK }, { CQCSR, KX_STAGE_IOMMU_DRAIN },
		{ CQH, KX_STAGE_IOMMU_DRAIN }, { FQCSR, KX_STAGE_IOMMU_QUEUES },
		{ PQCSR, KX_STAGE_IOMMU_QUEUES },
	}, later[] = { /* it had answered before */
		{ CQCSR, KX_STAGE_IOMMU_QUEUES }, { DDTP, KX_STAGE_IOMMU_FINAL },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(2, 0);
		rig_stuck(cases[i].reg, cases[i].stage, cases[i].reg);
	}
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		setup(2, 1);
		rig_stuck_later(later[i].reg, later[i].stage, later[i].reg);
	}
}

static void test_faults(void **unused)
{
	(void)unused;
	setup(2, 0);
	broken_command = 1;
	rig_fails(KX_ERR_DEVICE_FAULT, KX_STAGE_IOMMU_DRAIN, CQCSR);
	rig_close();
	/* A machine that began translating cannot be put back so. */
	setup(2, 2);
	rig_fails(KX_ERR_IOMMU_POLICY, KX_STAGE_PREFLIGHT, 0);
	assert_int_equal(window.write_count, 0);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence), cmocka_unit_test(test_bare),
		cmocka_unit_test(test_off),      cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_faults),   cmocka_unit_test(test_busy),
		cmocka_unit_test(test_half_off), cmocka_unit_test(test_wires),
	};

	return cmocka_run_group_tests_name("riscv_iommu", tests, NULL, NULL);
}
