/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two things that purgatory.ro wants of a device tree. The tree is not verified yet: nothing in it is
 * followed out of it, and what it says only decides how lines are printed.
 * Spec: Devicetree Specification 0.4, "Flattened Devicetree (DTB) Format".
 */
#include "kexec.h"

#define FDT_MAGIC      0xd00dfeed
#define FDT_BEGIN_NODE 1
#define FDT_END_NODE   2
#define FDT_PROP       3
#define FDT_NOP        4
#define FDT_SIZE_MAX   0x200000

/* A walk over the structure block, property by property */
struct walk {
	const uint8_t *fdt;
	uint32_t at, end, strings, size;
	const char *name; /* of the property */
	const uint8_t *value;
	uint32_t length;
};

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int walk_open(struct walk *walk, const uint8_t *fdt)
{
	if (!fdt || (uintptr_t)fdt % 8 || be32(fdt) != FDT_MAGIC)
		return 0;
	walk->fdt = fdt;
	walk->size = be32(fdt + 4);
	walk->at = be32(fdt + 8);
	walk->strings = be32(fdt + 12);
	walk->end = walk->at + be32(fdt + 36);
	return walk->size <= FDT_SIZE_MAX && walk->at < walk->end && walk->end <= walk->size &&
	       walk->strings < walk->size;
}

/* Does the walk's property have this name? */
static int is_named(const struct walk *walk, const char *name)
{
	const char *end = (const char *)walk->fdt + walk->size, *at = walk->name;

	while (at < end && *at && *at == *name)
		at++, name++;
	return at < end && *at == *name;
}

/* Returns the next token but NOP; 0 at the end. A node's name is skipped, a property is filled in. */
static uint32_t walk_next(struct walk *walk)
{
	while (walk->end - walk->at >= 4) {
		uint32_t token = be32(walk->fdt + walk->at);

		walk->at += 4;
		if (token == FDT_BEGIN_NODE) {
			while (walk->at < walk->end && walk->fdt[walk->at])
				walk->at++;
			walk->at = (walk->at + 4) & ~3u;
		} else if (token == FDT_PROP) {
			if (walk->end - walk->at < 8)
				return 0;
			walk->length = be32(walk->fdt + walk->at);
			walk->name = (const char *)walk->fdt + walk->strings +
				     be32(walk->fdt + walk->at + 4) % walk->size;
			walk->value = walk->fdt + walk->at + 8;
			if (walk->length > walk->end - walk->at - 8)
				return 0;
			walk->at += 8 + ((walk->length + 3) & ~3u);
		} else if (token != FDT_NOP) {
			return token == FDT_END_NODE ? token : 0;
		}
		if (walk->at > walk->end)
			return 0;
		if (token != FDT_NOP)
			return token;
	}
	return 0;
}

uint64_t kx_kexec_timebase_(const void *fdt)
{
	struct walk walk;
	uint32_t token;

	if (!walk_open(&walk, fdt))
		return 0;
	while ((token = walk_next(&walk)) != 0)
		if (token == FDT_PROP && walk.length == 4 && is_named(&walk, "timebase-frequency"))
			return be32(walk.value);
	return 0;
}

static int value_has(const struct walk *walk, const char *word, uint32_t size)
{
	for (uint32_t i = 0; i + size <= walk->length; i++) {
		uint32_t same = 0;

		while (same < size && walk->value[i + same] == (uint8_t)word[same])
			same++;
		if (same == size)
			return 1;
	}
	return 0;
}

static uint32_t kind_of(const struct walk *walk)
{
	if (value_has(walk, "pl011", 5))
		return KX_DEVICE_PL011;
	if (value_has(walk, "16550", 5) || value_has(walk, "8250", 4) ||
	    value_has(walk, "dw-apb-uart", 11))
		return KX_DEVICE_UART8250;
	return KX_DEVICE_NONE;
}

/* The first address of `reg`, of one or two cells: the larger number is the likelier, so both count. */
static int is_at(const struct walk *walk, uint64_t base)
{
	if (walk->length < 4)
		return 0;
	if (be32(walk->value) == base)
		return 1;
	return walk->length >= 8 &&
	       ((uint64_t)be32(walk->value) << 32 | be32(walk->value + 4)) == base;
}

static void read_property(const struct walk *walk, uint64_t base, struct kx_device *device)
{
	if (is_named(walk, "compatible"))
		device->kind = kind_of(walk);
	else if (is_named(walk, "reg") && is_at(walk, base))
		device->base = base;
	else if (is_named(walk, "reg-shift") && walk->length == 4)
		device->stride = 1u << (be32(walk->value) & 3);
}

void kx_kexec_serial_(const void *fdt, uint64_t base, struct kx_device *device)
{
	struct walk walk;
	uint32_t token = walk_open(&walk, fdt);

	while (token) {
		token = walk_next(&walk);
		if (token == FDT_PROP) {
			read_property(&walk, base, device);
			continue;
		}
		if (device->base && device->kind != KX_DEVICE_NONE)
			return; /* the properties of a node come before its subnodes */
		device->kind = KX_DEVICE_NONE;
		device->base = 0;
		device->stride = 1;
	}
	device->kind = KX_DEVICE_SINK;
	device->base = base;
}
