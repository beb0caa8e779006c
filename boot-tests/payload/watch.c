/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does anything still write? The pages named on the command line are filled, and looked at again
 * after 400 ms: the late transfer of a device comes after 100. Called by handover.c.
 */
#include "arch.h"
#include "payload.h"

#define FILL     0x5a5a5a5a5a5a5a5a
#define WATCH_MS 400
#define WAKE_MS  20

static const char names[][10] = { "victim", "identity", "queue" };

#define PAGES (sizeof(names) / sizeof(names[0]))

/* The number behind ` kx.<key>=0x`; 0: it is not there. */
static uint64_t word(const char *line, const char *key)
{
	size_t size = strlen(key);
	uint64_t value = 0;

	for (; *line; line++) {
		if (strncmp(line, " kx.", 4) || strncmp(line + 4, key, size) || line[4 + size] != '=')
			continue;
		for (line += 4 + size + 3; *line && *line != ' '; line++)
			value = value << 4 | (uint64_t)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
		return value;
	}
	return 0;
}

static void wait_ms(uint64_t hz, uint64_t ms)
{
	uint64_t start = kx_ticks_();

	while (kx_ticks_() - start < hz / 1000 * ms)
		;
}

static void fill(uint64_t *page)
{
	for (size_t i = 0; page && i < KX_PAGE_SIZE / 8; i++)
		page[i] = FILL;
}

static void report_page(const char *name, const volatile uint64_t *page)
{
	for (size_t i = 0; i < KX_PAGE_SIZE / 8; i++)
		if (page[i] != FILL) {
			print("WATCH_%s=dirty at 0x%lx: 0x%lx\n", name, i * 8, page[i]);
			return;
		}
	print("WATCH_%s=clean\n", name);
}

/* As a driver would that comes up without a reset. */
static void enable_again(uint64_t command_pa)
{
	if (command_pa)
		*(volatile uint16_t *)(uintptr_t)command_pa = 6;
}

void watch(const char *line)
{
	uint64_t hz = word(line, "hz"), *page[PAGES], before = 0;
	volatile uint32_t *tail = (volatile uint32_t *)(uintptr_t)word(line, "tail");

	if (!hz)
		return;
	for (size_t i = 0; i < PAGES; i++) {
		page[i] = (uint64_t *)(uintptr_t)word(line, names[i]);
		fill(page[i]);
	}
	if (tail)
		before = *tail;
	wait_ms(hz, WAKE_MS);
	enable_again(word(line, "ohci"));
	enable_again(word(line, "edu"));
	wait_ms(hz, WATCH_MS - WAKE_MS);
	for (size_t i = 0; i < PAGES; i++)
		report_page(names[i], page[i]);
	if (tail)
		print("WATCH_tail=%s\n", *tail == before ? "constant" : "moved");
}
