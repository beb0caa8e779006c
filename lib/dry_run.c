/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole way of a hop and back, for a host that has not committed to it yet. */
#include <kx/state.h>
#include <kx/status.h>

#include "arch.h"
#include "arena.h"
#include "control.h"
#include "mem.h"
#include "own.h"

_Static_assert(sizeof(struct kx_state) <= KX_PAGE_SIZE, "more than kx_arena_size() counts as borrowed");

/** struct dry - a dry run, and what it changes as that was before */
struct dry {
	struct kx_control control; /* with a place to come back to */
	struct kx_returned returned;
	struct kx_handoff *handoff; /* the control page, where the host can write it */
	struct kx_handoff kept_handoff;
	struct kx_status kept_status;
};

/* Behind the handoff, the code of another page. */
static void put_code(const struct dry *dry, const uint8_t *page)
{
	kx_mem_copy_(dry->handoff + 1, page + KX_HANDOFF_SIZE, KX_PAGE_SIZE - KX_HANDOFF_SIZE);
	kx_code_publish_(dry->handoff, KX_PAGE_SIZE);
}

/* The same tables and the same way, but the walk only looks, and the image is in the page itself. */
static void prepare(struct dry *dry)
{
	const struct kx_handoff *probe = (const struct kx_handoff *)(const void *)kx_probe_page_;
	struct kx_handoff *handoff = dry->handoff;
	struct kx_control *control = &dry->control;

	kx_mem_copy_(&dry->kept_handoff, handoff, sizeof(*handoff));
	handoff->entry_pa = control->pa + probe->entry_pa;
	handoff->flags |= KX_ENTER_RETURN | KX_ENTER_GUARDED; /* nobody's vectors are in force otherwise */
	if (!control->status) {
		control->status = (struct kx_status *)((uint64_t *)control->own + KX_OWN_RECORD / 8);
		handoff->status_pa = handoff->own_pa + KX_OWN_RECORD;
		kx_status_begin(control->status, 0);
	}
	kx_mem_copy_(&dry->kept_status, control->status, sizeof(dry->kept_status));
	/* It tells of this way alone: not of a hop that the host has come back from, nor how that ended. */
	kx_status_begin(control->status, 0);
	control->status->rate = dry->kept_status.rate;
	put_code(dry, kx_probe_page_);
}

static int judge(const struct dry *dry, struct kx_status *found)
{
	int error = 0;

	kx_mem_copy_(found, dry->control.status, sizeof(*found));
	switch (dry->returned.value) {
	case KX_DRY_GOOD:
		break;
	case KX_DRY_VECTORS:
		error = -KX_ERR_DRY_VECTORS;
		kx_status_fail(found, error, 0);
		break;
	default:
		error = -KX_ERR_DRY_FAULT;
	}
	if (error) /* since then it has been KX_STATUS_RETURN */
		found->stage = (uint8_t)dry->returned.detail;
	found->sum = kx_status_sum(found);
	return error;
}

static void put_back(const struct dry *dry)
{
	kx_mem_copy_(dry->handoff, &dry->kept_handoff, sizeof(dry->kept_handoff));
	put_code(dry, kx_trampoline_page_);
	kx_mem_copy_(dry->control.status, &dry->kept_status, sizeof(dry->kept_status));
	kx_code_publish_(dry->control.status, sizeof(dry->kept_status));
}

int kx_dry_run(const struct kx_control *control, struct kx_arena *arena, struct kx_status *found)
{
	struct kx_status ignored;
	struct dry dry;
	uint64_t size;
	int error;

	if (!control || !control->run_va)
		return -KX_ERR_ARGUMENT;
	error = kx_arena_check_(arena);
	if (error)
		return error;
	dry.handoff = (struct kx_handoff *)(uintptr_t)kx_arena_at_(arena, control->pa);
	if (!dry.handoff)
		return -KX_ERR_ARGUMENT;
	kx_mem_copy_(&dry.control, control, sizeof(*control));
	dry.control.returned = &dry.returned;
	size = arena->size;
	if (!dry.control.host)
		dry.control.host = kx_arena_lend_(arena, sizeof(*dry.control.host));
	if (!dry.control.host)
		return -KX_ERR_ARENA_SMALL;
	prepare(&dry);
	kx_status_stage(dry.control.status, KX_STATUS_ENTER);
	kx_control_call_(&dry.control);
	error = judge(&dry, found ? found : &ignored);
	put_back(&dry);
	arena->size = size;
	return error;
}
