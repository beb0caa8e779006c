/* SPDX-License-Identifier: BSD-2-Clause */
/* What a dying system enters: prepared by hosts long before; see crash.S for what is done then. */
#include "crash.h"

#include <kx/state.h>
#include <kx/status.h>

#include "arch.h"
#include "arena.h"
#include "mem.h"
#include "memory.h"

/* Registers of the host's entry and its ISA string, copied: what the host has may be damaged by then. */
static int copy_state(const struct kx_state *from, struct kx_arena *arena, struct kx_crash *crash)
{
	uint64_t pa, size = 0;
	struct kx_state *state;
	char *isa;

	if (!from)
		return 0;
	while (from->isa && from->isa[size])
		size++;
	state = kx_arena_take_(arena, sizeof(*state) + size + 1, KX_PAGE_SIZE, &pa);
	if (!state)
		return -KX_ERR_ARENA_SMALL;
	isa = (char *)(state + 1);
	kx_mem_copy_(state, from, sizeof(*state));
	kx_mem_copy_(isa, from->isa, size); /* behind it is zero */
	state->isa = from->isa ? isa : NULL;
	crash->state = state;
	return 0;
}

static int seal(const struct kx_list *list, const struct kx_jump *dying, struct kx_arena *arena,
		struct kx_crash **sealed)
{
	struct kx_control control;
	struct kx_crash *crash;
	struct kx_jump jump;
	uint64_t pa;
	int error;

	crash = kx_arena_take_(arena, KX_CRASH_STACK, KX_PAGE_SIZE, &pa);
	if (!crash)
		return -KX_ERR_ARENA_SMALL;
	error = copy_state(dying->state, arena, crash);
	if (error)
		return error;
	kx_mem_copy_(&jump, dying, sizeof(jump));
	jump.state = crash->state;
	jump.flags |= KX_ENTER_CRASH;
	error = kx_control_seal(list, &jump, arena, &control);
	if (error)
		return error;
	crash->tables = control.tables_root;
	crash->control_pa = control.pa;
	crash->mode = control.tables_mode;
	crash->own = control.own;
	crash->run_va = control.run_va + KX_CONTROL_ENTRY;
	crash->page = (void *)((uint8_t *)arena->base + (control.pa - arena->pa));
	crash->status = control.status;
	crash->claim = KX_CRASH_FREE;
	*sealed = crash;
	return 0;
}

int kx_crash_seal(const struct kx_list *list, const struct kx_jump *jump, struct kx_arena *arena,
		  struct kx_crash **crash)
{
	uint64_t used;
	int error;

	if (!list || !jump || !crash || jump->flags & KX_ENTER_RETURN)
		return -KX_ERR_ARGUMENT;
	*crash = NULL; /* kx_crash_enter() takes no such thing */
	error = kx_arena_check_(arena);
	if (!error)
		error = kx_memory_check_(jump->memory);
	/* Where its first pages are to be is asked before they are written. */
	if (!error)
		error = kx_memory_dest_(jump->memory, arena->pa, arena->size);
	if (!error && jump->status_pa)
		error = kx_memory_usable_(jump->memory, jump->status_pa, KX_STATUS_SIZE);
	if (error)
		return error;
	if ((uintptr_t)arena->base % KX_PAGE_SIZE) /* the page is found by an address in it */
		return -KX_ERR_MISALIGNED;
	used = arena->used;
	error = seal(list, jump, arena, crash);
	if (error)
		arena->used = used;
	return error;
}

uint64_t kx_crash_page_pa(const struct kx_crash *crash)
{
	return crash->control_pa;
}

void kx_crash_settle_(struct kx_crash *crash)
{
	if (crash->status)
		kx_status_stage(crash->status, KX_STATUS_ENTER);
	kx_state_restore(crash->state);
}
