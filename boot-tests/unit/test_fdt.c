/* SPDX-License-Identifier: BSD-2-Clause */
/* What purgatory takes from a device tree that nobody has verified: right from a good one, nothing worse
 * than wrong from a damaged one. */
#include "unit.h"

#include "kexec.h"

#define BASE 0x9000000u

/* A tree that is being written: its structure block behind the header, its names behind that */
struct tree {
	uint8_t bytes[1024];
	uint32_t at;
	char names[256];
	uint32_t names_at;
};

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void word(struct tree *tree, uint32_t value)
{
	put32(tree->bytes + tree->at, value);
	tree->at += 4;
}

static void text(struct tree *tree, const char *value, uint32_t size)
{
	memcpy(tree->bytes + tree->at, value, size);
	tree->at += (size + 3) & ~3u;
}

static void begin(struct tree *tree, const char *name)
{
	word(tree, 1);
	text(tree, name, (uint32_t)strlen(name) + 1);
}

static void end(struct tree *tree)
{
	word(tree, 2);
}

static void property(struct tree *tree, const char *name, const char *value, uint32_t size)
{
	word(tree, 3);
	word(tree, size);
	word(tree, tree->names_at);
	text(tree, value, size);
	strcpy(tree->names + tree->names_at, name);
	tree->names_at += (uint32_t)strlen(name) + 1;
}

static void cells(struct tree *tree, const char *name, uint64_t value, uint32_t size)
{
	uint8_t be[8];

	put32(be, (uint32_t)(size == 8 ? value >> 32 : value));
	put32(be + 4, (uint32_t)value);
	property(tree, name, (const char *)be, size);
}

static void uart(struct tree *tree, const char *compatible, uint64_t base, uint32_t shift)
{
	begin(tree, "serial");
	property(tree, "compatible", compatible, (uint32_t)strlen(compatible) + 1);
	cells(tree, "reg", base, 8);
	if (shift)
		cells(tree, "reg-shift", shift, 4);
	end(tree);
}

/* The whole, exactly as long as it says, so that ASan sees a byte read too far; the caller frees it. */
static uint8_t *finish(struct tree *tree, uint32_t *size)
{
	uint32_t structure = tree->at - 56, names = tree->at + 4;
	uint8_t *out;

	word(tree, 9);
	memcpy(tree->bytes + names, tree->names, tree->names_at);
	*size = names + tree->names_at;
	put32(tree->bytes, 0xd00dfeed);
	put32(tree->bytes + 4, *size);
	put32(tree->bytes + 8, 56);
	put32(tree->bytes + 12, names);
	put32(tree->bytes + 36, structure + 4);
	out = malloc(*size);
	memcpy(out, tree->bytes, *size);
	return out;
}

static uint8_t *machine_tree(const char *compatible, uint32_t shift, uint32_t *size)
{
	struct tree tree = { .at = 56 };

	begin(&tree, "");
	begin(&tree, "cpus");
	cells(&tree, "timebase-frequency", 10000000, 4);
	end(&tree);
	word(&tree, 4); /* NOP */
	uart(&tree, "arm,primecell", 0x8000000, 1);
	uart(&tree, compatible, BASE, shift);
	uart(&tree, "ns16550a", BASE + 0x1000, 0);
	end(&tree);
	return finish(&tree, size);
}

static void assert_serial(const char *compatible, uint32_t shift, uint32_t kind, uint32_t stride)
{
	uint32_t size;
	uint8_t *fdt = machine_tree(compatible, shift, &size);
	struct kx_device device = { 0 };

	kx_kexec_serial_(fdt, BASE, &device);
	assert_int_equal(device.kind, kind);
	assert_int_equal(device.base, BASE);
	assert_int_equal(device.stride, stride);
	free(fdt);
}

static void test_serial(void **state)
{
	(void)state;
	assert_serial("arm,pl011", 0, KX_DEVICE_PL011, 1);
	assert_serial("ns16550a", 0, KX_DEVICE_UART8250, 1);
	assert_serial("snps,dw-apb-uart", 2, KX_DEVICE_UART8250, 4);
	assert_serial("ns8250", 1, KX_DEVICE_UART8250, 2);
	assert_serial("acme,uart", 0, KX_DEVICE_SINK, 1);
}

static void test_timebase(void **state)
{
	uint32_t size;
	uint8_t *fdt = machine_tree("arm,pl011", 0, &size);

	(void)state;
	assert_int_equal(kx_kexec_timebase_(fdt), 10000000);
	assert_int_equal(kx_kexec_timebase_(NULL), 0);
	assert_int_equal(kx_kexec_timebase_(fdt + 1), 0);
	fdt[0] ^= 1;
	assert_int_equal(kx_kexec_timebase_(fdt), 0);
	free(fdt);
}

