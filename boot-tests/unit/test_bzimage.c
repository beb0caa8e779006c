/* SPDX-License-Identifier: BSD-2-Clause */
/* bzImages: what is read from the setup header, what is refused; and the zero page made from it. */
#include "bzimage.h"
#include "file.h"

#include <kx/boot_params.h>

#define SIZE    (LOAD_AT + 0x3000)

static uint8_t file[SIZE];
static struct kx_image image;

static int open_file(void **state)
{
	(void)state;
	memset(file, 0x77, sizeof(file));
	file[SETUP_SECTS] = 4;
	put_le(file + SYSSIZE, 0x300, 4);
	put_le(file + BOOT_FLAG, 0xaa55, 2);
	file[JUMP_LENGTH] = 0x6a; /* a header that ends at 0x26c */
	memcpy(file + MAGIC, "HdrS", 4);
	put_le(file + VERSION, 0x20f, 2);
	file[LOADFLAGS] = 1;
	put_le(file + ALIGNMENT, 0x200000, 4);
	file[RELOCATABLE] = 1;
	put_le(file + XLOADFLAGS, 0x21, 2);
	put_le(file + PREF_ADDRESS, 0x1000000, 8);
	put_le(file + INIT_SIZE, 0x5000, 4);
	return 0;
}

static int parse(void)
{
	return file_parse(file, SIZE, &image);
}

static void test_sound(void **state)
{
	(void)state;
	assert_result(parse(), 0);
	assert_int_equal(image.kind, KX_IMAGE_BZIMAGE);
	assert_int_equal(image.flags, KX_IMAGE_ANYWHERE | KX_IMAGE_5LEVEL);
	assert_int_equal(image.base_pa, 0x1000000);
	assert_int_equal(image.align, 0x200000);
	assert_int_equal(image.entry, 0x200);
	assert_int_equal(image.load_count, 1);
	assert_int_equal(image.loads[0].file_offset, LOAD_AT);
	assert_int_equal(image.loads[0].filesz, 0x3000);
	assert_int_equal(image.loads[0].offset, 0);
	assert_int_equal(image.loads[0].memsz, 0x5000);
}

static void test_flags(void **state)
{
	(void)state;
	file[RELOCATABLE] = 0;
	file[XLOADFLAGS] = 0x01;
	assert_result(parse(), 0);
	assert_int_equal(image.flags, 0);
	assert_int_equal(image.entry, 0x200);
	file[XLOADFLAGS] = 0xfe; /* all but the 64-bit entry */
	assert_result(parse(), 0);
	assert_int_equal(image.flags, KX_IMAGE_ENTER_32 | KX_IMAGE_5LEVEL);
	assert_int_equal(image.entry, 0);
}

/* Zero sectors mean four; the last paragraph may be cut short; what lies behind is not loaded. */
static void test_load(void **state)
{
	(void)state;
	file[SETUP_SECTS] = 0;
	assert_result(parse(), 0);
	assert_int_equal(image.loads[0].file_offset, LOAD_AT);
	file[SETUP_SECTS] = 5;
	put_le(file + SYSSIZE, 0x2e0, 4);
	assert_result(parse(), 0);
	assert_int_equal(image.loads[0].file_offset, LOAD_AT + 0x200);
	assert_int_equal(image.loads[0].filesz, 0x2e00);
	file[SETUP_SECTS] = 4;
	assert_result(parse(), 0);
	assert_int_equal(image.loads[0].filesz, 0x2e00);
	for (uint64_t cut = 0; cut < 32; cut++) {
		put_le(file + SYSSIZE, 0x300, 4);
		assert_result(file_parse(file, SIZE - cut, &image),
			      cut < 16 ? 0 : KX_ERR_IMAGE_TRUNCATED);
		if (cut < 16)
			assert_int_equal(image.loads[0].filesz, 0x3000 - cut);
	}
	assert_result(file_parse(file, LOAD_AT, &image), KX_ERR_IMAGE_TRUNCATED);
	put_le(file + SYSSIZE, 0x20, 4);
	assert_result(parse(), KX_ERR_IMAGE_HEADER); /* not even its entry */
	put_le(file + SYSSIZE, 0x21, 4);
	assert_result(parse(), 0);
	file[XLOADFLAGS] = 0;
	put_le(file + SYSSIZE, 1, 4);
	assert_result(file_parse(file, LOAD_AT + 1, &image), 0);
	assert_int_equal(image.loads[0].filesz, 1);
	put_le(file + SYSSIZE, 0, 4);
	assert_result(file_parse(file, LOAD_AT, &image), KX_ERR_IMAGE_TRUNCATED);
	assert_result(parse(), KX_ERR_IMAGE_HEADER); /* nothing to load */
}

