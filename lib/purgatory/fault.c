/* SPDX-License-Identifier: BSD-2-Clause */
/* What purgatory does when something is wrong: says so, then obeys the policy. Never in silence. */
#include "purgatory.h"

/* The blob is a program: these are its variables. A trap has nothing else to find the run by. */
static struct kx_purgatory current;
static uint32_t traps;
uint64_t kx_purgatory_back_;

struct kx_purgatory *kx_purgatory_begin_(const struct kx_purgatory_info *info)
{
	for (unsigned int i = 0; i < KX_GUARD_WORDS; i++)
		kx_purgatory_guard_[i] = KX_GUARD;
	current.info = info;
	current.self.pa = (uintptr_t)kx_purgatory_;
	current.self.size = (uint64_t)(kx_purgatory_end_ - kx_purgatory_);
	return &current;
}

static _Noreturn void halt(struct kx_console *console)
{
	kx_say_(console, KX_LINE "halted\n");
	kx_halt_();
}

_Noreturn void kx_purgatory_give_up_(struct kx_purgatory *purgatory)
{
	kx_purgatory_settle_(purgatory);
	/* A policy in a damaged block is nobody's wish. */
	if (purgatory->info->magic == KX_PURGATORY_MAGIC)
		kx_purgatory_obey_(purgatory);
	halt(&purgatory->console);
}

static void say_wrong(struct kx_console *console, const char *what)
{
	kx_say_(console, "kx: purgatory: %s\n", what);
}

void kx_purgatory_blame_(struct kx_purgatory *purgatory, int error, uint32_t region)
{
	if (!purgatory->error) {
		purgatory->error = error;
		purgatory->error_region = region;
		kx_record_failed_(purgatory); /* now: what comes next may be the last */
	}
	say_wrong(&purgatory->console, kx_purgatory_strerror_(error));
}

_Noreturn void kx_purgatory_refuse_(struct kx_purgatory *purgatory, const char *what)
{
	say_wrong(&purgatory->console, what);
	kx_purgatory_give_up_(purgatory);
}

_Noreturn void kx_purgatory_trap_(uint64_t cause, uint64_t pc, uint64_t at)
{
	struct kx_console *console = &current.console;

	if (traps++ > 1)
		kx_halt_();
	if (!current.stage) /* not begun, or not to the end */
		kx_purgatory_late_();
	if (!current.info)
		kx_halt_();
	if (traps > 1) /* the second time in here: whatever we tried to do is not to be had */
		halt(console);
	pc -= current.self.pa;
	kx_say_(console,
		"\nkx: purgatory: fault: %s cause=0x%lx pc=purgatory+0x%lx at=0x%lx region=0x%lx",
		current.stage == KX_STATUS_JUMP ? KX_STATUS_NAME_JUMP : KX_STATUS_NAME_VERIFY, cause, pc,
		at, (uint64_t)current.region);
	kx_record_trap_(&current, cause, pc, at);
	kx_say_(console, "\n");
	kx_purgatory_give_up_(&current);
}
