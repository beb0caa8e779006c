/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/state.c on registers that are not a CPU's. */
#include "unit.h"

#include <kx/state.h>

#include "fake.h"

static struct kx_state one, other;

static void fill(uint64_t with)
{
	for (int i = 0; i < FAKE_REGISTERS; i++)
		fake.registers[i] = with + (uint64_t)i;
}

static void snapshot_reads_what_is_there(void **state)
{
	(void)state;
	fake_reset();
	fill(0x100);
	memset(&one, 0xa5, sizeof(one));
	kx_state_snapshot(&one);
	for (size_t i = 0; i < KX_STATE_MAX; i++) {
		assert_int_equal(kx_state_has(&one, i), i < FAKE_ABSENT);
		assert_int_equal(one.value[i], i < FAKE_ABSENT ? 0x100 + i : 0);
	}
	assert_false(kx_state_has(&one, KX_STATE_MAX));
	assert_int_equal(fake.writes, 0);
	assert_int_equal(fake.open, 0);
	assert_false(fake.masked);
}

static void restore_by_rule(void **state)
{
	(void)state;
	fake_reset();
	fill(0x100);
	kx_state_snapshot(&one);
	fill(0x200);
	kx_state_restore(&one);
	assert_int_equal(fake.registers[FAKE_SHOWN], 0x200 + FAKE_SHOWN);
	assert_int_equal(fake.registers[FAKE_ENTRY], 0x100 + FAKE_ENTRY);
	assert_int_equal(fake.registers[FAKE_VALUE], FAKE_VALUE_IS);
	assert_int_equal(fake.registers[FAKE_LATE], 0x200 + FAKE_LATE);
	assert_int_equal(fake.registers[FAKE_OWN], 0x100 + FAKE_OWN);
	assert_int_equal(fake.registers[FAKE_SELF], 0x100 + FAKE_SELF);
	assert_int_equal(fake.registers[FAKE_UNKNOWN], 0x100 + FAKE_UNKNOWN);
	assert_int_equal(fake.registers[FAKE_ABSENT], 0x200 + FAKE_ABSENT);
	assert_true(fake.stopped && fake.masked);
	assert_int_equal(fake.open, 0);
}

/* Of another CPU's snapshot what is each CPU's own is not taken; a snapshot says whose it is. */
static void restore_on_another(void **state)
{
	(void)state;
	fake_reset();
	fake.cpu = 3;
	fill(0x100);
	kx_state_snapshot(&one);
	assert_int_equal(one.cpu, 3);
	fake.cpu = 2;
	fill(0x200);
	kx_state_restore(&one);
	assert_int_equal(fake.registers[FAKE_ENTRY], 0x100 + FAKE_ENTRY);
	assert_int_equal(fake.registers[FAKE_SELF], FAKE_SELF_IS);
	assert_int_equal(fake.registers[FAKE_UNKNOWN], 0x200 + FAKE_UNKNOWN);
	memset(one.there, 0, sizeof(one.there)); /* of nobody */
	fill(0x200);
	kx_state_restore(&one);
	assert_int_equal(fake.registers[FAKE_SELF], 0x200 + FAKE_SELF);
}

/* What the host runs by is not touched. */
static void restore_leaves_own(void **state)
{
	(void)state;
	fake_reset();
	fake.own = 1;
	fill(0x100);
	kx_state_snapshot(&one);
	fill(0x200);
	kx_state_restore(&one);
	assert_int_equal(fake.registers[FAKE_OWN], 0x200 + FAKE_OWN);
	assert_int_equal(fake.registers[FAKE_ENTRY], 0x100 + FAKE_ENTRY);
}

/* Constants alone; with a snapshot that was never taken the same as with none. */
static void restore_without_snapshot(void **state)
{
	(void)state;
	memset(&one, 0, sizeof(one));
	for (int with = 0; with < 2; with++) {
		fake_reset();
		fill(0x200);
		kx_state_restore(with ? &one : NULL);
		assert_int_equal(fake.registers[FAKE_ENTRY], 0x200 + FAKE_ENTRY);
		assert_int_equal(fake.registers[FAKE_VALUE], FAKE_VALUE_IS);
		assert_int_equal(fake.writes, 1);
	}
}

/* Some registers do something when they are written: one that is right is left alone. */
static void restore_writes_differences_alone(void **state)
{
	(void)state;
	fake_reset();
	fill(0x100);
	fake.registers[FAKE_VALUE] = FAKE_VALUE_IS;
	kx_state_snapshot(&one);
	kx_state_restore(&one);
	assert_int_equal(fake.writes, 0);
}

/* Whatever the new image has done to them: but what cannot be written, and what is not there. */
static void resume_puts_back(void **state)
{
	struct kx_bank bank;

	(void)state;
	for (int own = 0; own < 2; own++) {
		fake_reset();
		fake.own = own;
		fill(0x100);
		memset(&one, 0, sizeof(one));
		kx_state_save_(&one, &bank);
		assert_int_equal(fake.writes, 0);
		kx_state_restore(NULL);
		fill(0x200);
		fake.stopped = 0;
		kx_state_resume_(&one, &bank);
		for (uint64_t i = 0; i < FAKE_REGISTERS; i++)
			assert_int_equal(fake.registers[i],
					 i + (i == FAKE_SHOWN || i == FAKE_ABSENT ? 0x200 : 0x100));
		assert_int_equal(fake.open, 0);
		assert_true(fake.stopped && !fake.masked);
		fake.writes = 0; /* and what is as it was is not written */
		kx_state_save_(&one, &bank);
		kx_state_resume_(&one, &bank);
		assert_int_equal(fake.writes, 0);
	}
}

static void diff_finds_each(void **state)
{
	size_t i;

	(void)state;
	fake_reset();
	kx_state_snapshot(&one);
	other = one;
	assert_int_equal(kx_state_diff(&one, &other, 0), KX_STATE_MAX);
	other.value[FAKE_LATE] ^= 1ull << 63;
	other.there[0] &= ~1ull; /* FAKE_SHOWN: the other has none */
	i = kx_state_diff(&one, &other, 0);
	assert_int_equal(i, FAKE_SHOWN);
	i = kx_state_diff(&one, &other, i + 1);
	assert_int_equal(i, FAKE_LATE);
	assert_string_equal(kx_state_name(i), "late");
	assert_int_equal(kx_state_diff(&other, &one, i + 1), KX_STATE_MAX);
	assert_int_equal(kx_state_diff(&one, &other, KX_STATE_MAX + 1), KX_STATE_MAX);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(kx_state_name(FAKE_SHOWN), "shown");
	assert_string_equal(kx_state_name(FAKE_REGISTERS), "");
	assert_string_equal(kx_state_name(SIZE_MAX), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(snapshot_reads_what_is_there),
		cmocka_unit_test(restore_by_rule),
		cmocka_unit_test(restore_on_another),
		cmocka_unit_test(restore_leaves_own),
		cmocka_unit_test(restore_without_snapshot),
		cmocka_unit_test(restore_writes_differences_alone),
		cmocka_unit_test(resume_puts_back),
		cmocka_unit_test(diff_finds_each),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
