/* SPDX-License-Identifier: BSD-2-Clause */
/* Purgatory: what it says, to the letter, and what it does when something is wrong. */
#include "purgatory_test.h"

#include "cpu.h"

#include <stdio.h>

/* What is printed is what was expected and what was found. */
static void test_digests_said(void **state)
{
	char text[128] = "kx-purgatory: actual   ";
	size_t length = strlen(text);

	(void)state;
	for (int i = 0; i < 32; i++)
		sprintf(text + length + 2 * i, "%02x", info.digest[i]);
	memset(info.digest, 0xa5, 32);
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_said(text);
	assert_said("expected a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\n");
}

static void test_policies(void **state)
{
	(void)state;
	info.digest[3] ^= 1;
	info.policy = KX_POLICY_RESET;
	assert_int_equal(machine_run(&info), MACHINE_HALTED); /* this machine cannot be reset */
	assert_int_equal(machine.resets, 1);
	assert_said("kx-purgatory: reset\nkx: purgatory: reset: ");
	info.policy = KX_POLICY_FALLBACK;
	assert_int_equal(machine_run(&info), MACHINE_JUMPED);
	assert_int_equal(machine.entry_pa, 0x2000);
	assert_memory_equal(machine.args, info.fallback_args, sizeof(machine.args));
	assert_said("kx-purgatory: fallback at 0x2000\n");
}

static void assert_back(int error, uint64_t region)
{
	assert_int_equal(machine_run(&info), MACHINE_BACK);
	assert_said("kx-purgatory: back to the old system\n");
	assert_int_equal((int64_t)machine.value, -error);
	assert_int_equal(machine.detail, region);
}

/* With the error, and of several regions the first that it is about. */
static void test_return(void **state)
{
	struct kx_purgatory_info whole;

	(void)state;
	info.policy = KX_POLICY_RETURN;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	whole = info;
	info.digest[3] ^= 1;
	assert_back(KX_ERR_DIGEST, 0);
	info.flags = KX_PURGATORY_EACH_REGION;
	for (uint64_t i = REGIONS; i-- > 0;) {
		info.digests[i][9] ^= 4;
		assert_back(KX_ERR_DIGEST, i);
	}
	info = whole;
	info.regions[1].size = 0;
	assert_back(KX_ERR_REGION_EMPTY, 1);
	info = whole;
	info.reserved[0] = 1;
	assert_back(KX_ERR_INFO_RESERVED, 0);
	info = whole;
	machine.break_guard = 1;
	assert_back(KX_ERR_PURGATORY_STACK, 0);
	machine.break_guard = 0;
	machine.error = -KX_ERR_REGION_RANGE;
	for (size_t i = 0; i < WAYS; i++) {
		info.flags = ways[i];
		assert_back(KX_ERR_REGION_RANGE, 0);
	}
	info = whole;
	machine.error = 0;
	info.magic = 0; /* nobody's wish */
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
}

/* A line about once a second, and the time it took */
static void test_progress(void **state)
{
	const uint64_t size = 5u << 20;
	uint8_t *data = calloc(1, size);
	unsigned int lines = 0;

	(void)state;
	info.regions[3] = (struct kx_region){ (uintptr_t)data, size };
	info.region_count = 4;
	fake.tick = 600000; /* of 1 MHz: a look at the clock each 0.6 s */
	for (size_t i = 0; i < WAYS; i++) {
		info_seal(ways[i]);
		assert_int_equal(machine_run(&info), MACHINE_GOOD);
		lines = 0;
		for (const char *at = machine.said; (at = strstr(at, "kx-purgatory: hashed ")); at++)
			lines++;
		assert_int_equal(lines, 4); /* 8 looks */
		assert_said("kx-purgatory: hashed 5 of 5 MiB\n");
		assert_said("seen in 5400 ms\n");
	}
	info.timer_hz = 0; /* and without a clock, none */
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	assert_not_said("hashed");
	assert_said(" ticks\n");
	info.region_count = REGIONS;
	free(data);
}

static void test_guard(void **state)
{
	(void)state;
	machine.break_guard = 1;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_said("kx: purgatory: purgatory-stack: ");
}

/* A console that takes nothing costs one try, not one for each byte. */
static void test_dead_console(void **state)
{
	(void)state;
	machine.ready = 0;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	assert_int_equal(machine.puts, 1);
}

/* The second trap in a row, on the way of the first, ends in rest. */
static void test_traps(void **state)
{
	int how;

	(void)state;
	info.policy = KX_POLICY_FALLBACK;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	how = setjmp(machine.end);
	if (!how)
		kx_purgatory_trap_(13, machine.self.pa + 0x123, 0x456);
	assert_int_equal(how, MACHINE_JUMPED);
	assert_said("kx: purgatory: fault: verify cause=0xd pc=purgatory+0x123 at=0x456 region=0x2\n");
	how = setjmp(machine.end);
	if (!how)
		kx_purgatory_trap_(13, 0, 0);
	assert_int_equal(how, MACHINE_HALTED);
	assert_said("kx-purgatory: halted\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INFO_TEST(test_digests_said),
		INFO_TEST(test_policies),
		INFO_TEST(test_return),
		INFO_TEST(test_progress),
		INFO_TEST(test_guard),
		INFO_TEST(test_dead_console),
		INFO_TEST(test_traps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
