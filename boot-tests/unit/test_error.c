/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_strerror(): every KX_ERR_* of kx.h has a name of its own; every other number has none. */
#include "unit.h"

#include <limits.h>
#include <stdio.h>

#define NUMBERS 256

static const char *defined[NUMBERS]; /* by number, as kx.h spells it */

/* Read the defines from the header itself, so that a new one cannot be forgotten here. */
static int read_header(void **state)
{
	FILE *header = fopen("include/kx/kx.h", "r");
	char line[256], name[64];
	int number;

	(void)state;
	if (!header)
		return -1;
	while (fgets(line, sizeof(line), header)) {
		if (sscanf(line, "#define KX_ERR_%63s %d", name, &number) != 2)
			continue;
		if (number < 1 || number >= NUMBERS || defined[number])
			return -1;
		defined[number] = strdup(name);
	}
	return fclose(header);
}

static int forget_header(void **state)
{
	(void)state;
	for (int i = 0; i < NUMBERS; i++)
		free((void *)(uintptr_t)defined[i]);
	return 0;
}

/* SEGMENT_SIZE is called "segment-size: ..." */
static int is_named(const char *message, const char *name)
{
	for (; *name; name++, message++)
		if (*message != (*name == '_' ? '-' : *name | 0x20))
			return 0;
	return message[0] == ':' && message[1] == ' ' && message[2];
}

static void test_names(void **state)
{
	int count = 0;

	(void)state;
	for (int i = 1; i < NUMBERS; i++) {
		if (!defined[i])
			continue;
		if (!is_named(kx_strerror(i), defined[i]))
			fail_msg("KX_ERR_%s is called '%s'", defined[i], kx_strerror(i));
		assert_ptr_equal(kx_strerror(i), kx_strerror(-i));
		count++;
	}
	assert_true(count > 25);
}

static void test_unknown(void **state)
{
	const int numbers[] = { INT_MIN, INT_MIN + 1, INT_MAX, NUMBERS, -NUMBERS };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_memory_equal(kx_strerror(numbers[i]), "unknown error: ", 15);
	for (int i = 1; i < NUMBERS; i++)
		if (!defined[i])
			assert_memory_equal(kx_strerror(i), "unknown error: ", 15);
	assert_memory_equal(kx_strerror(0), "ok: ", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, read_header, forget_header);
}
