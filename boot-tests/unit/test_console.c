/* SPDX-License-Identifier: BSD-2-Clause */
/* The UARTs of purgatory: asked before each byte, waited for with a bound, registers where they belong. */
#include "unit.h"

#include "console.h"
#include "fake.h"
#include "machine.h"

#define HZ 1000000 /* so that ticks are microseconds */

/* The registers, as words and as bytes; `ready` is what makes a driver go on, from the tick `after` on */
static union {
	uint32_t words[16];
	uint8_t bytes[64];
} window;
static volatile uint8_t *flags;
static uint8_t ready_set, ready_clear;
static uint64_t after;
static unsigned int looks, early;

#define BYTE 0x5a /* where a byte is written to, before it is */

/* Time passes, and with it the device becomes ready; nothing may have been written before. */
static void look(uint64_t ticks)
{
	looks++;
	early += ticks < after && window.bytes[0] != BYTE;
	if (ticks >= after)
		*flags = (uint8_t)((*flags | ready_set) & ~ready_clear);
}

static void open_window(uint32_t at, uint8_t set, uint8_t clear, uint64_t when)
{
	fake_reset();
	memset(&window, 0, sizeof(window));
	window.bytes[0] = BYTE;
	flags = &window.bytes[at];
	*flags = clear;
	ready_set = set;
	ready_clear = clear;
	after = when;
	looks = early = 0;
	fake.look = look;
}

static struct kx_device device(uint32_t kind, uint32_t stride)
{
	return (struct kx_device){ kind, stride, (uintptr_t)&window, sizeof(window) };
}

/* Returns 1 where the device took the byte. */
static int put(const struct kx_device *uart, uint64_t hz, char c)
{
	struct kx_console console = { .timer_hz = hz, .devices[1] = *uart };

	kx_console_put_(&console, c);
	assert_in_set(console.dead, ((uintmax_t[]){ 0, 1 << 1 }), 2);
	return !console.dead;
}

/* PL011: flag register 0x18, bit 5: transmit FIFO full */
static void test_pl011(void **state)
{
	struct kx_device uart = device(KX_DEVICE_PL011, 0);

	(void)state;
	open_window(0x18, 0, 0x20, 500);
	assert_int_equal(put(&uart, HZ, 'x'), 1);
	assert_int_equal(window.words[0], 'x');
	assert_int_equal(early, 0);
	assert_in_range(looks, 400, 600);
	open_window(0x18, 0, 0x20, UINT64_MAX);
	assert_int_equal(put(&uart, HZ, 'x'), 0);
	assert_int_equal(window.bytes[0], BYTE);
	assert_in_range(looks, 2, 2000000);
}

/* 16550: line status register 5, bit 5: transmitter holding register empty */
static void test_uart8250(void **state)
{
	(void)state;
	for (uint32_t stride = 1; stride <= 4; stride *= 2) {
		struct kx_device uart = device(KX_DEVICE_UART8250, stride);

		open_window(5 * stride, 0x20, 0, 500);
		assert_int_equal(put(&uart, HZ, 'x'), 1);
		assert_int_equal(window.bytes[0], 'x');
		assert_int_equal(window.bytes[1], 0);
		assert_int_equal(early, 0);
		assert_in_range(looks, 400, 600);
		open_window(5 * stride, 0x20, 0, UINT64_MAX);
		assert_int_equal(put(&uart, HZ, 'x'), 0);
		assert_int_equal(window.bytes[0], BYTE);
	}
}

/* Registers four bytes apart are written as words, all of them; others by the byte. */
static void test_uart_words(void **state)
{
	(void)state;
	for (uint32_t stride = 1; stride <= 4; stride *= 2) {
		struct kx_device uart = device(KX_DEVICE_UART8250, stride);

		open_window(5 * stride, 0x20, 0, 0);
		window.bytes[3] = BYTE;
		assert_int_equal(put(&uart, HZ, 'x'), 1);
		assert_int_equal(window.bytes[3], stride == 4 ? 0 : BYTE);
	}
}

/* A counter that stands, as where a hypervisor traps it, ends the wait too. */
static void test_counter_stands(void **state)
{
	struct kx_device uart = device(KX_DEVICE_PL011, 0);

	(void)state;
	open_window(0x18, 0, 0x20, UINT64_MAX);
	fake.tick = 0;
	assert_int_equal(put(&uart, HZ, 'x'), 0);
	assert_int_equal(put(&uart, 0, 'x'), 0);
}

/* Of a sink nothing is known: only that byte is written, and then a byte's time passes. */
static void test_sink(void **state)
{
	struct kx_device sink = device(KX_DEVICE_SINK, 0);
	uint8_t rest[sizeof(window)] = { 'x' };

	(void)state;
	open_window(0x18, 0, 0, UINT64_MAX);
	fake.look = NULL;
	assert_int_equal(put(&sink, HZ, 'x'), 1);
	assert_memory_equal(&window, rest, sizeof(rest));
	assert_in_range(fake.ticks, 1042, 1100);
}

/* A newline is CR and LF, in this order: the last that is written is the LF. */
static void test_newline(void **state)
{
	struct kx_console console = { .timer_hz = HZ, .devices[0] = device(KX_DEVICE_PL011, 0) };

	(void)state;
	open_window(0x18, 0, 0x20, 0);
	kx_console_put_(&console, '\n');
	assert_int_equal(window.words[0], '\n');
}

/* To firmware: CR and LF are two, anything else is one. */
static void test_newline_is_two(void **state)
{
	struct kx_console console = { .timer_hz = HZ, .devices[0].kind = KX_DEVICE_SBI_DBCN };

	(void)state;
	machine_reset();
	kx_console_put_(&console, 'x');
	assert_int_equal(machine.puts, 1);
	kx_console_put_(&console, '\n');
	assert_int_equal(machine.puts, 3);
}

/* A device that takes nothing is waited for once; the other gets all. */
static void test_dead(void **state)
{
	(void)state;
	for (int dead = 0; dead < 2; dead++) {
		struct kx_console console = { .timer_hz = HZ };
		unsigned int waited;

		machine_reset();
		open_window(0x18, 0, 0x20, UINT64_MAX);
		console.devices[dead] = device(KX_DEVICE_PL011, 0);
		console.devices[!dead].kind = KX_DEVICE_SBI_DBCN;
		kx_console_put_(&console, 'x');
		waited = looks;
		assert_true(waited);
		kx_console_put_(&console, 'y');
		assert_int_equal(looks, waited + 1); /* at the clock, for the other */
		assert_int_equal(machine.puts, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pl011),
		cmocka_unit_test(test_uart8250),
		cmocka_unit_test(test_uart_words),
		cmocka_unit_test(test_counter_stands),
		cmocka_unit_test(test_sink),
		cmocka_unit_test(test_newline),
		cmocka_unit_test(test_newline_is_two),
		cmocka_unit_test(test_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
