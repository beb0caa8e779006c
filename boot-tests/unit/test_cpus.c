/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_cpus_confirm() and the one bounded wait, against a firmware and a counter that misbehave. */
#include "unit.h"

#include "clock.h"
#include "fake.h"

#define FOR_EVER UINT64_MAX

static const uint64_t ids[] = { 3, 1, 2 };
static struct kx_cpus cpus;

static int open_machine(void **state)
{
	(void)state;
	fake_reset();
	cpus = (struct kx_cpus){ .ids = ids, .count = 3, .timer_hz = 1000000, .timeout_us = 100 };
	return 0;
}

static void test_stopped(void **state)
{
	uint64_t culprit = 77;

	(void)state;
	assert_result(kx_cpus_confirm(&cpus, &culprit), 0);
	assert_int_equal(culprit, 77);
	for (int i = 0; i < 3; i++)
		assert_int_equal(fake.cpus[ids[i]].asked, 1);
}

static void test_alone(void **state)
{
	(void)state;
	cpus = (struct kx_cpus){ .count = 0 };
	assert_result(kx_cpus_confirm(&cpus, NULL), 0);
	assert_int_equal(fake.ticks, 0);
}

static void test_argument(void **state)
{
	(void)state;
	assert_result(kx_cpus_confirm(NULL, NULL), KX_ERR_ARGUMENT);
	cpus.ids = NULL;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_ARGUMENT);
	cpus.ids = ids;
	cpus.method = KX_CPUS_PSCI_SMC + 1;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_ARGUMENT);
	cpus.method = KX_CPUS_DEFAULT;
	cpus.timer_hz = 0;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_ARGUMENT);
	cpus.timer_hz = 1000000;
	cpus.method = KX_CPUS_PSCI_SMC; /* the last that there is */
	assert_result(kx_cpus_confirm(&cpus, NULL), 0);
	cpus.method++;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_ARGUMENT);
}

/* STOP_PENDING first, stopped a while later. */
static void test_delayed(void **state)
{
	(void)state;
	fake.cpus[1].running = 50;
	assert_result(kx_cpus_confirm(&cpus, NULL), 0);
	assert_int_equal(fake.cpus[1].asked, 51);
	assert_int_equal(fake.cpus[2].asked, 1);
}

static void test_never_stops(void **state)
{
	uint64_t culprit = 77;

	(void)state;
	fake.cpus[1].running = FOR_EVER;
	assert_result(kx_cpus_confirm(&cpus, &culprit), KX_ERR_CPU_RUNNING);
	assert_int_equal(culprit, 1);
	assert_int_equal(fake.cpus[2].asked, 0);
	assert_in_range(fake.ticks, 100, 110); /* neither too early nor much too late */
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_CPU_RUNNING);
}

/* The time is for all together: the second of two that do not stop gets no time of its own. */
static void test_one_deadline(void **state)
{
	(void)state;
	fake.cpus[3].running = 60;
	fake.cpus[1].running = 60;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_CPU_RUNNING);
	assert_in_range(fake.ticks, 100, 110);
}

/* Time is up, but all have stopped: each is asked once, and that is enough. */
static void test_no_time(void **state)
{
	(void)state;
	cpus.timeout_us = 0;
	assert_result(kx_cpus_confirm(&cpus, NULL), 0);
	fake.cpus[2].running = 1;
	fake.cpus[2].asked = 0;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_CPU_RUNNING);
	assert_int_equal(fake.cpus[2].asked, 1);
}

static void test_firmware_error(void **state)
{
	uint64_t culprit = 77;

	(void)state;
	fake.cpus[1].running = 2;
	fake.cpus[1].answer = -KX_ERR_CPU_FIRMWARE;
	assert_result(kx_cpus_confirm(&cpus, &culprit), KX_ERR_CPU_FIRMWARE);
	assert_int_equal(culprit, 1);
	assert_int_equal(fake.cpus[1].asked, 3);
	assert_int_equal(fake.cpus[2].asked, 0);
}

static void test_counter_stands(void **state)
{
	(void)state;
	fake.tick = 0;
	fake.cpus[3].running = FOR_EVER;
	assert_result(kx_cpus_confirm(&cpus, NULL), KX_ERR_CPU_RUNNING);
	assert_in_range(fake.cpus[3].asked, 1 << 20, 1 << 25);
}

static void test_counter_wraps(void **state)
{
	(void)state;
	fake.ticks = -(uint64_t)50;
	fake.cpus[3].running = 90;
	assert_result(kx_cpus_confirm(&cpus, NULL), 0);
}

static int passes_between(uint64_t hz, uint64_t us, uint64_t not_yet, uint64_t then)
{
	struct kx_deadline deadline;
	int before;

	fake_reset();
	fake.tick = 0;
	fake.ticks = 12345;
	kx_deadline_set_(&deadline, hz, us);
	fake.ticks = 12345 + not_yet;
	before = kx_deadline_passed_(&deadline);
	fake.ticks = 12345 + then;
	return !before && kx_deadline_passed_(&deadline);
}

/* Hours at some GHz, and more than can be counted, which must not become less. */
static void test_units(void **state)
{
	const uint64_t most = UINT64_MAX;

	(void)state;
	assert_true(passes_between(1000000, 100, 99, 100));
	assert_true(passes_between(10000000, 7200000000, 71999999999, 72000000000));
	assert_true(passes_between(4000000000, 86400000000, 345599999999999, 345600000000000));
	assert_true(passes_between(32768, 999999, 32766, 32768));
	assert_true(passes_between(1, 1500000, 0, 2));
	assert_true(passes_between(1000000000, most, most - 1, most));
	assert_true(passes_between(most, 1000000, most - 1, most));
	assert_true(passes_between(most, most, most - 1, most));
	assert_true(passes_between(1, most, most / 1000000 - 1, most / 1000000));
}

/* A counter that stands still is given up, but not one that stands now and then. */
static void test_counter_pauses(void **state)
{
	struct kx_deadline deadline;
	uint64_t asked = 0;

	(void)state;
	fake.tick = 0;
	kx_deadline_set_(&deadline, 1, 1000000000);
	while (!kx_deadline_passed_(&deadline))
		asked++;
	assert_int_equal(asked, (1 << 24) - 1);
	kx_deadline_set_(&deadline, 1, 1000000000);
	for (uint64_t i = 1; i < 40; i++) {
		fake.ticks++; /* and then it stands for a while */
		for (uint64_t j = 0; j < 1 << 19; j++)
			assert_false(kx_deadline_passed_(&deadline));
	}
}

#define TEST(name) cmocka_unit_test_setup(name, open_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stopped),
		TEST(test_alone),
		TEST(test_argument),
		TEST(test_delayed),
		TEST(test_never_stops),
		TEST(test_one_deadline),
		TEST(test_no_time),
		TEST(test_firmware_error),
		TEST(test_counter_stands),
		TEST(test_counter_wraps),
		TEST(test_counter_pauses),
		TEST(test_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