/* Every length of file: what is too short for a header is no bzImage. */
static void test_truncated(void **state)
{
	(void)state;
	for (uint64_t size = 64; size < LOAD_AT + 16; size++)
		assert_result(file_parse(file, size, &image), size < HEADER_LEAST ?
			      KX_ERR_IMAGE_UNKNOWN : KX_ERR_IMAGE_TRUNCATED);
}

/* where, how many bytes, what -> error */
static void test_header(void **state)
{
	const struct {
		int at, bytes;
		uint64_t value;
		int error;
	} cases[] = {
		{ MAGIC, 4, 0x53726449, KX_ERR_IMAGE_UNKNOWN },
		{ VERSION, 2, 0x20b, KX_ERR_IMAGE_HEADER },
		{ VERSION, 2, 0x20c, 0 },
		{ BOOT_FLAG, 2, 0x55aa, KX_ERR_IMAGE_HEADER },
		{ LOADFLAGS, 1, 0xfe, KX_ERR_IMAGE_HEADER }, /* below 1 MiB */
		{ ALIGNMENT, 4, 0, KX_ERR_IMAGE_HEADER },
		{ ALIGNMENT, 4, 0x300000, KX_ERR_IMAGE_HEADER },
		{ ALIGNMENT, 4, 0x800, KX_ERR_IMAGE_HEADER },
		{ ALIGNMENT, 4, 0x1000, 0 },
		{ ALIGNMENT, 4, 0x80000000, 0 },
		{ PREF_ADDRESS, 8, 0x1000800, KX_ERR_IMAGE_HEADER },
		{ PREF_ADDRESS, 8, -PAGE, KX_ERR_IMAGE_HEADER }, /* past 2^64 */
		{ PREF_ADDRESS, 8, -8 * PAGE, 0 },
		{ INIT_SIZE, 4, 0x2fff, KX_ERR_IMAGE_HEADER },
		{ INIT_SIZE, 4, 0x3000, 0 },
		{ SYSSIZE, 4, 0xffffffff, KX_ERR_IMAGE_TRUNCATED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_file(state);
		put_le(file + cases[i].at, cases[i].value, cases[i].bytes);
		assert_result(parse(), cases[i].error);
	}
}

/* ---- the zero page ---- */

static uint8_t page[KX_BP_SIZE];

static uint64_t get(int at, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | page[at + bytes];
	return value;
}

static void assert_zero(int from, int to)
{
	for (int i = from; i < to; i++)
		assert_int_equal(page[i], 0);
}

/* The header as the file has it, up to its end; what the loader has to say; and nothing else. */
static void test_zero_page(void **state)
{
	const struct kx_e820 map[] = { { 0x1122334455667788, 0x99aabbccddeeff00, 1 }, { 4096, 8192, 2 } };
	struct kx_boot_params from = {
		.kernel = file, .map = map, .map_count = 2,
		.ramdisk = { 0x123456789abcd000, 0xfedcba9876543210 },
		.cmdline_pa = 0x0102030405060708, .rsdp_pa = 0x8877665544332211,
	};

	(void)state;
	memset(page, 0xff, sizeof(page));
	assert_result(kx_boot_params_fill(&from, page), 0);
	assert_int_equal(get(KX_BP_TYPE_OF_LOADER, 1), 0xff);
	assert_int_equal(get(KX_BP_CMD_LINE_PTR, 4), 0x05060708);
	assert_int_equal(get(KX_BP_EXT_CMD_LINE_PTR, 4), 0x01020304);
	assert_int_equal(get(KX_BP_RAMDISK_IMAGE, 4), 0x9abcd000);
	assert_int_equal(get(KX_BP_EXT_RAMDISK_IMAGE, 4), 0x12345678);
	assert_int_equal(get(KX_BP_RAMDISK_SIZE, 4), 0x76543210);
	assert_int_equal(get(KX_BP_EXT_RAMDISK_SIZE, 4), 0xfedcba98);
	assert_int_equal(get(KX_BP_RSDP, 8), 0x8877665544332211);
	assert_int_equal(page[KX_BP_E820_COUNT], 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(get(KX_BP_E820 + 20 * i, 8), map[i].pa);
		assert_int_equal(get(KX_BP_E820 + 20 * i + 8, 8), map[i].size);
		assert_int_equal(get(KX_BP_E820 + 20 * i + 16, 4), map[i].type);
	}
	assert_memory_equal(page + SETUP_SECTS, file + SETUP_SECTS, KX_BP_TYPE_OF_LOADER - SETUP_SECTS);
	assert_memory_equal(page + 0x22c, file + 0x22c, 0x26c - 0x22c);
	assert_zero(0, 0x70);
	assert_zero(0x78, 0xc0);
	assert_zero(0xcc, 0x1e8);
	assert_zero(0x1e9, SETUP_SECTS);
	assert_zero(0x26c, KX_BP_E820);
	assert_zero(KX_BP_E820 + 40, KX_BP_SIZE);
}

/* A header that says it is longer than there is room for; one that is not there; no ramdisk. */
static void test_zero_page_edges(void **state)
{
	struct kx_boot_params from = { .kernel = file, .ramdisk = { 0x1000, 0 } };

	(void)state;
	file[JUMP_LENGTH] = 0xff;
	memset(page, 0xff, sizeof(page));
	assert_result(kx_boot_params_fill(&from, page), 0);
	assert_int_equal(page[0x28f], 0x77);
	assert_zero(0x290, KX_BP_SIZE);
	assert_int_equal(get(KX_BP_RAMDISK_IMAGE, 4), 0);
	assert_int_equal(get(KX_BP_RAMDISK_SIZE, 4), 0);
	from.kernel = NULL;
	memset(page, 0xff, sizeof(page));
	assert_result(kx_boot_params_fill(&from, page), 0);
	assert_int_equal(page[KX_BP_TYPE_OF_LOADER], 0xff);
	page[KX_BP_TYPE_OF_LOADER] = 0;
	assert_zero(0, KX_BP_SIZE);
}

static void test_zero_page_arguments(void **state)
{
	struct kx_e820 map[KX_BP_E820_MAX] = { { 0, 0, 0 } };
	struct kx_boot_params from = { .map = map, .map_count = KX_BP_E820_MAX };

	(void)state;
	map[KX_BP_E820_MAX - 1].type = 9;
	assert_result(kx_boot_params_fill(&from, page), 0);
	assert_int_equal(page[KX_BP_E820_COUNT], KX_BP_E820_MAX);
	assert_int_equal(get(KX_BP_E820 + 20 * (KX_BP_E820_MAX - 1) + 16, 4), 9);
	from.map_count++;
	assert_result(kx_boot_params_fill(&from, page), KX_ERR_ARGUMENT);
	from = (struct kx_boot_params){ .map_count = 1 };
	assert_result(kx_boot_params_fill(&from, page), KX_ERR_ARGUMENT);
	from.map_count = 0;
	assert_result(kx_boot_params_fill(&from, page), 0);
	assert_result(kx_boot_params_fill(&from, NULL), KX_ERR_ARGUMENT);
	assert_result(kx_boot_params_fill(NULL, page), KX_ERR_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup(name, open_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sound),
		TEST(test_flags),
		TEST(test_load),
		TEST(test_truncated),
		TEST(test_header),
		TEST(test_zero_page),
		TEST(test_zero_page_edges),
		TEST(test_zero_page_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
