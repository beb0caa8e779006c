/* SPDX-License-Identifier: BSD-2-Clause */
/* The I/O APIC: every input is masked, by its two registers, and nothing else of it changes. */
#include "window.h"

#define SELECT 0x00
#define WINDOW 0x10
#define VERSION  0x01
#define REDIRECT 0x10
#define MASK     0x10000u
#define INPUTS   24

static uint32_t registers[256]; /* behind the window */
static uint32_t locked;         /* the register that cannot be masked */

static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	uint32_t selected = (uint32_t)window_get(SELECT, 4) & 0xff;

	(void)self;
	if (size != 4)
		window_fault("0x%lx written with %u bytes", offset, size);
	if (offset == SELECT) {
		window_put(SELECT, 4, value);
		window_put(WINDOW, 4, registers[value & 0xff]);
		return 1;
	}
	if (offset != WINDOW || selected < REDIRECT || selected & 1)
		window_fault("0x%lx, register 0x%x written", offset, selected);
	if (selected == locked)
		value &= ~(uint64_t)MASK;
	registers[selected] = (uint32_t)value;
	window_put(WINDOW, 4, value);
	return 1;
}

/* Input i: vector 0x20 + i, to CPU i; the odd ones level-triggered, the fourth masked already. */
static void setup(uint32_t inputs)
{
	window_reset(0);
	memset(registers, 0, sizeof(registers));
	locked = 0;
	registers[VERSION] = (inputs - 1) << 16 | 0x20;
	for (uint32_t i = 0; i < 120; i++) {
		registers[REDIRECT + 2 * i] = (0x20 + i) | (i & 1 ? 0x8000 : 0) | (i == 3 ? MASK : 0);
		registers[REDIRECT + 2 * i + 1] = i << 24;
	}
	rig_open(KX_DEVICE_IOAPIC);
	window.model = model;
}

static void test_masked(void **unused)
{
	static const uint32_t inputs[] = { 1, INPUTS, 120 };

	(void)unused;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		setup(inputs[i]);
		rig_quiet();
		for (uint32_t j = 0; j < 120; j++) {
			uint32_t low = (0x20 + j) | (j & 1 ? 0x8000 : 0);

			if (j < inputs[i] || j == 3)
				low |= MASK;
			assert_int_equal(registers[REDIRECT + 2 * j], low);
			assert_int_equal(registers[REDIRECT + 2 * j + 1], j << 24);
		}
		rig_close();
	}
}

static void test_locked(void **unused)
{
	(void)unused;
	setup(INPUTS);
	locked = REDIRECT + 2 * 7;
	rig_fails(KX_ERR_DEVICE_LOCKED, KX_STAGE_INTERRUPTS, locked);
	assert_int_equal(registers[REDIRECT + 2 * 6] & MASK, MASK);
	assert_int_equal(registers[REDIRECT + 2 * 8] & MASK, 0);
	rig_close();
}

/* Somebody has let in the last input again. */
static void unmask_last(void)
{
	registers[REDIRECT + 2 * (INPUTS - 1)] &= ~MASK;
}

static void test_unmasked(void **unused)
{
	(void)unused;
	setup(INPUTS);
	rig.at_verify = unmask_last;
	rig_fails(KX_ERR_DEVICE_ACTIVE, KX_STAGE_VERIFY, REDIRECT + 2 * (INPUTS - 1));
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masked),
		cmocka_unit_test(test_locked),
		cmocka_unit_test(test_unmasked),
	};

	return cmocka_run_group_tests_name("ioapic", tests, NULL, NULL);
}
