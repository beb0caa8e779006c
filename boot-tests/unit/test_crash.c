/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_crash_seal(): all that a dying system will need is in its memory, or is refused by name. */
#include "unit.h"

#include <kx/state.h>
#include <kx/status.h>

#include "crash.h"
#include "fake.h"
#include "own.h"
#include "paging.h"

static struct lab lab;
static struct kx_status record __attribute__((aligned(KX_STATUS_SIZE)));
static struct kx_state entry;
static struct kx_jump jump;
static struct kx_crash *crash;

static int open_lab(void **state)
{
	(void)state;
	fake_reset();
	fake.paging = paging_modes[0].paging;
	lab_open(&lab);
	jump = (struct kx_jump){
		.memory = &lab.memory,
		.entry_pa = LAB_PAGE(8),
		.run_va = paging_modes[0].high_va,
		.status = &record,
		.status_pa = LAB_PAGE(20),
	};
	crash = (struct kx_crash *)(void *)&lab;
	assert_result(lab_build(&lab), 0);
	return 0;
}

static int close_lab(void **state)
{
	(void)state;
	lab_close(&lab);
	return 0;
}

static int seal(void)
{
	return kx_crash_seal(&lab.list, &jump, &lab.arena, &crash);
}

static void assert_refused(int error)
{
	struct kx_arena before = lab.arena;

	crash = (struct kx_crash *)(void *)&lab;
	assert_result(seal(), error);
	assert_null(crash);
	assert_memory_equal(&lab.arena, &before, sizeof(before));
}

/* These bytes of the host's are in the arena, as far as it is used. */
static void assert_inside(const void *at, uint64_t size)
{
	uintptr_t base = (uintptr_t)lab.arena.base;

	assert_in_range((uintptr_t)at, base, base + lab.arena.used - size);
}

static const struct kx_handoff *check_page(void)
{
	const struct kx_handoff *handoff;

	assert_inside(crash, KX_CRASH_STACK);
	assert_int_equal((uintptr_t)crash % PAGE, 0);
	assert_inside(crash->page, PAGE);
	handoff = crash->page;
	assert_int_equal(handoff->control_pa, lab.arena.pa + ((uintptr_t)crash->page -
							       (uintptr_t)lab.arena.base));
	assert_int_equal(kx_crash_page_pa(crash), handoff->control_pa);
	assert_inside(crash->own, PAGE);
	assert_int_equal(handoff->own_pa, lab.arena.pa + ((uintptr_t)crash->own -
							   (uintptr_t)lab.arena.base));
	assert_int_equal(crash->tables, handoff->tables);
	assert_int_equal(crash->mode, handoff->cpu[0]);
	assert_ptr_equal(crash->status, jump.status);
	assert_int_equal(crash->claim, KX_CRASH_FREE);
	assert_int_equal(handoff->flags, jump.flags | KX_ENTER_CRASH);
	return handoff;
}

static void test_seal(void **state)
{
	uint64_t used = lab.arena.used;

	(void)state;
	if (kx_idmap_granule_(&fake.paging) != PAGE)
		skip();
	jump.flags = KX_ENTER_GUARDED;
	assert_result(seal(), 0);
	check_page();
	assert_int_equal(crash->run_va, jump.run_va + KX_CONTROL_ENTRY);
	assert_null(crash->state);
	jump.run_va = 0;
	lab.arena.used = used;
	assert_result(seal(), 0);
	assert_int_equal(crash->run_va, (uintptr_t)kx_trampoline_page_ + KX_CONTROL_ENTRY);
}

/* What the host knows of its registers is copied, the string with it. */
static void test_state(void **state)
{
	static char isa[] = "rv64imac_sstc";
	uint64_t used = lab.arena.used;

	(void)state;
	memset(&entry, 0x5a, sizeof(entry));
	entry.isa = isa;
	jump.state = &entry;
	assert_result(seal(), 0);
	check_page();
	assert_inside(crash->state, sizeof(entry) + sizeof(isa));
	assert_ptr_equal(fake.handed, crash->state);
	assert_inside(crash->state->isa, sizeof(isa));
	assert_true((const char *)crash->state->isa >= (const char *)(crash->state + 1));
	assert_ptr_equal(crash->state->apic, entry.apic);
	assert_memory_equal(crash->state->value, entry.value, sizeof(entry.value));
	assert_memory_equal(crash->state->there, entry.there, sizeof(entry.there));
	memset(isa, 'x', sizeof(isa) - 1);
	assert_string_equal(crash->state->isa, "rv64imac_sstc");
	entry.isa = NULL;
	lab.arena.used = used;
	assert_result(seal(), 0);
	assert_null(crash->state->isa);
}

