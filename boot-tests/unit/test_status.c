/* SPDX-License-Identifier: BSD-2-Clause */
/* The status record: what is written is what is read, and damage shows. */
#include "unit.h"

#include <kx/status.h>

#include "cpu.h"
#include "fake.h"

static struct kx_status record __attribute__((aligned(KX_STATUS_SIZE)));
static struct kx_status_report report;

static int begin(void **state)
{
	(void)state;
	fake_reset();
	memset(&record, 0xa5, sizeof(record));
	memset(&report, 0xa5, sizeof(report));
	kx_status_begin(&record, 10000000);
	return 0;
}

/* A stage that begins `us` after the counter's start */
static void stage_at(unsigned int stage, uint64_t us)
{
	fake.ticks = us * 10 + 100;
	kx_status_stage(&record, stage);
}

static void test_empty(void **state)
{
	(void)state;
	assert_result(kx_status_read(&record, &report), 0);
	assert_string_equal(report.stage, "none");
	assert_null(report.outcome);
	assert_int_equal(report.count, 0);
	assert_int_equal(record.arch, KX_STATUS_HERE);
	assert_int_equal(fake.published, sizeof(record));
	kx_status_stage(&record, 0);
	kx_status_stage(&record, KX_STATUS_STAGES + 1);
	assert_result(kx_status_read(&record, &report), 0);
	assert_int_equal(report.count, 0);
}

static void assert_time(size_t i, unsigned int stage, uint64_t us)
{
	assert_int_equal(report.times[i].stage, stage);
	assert_in_range(report.times[i].us + 1, us, us + 2); /* rounded */
}

static void test_times(void **state)
{
	(void)state;
	stage_at(KX_STATUS_QUIESCE, 0);
	stage_at(KX_STATUS_ENTER, 1500);
	stage_at(KX_STATUS_COPY, 1520);
	stage_at(KX_STATUS_JUMP, 40000);
	assert_result(kx_status_read(&record, &report), 0);
	assert_string_equal(report.stage, "jump");
	assert_int_equal(report.count, 4);
	assert_true(report.has_rate);
	assert_time(0, KX_STATUS_QUIESCE, 1500);
	assert_time(1, KX_STATUS_ENTER, 20);
	assert_time(2, KX_STATUS_COPY, 38480);
	assert_time(3, KX_STATUS_JUMP, 0);
	/* with purgatory there are two jumps, and the page's is kept as long as there is no fault */
	stage_at(KX_STATUS_VERIFY, 40010);
	assert_result(kx_status_read(&record, &report), 0);
	assert_time(3, KX_STATUS_JUMP, 10);
	assert_time(4, KX_STATUS_VERIFY, 0);
	stage_at(KX_STATUS_CLEAN, 49010);
	stage_at(KX_STATUS_JUMP, 50010);
	assert_result(kx_status_read(&record, &report), 0);
	assert_int_equal(report.count, 7);
	assert_int_equal(report.pc, 0);
	assert_time(2, KX_STATUS_COPY, 38480);
	assert_time(3, KX_STATUS_HANDED, 10);
	assert_time(4, KX_STATUS_VERIFY, 9000);
	assert_time(5, KX_STATUS_CLEAN, 1000);
	assert_time(6, KX_STATUS_JUMP, 0);
	assert_string_equal(kx_status_stage_name(KX_STATUS_HANDED), "jump");
	assert_string_equal(kx_status_stage_name(KX_STATUS_CLEAN), "clean");
	kx_status_fail(&record, -KX_ERR_DIGEST, 5); /* which takes the place of the two that are no fault's */
	assert_result(kx_status_read(&record, &report), 0);
	assert_int_equal(report.count, 5);
	assert_int_equal(report.pc, 0);
	assert_time(2, KX_STATUS_COPY, 38490);
	assert_time(3, KX_STATUS_VERIFY, 10000);
	assert_time(4, KX_STATUS_JUMP, 0);
}

