/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_control_seal() and kx_enter(): what the control page holds, and what is never entered. */
#include "unit.h"

#include <kx/status.h>

#include "cpu.h"
#include "fake.h"
#include "own.h"
#include "paging.h"

static struct lab lab;
static struct kx_status record __attribute__((aligned(KX_STATUS_SIZE)));
static struct kx_jump jump;
static struct kx_control control;

static int open_lab(void **state)
{
	(void)state;
	fake_reset();
	fake.paging = paging_off;
	lab_open(&lab);
	jump = (struct kx_jump){
		.memory = &lab.memory,
		.entry_pa = LAB_PAGE(8),
		.args = { 11, 22, 33, 44 },
		.console = { KX_DEVICE_SBI_PUTCHAR, 4, 0x10000000, 0x100 },
	};
	memset(&control, 0xff, sizeof(control));
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
	return kx_control_seal(&lab.list, &jump, &lab.arena, &control);
}

static const void *at(uint64_t pa)
{
	assert_in_range(pa, lab.arena.pa, lab.arena.pa + lab.arena.used - 1);
	return (const uint8_t *)lab.arena.base + (pa - lab.arena.pa);
}

/* Behind the handoff the control page is the one that was linked. */
static void check_page(void)
{
	assert_memory_equal((const uint8_t *)at(control.pa) + KX_HANDOFF_SIZE,
			    kx_trampoline_page_ + KX_HANDOFF_SIZE, PAGE - KX_HANDOFF_SIZE);
}

static void check_handoff(void)
{
	const struct kx_handoff *handoff = at(control.pa);

	assert_int_equal(handoff->magic, KX_HANDOFF_MAGIC);
	assert_int_equal(handoff->version, KX_HANDOFF_VERSION);
	assert_int_equal(handoff->control_pa, control.pa);
	assert_int_equal(handoff->head, lab.list.head);
	assert_int_equal(handoff->entry_pa, LAB_PAGE(8));
	for (int i = 0; i < KX_HANDOFF_ARGS_COUNT; i++)
		assert_int_equal(handoff->args[i], 11 * (i + 1));
	assert_int_equal(handoff->tables, control.tables_root);
	assert_int_equal(control.tables_mode, handoff->cpu[0]);
	assert_int_equal(handoff->flags, jump.flags);
	assert_memory_equal(&handoff->console, &jump.console, sizeof(jump.console));
	assert_int_equal(handoff->own_pa, control.tables.pa);
	assert_ptr_equal(control.own, at(control.tables.pa));
	assert_int_equal(handoff->status_pa, jump.status_pa);
	assert_ptr_equal(control.status, jump.status);
	assert_memory_equal(&handoff->kick, &jump.kick, sizeof(jump.kick));
	assert_int_equal(handoff->policy, jump.policy ? jump.policy : KX_POLICY_HALT);
	assert_int_equal(handoff->reset, jump.reset);
	for (size_t i = 0; i < sizeof(handoff->reserved) / 8; i++)
		assert_int_equal(handoff->reserved[i], 0);
	check_page();
	assert_in_range(fake.published, PAGE + control.tables.size, UINT64_MAX);
}

/* Of a host that runs untranslated, where the architecture has such a thing. */
static void test_off(void **state)
{
	(void)state;
	if (!kx_idmap_off_(&paging_off))
		skip();
	jump.run_va = 0x7000; /* means nothing there */
	assert_result(seal(), 0);
	check_handoff();
	assert_int_equal(control.run_va, control.pa);
	assert_int_equal(control.tables_root != 0, paging_maps_ram);
	assert_int_equal(control.tables.size != PAGE, paging_maps_ram); /* the page is libkx's own */
}

static void test_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		struct kx_arena before = lab.arena;

		fake.published = 0;
		fake.paging = paging_modes[i].paging;
		if (kx_idmap_granule_(&fake.paging) != PAGE)
			continue; /* too large for this small a machine */
		jump.run_va = paging_modes[i].high_va;
		assert_result(seal(), 0);
		check_handoff();
		assert_int_equal(control.run_va, jump.run_va);
		assert_int_not_equal(control.tables_root, 0);
		assert_in_range(control.tables.pa, control.pa + PAGE, lab.arena.pa + lab.arena.used);
		assert_int_equal(control.tables.pa + control.tables.size,
				 lab.arena.pa + lab.arena.used);
		assert_int_equal(lab.arena.size, before.size);
		lab.arena = before;
	}
}

