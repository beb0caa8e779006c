/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_enter(): with which registers the control page is entered, and when it is not. */
#include "seal_test.h"

static uint64_t entered_with, register_at_entry;
static const void *entered_own;

/* Stands where the control page's entry would be. */
static void entry(uint64_t tables, uint64_t pa, uint64_t mode, const void *own)
{
	assert_int_equal(pa, 0x5000);
	assert_int_equal(mode, 7);
	entered_with = tables;
	register_at_entry = fake.registers[FAKE_ENTRY];
	entered_own = own;
}

static void test_enter(void **state)
{
	const uint64_t ids[] = { 1, 2 };
	struct kx_cpus cpus = { .ids = ids, .count = 2, .timer_hz = 1000000, .timeout_us = 10 };

	static struct kx_state at_entry;

	(void)state;
	fake.registers[FAKE_ENTRY] = 0x77;
	kx_state_snapshot(&at_entry);
	fake.registers[FAKE_ENTRY] = 0x99;
	kx_status_begin(&record, 0);
	control = (struct kx_control){
		.run_va = (uintptr_t)entry - KX_CONTROL_ENTRY,
		.pa = 0x5000,
		.tables_root = 0x8123,
		.tables_mode = 7,
		.own = &record,
		.status = &record,
		.state = &at_entry,
	};
	entered_with = 0;
	assert_result(kx_enter(&control, NULL), KX_ERR_ARGUMENT);
	fake.cpus[2].running = UINT64_MAX;
	assert_result(kx_enter(&control, &cpus), KX_ERR_CPU_RUNNING);
	fake.cpus[2] = (struct fake_cpu){ .answer = -KX_ERR_CPU_FIRMWARE };
	assert_result(kx_enter(&control, &cpus), KX_ERR_CPU_FIRMWARE);
	assert_int_equal(entered_with, 0);
	assert_int_equal(fake.registers[FAKE_ENTRY], 0x99); /* a refusal has changed nothing */
	assert_int_equal(record.stage, 0);
	fake.cpus[2] = (struct fake_cpu){ .answer = 1 };
	assert_result(kx_enter(&control, &cpus), 0);
	assert_int_equal(entered_with, 0x8123);
	assert_int_equal(register_at_entry, 0x77);
	assert_ptr_equal(entered_own, &record);
	assert_int_equal(record.stage, KX_STATUS_ENTER);
	control.status = NULL;
	assert_result(kx_enter(&control, &cpus), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEAL_TEST(test_enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
