/* SPDX-License-Identifier: BSD-2-Clause */
/* The control page: written and proved by the seal, entered once every other CPU has stopped. */
#include <kx/state.h>
#include <kx/status.h>

#include "arch.h"
#include "arena.h"
#include "control.h"
#include "cpu.h"
#include "mem.h"
#include "memory.h"
#include "own.h"
#include "range.h"
#include "segment.h"

/*
 * Take the control page from the arena. Where the host's granule is larger than a page, its mapping
 * moves whole granules: the page must lie as far into its granule as the place it runs at does.
 */
static uint8_t *take_page(struct kx_arena *arena, uint64_t run_va, uint64_t granule, uint64_t *pa)
{
	uint64_t offset = run_va & (granule - 1);
	uint8_t *chunk = kx_arena_take_(arena, granule, granule, pa);

	*pa += offset;
	return chunk ? chunk + offset : NULL;
}

/* A write of a width that there is, to what is not memory? */
static int check_kick(const struct kx_jump *jump)
{
	uint32_t width = jump->kick.width;

	if (!jump->kick.pa)
		return 0;
	if (!width || width > 8 || (width & (width - 1)) || jump->kick.reserved)
		return -KX_ERR_ARGUMENT;
	if (!kx_aligned_(jump->kick.pa, width))
		return -KX_ERR_MISALIGNED;
	return kx_memory_usable_(jump->memory, jump->kick.pa, width) ? 0 : -KX_ERR_ARGUMENT;
}

/* The record is somewhere, in whole, and not in memory that is about to change. */
static int check_status(const struct kx_jump *jump, const struct kx_arena *arena)
{
	struct kx_range whole = { arena->pa, arena->size };

	if (!jump->status != !jump->status_pa)
		return -KX_ERR_ARGUMENT;
	if (!kx_aligned_(jump->status_pa | (uintptr_t)jump->status, KX_STATUS_SIZE))
		return -KX_ERR_MISALIGNED;
	return kx_overlaps_(jump->status_pa, KX_STATUS_SIZE, whole) ? -KX_ERR_STATUS_RANGE : 0;
}

static int check_jump(const struct kx_jump *jump)
{
	int error = kx_memory_check_(jump->memory);

	if (!error)
		error = check_kick(jump);
	if (error)
		return error;
	if (jump->flags & ~(uint64_t)KX_ENTER_KNOWN || jump->policy > KX_POLICY_RESET ||
	    jump->reset > KX_PSCI_SMC)
		return -KX_ERR_ARGUMENT;
	if (jump->flags & KX_ENTER_RETURN && jump->flags & KX_ENTER_32)
		return -KX_ERR_ARGUMENT; /* there is no way back from there */
	if (!kx_aligned_(jump->entry_pa, KX_ENTRY_ALIGN) || !kx_aligned_(jump->run_va, KX_PAGE_SIZE))
		return -KX_ERR_MISALIGNED;
	return kx_memory_usable_(jump->memory, jump->entry_pa, KX_ENTRY_ALIGN);
}

static void fill_handoff(struct kx_handoff *handoff, const struct kx_list *list,
			 const struct kx_jump *jump, const struct kx_idmap_want *want)
{
	kx_mem_zero_(handoff, sizeof(*handoff));
	handoff->magic = KX_HANDOFF_MAGIC;
	handoff->version = KX_HANDOFF_VERSION;
	handoff->control_pa = want->control_pa;
	handoff->own_pa = want->own_pa;
	handoff->status_pa = jump->status_pa;
	handoff->kick = jump->kick;
	handoff->policy = jump->policy ? jump->policy : KX_POLICY_HALT;
	handoff->reset = jump->reset;
	handoff->head = list->head;
	handoff->entry_pa = jump->entry_pa;
	for (size_t i = 0; i < KX_HANDOFF_ARGS_COUNT; i++)
		handoff->args[i] = jump->args[i];
	handoff->console = jump->console;
	handoff->flags = jump->flags;
}

static int prove(const struct kx_list *list, const struct kx_idmap_want *want,
		 struct kx_arena *arena, const struct kx_control *control)
{
	uint64_t size = arena->size;
	struct kx_list_rules rules = {
		.memory = want->memory,
		.control = { control->pa, KX_PAGE_SIZE },
		.tables = control->tables,
		.status = { want->status_pa, want->status_pa ? KX_STATUS_SIZE : 0 },
		.granule = kx_idmap_granule_(&want->paging),
		.swap = control->host != NULL,
		.scratch_size = kx_list_check_scratch(want->memory),
	};
	int error;

	rules.scratch = kx_arena_lend_(arena, rules.scratch_size);
	if (!rules.scratch)
		return -KX_ERR_ARENA_SMALL;
	error = kx_list_check(list, &rules, NULL);
	arena->size = size;
	return error;
}