/* A tree of one node with these properties, by their sizes; 0: the end. */
struct cell {
	const char *name;
	uint64_t value;
	uint32_t size;
};

static struct kx_device find(const struct cell *cells_of, uint64_t base, uint64_t *timebase)
{
	struct tree tree = { .at = 56 };
	struct kx_device device = { 0 };
	uint32_t size;
	uint8_t *fdt;

	begin(&tree, "");
	begin(&tree, "one");
	for (; cells_of->name; cells_of++) {
		if (cells_of->size)
			cells(&tree, cells_of->name, cells_of->value, cells_of->size);
		else
			property(&tree, cells_of->name, "arm,pl011", 10);
	}
	end(&tree);
	begin(&tree, "other");
	cells(&tree, "reg", BASE + 0x2000, 8); /* nobody knows what it is */
	end(&tree);
	end(&tree);
	fdt = finish(&tree, &size);
	kx_kexec_serial_(fdt, base, &device);
	*timebase = kx_kexec_timebase_(fdt);
	free(fdt);
	return device;
}

/* What only looks like the property that is looked for: another name, or another size. */
static void test_decoys(void **state)
{
	const struct cell wide[] = { { "compatible", 0, 0 }, { "reg", 0x100000000 + BASE, 8 }, { 0 } };
	const struct cell narrow[] = { { "compatible", 0, 0 }, { "reg", BASE, 4 },
				       { "fifo-size", 2, 4 }, { "reg-shift", 1, 8 }, { 0 } };
	const struct cell elsewhere[] = { { "compatible", 0, 0 }, { "ranges", BASE, 8 },
					  { "reg", BASE + 0x1000, 8 }, { 0 } };
	const struct cell times[] = { { "clock-frequency", 5, 4 }, { "timebase-frequency", 6, 8 }, { 0 } };
	const struct cell late[] = { { "clock-frequency", 5, 4 }, { "timebase-frequency", 7, 4 }, { 0 } };
	struct kx_device device;
	uint64_t timebase;

	(void)state;
	device = find(wide, 0x100000000 + BASE, &timebase);
	assert_int_equal(device.kind, KX_DEVICE_PL011);
	device = find(narrow, BASE, &timebase);
	assert_int_equal(device.kind, KX_DEVICE_PL011);
	assert_int_equal(device.stride, 1);
	assert_int_equal(timebase, 0);
	device = find(elsewhere, BASE, &timebase);
	assert_int_equal(device.kind, KX_DEVICE_SINK);
	device = find(elsewhere, BASE + 0x2000, &timebase); /* not what the node before it was */
	assert_int_equal(device.kind, KX_DEVICE_SINK);
	find(times, BASE, &timebase);
	assert_int_equal(timebase, 0);
	find(late, BASE, &timebase);
	assert_int_equal(timebase, 7);
}

/* Each word but that of the size, and each of its bytes, as every value of some, alone; ASan watches. */
static void test_damage(void **state)
{
	static const uint32_t values[] = { 0, 1, 4, 0x7fffffff, 0x80000000, 0xffffff80, 0xfffffff8,
					   0xfffffffc, 0xffffffff };
	const uint32_t count = sizeof(values) / sizeof(*values);
	uint32_t size, wrong = 0;
	uint8_t *fdt = machine_tree("arm,pl011", 1, &size);

	(void)state;
	for (uint32_t at = 0; at + 4 <= size; at += 4) {
		uint8_t was[4];

		memcpy(was, fdt + at, 4);
		for (uint32_t i = 0; i < 5 * count && at != 4; i++) {
			struct kx_device device = { 0 };

			if (i < count)
				put32(fdt + at, values[i]);
			else
				fdt[at + i % 4] = (uint8_t)values[i % count];
			kx_kexec_serial_(fdt, BASE, &device);
			assert_int_equal(device.base, BASE);
			wrong += device.kind != KX_DEVICE_PL011;
			wrong += kx_kexec_timebase_(fdt) != 10000000;
			memcpy(fdt + at, was, 4);
		}
	}
	assert_in_range(wrong, 100, 10 * count * size);
	free(fdt);
}

/* A tree of which only the beginning is there, and that says so */
static void test_cut_short(void **state)
{
	uint32_t size;
	uint8_t *fdt = machine_tree("arm,pl011", 1, &size);

	(void)state;
	for (uint32_t left = 40; left < size; left++) {
		uint8_t *part = malloc(left);
		struct kx_device device = { 0 };

		memcpy(part, fdt, left);
		put32(part + 4, left);
		kx_kexec_serial_(part, BASE, &device);
		assert_int_equal(device.base, BASE);
		kx_kexec_timebase_(part);
		free(part);
	}
	free(fdt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_timebase),
		cmocka_unit_test(test_decoys),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
