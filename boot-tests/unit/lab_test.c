/* SPDX-License-Identifier: BSD-2-Clause */
/* The one lab of the tests that have no more. */
#include "lab_test.h"

struct lab lab;

int lab_setup(void **state)
{
	(void)state;
	lab_open(&lab);
	return 0;
}

int lab_teardown(void **state)
{
	(void)state;
	lab_close(&lab);
	return 0;
}
