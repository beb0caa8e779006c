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
		TEST(test_damage),
		TEST(test_causes),
		TEST(test_host_failure),
		TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
