/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a dying system enters the control page by: a page of the arena, written in advance by
 * kx_crash_seal(), read by crash.S. Its upper end is the stack of the little C there is on the way.
 */
#ifndef KX_CRASH_H
#define KX_CRASH_H

#define KX_CRASH_CLAIM   0x00 /* KX_CRASH_FREE, or a CPU has entered: the page is the new image's, whatever it holds */
#define KX_CRASH_TABLES  0x08 /* what kx_enter_ is given: tables, control page, mode, own page */
#define KX_CRASH_PA      0x10
#define KX_CRASH_MODE    0x18
#define KX_CRASH_OWN     0x20
#define KX_CRASH_RUN     0x28 /* where kx_enter_ is run */
#define KX_CRASH_PAGE    0x30 /* where the host sees the control page */
#define KX_CRASH_STATUS  0x38
#define KX_CRASH_STATE   0x40
#define KX_CRASH_ARCH    0x60 /* the architecture's own; see its crash.S */
#define KX_CRASH_END     0x300 /* and the lowest byte of the stack */
#define KX_CRASH_STACK   0x1000

#define KX_CRASH_FREE 0x454552465243584b /* "KXCRFREE" in memory; no more than compared once a CPU has entered */

#ifndef __ASSEMBLER__

#include <kx/kx.h>

#include "hidden.h"

/** struct kx_crash - the page's beginning */
struct kx_crash {
	uint64_t claim;
	uint64_t tables;
	uint64_t control_pa;
	uint64_t mode;
	void *own;
	uint64_t run_va;
	struct kx_handoff *page;
	struct kx_status *status;     /* NULL: none */
	const struct kx_state *state; /* in the page behind this one; NULL: unknown */
	uint64_t reserved[(KX_CRASH_END - 0x48) / 8];
};

KX_ASSERT_AT(kx_crash, claim, KX_CRASH_CLAIM);
KX_ASSERT_AT(kx_crash, tables, KX_CRASH_TABLES);
KX_ASSERT_AT(kx_crash, control_pa, KX_CRASH_PA);
KX_ASSERT_AT(kx_crash, mode, KX_CRASH_MODE);
KX_ASSERT_AT(kx_crash, own, KX_CRASH_OWN);
KX_ASSERT_AT(kx_crash, run_va, KX_CRASH_RUN);
KX_ASSERT_AT(kx_crash, page, KX_CRASH_PAGE);
KX_ASSERT_AT(kx_crash, status, KX_CRASH_STATUS);
KX_ASSERT_AT(kx_crash, state, KX_CRASH_STATE);
_Static_assert(sizeof(struct kx_crash) == KX_CRASH_END, "kx_crash has changed its size");

/**
 * kx_crash_settle_() - what is done in C: the record, and this CPU's registers
 *
 * Called by crash.S on the page's own stack, interrupts masked. A fault in here ends it: crash.S goes on.
 */
KX_HIDDEN void kx_crash_settle_(struct kx_crash *crash);

#endif /* __ASSEMBLER__ */
#endif /* KX_CRASH_H */