/* Would one table have to lead from one address to two places? */
static int clash(const struct kx_idmap_want *want)
{
	uint64_t granule = kx_idmap_granule_(&want->paging);
	const uint64_t pages[4][2] = {
		{ want->run_va, want->control_pa }, { want->control_pa, want->control_pa },
		{ (uintptr_t)want->own, want->own_pa }, { want->own_pa, want->own_pa },
	};

	for (unsigned int i = 0; i < 4; i++)
		for (unsigned int j = 0; j < i; j++)
			if (!((pages[i][0] ^ pages[j][0]) & -granule) &&
			    (pages[i][1] ^ pages[j][1]) & -granule)
				return -KX_ERR_IDMAP_RANGE;
	return 0;
}

/* A console that is driven by addresses: by the control page, or, on the same tables, by purgatory. */
static int is_in_memory(uint32_t kind)
{
	switch (kind) {
	case KX_DEVICE_UART8250:
	case KX_DEVICE_PL011:
	case KX_DEVICE_SINK:
	case KX_DEVICE_VGA: return 1;
	}
	return 0;
}

/* What the tables must map: everything is known but the tables themselves. */
static int make_want(const struct kx_jump *jump, struct kx_arena *arena,
		     struct kx_idmap_want *want, uint8_t **page)
{
	uint64_t granule;

	want->memory = jump->memory;
	kx_paging_read_(&want->paging);
	granule = kx_idmap_granule_(&want->paging);
	want->run_va = jump->run_va ? jump->run_va : (uintptr_t)kx_trampoline_page_;
	*page = take_page(arena, want->run_va, granule, &want->control_pa);
	/* In a granule of its own: that of the control page is read-only. */
	want->own = kx_arena_take_(arena, granule, granule, &want->own_pa);
	if (!*page || !want->own)
		return -KX_ERR_ARENA_SMALL;
	if (kx_idmap_off_(&want->paging))
		want->run_va = want->control_pa;
	want->status_pa = jump->status_pa;
	want->kick_pa = jump->kick.pa;
	if (is_in_memory(jump->console.kind))
		want->console_pa = jump->console.base;
	return clash(want);
}

/* For a fault on the way, kx_enter_'s arguments; for the way back, where the host sees what. */
static void fill_own(const struct kx_idmap_want *want, const struct kx_handoff *handoff)
{
	uint64_t *own = want->own, *way = own + KX_OWN_WAY / 8;

	way[0] = handoff->tables;
	way[1] = want->control_pa;
	way[2] = handoff->cpu[0];
	own[KX_HOST_OWN / 8] = (uintptr_t)own;
	own[KX_HOST_RUN / 8] = want->run_va;
}

/* A place for the host's registers. */
static int prepare_return(struct kx_arena *arena, struct kx_control *control)
{
	uint64_t pa;

	control->host = kx_arena_take_(arena, sizeof(*control->host), KX_PAGE_SIZE, &pa);
	return control->host ? 0 : -KX_ERR_ARENA_SMALL;
}

static int seal(const struct kx_list *list, const struct kx_jump *jump, struct kx_arena *arena,
		struct kx_control *control)
{
	struct kx_idmap_want want;
	struct kx_handoff *handoff;
	uint8_t *page;
	int error;

	kx_mem_zero_(&want, sizeof(want)); /* for an initialiser compilers would call memset */
	kx_mem_zero_(control, sizeof(*control));
	error = make_want(jump, arena, &want, &page);
	if (!error && jump->flags & KX_ENTER_RETURN)
		error = prepare_return(arena, control);
	if (error)
		return error;
	kx_mem_copy_(page, kx_trampoline_page_, KX_PAGE_SIZE);
	handoff = (struct kx_handoff *)(void *)page;
	fill_handoff(handoff, list, jump, &want);
	error = kx_idmap_build_(&want, arena, handoff);
	if (error)
		return error;
	kx_state_handoff_(jump->state, handoff);
	fill_own(&want, handoff);
	control->pa = want.control_pa;
	control->run_va = want.run_va;
	control->tables_root = handoff->tables;
	control->tables_mode = handoff->cpu[0];
	control->state = jump->state;
	control->tables.pa = want.own_pa;
	control->tables.size = arena->pa + arena->used - want.own_pa;
	control->own = want.own;
	control->status = jump->status;
	control->returned = jump->returned;
	kx_code_publish_(page, KX_PAGE_SIZE);
	kx_code_publish_(want.own, control->tables.size);
	return prove(list, &want, arena, control);
}