/* No place of the host's own: the page inside libkx is what will run. */
static void test_own_page(void **state)
{
	(void)state;
	fake.paging = paging_modes[0].paging;
	jump.run_va = 0;
	assert_result(seal(), 0);
	assert_int_equal(control.run_va, (uintptr_t)kx_trampoline_page_);
}

static void assert_refused(int error)
{
	struct kx_arena before = lab.arena;
	struct kx_cpus alone = { .count = 0 };

	memset(&control, 0xff, sizeof(control));
	assert_result(seal(), error);
	assert_memory_equal(&lab.arena, &before, sizeof(before));
	/* what was refused is not entered, even by a host that did not look */
	assert_result(kx_enter(&control, &alone), KX_ERR_ARGUMENT);
}

static void test_jump(void **state)
{
	struct kx_jump good = jump;

	(void)state;
	jump.entry_pa = LAB_PA - PAGE;
	assert_refused(KX_ERR_OUTSIDE_RAM);
	jump.entry_pa = LAB_PAGE(LAB_PAGES);
	assert_refused(KX_ERR_OUTSIDE_RAM);
	jump = good;
	for (uint64_t off = 1; off < KX_ENTRY_ALIGN; off++) {
		jump.entry_pa = good.entry_pa + off;
		assert_refused(KX_ERR_MISALIGNED);
	}
	jump = good;
	jump.run_va = 8;
	assert_refused(KX_ERR_MISALIGNED);
	jump = good;
	jump.memory = NULL;
	assert_refused(KX_ERR_ARGUMENT);
	jump = good;
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PAGE(8), 1 };
	assert_refused(KX_ERR_RESERVED);
	lab.reserved[0] = (struct kx_range){ lab.arena.pa, 1 };
	assert_refused(KX_ERR_RESERVED);
	lab.memory.reserved_count = 0;
	lab.memory.parked_count = 1;
	lab.parked[0] = lab.reserved[0];
	assert_refused(KX_ERR_DEST_OVER_CPU);
}

/* The ways in that an architecture has are told to the trampoline, the others refused. */
static void test_flags(void **state)
{
	struct kx_arena before = lab.arena;

	(void)state;
	fake.paging = paging_modes[0].paging;
	jump.run_va = paging_modes[0].high_va;
	for (unsigned int bit = 0; bit < 64; bit++) {
		jump.flags = (uint64_t)1 << bit;
		lab.arena = before;
		if (!(jump.flags & KX_ENTER_KNOWN)) {
			assert_refused(KX_ERR_ARGUMENT);
			continue;
		}
		if (jump.flags == KX_ENTER_RETURN)
			continue; /* wants another list: see test_return() */
		assert_result(seal(), 0);
		check_handoff();
	}
}

/* ---- hosts whose granule is larger than a page ---- */

#define GRANULES 64 /* of RAM; the upper half is the arena */

/* A page to the start of granule 3 from the start of granule 8. */
static int seal_page(uint64_t granule)
{
	struct kx_piece piece = { NULL, LAB_PA + 8 * granule, PAGE };
	struct kx_segment segment = { LAB_PA + 3 * granule, PAGE, PAGE, &piece, 1 };
	struct kx_plan plan = { .segments = &segment, .segment_count = 1, .memory = &lab.memory };

	lab.arena.used = 0;
	jump.entry_pa = segment.dest_pa;
	assert_result(kx_segments_check(&segment, 1, &lab.memory, NULL), 0);
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), 0);
	return seal();
}

