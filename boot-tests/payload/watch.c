/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does anything still write? The pages named on the command line are filled, and looked at again
 * after 400 ms: the late transfer of a device comes after 100. So are an IOMMU's queue pointers. Called by report.c.
 */
#include "arch.h"
#include "payload.h"

#define FILL     0x5a5a5a5a5a5a5a5a
#define WATCH_MS 400
#define WAKE_MS  20

static const char names[][10] = { "victim", "identity", "queue" };
static const char pointers[][10] = { "pointer0", "pointer1", "pointer2" };

#define PAGES    (sizeof(names) / sizeof(names[0]))
#define POINTERS (sizeof(pointers) / sizeof(pointers[0]))

uint64_t line_number(const char *line, const char *key)
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
static void enable_again(uint64_t place)
{
	if (place)
		device_config_write(place, 6); /* memory, bus master */
}

static uint32_t read_pointer(const char *line, unsigned int i)
{
	uint64_t pa = line_number(line, pointers[i]);

	return pa ? device_read(pa) : 0;
}

void watch(const char *line)
{
	uint64_t hz = line_number(line, "hz"), *page[PAGES];
	uint32_t before[POINTERS];

	if (!hz)
		return;
	for (size_t i = 0; i < PAGES; i++) {
		page[i] = (uint64_t *)(uintptr_t)line_number(line, names[i]);
		fill(page[i]);
	}
	for (unsigned int i = 0; i < POINTERS; i++)
		before[i] = read_pointer(line, i);
	wait_ms(hz, WAKE_MS);
	enable_again(line_number(line, "ohci"));
	enable_again(line_number(line, "edu"));
	wait_ms(hz, WATCH_MS - WAKE_MS);
	for (size_t i = 0; i < PAGES; i++)
		report_page(names[i], page[i]);
	for (unsigned int i = 0; i < POINTERS; i++)
		if (line_number(line, pointers[i]))
			print("WATCH_%s=%s\n", pointers[i],
			      read_pointer(line, i) == before[i] ? "constant" : "moved");
	if (line_number(line, "virtual"))
		print("VIRTUAL=0x%x\n", device_read(line_number(line, "virtual")));
}