static void test_settle(void **state)
{
	(void)state;
	for (int i = 0; i < FAKE_REGISTERS; i++)
		fake.registers[i] = 0x100;
	kx_status_begin(&record, 1000000);
	assert_result(seal(), 0);
	kx_crash_settle_(crash);
	assert_int_equal(record.stage, KX_STATUS_ENTER);
	assert_int_equal(fake.registers[FAKE_VALUE], FAKE_VALUE_IS);
	assert_true(fake.masked);
	crash->status = NULL;
	kx_crash_settle_(crash);
}

/* Everything that would be written elsewhere, one after the other. */
static void test_outside(void **state)
{
	struct kx_jump good = jump;
	struct kx_arena arena = lab.arena;
	uint8_t *first = (uint8_t *)arena.base + (arena.used + PAGE - 1) / PAGE * PAGE;

	(void)state;
	jump.status_pa = LAB_PA - KX_STATUS_SIZE;
	assert_refused(KX_ERR_OUTSIDE_RAM);
	jump.status_pa = LAB_PAGE(LAB_PAGES);
	assert_refused(KX_ERR_OUTSIDE_RAM);
	jump = good;
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ jump.status_pa, 1 };
	assert_refused(KX_ERR_RESERVED);
	lab.memory.reserved_count = 0;
	jump.entry_pa = LAB_PA - PAGE;
	assert_refused(KX_ERR_OUTSIDE_RAM);
	jump = good;
	lab.range[0].pa = LAB_PAGE(9); /* the destination begins a page before */
	lab.range[0].size -= 9 * PAGE;
	jump.entry_pa = LAB_PAGE(9);
	assert_refused(KX_ERR_OUTSIDE_RAM);
	lab.range[0] = (struct kx_range){ LAB_PA, 17 * PAGE }; /* the source ends, and the arena lies behind */
	jump = good;
	jump.status = NULL;
	jump.status_pa = 0;
	memset(first, 0xee, PAGE);
	assert_refused(KX_ERR_OUTSIDE_RAM);
	for (uint64_t i = 0; i < PAGE; i++) /* nothing was written there before that was known */
		assert_int_equal(first[i], 0xee);
	lab.range[1] = (struct kx_range){ lab.arena.pa, lab.arena.size };
	lab.memory.ram_count = 2;
	assert_refused(KX_ERR_OUTSIDE_RAM);
	lab.range[0].size = 18 * PAGE;
	lab.range[1].size -= PAGE;
	assert_refused(KX_ERR_OUTSIDE_RAM);
	lab.arena.size -= PAGE;
	assert_result(seal(), 0);
	lab.arena = arena;
}

static void test_arguments(void **state)
{
	struct kx_jump good = jump;
	struct kx_arena arena = lab.arena;

	(void)state;
	assert_result(kx_crash_seal(NULL, &jump, &lab.arena, &crash), KX_ERR_ARGUMENT);
	assert_result(kx_crash_seal(&lab.list, NULL, &lab.arena, &crash), KX_ERR_ARGUMENT);
	assert_result(kx_crash_seal(&lab.list, &jump, NULL, &crash), KX_ERR_ARGUMENT);
	assert_result(kx_crash_seal(&lab.list, &jump, &lab.arena, NULL), KX_ERR_ARGUMENT);
	jump.memory = NULL;
	assert_refused(KX_ERR_ARGUMENT);
	jump = good;
	jump.flags = KX_ENTER_RETURN;
	assert_result(seal(), KX_ERR_ARGUMENT);
	jump.flags = (uint64_t)1 << 63;
	assert_refused(KX_ERR_ARGUMENT);
	jump = good;
	lab.arena.base = (uint8_t *)lab.arena.base + 8;
	lab.arena.size -= PAGE;
	assert_refused(KX_ERR_MISALIGNED);
	lab.arena = arena;
	for (lab.arena.size = lab.arena.used; lab.arena.size < lab.arena.used + 3 * PAGE;
	     lab.arena.size += PAGE) {
		jump.state = &entry;
		assert_refused(KX_ERR_ARENA_SMALL);
	}
	lab.arena = arena;
}

/* What the public header says is enough, with an ISA string as long as that. */
static void test_arena_size(void **state)
{
	static char isa[KX_PAGE_SIZE + 1];
	struct kx_arena whole = lab.arena;
	struct kx_control control;

	(void)state;
	memset(isa, 'z', sizeof(isa) - 1);
	entry.isa = isa;
	assert_result(kx_control_seal(&lab.list, &jump, &whole, &control), 0);
	lab.arena.size = whole.used + KX_CRASH_ARENA + kx_list_check_scratch(&lab.memory);
	jump.state = &entry;
	assert_result(seal(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_seal, open_lab, close_lab),
		cmocka_unit_test_setup_teardown(test_state, open_lab, close_lab),
		cmocka_unit_test_setup_teardown(test_settle, open_lab, close_lab),
		cmocka_unit_test_setup_teardown(test_outside, open_lab, close_lab),
		cmocka_unit_test_setup_teardown(test_arguments, open_lab, close_lab),
		cmocka_unit_test_setup_teardown(test_arena_size, open_lab, close_lab),
	};

	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
