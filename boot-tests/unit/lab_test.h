/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests in the one lab, open before each and closed behind it; and the words of lists, by its page numbers. */
#ifndef LAB_TEST_H
#define LAB_TEST_H

#include "unit.h"

#define DEST(n)  (LAB_PAGE(n) | KX_IND_DESTINATION)
#define SRC(n)   (LAB_PAGE(n) | KX_IND_SOURCE)
#define GO(n)    (LAB_PAGE(n) | KX_IND_INDIRECTION)
#define RUN(n)   (((n)-1u) << KX_IND_RUN_SHIFT)
#define DONE     KX_IND_DONE
#define ZERO     KX_IND_ZERO

extern struct lab lab;

int lab_setup(void **state);
int lab_teardown(void **state);

#define LAB_TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

#endif /* LAB_TEST_H */
