/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for a device: it ends with the answer, with a fault, or with the time, and is right about which. */
#include "window.h"

#include "io.h"

#define REG 0x10

static const struct kx_cpus cpus = { .timer_hz = 1000000 };
static struct kx_quiesce quiesce = { .cpus = &cpus, .timeout_us = 100 };
static const struct kx_device device = { KX_DEVICE_IOAPIC, 0, 0, WINDOW_SIZE };
static const struct kx_io io = { .quiesce = &quiesce, .device = &device, .base = window.bytes };

static int wait32(uint64_t value)
{
	return kx_io_wait32_(&io, (struct kx_wait){ REG, 1, value, 0x100 });
}

static int wait64(uint64_t value)
{
	return kx_io_wait64_(&io, (struct kx_wait){ REG, 1, value, 0x100 });
}

/* The register becomes 0 at the fourth look. Who goes on when it was as it should be sees that. */
static void open_window(uint64_t was)
{
	window_reset(3);
	quiesce.fault.place = NONE;
	window_put(REG, 8, was);
	window_answer_old(REG, UINT64_MAX, 0);
}

typedef int wait_for(uint64_t value);
static wait_for *const widths[] = { wait32, wait64 };

static void test_registers(void **unused)
{
	(void)unused;
	for (int i = 0; i < 4; i++) {
		open_window(1);
		assert_result(widths[i / 2](i % 2), 0);
		assert_true(quiesce.fault.place == NONE);
	}
}

/* It never comes, or a bit says that it never will. */
static void test_bad_ends(void **unused)
{
	(void)unused;
	for (int i = 0; i < 2; i++) {
		open_window(0);
		assert_result(widths[i](1), KX_ERR_DEVICE_TIMEOUT);
		assert_int_equal(quiesce.fault.place, REG);
		open_window(0x100);
		assert_result(widths[i](0), KX_ERR_DEVICE_FAULT);
		assert_int_equal(quiesce.fault.place, REG);
	}
}

static void test_memory(void **unused)
{
	uint32_t word = 5;

	(void)unused;
	window_reset(3);
	window_answer_memory(&word, 6);
	assert_result(kx_io_wait_memory_(&io, &word, 5), 0);
	assert_result(kx_io_wait_memory_(&io, &word, 6), 0);
	assert_result(kx_io_wait_memory_(&io, &word, 5), KX_ERR_DEVICE_TIMEOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_bad_ends),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("io", tests, NULL, NULL);
}