static void check_granule(const struct paging_mode *mode, uint64_t granule)
{
	struct kx_range ram = { LAB_PA, GRANULES * granule };
	uint64_t size = GRANULES / 2 * granule;
	uint8_t *memory = aligned_alloc(granule, size);

	lab.memory = (struct kx_memory){ .ram = &ram, .ram_count = 1, .reserved = lab.reserved };
	lab.arena = (struct kx_arena){ memory, LAB_PA + size, size, 0 };
	fake.paging = mode->paging;
	for (uint64_t off = 0; off < granule; off += PAGE) {
		jump.run_va = (mode->high_va & -granule) + off;
		assert_result(seal_page(granule), 0);
		assert_int_equal(control.pa & (granule - 1), off);
		check_page();
	}
	lab.memory.reserved_count = 1;
	lab.reserved[0] = (struct kx_range){ LAB_PA + 5 * granule - 1, 1 };
	assert_result(seal_page(granule), 0);
	lab.reserved[0].pa -= granule; /* in the granule of the destination */
	assert_result(seal_page(granule), KX_ERR_RESERVED);
	free(memory);
}

/* The control page lies as far into its granule as where it is run; all that is mapped is RAM. */
static void test_granules(void **state)
{
	int done = 0;

	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		uint64_t granule = kx_idmap_granule_(&paging_modes[i].paging);

		if (granule > PAGE) {
			check_granule(&paging_modes[i], granule);
			done++;
		}
	}
	if (!done)
		skip();
}

/* What is told of a fault, and how: all of it, and what cannot be. */
static void test_faults(void **state)
{
	struct kx_arena before = lab.arena;
	struct kx_jump good;

	(void)state;
	jump.status = &record;
	jump.status_pa = LAB_PAGE(20) + KX_STATUS_SIZE;
	jump.kick = (struct kx_kick){ 0x10000, 0xa5, 4, 0 };
	jump.policy = KX_POLICY_RESET;
	jump.reset = KX_PSCI_HVC;
	good = jump;
	fake.paging = paging_modes[0].paging;
	jump.run_va = paging_modes[0].high_va;
	assert_result(seal(), 0);
	check_handoff();
	lab.arena = before;
	jump.status = NULL;
	assert_refused(KX_ERR_ARGUMENT);
	jump = good;
	jump.status_pa += 8;
	assert_refused(KX_ERR_MISALIGNED);
	jump.status_pa = lab.arena.pa + lab.arena.size - KX_STATUS_SIZE;
	assert_refused(KX_ERR_STATUS_RANGE);
	jump.status_pa = LAB_PAGE(17) + 2 * KX_STATUS_SIZE; /* a source */
	assert_refused(KX_ERR_STATUS_RANGE);
	jump.status_pa = LAB_PAGE(9); /* a destination */
	assert_refused(KX_ERR_STATUS_RANGE);
	jump = good;
	jump.kick.width = 3;
	assert_refused(KX_ERR_ARGUMENT);
	jump.kick.width = 16;
	assert_refused(KX_ERR_ARGUMENT);
	jump.kick.width = 8;
	jump.kick.pa += 4;
	assert_refused(KX_ERR_MISALIGNED);
	jump.kick.pa = LAB_PAGE(20); /* memory */
	assert_refused(KX_ERR_ARGUMENT);
	jump = good;
	jump.policy = KX_POLICY_FALLBACK;
	assert_refused(KX_ERR_ARGUMENT);
	jump = good;
	jump.reset = KX_PSCI_SMC + 1;
	assert_refused(KX_ERR_ARGUMENT);
}

