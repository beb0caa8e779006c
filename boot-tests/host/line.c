/* SPDX-License-Identifier: BSD-2-Clause */
/* The new kernel's command line: the FIT image's, and what the parts of the host add to it. */
#include "host.h"

static char line[512];

const char *line_with(const char *bootargs, const char *word)
{
	size_t size, more = strlen(word);

	if (bootargs != line) {
		size = strlen(bootargs);
		if (size >= sizeof(line))
			fail("no-room: the command line is too long");
		memcpy(line, bootargs, size + 1);
	}
	size = strlen(line);
	if (size + more >= sizeof(line))
		fail("no-room: the command line is too long");
	memcpy(line + size, word, more + 1);
	return line;
}

const char *line_with_number(const char *bootargs, const char *key, uint64_t value)
{
	char digits[20] = "0x0000000000000000";

	for (unsigned int i = 17; i > 1; i--, value >>= 4)
		digits[i] = "0123456789abcdef"[value & 15];
	return line_with(line_with(bootargs, key), digits);
}
