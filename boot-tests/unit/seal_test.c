/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of the lab, and a jump to be sealed with it. */
#include "seal_test.h"

#include "cpu.h"
#include "own.h"

struct kx_status record __attribute__((aligned(KX_STATUS_SIZE)));
struct kx_jump jump;
struct kx_control control;

static struct kx_state at_entry;

int seal_setup(void **state)
{
	lab_setup(state);
	fake_reset();
	fake.paging = paging_off;
	jump = (struct kx_jump){
		.memory = &lab.memory,
		.entry_pa = LAB_PAGE(8),
		.args = { 11, 22, 33, 44 },
		.console = { KX_DEVICE_SBI_PUTCHAR, 4, 0x10000000, 0x100 },
		.state = &at_entry,
	};
	memset(&control, 0xff, sizeof(control));
	assert_result(lab_build(&lab), 0);
	return 0;
}

void seal_in(const struct paging_mode *mode)
{
	fake.paging = mode->paging;
	jump.run_va = mode->high_va;
}

int seal(void)
{
	return kx_control_seal(&lab.list, &jump, &lab.arena, &control);
}

static const void *at(uint64_t pa)
{
	assert_in_range(pa, lab.arena.pa, lab.arena.pa + lab.arena.used - 1);
	return (const uint8_t *)lab.arena.base + (pa - lab.arena.pa);
}

/* Behind the handoff the control page is the one that was linked. */
void seal_check_page(void)
{
	assert_memory_equal((const uint8_t *)at(control.pa) + KX_HANDOFF_SIZE,
			    kx_trampoline_page_ + KX_HANDOFF_SIZE, PAGE - KX_HANDOFF_SIZE);
}

/* What a fault on the way is told by: the arguments of kx_enter_ */
static void check_way(const struct kx_handoff *handoff)
{
	const uint64_t *way = (const uint64_t *)control.own + KX_OWN_WAY / 8;

	assert_int_equal(way[0], control.tables_root);
	assert_int_equal(way[1], control.pa);
	assert_int_equal(way[2], handoff->cpu[0]);
}

void seal_check_handoff(void)
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
	check_way(handoff);
	assert_ptr_equal(control.state, jump.state);
	assert_ptr_equal(fake.handed, jump.state);
	assert_int_equal(handoff->status_pa, jump.status_pa);
	assert_ptr_equal(control.status, jump.status);
	assert_memory_equal(&handoff->kick, &jump.kick, sizeof(jump.kick));
	assert_int_equal(handoff->policy, jump.policy ? jump.policy : KX_POLICY_HALT);
	assert_int_equal(handoff->reset, jump.reset);
	for (size_t i = 0; i < sizeof(handoff->reserved) / 8; i++)
		assert_int_equal(handoff->reserved[i], 0);
	seal_check_page();
	assert_in_range(fake.published, PAGE + control.tables.size, UINT64_MAX);
}

void seal_refused(int error)
{
	struct kx_arena before = lab.arena;
	struct kx_cpus alone = { .count = 0 };

	memset(&control, 0xff, sizeof(control));
	assert_result(seal(), error);
	assert_memory_equal(&lab.arena, &before, sizeof(before));
	/* what was refused is not entered, even by a host that did not look */
	assert_result(kx_enter(&control, &alone), KX_ERR_ARGUMENT);
}

int seal_return(void)
{
	struct kx_plan plan = { .segments = lab.segment, .segment_count = lab.count,
				.memory = &lab.memory, .swap = 1 };

	jump.flags |= KX_ENTER_RETURN;
	lab.arena.used = 0;
	assert_result(kx_list_build(&plan, &lab.arena, &lab.list), 0);
	return seal();
}