/* The counter goes round in the middle of a hop, and it may be of any rate, or of none that is known. */
static void test_rates(void **state)
{
	const uint64_t rates[] = { 0, 32768, 1000000, 24000000, 62500000, 1000000000, 3000000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t hz = rates[i], second = hz ? hz : 1000000;
		uint64_t span = 600 * second, unit;

		kx_status_begin(&record, hz);
		unit = (uint64_t)2 << (record.rate >> 24);
		fake.ticks = ((uint64_t)UINT32_MAX << (record.rate >> 24)) - span / 2;
		kx_status_stage(&record, KX_STATUS_QUIESCE);
		fake.ticks += span;
		kx_status_stage(&record, KX_STATUS_ENTER);
		assert_result(kx_status_read(&record, &report), 0);
		assert_int_equal(report.has_rate, hz >= 1000);
		if (!hz)
			assert_in_range(report.times[0].us, span - unit, span + unit);
		else if (hz >= 1000000) /* rates are in kHz: to a thousandth */
			assert_in_range(report.times[0].us, 599990000, 600010000);
		else
			assert_in_range(report.times[0].us, 590000000, 620000000);
	}
}

/* All six, two of them in one step of the counter: in their order, each once. */
static void test_stages(void **state)
{
	static const unsigned int order[] = { KX_STATUS_QUIESCE, KX_STATUS_ENTER, KX_STATUS_COPY,
					      KX_STATUS_VERIFY, KX_STATUS_JUMP, KX_STATUS_RETURN };

	(void)state;
	fake.tick = 0;
	for (size_t i = 0; i < 6; i++)
		stage_at(order[i], i < 2 ? 100 : 100 * i);
	assert_result(kx_status_read(&record, &report), 0);
	assert_int_equal(report.count, 6);
	assert_string_equal(report.stage, "return");
	for (size_t i = 0; i < 6; i++)
		assert_time(i, order[i], i == 0 || i == 5 ? 0 : 100);
	kx_status_begin(&record, 1000000);
	stage_at(KX_STATUS_COPY, 5);
	assert_result(kx_status_read(&record, &report), 0);
	assert_int_equal(report.count, 1);
	for (size_t i = 1; i < KX_STATUS_STAGES; i++)
		assert_int_equal(report.times[i].stage, 0); /* nothing is left of the one before */
}

/* Steps are as fine as fit: one more in a second, and they are twice as long. */
static void test_shift(void **state)
{
	(void)state;
	kx_status_begin(&record, UINT32_MAX / 1024);
	assert_int_equal(record.rate >> 24, 0);
	kx_status_begin(&record, UINT32_MAX / 1024 + 1);
	assert_int_equal(record.rate >> 24, 1);
}

/* Words count the more the earlier they are; <kx/status.h> says how. */
static void test_sum(void **state)
{
	uint32_t *words = (uint32_t *)(void *)&record, count = KX_STATUS_SUM / 4;

	(void)state;
	memset(&record, 0, sizeof(record));
	for (uint32_t i = 0; i < count; i++) {
		words[i] = 1;
		assert_int_equal(kx_status_sum(&record), 2 * (count - i) - 1);
		words[i] = 0;
	}
}

static void assert_whose(uint8_t stage, uint32_t verify, const char *blob, const char *index_is)
{
	record.stage = stage;
	record.edge[KX_STATUS_VERIFY - 1] = verify;
	record.sum = kx_status_sum(&record);
	assert_result(kx_status_read(&record, &report), 0);
	assert_string_equal(report.blob, blob);
	assert_string_equal(report.index_is, index_is);
	assert_int_equal(report.pc, 0x123456789);
	assert_int_equal(report.index, 77);
}

/* Whose program counter and index they are: of purgatory from where it begins to verify. */
static void test_whose(void **state)
{
	(void)state;
	record.fault = KX_FAULT_CPU;
	record.pc = 0x123456789;
	record.index = 77;
	assert_whose(KX_STATUS_COPY, 0, "control", "entry");
	assert_whose(KX_STATUS_COPY, 9, "control", "entry"); /* of another hop */
	assert_whose(KX_STATUS_VERIFY, 9, "purgatory", "region");
	assert_whose(KX_STATUS_JUMP, 9, "purgatory", "region");
	assert_whose(KX_STATUS_JUMP, 0, "control", "entry");
	record.edge[KX_STATUS_QUIESCE - 1] = record.edge[KX_STATUS_RETURN - 1] = 5;
	assert_whose(KX_STATUS_JUMP, 0, "control", "entry");
	record.arch = 99;
	assert_whose(KX_STATUS_JUMP, 9, "purgatory", "region");
	assert_string_equal(report.arch, "unknown");
}

