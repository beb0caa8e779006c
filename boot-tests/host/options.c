/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's command line: words `kx.<key>=<value>`, see struct options; others are not for us. */
#include "host.h"

static void copy_word(char *to, size_t room, const char *from, size_t size)
{
	if (size >= room)
		size = room - 1;
	memcpy(to, from, size);
	to[size] = 0;
}

static uint64_t number(const char *s)
{
	uint64_t value = 0, base = 10;

	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	}
	for (;; s++) {
		char lower = *s | 0x20;
		uint64_t digit = 16;

		if (*s >= '0' && *s <= '9')
			digit = (uint64_t)(*s - '0');
		else if (lower >= 'a' && lower <= 'f')
			digit = (uint64_t)(lower - 'a') + 10;
		if (digit >= base)
			return value;
		value = value * base + digit;
	}
}

static int is_key(const char *word, size_t size, const char *key)
{
	return size == strlen(key) && !strncmp(word, key, size);
}

static void read_word(struct options *options, const char *word, size_t size)
{
	const char *equals = memchr(word, '=', size);
	size_t key_size = equals ? (size_t)(equals - word) : size;
	const char *value = equals ? equals + 1 : word + size;
	size_t value_size = size - (size_t)(value - word);

	if (is_key(word, key_size, "kx.paging"))
		copy_word(options->paging, sizeof(options->paging), value, value_size);
	else if (is_key(word, key_size, "kx.e2h"))
		copy_word(options->e2h, sizeof(options->e2h), value, value_size);
	else if (is_key(word, key_size, "kx.control"))
		copy_word(options->control, sizeof(options->control), value, value_size);
	else if (is_key(word, key_size, "kx.refuse"))
		copy_word(options->refuse, sizeof(options->refuse), value, value_size);
	else if (is_key(word, key_size, "kx.cpus"))
		copy_word(options->cpus, sizeof(options->cpus), value, value_size);
	else if (is_key(word, key_size, "kx.apic"))
		copy_word(options->apic, sizeof(options->apic), value, value_size);
	else if (is_key(word, key_size, "kx.corrupt"))
		copy_word(options->corrupt, sizeof(options->corrupt), value, value_size);
	else if (is_key(word, key_size, "kx.dma"))
		copy_word(options->dma, sizeof(options->dma), value, value_size);
	else if (is_key(word, key_size, "kx.quiesce"))
		copy_word(options->quiesce, sizeof(options->quiesce), value, value_size);
	else if (is_key(word, key_size, "kx.purgatory"))
		copy_word(options->purgatory, sizeof(options->purgatory), value, value_size);
	else if (is_key(word, key_size, "kx.policy"))
		copy_word(options->policy, sizeof(options->policy), value, value_size);
	else if (is_key(word, key_size, "kx.state"))
		copy_word(options->state, sizeof(options->state), value, value_size);
	else if (is_key(word, key_size, "kx.dirt"))
		copy_word(options->dirt, sizeof(options->dirt), value, value_size);
	else if (is_key(word, key_size, "kx.return"))
		copy_word(options->back, sizeof(options->back), value, value_size);
	else if (is_key(word, key_size, "kx.crash"))
		copy_word(options->crash, sizeof(options->crash), value, value_size);
	else if (is_key(word, key_size, "kx.dry"))
		copy_word(options->dry, sizeof(options->dry), value, value_size);
	else if (is_key(word, key_size, "kx.seed"))
		options->seed = number(value);
	else if (is_key(word, key_size, "kx.kick"))
		options->kick = number(value);
	else if (is_key(word, key_size, "kx.base"))
		options->base = number(value);
	else if (key_size > 3 && !strncmp(word, "kx.", 3))
		copy_word(options->unknown, sizeof(options->unknown), word, key_size);
}

void options_read(struct options *options, const char *line)
{
	memset(options, 0, sizeof(*options));
	options->seed = 1;
	while (line && *line) {
		size_t size = 0;

		while (line[size] && line[size] != ' ')
			size++;
		read_word(options, line, size);
		line += size;
		while (*line == ' ')
			line++;
	}
}
