/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of kx_control_seal(): a list of the lab, and a jump to be sealed with it. */
#ifndef SEAL_TEST_H
#define SEAL_TEST_H

#include "lab_test.h"

#include <kx/state.h>
#include <kx/status.h>

#include "fake.h"
#include "paging.h"

extern struct kx_status record;
extern struct kx_jump jump;
extern struct kx_control control;

/* A lab with a list for a host that runs untranslated, a jump to its segment, and nothing sealed. */
int seal_setup(void **state);

/* Go on as a host with this sort of translation, whose page runs in its upper half. */
void seal_in(const struct paging_mode *mode);

/* The lab's list and the jump, sealed: what kx_control_seal() returned. */
int seal(void);

/* A new list in which pages change places, and a jump that may come back. */
int seal_return(void);

/* The sealed page is as it was linked, and its handoff what the jump asks for. */
void seal_check_page(void);
void seal_check_handoff(void);

/* Refused by name: the arena is as it was, and kx_enter() takes nothing of it. */
void seal_refused(int error);

#define SEAL_TEST(name) cmocka_unit_test_setup_teardown(name, seal_setup, lab_teardown)

#endif /* SEAL_TEST_H */
