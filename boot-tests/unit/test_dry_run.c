/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_dry_run(): what stands in the control page meanwhile, what comes back, and that nothing stays. */
#include "seal_test.h"

#include <kx/state.h>

#include "own.h"

#define REST (PAGE - KX_HANDOFF_SIZE)

static struct kx_status found, *told; /* what is told, and where the control page tells it */
static struct kx_handoff *handoff, entered;
static int code_is_probe, calls;
static uint64_t published; /* bytes, when the control page was entered */

/* What @error says was sealed. */
static void use(int error)
{
	assert_result(error, 0);
	handoff = (struct kx_handoff *)(void *)((uint8_t *)lab.arena.base + (control.pa - lab.arena.pa));
}

static int sealed(void **state)
{
	seal_setup(state);
	seal_in(&paging_modes[0]);
	kx_status_begin(&record, 1000000);
	kx_status_stage(&record, KX_STATUS_QUIESCE);
	jump.status = &record;
	jump.status_pa = LAB_PAGE(20);
	use(seal());
	memset(&found, 0xa5, sizeof(found));
	told = &record;
	calls = 0;
	return 0;
}

/* In the place of kx_call_: the control page as it is entered. */
static void look(void)
{
	entered = *handoff;
	code_is_probe = !memcmp(handoff + 1, kx_probe_page_ + KX_HANDOFF_SIZE, REST);
	fake.registers[FAKE_ENTRY] += 5; /* as a trampoline leaves it */
	published = fake.published;
	calls++;
}

/* The same, and it comes to a bad end. */
static void end_badly(void)
{
	look();
	kx_status_stage(told, KX_STATUS_COPY);
	told->fault = KX_FAULT_CPU;
	told->cause = 5;
	told->index = 17;
	told->pc = 0x700;
	told->at = 0x1234000;
	kx_status_stage(told, KX_STATUS_RETURN);
}

/* Where libkx keeps what is its own: nobody looks for it there later. */
static void take_for_granted(uint8_t *arena, const void *at, size_t size)
{
	if (at)
		memcpy(arena + ((const uint8_t *)at - (uint8_t *)lab.arena.base), at, size);
}

/* All of the arena, and the record, are as before: the next hop begins as if nothing had been. */
static void run(int error)
{
	size_t size = lab.arena.size;
	struct kx_status was = record;
	struct kx_arena arena = lab.arena;
	struct kx_control sealed = control;
	uint8_t *page = malloc(PAGE), *before = malloc(arena.used);
	uint64_t value = fake.registers[FAKE_ENTRY];

	memcpy(page, handoff, PAGE);
	memcpy(before, arena.base, arena.used);
	assert_result(kx_dry_run(&control, &lab.arena, &found), error);
	assert_memory_equal(page, handoff, PAGE);
	take_for_granted(before, (uint64_t *)control.own + KX_OWN_RECORD / 8, KX_STATUS_SIZE);
	take_for_granted(before, control.host, sizeof(*control.host));
	assert_memory_equal(before, arena.base, arena.used);
	assert_memory_equal(&was, &record, sizeof(was));
	assert_memory_equal(&arena, &lab.arena, sizeof(arena));
	assert_memory_equal(&sealed, &control, sizeof(sealed));
	assert_int_equal(fake.registers[FAKE_ENTRY], value);
	assert_int_equal(lab.arena.size, size);
	assert_int_equal(fake.open, 0);
	assert_false(fake.masked);
	free(before);
	free(page);
}

static void test_the_way(void **state)
{
	const struct kx_handoff *probe = (const void *)kx_probe_page_;
	uint64_t sealed_bytes = fake.published;

	(void)state;
	fake.image = look;
	run(0);
	/* what was written is to be seen with caches off: the page, and the record, which is begun and entered, before;
	 * they again, after */
	assert_int_equal(published - sealed_bytes, PAGE + 2 * KX_STATUS_SIZE);
	assert_int_equal(fake.published - published, PAGE + KX_STATUS_SIZE);
	assert_int_equal(calls, 1);
	assert_true(code_is_probe);
	assert_int_equal(fake.run_va, control.run_va);
	assert_in_range(probe->entry_pa, KX_CONTROL_ENTRY, PAGE - 1);
	assert_int_equal(entered.entry_pa, control.pa + probe->entry_pa);
	assert_int_equal(entered.flags, KX_ENTER_RETURN | KX_ENTER_GUARDED);
	/* all else is what it will be */
	entered.entry_pa = handoff->entry_pa;
	entered.flags = handoff->flags;
	assert_memory_equal(&entered, handoff, sizeof(entered));
	/* told how long it took */
	assert_int_equal(found.fault, KX_FAULT_NONE);
	assert_int_not_equal(found.edge[KX_STATUS_ENTER - 1], 0);
	assert_int_equal(found.edge[KX_STATUS_QUIESCE - 1], 0); /* that was not on this way */
	assert_int_equal(found.rate, record.rate);
	assert_int_equal(found.sum, kx_status_sum(&found));
}

