/* SPDX-License-Identifier: BSD-2-Clause */
/* Coming back: what kx_control_seal() prepares for it, and what kx_enter() then returns. */
#include "seal_test.h"

#include "own.h"

/* What the way back needs is there, and counted among what is not written. */
static void test_return(void **state)
{
	const uint64_t *own;

	(void)state;
	fake.paging = paging_modes[0].paging;
	if (kx_idmap_granule_(&fake.paging) != PAGE)
		skip();
	jump.run_va = paging_modes[0].high_va;
	assert_result(seal(), 0);
	assert_null(control.host);
	assert_result(seal_return(), 0);
	seal_check_handoff();
	own = control.own;
	assert_int_equal(own[KX_HOST_OWN / 8], (uintptr_t)own);
	assert_int_equal(own[KX_HOST_RUN / 8], control.run_va);
	assert_in_range((uintptr_t)control.host, (uintptr_t)own + PAGE,
			(uintptr_t)own + control.tables.size - sizeof(*control.host));
	jump.flags |= KX_ENTER_32;
	assert_result(seal(), KX_ERR_ARGUMENT);
}

/* No list that cannot be undone is ever sealed for it. */
static void test_return_list(void **state)
{
	(void)state;
	lab.arena.used = 0;
	assert_result(lab_build(&lab), 0); /* it fills a page with zeros */
	assert_result(seal(), 0);
	lab.arena.used = PAGE;
	jump.flags |= KX_ENTER_RETURN;
	assert_result(seal(), KX_ERR_LIST_PAIR);
	assert_null(control.host);
}

/* kx_arena_size() is enough for zeros and registers too. */
static void test_return_arena(void **state)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = lab.count,
				.memory = &lab.memory, .swap = 1 };
	uint64_t size = kx_arena_size(&plan);

	(void)state;
	plan.swap = 0;
	assert_int_equal(size, kx_arena_size(&plan) + 2 * PAGE);
	if (size > lab.arena.size)
		skip();
	lab.arena.size = size;
	assert_result(seal_return(), 0);
}

/* In an arena of any smaller size it is refused by name. */
static void check_every_size(void)
{
	uint64_t used, enough;

	assert_result(seal_return(), 0);
	enough = lab.arena.used + kx_list_check_scratch(&lab.memory);
	used = control.pa - lab.arena.pa; /* behind the list */
	for (uint64_t size = used; size < enough; size += 64) {
		lab.arena.used = used;
		lab.arena.size = size;
		seal_refused(KX_ERR_ARENA_SMALL);
	}
}

static void test_return_arena_exact(void **state)
{
	uint64_t size = lab.arena.size;

	(void)state;
	if (kx_idmap_off_(&paging_off))
		check_every_size();
	lab.arena.size = size;
	seal_in(&paging_modes[0]);
	if (kx_idmap_granule_(&fake.paging) == PAGE)
		check_every_size();
}

static uint64_t image_found; /* in the register that is to be as at the host's entry */

/* The new image has changed what it could. */
static void dirty(void)
{
	image_found = fake.registers[FAKE_ENTRY];
	for (int i = 0; i < FAKE_REGISTERS; i++)
		fake.registers[i] = 0xbad;
}

static void test_come_back(void **state)
{
	struct kx_cpus cpus = { .timer_hz = 1000000, .timeout_us = 10 };
	struct kx_returned returned = { 7, 7 };
	static struct kx_state at_entry;

	(void)state;
	fake.registers[FAKE_ENTRY] = 0x55;
	kx_state_snapshot(&at_entry);
	at_entry.apic = &returned; /* any address */
	at_entry.isa = "rv64";
	jump.state = &at_entry;
	jump.returned = &returned;
	assert_result(seal_return(), 0);
	fake.registers[FAKE_ENTRY] = 0x77;
	fake.registers[FAKE_LATE] = 0x78;
	fake.image = dirty;
	fake.returned = (struct kx_returned){ (uint64_t)-KX_ERR_DIGEST, 3 };
	assert_result(kx_enter(&control, NULL), KX_ERR_ARGUMENT);
	assert_int_equal(returned.value, 7); /* it has not been there */
	for (int i = 0; i < 2; i++) { /* as often as one likes */
		fake.run_va = 0;
		assert_result(kx_enter(&control, &cpus), KX_ERR_DIGEST);
		assert_int_equal(fake.run_va, control.run_va);
		assert_int_equal(image_found, 0x55);
		assert_ptr_equal(control.host->apic, &returned);
		assert_string_equal(control.host->isa, "rv64");
		assert_int_equal((int64_t)returned.value, -KX_ERR_DIGEST);
		assert_int_equal(returned.detail, 3);
		assert_int_equal(fake.registers[FAKE_ENTRY], 0x77);
		assert_int_equal(fake.registers[FAKE_LATE], 0x78);
		assert_int_equal(fake.open, 0);
		assert_false(fake.masked);
	}
	control.returned = NULL;
	fake.returned.value = 5;
	assert_int_equal(kx_enter(&control, &cpus), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEAL_TEST(test_return),
		SEAL_TEST(test_return_list),
		SEAL_TEST(test_return_arena),
		SEAL_TEST(test_return_arena_exact),
		SEAL_TEST(test_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
