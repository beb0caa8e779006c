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

/* Where an option's value goes: a word of `size` bytes, or, size 0, a number. */
struct place {
	char key[16];
	uint16_t at;
	uint16_t size;
};

#define WORD(key, member)   { key, offsetof(struct options, member), sizeof(((struct options *)0)->member) }
#define NUMBER(key, member) { key, offsetof(struct options, member), 0 }

static const struct place places[] = {
	WORD("kx.paging", paging), WORD("kx.e2h", e2h), WORD("kx.control", control),
	WORD("kx.refuse", refuse), WORD("kx.cpus", cpus), WORD("kx.apic", apic),
	WORD("kx.corrupt", corrupt), WORD("kx.dma", dma), WORD("kx.quiesce", quiesce),
	WORD("kx.purgatory", purgatory), WORD("kx.policy", policy), WORD("kx.state", state),
	WORD("kx.dirt", dirt), WORD("kx.return", back), WORD("kx.crash", crash), WORD("kx.dry", dry),
	NUMBER("kx.seed", seed), NUMBER("kx.kick", kick), NUMBER("kx.base", base),
};

static void read_word(struct options *options, const char *word, size_t size)
{
	const char *equals = memchr(word, '=', size);
	size_t key_size = equals ? (size_t)(equals - word) : size;
	const char *value = equals ? equals + 1 : word + size;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const struct place *place = &places[i];
		char *to = (char *)options + place->at;

		if (key_size != strlen(place->key) || strncmp(word, place->key, key_size))
			continue;
		if (place->size)
			copy_word(to, place->size, value, size - (size_t)(value - word));
		else
			*(uint64_t *)(void *)to = number(value);
		return;
	}
	if (key_size > 3 && !strncmp(word, "kx.", 3))
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