static void test_arguments(void **state)
{
	struct kx_cpus alone = { .count = 0 };

	(void)state;
	assert_result(kx_control_seal(NULL, &jump, &lab.arena, &control), KX_ERR_ARGUMENT);
	assert_result(kx_control_seal(&lab.list, NULL, &lab.arena, &control), KX_ERR_ARGUMENT);
	assert_result(kx_control_seal(&lab.list, &jump, NULL, &control), KX_ERR_ARGUMENT);
	assert_result(kx_control_seal(&lab.list, &jump, &lab.arena, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_enter(NULL, &alone), KX_ERR_ARGUMENT);
	control.run_va = 0;
	assert_result(kx_enter(&control, &alone), KX_ERR_ARGUMENT);
}

static void test_paging(void **state)
{
	(void)state;
	if (!paging_has_unknown)
		skip();
	fake.paging = paging_unknown;
	jump.run_va = PAGE;
	assert_refused(KX_ERR_PAGING_MODE);
}

/* A list that would overwrite what it stands on: the control page and the tables are known now. */
static void test_list(void **state)
{
	uint64_t *words = (uint64_t *)(void *)((uint8_t *)lab.arena.base +
					       ((lab.list.head & ~(uint64_t)KX_PAGE_MASK) -
						lab.arena.pa));
	uint64_t used = lab.arena.used, control_pa, tables_pa;

	(void)state;
	fake.paging = paging_modes[0].paging;
	jump.run_va = paging_modes[0].high_va;
	assert_result(seal(), 0);
	control_pa = control.pa;
	tables_pa = control.tables.pa;
	lab.arena.used = used;
	words[0] = control_pa | KX_IND_DESTINATION;
	assert_refused(KX_ERR_DEST_OVER_CONTROL);
	words[0] = tables_pa | KX_IND_DESTINATION;
	assert_refused(KX_ERR_DEST_OVER_TABLES);
	words[0] = (lab.arena.pa - PAGE) | KX_IND_DESTINATION; /* of two pages */
	assert_refused(KX_ERR_DEST_OVER_LIST);
	words[0] = 0;
	assert_refused(KX_ERR_LIST_FLAG);
}

static void test_arena_exact(void **state)
{
	uint64_t used = lab.arena.used, enough;

	(void)state;
	fake.paging = paging_modes[0].paging;
	jump.run_va = paging_modes[0].high_va;
	assert_result(seal(), 0);
	enough = lab.arena.used + kx_list_check_scratch(&lab.memory);
	for (uint64_t size = used; size < enough; size += size + PAGE < enough ? PAGE / 2 : 1) {
		lab.arena.used = used;
		lab.arena.size = size;
		assert_refused(KX_ERR_ARENA_SMALL);
	}
	lab.arena.size = enough;
	assert_result(seal(), 0);
	lab.arena.used = enough;
	lab.arena.size = enough - 1;
	assert_refused(KX_ERR_ARGUMENT);
}

/* kx_arena_size() is enough for the list and the seal, in every mode. */
static void test_arena_size(void **state)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = lab.count,
				 .memory = &lab.memory };
	struct kx_arena whole = lab.arena;

	(void)state;
	whole.used = 0;
	for (size_t i = 0; i < paging_mode_count; i++) {
		fake.paging = paging_modes[i].paging;
		jump.run_va = paging_modes[i].high_va;
		if (kx_idmap_granule_(&fake.paging) != PAGE)
			continue;
		lab.arena = whole;
		lab.arena.size = kx_arena_size(&plan);
		if (lab.arena.size > whole.size)
			skip(); /* large granules do not fit this small a machine */
		assert_result(lab_build(&lab), 0);
		assert_result(seal(), 0);
	}
}

/* ---- coming back ---- */

static int seal_return(void)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = lab.count,
				.memory = &lab.memory, .swap = 1 };

	jump.flags |= KX_ENTER_RETURN;
	lab.arena.used = 0;
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), 0);
	return seal();
}

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
	check_handoff();
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

/* The new image has changed what it could. */
static void dirty(void)
{
	for (int i = 0; i < FAKE_REGISTERS; i++)
		fake.registers[i] = 0xbad;
}

static void test_come_back(void **state)
{
	struct kx_cpus cpus = { .timer_hz = 1000000, .timeout_us = 10 };
	struct kx_returned returned = { 7, 7 };

	(void)state;
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_lab, close_lab)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_off),
		TEST(test_on),
		TEST(test_own_page),
		TEST(test_jump),
		TEST(test_flags),
		TEST(test_granules),
		TEST(test_faults),
		TEST(test_arguments),
		TEST(test_paging),
		TEST(test_list),
		TEST(test_arena_exact),
		TEST(test_arena_size),
		TEST(test_return),
		TEST(test_return_list),
		TEST(test_return_arena),
		TEST(test_come_back),
		TEST(test_enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
