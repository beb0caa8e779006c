/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's command line: words `kx.<key>=<value>`, see struct options. What it does not know it refuses. */
#include "host.h"
#include "words.h"

static void copy_word(char *to, size_t room, const char *from, size_t size)
{
	if (size >= room)
		size = room - 1;
	memcpy(to, from, size);
	to[size] = 0;
}

/* Returns 0 where it is none, or more than 64 bits. */
static int read_number(const char *s, size_t size, uint64_t *number)
{
	const char *end = s + size;
	uint64_t value = 0, base = 10;

	if (size > 2 && s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	}
	if (s == end)
		return 0;
	for (; s < end; s++) {
		char lower = *s | 0x20;
		uint64_t digit = 16;

		if (*s >= '0' && *s <= '9')
			digit = (uint64_t)(*s - '0');
		else if (lower >= 'a' && lower <= 'f')
			digit = (uint64_t)(lower - 'a') + 10;
		if (digit >= base || value > (UINT64_MAX - digit) / base)
			return 0;
		value = value * base + digit;
	}
	*number = value;
	return 1;
}

/* Where an option's value goes: one of `words`, into `size` bytes, or, size 0, a number. No pointers: this is
 * read before the host is where it was linked. */
struct place {
	char key[16];
	uint16_t at;
	uint16_t size;
	char words[112]; /* none: there is no such option on this architecture */
};

#define WORD(key, member, words)                                                                   \
	{ key, offsetof(struct options, member), sizeof(((struct options *)0)->member), words }
#define NUMBER(key, member) { key, offsetof(struct options, member), 0, "" }
#define ANY "*" /* whatever fits: another part of the host looks at it */

static const struct place places[] = {
	WORD("kx.paging", paging, WORDS_PAGING),
	WORD("kx.e2h", e2h, WORDS_E2H),
	WORD("kx.control", control, "text vmap"),
	WORD("kx.refuse", refuse, ANY),
	WORD("kx.cpus", cpus, WORDS_CPUS),
	WORD("kx.apic", apic, WORDS_APIC),
	WORD("kx.corrupt", corrupt, "byte byte0 byte1 byte2 list dest pair hole"),
	WORD("kx.dma", dma, "on fault broken"),
	WORD("kx.quiesce", quiesce, "full none bypass abort bme rebme reserve"),
	WORD("kx.purgatory", purgatory, "regions digest off"),
	WORD("kx.policy", policy, "halt reset fallback return"),
	WORD("kx.state", state, "entry unknown leave"),
	WORD("kx.dirt", dirt, "on"),
	WORD("kx.return", back, "on"),
	WORD("kx.crash", crash, WORDS_CRASH),
	WORD("kx.dry", dry, "on same blind"),
	NUMBER("kx.seed", seed), NUMBER("kx.kick", kick), NUMBER("kx.base", base),
};

#define PLACES (sizeof(places) / sizeof(*places))

static int is_here(const struct place *place)
{
	return !place->size || *place->words;
}

static int is_among(const char *words, const char *word, size_t size)
{
	while (*words) {
		size_t length = 0;

		while (words[length] && words[length] != ' ')
			length++;
		if (length == size && !strncmp(words, word, size))
			return 1;
		words += length + (words[length] == ' ');
	}
	return 0;
}

static int read_value(struct options *options, const struct place *place, const char *value, size_t size)
{
	char *to = (char *)options + place->at;

	if (!place->size)
		return read_number(value, size, (uint64_t *)(void *)to);
	if (!strcmp(place->words, ANY) ? !size || size >= place->size :
					 !is_among(place->words, value, size))
		return 0;
	copy_word(to, place->size, value, size);
	return 1;
}

static void read_word(struct options *options, const char *word, size_t size)
{
	const char *equals = memchr(word, '=', size);
	size_t key_size = equals ? (size_t)(equals - word) : size;
	const char *value = equals ? equals + 1 : word + size;
	size_t i = 0;

	while (i < PLACES && (!is_here(&places[i]) || key_size != strlen(places[i].key) ||
			      strncmp(word, places[i].key, key_size)))
		i++;
	if (i < PLACES && read_value(options, &places[i], value, size - (size_t)(value - word)))
		return;
	if (*options->wrong) /* the first is told */
		return;
	options->wrong_at = i;
	copy_word(options->wrong, sizeof(options->wrong), word, i < PLACES ? size : key_size);
}

void options_must(const struct options *options)
{
	if (*options->wrong) {
		const struct place *place = &places[options->wrong_at];

		if (options->wrong_at == PLACES) {
			print("kx: option: there is no %s, but", options->wrong);
			for (size_t i = 0; i < PLACES; i++)
				if (is_here(&places[i]))
					print(" %s", places[i].key);
			print("\n");
		} else if (!place->size) {
			print("kx: option: %s: that is no number\n", options->wrong);
		} else {
			print("kx: option: %s: it is one of %s\n", options->wrong, place->words);
		}
		machine_off(1);
	}
	refuse_must(options->refuse);
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
