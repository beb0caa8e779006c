/* SPDX-License-Identifier: BSD-2-Clause */
/* Purgatory: what it says, to the letter, and what it does when something is wrong. */
#include "purgatory_test.h"

#include <kx/status.h>

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
	char text[64];

	(void)state;
	info.regions[3] = (struct kx_region){ (uintptr_t)data, size };
	info.region_count = 4;
	fake.tick = 600000; /* of 1 MHz: a look at the clock each 0.6 s */
	for (size_t i = 0; i < WAYS; i++) {
		/* At the clock: two regions have bytes behind their halves. */
		unsigned int looks = ways[i] & KX_PURGATORY_HALVES ? 10 : 8;

		info_seal(ways[i]);
		assert_int_equal(machine_run(&info), MACHINE_GOOD);
		lines = 0;
		for (const char *at = machine.said; (at = strstr(at, "kx-purgatory: hashed ")); at++)
			lines++;
		assert_int_equal(lines, looks / 2);
		assert_said("kx-purgatory: hashed 5 of 5 MiB\n");
		snprintf(text, sizeof(text), "seen in %u ms\n", 600 * (looks + 1));
		assert_said(text);
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

/* All that is said of an image that is intact, by each method; and of time without a clock. */
static void test_intact_said(void **state)
{
	static const struct { uint32_t method; const char *name; } cases[] = {
		{ KX_SHA256_CPU, "by instructions" }, { KX_SHA256_VECTOR, "by vectors" },
		{ KX_SHA256_PORTABLE, "in C" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		machine.method = cases[i].method;
		machine.hashed_by = UINT32_MAX;
		fake.ticks = 50;
		fake.tick = 3000;
		info.timer_hz = 1000000000;
		assert_int_equal(machine_run(&info), MACHINE_GOOD);
		snprintf(text, sizeof(text), "kx-purgatory: 3 regions, %lu bytes, SHA-256 %s\n"
			 "kx-purgatory: the image is intact, seen in 0 ms\n", sizes[0] + sizes[1] + sizes[2],
			 cases[i].name);
		assert_string_equal(machine.said, text);
		assert_int_equal(machine.hashed_by, cases[i].method);
		info.timer_hz = 0;
		assert_int_equal(machine_run(&info), MACHINE_GOOD);
		assert_said("seen in 12000 ticks\n"); /* a look for each region, and the last */
	}
}

static int say_region(char *text, uint32_t i)
{
	return sprintf(text, "kx-purgatory: region %u, %lu bytes at 0x%lx\n", i, info.regions[i].size,
		       info.regions[i].pa);
}

/* All that is said of one that is damaged, and of an info with a bad region. */
static void test_damage_said(void **state)
{
	static const char wrong[] = "kx: purgatory: digest: the image is not what it should be\n";
	char text[1024] = "";
	const char *at;
	int length = sprintf(text, "%s", wrong);

	(void)state;
	for (uint32_t i = 0; i < REGIONS; i++)
		length += say_region(text + length, i);
	strcpy(text + length, "kx-purgatory: expected ");
	info.digest[31] ^= 1;
	fake.tick = 0;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	at = strstr(machine.said, "\n") + 1; /* behind what it begins with */
	assert_memory_equal(at, text, strlen(text));
	at = strstr(at, "kx-purgatory: damaged");
	assert_non_null(at);
	assert_string_equal(at, "kx-purgatory: damaged, found in 0 ms\nkx-purgatory: halted\n");

	info.regions[1].size = 0;
	length = sprintf(text, "kx: purgatory: region-empty: no bytes\n");
	length += say_region(text + length, 1);
	strcpy(text + length, "kx-purgatory: halted\n");
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_string_equal(machine.said, text);
	info.regions[1].size = 1;
	info.machine++;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_string_equal(machine.said, "kx: purgatory: info-machine: another architecture's\n"
					  "kx-purgatory: halted\n"); /* no region's fault */
	info.machine--;
	info.console.kind = 99;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_string_equal(machine.said, "kx: purgatory: info-console: not one of this architecture, or out of "
					  "reach\n"
					  "kx-purgatory: halted\n");
}

/* Bytes that differ from MiB to MiB; a line when a second has passed, to the tick. */
static void test_progress_said(void **state)
{
	const uint64_t size = (3u << 20) + 5;
	uint8_t *data = malloc(size);
	struct kx_region before = info.regions[0];

	(void)state;
	for (uint64_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i >> 20);
	info.regions[0] = (struct kx_region){ (uintptr_t)data, size };
	info.region_count = 1;
	info_seal(0);
	fake.tick = info.timer_hz;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	assert_string_equal(strstr(machine.said, "\n") + 1,
			    "kx-purgatory: hashed 1 of 3 MiB\nkx-purgatory: hashed 2 of 3 MiB\n"
			    "kx-purgatory: hashed 3 of 3 MiB\nkx-purgatory: hashed 3 of 3 MiB\n"
			    "kx-purgatory: the image is intact, seen in 5000 ms\n");
	fake.tick--;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	assert_said("\nkx-purgatory: hashed 2 of 3 MiB\n");
	assert_not_said("hashed 1 of");
	info.regions[0] = before;
	info.region_count = REGIONS;
	free(data);
}

/* ---- the status record and the watchdog ---- */

static struct kx_status record __attribute__((aligned(KX_STATUS_SIZE)));
static struct kx_status_report report;

static void begin_record(void)
{
	kx_status_begin(&record, 1000000);
	info.status_pa = (uintptr_t)&record;
}

static void test_failure_recorded(void **state)
{
	(void)state;
	begin_record();
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	assert_result(kx_status_read(&record, &report), 0);
	assert_null(report.outcome);
	info_seal(KX_PURGATORY_EACH_REGION);
	info.digests[2][0] ^= 1;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_result(kx_status_read(&record, &report), 0);
	assert_string_equal(report.outcome, kx_strerror(KX_ERR_DIGEST));
	assert_int_equal(report.index, 2);
	assert_int_equal(report.at, info.regions[2].pa);
	begin_record();
	info.region_count = 17; /* there is no such region, so no address */
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_result(kx_status_read(&record, &report), 0);
	assert_string_equal(report.outcome, kx_strerror(KX_ERR_INFO_COUNT));
	info.region_count = REGIONS;
}

/* The edges of purgatory's own stages; what writing caches took is taken off the jump. */
static void test_stages_recorded(void **state)
{
	struct kx_purgatory *purgatory = kx_purgatory_begin_(&info);

	(void)state;
	begin_record();
	fake.tick = 0;
	fake.ticks = 1000;
	purgatory->cleaned = 0;
	kx_record_stage_(purgatory, KX_STATUS_VERIFY);
	assert_int_equal(purgatory->stage, KX_STATUS_VERIFY);
	purgatory->cleaned = 300;
	kx_record_stage_(purgatory, KX_STATUS_VERIFY); /* not the jump */
	assert_int_equal(record.more[KX_STATUS_CLEAN - KX_STATUS_EDGE_COUNT - 1], 0);
	fake.ticks = 2000;
	kx_record_stage_(purgatory, KX_STATUS_JUMP);
	assert_int_equal(record.edge[KX_STATUS_JUMP - 1] | 1, 2001);
	assert_int_equal(record.more[KX_STATUS_CLEAN - KX_STATUS_EDGE_COUNT - 1], 1701);
	assert_result(kx_status_read(&record, &report), 0);
	kx_status_begin(&record, 1000000000); /* steps of many ticks */
	fake.ticks = 1 << 20;
	purgatory->cleaned = 1 << 18;
	kx_record_stage_(purgatory, KX_STATUS_JUMP);
	assert_int_equal(record.more[KX_STATUS_CLEAN - KX_STATUS_EDGE_COUNT - 1],
			 ((1 << 20) - (1 << 18)) >> (record.rate >> 24) | 1);
	purgatory->cleaned = 0;
	record.more[KX_STATUS_CLEAN - KX_STATUS_EDGE_COUNT - 1] = 0;
	kx_record_stage_(purgatory, KX_STATUS_JUMP);
	assert_int_equal(record.more[KX_STATUS_CLEAN - KX_STATUS_EDGE_COUNT - 1], 0);
	info.status_pa = 0; /* none: the stage is known all the same */
	kx_record_stage_(purgatory, KX_STATUS_VERIFY);
	assert_int_equal(purgatory->stage, KX_STATUS_VERIFY);
}

/* An interrupt on riscv64: its sign is the cause's in the record. */
static void test_interrupt_recorded(void **state)
{
	struct kx_purgatory *purgatory = kx_purgatory_begin_(&info);

	(void)state;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	begin_record();
	kx_record_trap_(purgatory, (uint64_t)1 << 63 | 5, 1, 2);
	assert_int_equal(record.cause, 0x80000005);
}

/* What was wrong first is in the record as soon as it is known, and stays there whatever comes of the rest. */
static void test_first_recorded(void **state)
{
	struct kx_purgatory *purgatory = kx_purgatory_begin_(&info);
	struct kx_status before;

	(void)state;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	begin_record();
	kx_purgatory_blame_(purgatory, -KX_ERR_DIGEST, 1);
	before = record;
	assert_result(kx_status_read(&record, &report), 0);
	assert_string_equal(report.outcome, kx_strerror(KX_ERR_DIGEST));
	assert_int_equal(report.index, 1);
	purgatory->region = 2;
	kx_purgatory_blame_(purgatory, -KX_ERR_REGION_RANGE, 2);
	assert_memory_equal(&record, &before, sizeof(before));
	kx_record_trap_(purgatory, 13, 0x123, 0x456);
	assert_memory_equal(&record, &before, sizeof(before));
}

/* What has no number of its own is said, and the policy obeyed. */
static void test_refused_in_words(void **state)
{
	int how;

	(void)state;
	info.policy = KX_POLICY_FALLBACK;
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	how = setjmp(machine.end);
	if (!how)
		kx_purgatory_refuse_(kx_purgatory_begin_(&info), "out of paper");
	assert_int_equal(how, MACHINE_JUMPED);
	assert_said("\nkx: purgatory: out of paper\n");
}

/* What is no record, or is where none can be, is left alone. */
static void test_no_record(void **state)
{
	struct kx_status before;

	(void)state;
	info.digest[0] ^= 1;
	begin_record();
	record.magic++;
	before = record;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_memory_equal(&record, &before, sizeof(before));
	begin_record();
	before = record;
	info.magic++;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_memory_equal(&record, &before, sizeof(before));
	info.magic--;
	info.status_pa += 8;
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
	assert_memory_equal(&record, &before, sizeof(before));
	info.status_pa = KX_PURGATORY_BEYOND; /* out of reach, or 0: not looked at */
	assert_int_equal(machine_run(&info), MACHINE_HALTED);
}

static void test_kicks(void **state)
{
	static const uint64_t values[] = { 0xef, 0xcdef, 0x89abcdef, 0x0123456789abcdef };
	uint64_t dog;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		dog = UINT64_MAX;
		info.kick = (struct kx_kick){ (uintptr_t)&dog, 0x0123456789abcdef, 1u << i, 0 };
		assert_int_equal(machine_run(&info), MACHINE_GOOD);
		assert_int_equal(dog, i < 3 ? values[i] | UINT64_MAX << (8u << i) : values[i]);
	}
}

/* The second trap in a row, on the way of the first, ends in rest. */
static void test_traps(void **state)
{
	char text[64];
	int how;

	(void)state;
	info.policy = KX_POLICY_FALLBACK;
	begin_record();
	assert_int_equal(machine_run(&info), MACHINE_GOOD);
	how = setjmp(machine.end);
	if (!how)
		kx_purgatory_trap_(13, machine.self.pa + 0x123, 0x456);
	assert_int_equal(how, MACHINE_JUMPED);
	assert_said("kx: purgatory: fault: verify cause=0xd pc=purgatory+0x123 at=0x456 region=0x2\n");
	snprintf(text, sizeof(text), "\nkx-purgatory: x%u=0x%lx", KX_REGISTER_FIRST,
		 kx_purgatory_registers_[KX_REGISTER_FIRST]);
	assert_said(text);
	snprintf(text, sizeof(text), " x%u=0x1fff\n", KX_REGISTER_COUNT - 1);
	assert_said(text);
	assert_said("\nkx-purgatory: x12=");
	assert_result(kx_status_read(&record, &report), 0);
	assert_int_equal(record.fault, KX_FAULT_CPU);
	assert_int_equal(report.cause, 13);
	assert_int_equal(report.pc, 0x123);
	assert_int_equal(report.at, 0x456);
	assert_int_equal(report.index, 2);
	assert_int_equal(machine.late, 0);
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
		INFO_TEST(test_intact_said),
		INFO_TEST(test_damage_said),
		INFO_TEST(test_progress_said),
		INFO_TEST(test_failure_recorded),
		INFO_TEST(test_stages_recorded),
		INFO_TEST(test_interrupt_recorded),
		INFO_TEST(test_first_recorded),
		INFO_TEST(test_refused_in_words),
		INFO_TEST(test_no_record),
		INFO_TEST(test_kicks),
		INFO_TEST(test_traps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