/* What no writer leaves, with a sum that is right. */
static void test_nonsense(void **state)
{
	struct kx_status good = record;

	(void)state;
	record.magic++;
	record.sum = kx_status_sum(&record);
	assert_result(kx_status_read(&record, &report), KX_ERR_STATUS_NONE);
	record = good;
	record.version++;
	record.sum = kx_status_sum(&record);
	assert_result(kx_status_read(&record, &report), KX_ERR_STATUS_NONE);
	record = good;
	record.stage = KX_STATUS_STAGES + 1;
	record.sum = kx_status_sum(&record);
	assert_result(kx_status_read(&record, &report), KX_ERR_STATUS_DAMAGED);
	record = good;
	record.fault = KX_FAULT_ERROR + 1;
	record.sum = kx_status_sum(&record);
	assert_result(kx_status_read(&record, &report), KX_ERR_STATUS_DAMAGED);
}

/* Any bit that changes is seen; so are words that have changed places. */
static void test_damage(void **state)
{
	uint32_t *words = (uint32_t *)(void *)&record, word;

	(void)state;
	stage_at(KX_STATUS_COPY, 77);
	for (unsigned int bit = 0; bit < 8 * sizeof(record); bit++) {
		int error;

		words[bit / 32] ^= 1u << bit % 32;
		error = kx_status_read(&record, &report);
		assert_true(error == -KX_ERR_STATUS_DAMAGED ||
			    (bit < 40 && error == -KX_ERR_STATUS_NONE));
		words[bit / 32] ^= 1u << bit % 32;
	}
	word = words[8];
	words[8] = words[11];
	words[11] = word;
	assert_result(kx_status_read(&record, &report), KX_ERR_STATUS_DAMAGED);
	memset(&record, 0, sizeof(record));
	assert_result(kx_status_read(&record, &report), KX_ERR_STATUS_NONE);
	memset(&record, 0xff, sizeof(record));
	assert_result(kx_status_read(&record, &report), KX_ERR_STATUS_NONE);
	assert_result(kx_status_read(NULL, &report), KX_ERR_ARGUMENT);
	assert_result(kx_status_read(&record, NULL), KX_ERR_ARGUMENT);
}

static void assert_outcome(uint8_t arch, uint32_t cause, const char *name)
{
	record.arch = arch;
	record.fault = KX_FAULT_CPU;
	record.cause = cause;
	record.sum = kx_status_sum(&record);
	assert_result(kx_status_read(&record, &report), 0);
	assert_memory_equal(report.outcome, name, strlen(name));
	assert_int_equal(report.outcome[strlen(name)], ':');
	assert_int_equal(report.cause, cause);
}

#define EC(n) ((uint32_t)(n) << 26)

/* By number: Priv "Supervisor Cause Register", Arm "ESR_EL1" EC, SDM "Exception and Interrupt Reference" */
static const struct { uint8_t arch; uint32_t cause; const char *name; } causes[] = {
	{ KX_STATUS_RISCV64, 0, "fetch-misaligned" }, { KX_STATUS_RISCV64, 1, "fetch-access" },
	{ KX_STATUS_RISCV64, 2, "illegal-instruction" }, { KX_STATUS_RISCV64, 3, "breakpoint" },
	{ KX_STATUS_RISCV64, 4, "load-misaligned" }, { KX_STATUS_RISCV64, 5, "load-access" },
	{ KX_STATUS_RISCV64, 6, "store-misaligned" }, { KX_STATUS_RISCV64, 12, "fetch-page" },
	{ KX_STATUS_RISCV64, 13, "load-page" }, { KX_STATUS_RISCV64, 15, "store-page" },
	{ KX_STATUS_RISCV64, 19, "hardware-error" },
	{ KX_STATUS_AARCH64, EC(0), "undefined" }, { KX_STATUS_AARCH64, EC(7), "simd-trapped" },
	{ KX_STATUS_AARCH64, EC(0xe), "illegal-state" }, { KX_STATUS_AARCH64, EC(0x18), "register-trapped" },
	{ KX_STATUS_AARCH64, EC(0x20), "fetch-abort" }, { KX_STATUS_AARCH64, EC(0x21), "fetch-abort" },
	{ KX_STATUS_AARCH64, EC(0x22), "pc-misaligned" }, { KX_STATUS_AARCH64, EC(0x26), "sp-misaligned" },
	{ KX_STATUS_AARCH64, EC(0x3c), "breakpoint" },
	{ KX_STATUS_X86_64, 0, "divide" }, { KX_STATUS_X86_64, 1, "debug" },
	{ KX_STATUS_X86_64, 3, "breakpoint" }, { KX_STATUS_X86_64, 6, "invalid-opcode" },
	{ KX_STATUS_X86_64, 8, "double-fault" }, { KX_STATUS_X86_64, 10, "invalid-tss" },
	{ KX_STATUS_X86_64, 11, "segment-absent" }, { KX_STATUS_X86_64, 12, "stack-segment" },
	{ KX_STATUS_X86_64, 13, "general-protection" }, { KX_STATUS_X86_64, 17, "alignment" },
	{ KX_STATUS_X86_64, 18, "machine-check" }, { KX_STATUS_X86_64, 19, "simd" },
	{ KX_STATUS_X86_64, 21, "control-protection" },
};