/* What an earlier hop has come to, from which the host has come back, is not what this way does. */
static void test_after_a_bad_end(void **state)
{
	(void)state;
	kx_status_stage(&record, KX_STATUS_VERIFY);
	kx_status_fail(&record, -KX_ERR_DIGEST, 0x1234000);
	fake.image = look;
	run(0);
	assert_int_equal(found.fault, KX_FAULT_NONE);
	assert_int_equal(found.cause | found.index | found.at, 0);
	assert_int_equal(found.edge[KX_STATUS_VERIFY - 1], 0);
}

static void test_fault(void **state)
{
	(void)state;
	fake.image = end_badly;
	fake.returned = (struct kx_returned){ KX_DRY_FAULT, KX_STATUS_COPY };
	run(KX_ERR_DRY_FAULT);
	assert_int_equal(found.stage, KX_STATUS_COPY);
	assert_int_equal(found.fault, KX_FAULT_CPU);
	assert_int_equal(found.cause, 5);
	assert_int_equal(found.index, 17);
	assert_int_equal(found.at, 0x1234000);
	assert_int_equal(found.sum, kx_status_sum(&found));
}

static void test_vectors(void **state)
{
	(void)state;
	fake.image = look;
	fake.returned = (struct kx_returned){ KX_DRY_VECTORS, KX_STATUS_COPY };
	run(KX_ERR_DRY_VECTORS);
	assert_int_equal(found.stage, KX_STATUS_COPY);
	assert_int_equal(found.fault, KX_FAULT_ERROR);
	assert_int_equal(found.cause, KX_ERR_DRY_VECTORS);
	assert_int_equal(found.sum, kx_status_sum(&found));
}

/* A host that has no place for a record: libkx's own page has one. */
static void test_no_record(void **state)
{
	(void)state;
	jump.status = NULL;
	jump.status_pa = 0;
	lab.arena.used = 0;
	assert_result(lab_build(&lab), 0);
	use(seal());
	told = (struct kx_status *)((uint64_t *)control.own + KX_OWN_RECORD / 8);
	fake.image = end_badly;
	fake.returned = (struct kx_returned){ KX_DRY_FAULT, KX_STATUS_ENTER };
	run(KX_ERR_DRY_FAULT);
	assert_int_equal(entered.status_pa, control.tables.pa + KX_OWN_RECORD);
	assert_int_equal(entered.status_pa % KX_STATUS_SIZE, 0);
	assert_int_equal(handoff->status_pa, 0);
	assert_int_equal(found.magic, KX_STATUS_MAGIC);
	assert_int_equal(found.stage, KX_STATUS_ENTER);
	assert_int_equal(found.index, 17);
}

/* Who does not ask for the place is told of the fault all the same. */
static void test_not_asked(void **state)
{
	(void)state;
	fake.image = end_badly;
	fake.returned = (struct kx_returned){ KX_DRY_FAULT, KX_STATUS_COPY };
	assert_result(kx_dry_run(&control, &lab.arena, NULL), KX_ERR_DRY_FAULT);
	assert_int_equal(calls, 1);
}

static void test_arena(void **state)
{
	uint64_t size = lab.arena.size;
	struct kx_control sealed;

	(void)state;
	fake.image = look;
	lab.arena.size = lab.arena.used + sizeof(struct kx_state);
	run(0);
	lab.arena.size -= 8;
	run(KX_ERR_ARENA_SMALL);
	assert_int_equal(calls, 1);
	lab.arena.size = size;
	sealed = control;
	control.run_va = 0;
	assert_result(kx_dry_run(&control, &lab.arena, &found), KX_ERR_ARGUMENT);
	control = sealed;
	lab.arena.used = control.pa - lab.arena.pa; /* the control page is not in it */
	assert_result(kx_dry_run(&control, &lab.arena, &found), KX_ERR_ARGUMENT);
	lab.arena.used = size + 1;
	assert_result(kx_dry_run(&control, &lab.arena, &found), KX_ERR_ARGUMENT);
	assert_result(kx_dry_run(&control, NULL, &found), KX_ERR_ARGUMENT);
	assert_result(kx_dry_run(NULL, &lab.arena, &found), KX_ERR_ARGUMENT);
	assert_int_equal(calls, 1);
}

/* In an arena as large as kx_arena_size() says, which may be larger than the whole lab. */
static void test_arena_size(void **state)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = lab.count,
				.memory = &lab.memory };
	uint64_t size;

	(void)state;
	fake.image = look;
	lab.range[1] = (struct kx_range){ LAB_PAGE(LAB_PAGES), (uint64_t)64 << 20 };
	lab.memory.ram_count = 2;
	size = kx_arena_size(&plan);
	assert_in_range(size, PAGE, lab.range[1].size);
	lab.arena = (struct kx_arena){ malloc(size), lab.range[1].pa, size, 0 };
	assert_result(lab_build(&lab), 0);
	use(seal());
	run(0);
	free(lab.arena.base);
}

/* With a place for the host's registers already, none is borrowed. */
static void test_return(void **state)
{
	(void)state;
	use(seal_return());
	fake.image = look;
	lab.arena.size = lab.arena.used;
	run(0);
	assert_int_equal(calls, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sealed, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_way),
		TEST(test_after_a_bad_end),
		TEST(test_fault),
		TEST(test_vectors),
		TEST(test_no_record),
		TEST(test_not_asked),
		TEST(test_arena),
		TEST(test_arena_size),
		TEST(test_return),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
