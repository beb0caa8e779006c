/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of purgatory: an info of three regions that it finds intact, to be changed. */
#ifndef PURGATORY_TEST_H
#define PURGATORY_TEST_H

#include "unit.h"

#include "fake.h"
#include "machine.h"

#define REGIONS 3

extern const uint64_t sizes[REGIONS];
extern struct kx_purgatory_info info;

/* One digest over all; one for each; and those in halves, where the architecture has them */
extern const uint32_t ways[3];

#define WAYS (KX_PURGATORY_KNOWN & KX_PURGATORY_HALVES ? 3u : 2u)

int info_setup(void **state);
int info_teardown(void **state);

/* The digests for one of the ways */
void info_seal(uint32_t flags);

void assert_said(const char *text);
void assert_not_said(const char *text);

#define INFO_TEST(name) cmocka_unit_test_setup_teardown(name, info_setup, info_teardown)

#endif /* PURGATORY_TEST_H */