/* Causes of every architecture, wherever they are read; every number has words. */
static void test_causes(void **state)
{
	(void)state;
	stage_at(KX_STATUS_COPY, 1);
	assert_outcome(KX_STATUS_RISCV64, 7, "store-access");
	assert_string_equal(report.arch, "riscv64");
	assert_outcome(KX_STATUS_RISCV64, 0x80000005, "interrupt");
	assert_outcome(KX_STATUS_AARCH64, 0x96000045, "data-abort");
	assert_string_equal(report.arch, "aarch64");
	assert_outcome(KX_STATUS_AARCH64, 0xbe000000, "serror");
	assert_outcome(KX_STATUS_AARCH64, KX_FAULT_INTERRUPT | 2, "interrupt");
	assert_outcome(KX_STATUS_X86_64, 14, "page-fault");
	assert_string_equal(report.arch, "x86_64");
	assert_outcome(KX_STATUS_X86_64, 2, "nmi");
	assert_outcome(KX_STATUS_X86_64, 99, "unknown-cause");
	assert_outcome(9, 0, "unknown-cause");
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		assert_outcome(causes[i].arch, causes[i].cause, causes[i].name);
	for (uint8_t arch = 0; arch < 5; arch++) {
		assert_outcome(arch, KX_FAULT_LIST_FLAG, "list-flag");
		assert_string_equal(report.at_is, "word");
		for (uint32_t cause = 0; cause < 64; cause++) {
			record.arch = arch;
			record.cause = cause << (arch == KX_STATUS_AARCH64 ? 26 : 0);
			record.sum = kx_status_sum(&record);
			assert_result(kx_status_read(&record, &report), 0);
			assert_non_null(strchr(report.outcome, ':'));
		}
	}
}

static void test_host_failure(void **state)
{
	(void)state;
	stage_at(KX_STATUS_QUIESCE, 5);
	kx_status_fail(&record, -KX_ERR_DEVICE_TIMEOUT, 0x1234);
	assert_result(kx_status_read(&record, &report), 0);
	assert_string_equal(report.stage, "quiesce");
	assert_string_equal(report.outcome, kx_strerror(KX_ERR_DEVICE_TIMEOUT));
	assert_int_equal(report.at, 0x1234);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(kx_status_stage_name(KX_STATUS_QUIESCE), "quiesce");
	assert_string_equal(kx_status_stage_name(KX_STATUS_ENTER), "enter");
	assert_string_equal(kx_status_stage_name(KX_STATUS_COPY), "copy");
	assert_string_equal(kx_status_stage_name(KX_STATUS_VERIFY), "verify");
	assert_string_equal(kx_status_stage_name(KX_STATUS_JUMP), "jump");
	assert_string_equal(kx_status_stage_name(KX_STATUS_RETURN), "return");
	assert_string_equal(kx_status_stage_name(0), "none");
	for (unsigned int stage = 1; stage <= KX_STATUS_STAGES; stage++)
		assert_in_range(strlen(kx_status_stage_name(stage)), 4, 7); /* eight bytes in the page */
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),
		TEST(test_times),
		TEST(test_rates),
		TEST(test_stages),
		TEST(test_shift),
		TEST(test_sum),
		TEST(test_whose),
		TEST(test_nonsense),
		TEST(test_damage),
		TEST(test_causes),
		TEST(test_host_failure),
		TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