int kx_control_seal(const struct kx_list *list, const struct kx_jump *jump, struct kx_arena *arena,
		    struct kx_control *control)
{
	uint64_t used;
	int error;

	if (!list || !jump || !control)
		return -KX_ERR_ARGUMENT;
	error = kx_arena_check_(arena);
	if (!error)
		error = check_jump(jump);
	if (!error)
		error = check_status(jump, arena);
	if (!error) /* with a stranger's list nobody has asked yet */
		error = kx_memory_dest_(jump->memory, arena->pa, arena->size);
	if (!error) {
		used = arena->used;
		error = seal(list, jump, arena, control);
		if (error)
			arena->used = used;
	}
	if (error)
		kx_mem_zero_(control, sizeof(*control)); /* kx_enter() takes no such thing */
	return error;
}

/* Pages of a segment's pieces that are destinations too, but for those in place. */
static uint64_t knotted_pages(const struct kx_plan *plan, const struct kx_segment *segment)
{
	uint64_t dest_pa = segment->dest_pa, pages = 0;

	for (size_t i = 0; i < segment->piece_count; i++) {
		const struct kx_piece *piece = &segment->pieces[i];
		uint64_t end = piece->pa + kx_align_down_(piece->size, KX_PAGE_SIZE);

		for (size_t j = 0; j < plan->segment_count && piece->pa != dest_pa; j++) {
			uint64_t from = plan->segments[j].dest_pa;
			uint64_t to = from + kx_segment_span_(&plan->segments[j]);

			from = from > piece->pa ? from : piece->pa;
			to = to < end ? to : end;
			if (from < to)
				pages += (to - from) >> KX_PAGE_SHIFT;
		}
		dest_pa += piece->size;
	}
	return pages;
}

/* A page that is both ties up the copy that reads it and the one that writes it: two words each. */
#define KNOTTED_PAGE_WORDS 4

uint64_t kx_arena_size(const struct kx_plan *plan)
{
	const struct kx_paging any = { 0 };
	uint64_t granule = kx_idmap_granule_(&any);
	uint64_t runs = 0, words = 1, knotted = 0, pages = 0, list_pages, zeros = 0;

	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct kx_segment *segment = &plan->segments[i];

		runs += segment->piece_count + 2;
		words += kx_segment_span_(segment) / (KX_RUN_MAX_PAGES * KX_PAGE_SIZE);
		knotted += knotted_pages(plan, segment);
		pages += kx_segment_span_(segment) >> KX_PAGE_SHIFT;
		zeros += (kx_segment_span_(segment) - kx_align_up_(segment->filesz, KX_PAGE_SIZE)) >>
			 KX_PAGE_SHIFT;
	}
	words += 2 * runs + knotted * KNOTTED_PAGE_WORDS;
	list_pages = words / (KX_LIST_WORDS_PER_PAGE - 1) + 1;
	/* a tail page a segment, the spare page, and what is borrowed: by the builder for its runs, and
	 * when it is done by kx_dry_run() */
	list_pages += plan->segment_count + 1 + runs * 64 / KX_PAGE_SIZE + 1;
	if (knotted)
		list_pages += pages / (8 * KX_PAGE_SIZE) + 1; /* and, a bit each, for their pages */
	if (plan->swap)
		list_pages += zeros + 1; /* and the host's registers */
	return list_pages * KX_PAGE_SIZE + kx_list_check_scratch(plan->memory) +
	       (kx_idmap_pages_(&any, plan->memory) + 3) * granule;
}

int kx_control_call_(const struct kx_control *control)
{
	struct kx_returned ignored, *returned = control->returned ? control->returned : &ignored;
	struct kx_bank bank;

	if (control->state) {
		control->host->apic = control->state->apic;
		control->host->isa = control->state->isa;
	}
	kx_state_save_(control->host, &bank);
	kx_state_restore(control->state);
	kx_call_(control->tables_root, control->pa, control->tables_mode, control->own, control->run_va,
		 returned);
	kx_state_resume_(control->host, &bank);
	return (int)returned->value;
}

int kx_enter(const struct kx_control *control, const struct kx_cpus *cpus)
{
	void (*page)(uint64_t, uint64_t, uint64_t, void *);
	int error;

	if (!control || !control->run_va)
		return -KX_ERR_ARGUMENT;
	error = kx_cpus_confirm(cpus, NULL);
	if (error)
		return error;
	if (control->status)
		kx_status_stage(control->status, KX_STATUS_ENTER);
	if (control->host)
		return kx_control_call_(control);
	kx_state_restore(control->state);
	page = (void *)(uintptr_t)(control->run_va + KX_CONTROL_ENTRY);
	page(control->tables_root, control->pa, control->tables_mode, control->own);
	return 0;
}
