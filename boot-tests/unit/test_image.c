/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_image_parse(): the headers of Linux's `Image`, right and wrong. */
#include "file.h"

#define HEADER 64

static struct file file_make(const char *magic, uint64_t size)
{
	struct file file = { malloc(size), size };

	memset(file.data, 0, size);
	put_le(file.data + 8, 0x200000, 8);
	put_le(file.data + 16, 0x1800000, 8);
	memcpy(file.data + 56, magic, 4);
	return file;
}

static void assert_parse(struct file file, int error)
{
	struct kx_image image;

	memset(&image, 0xff, sizeof(image));
	assert_result(kx_image_parse(file.data, file.size, &image), error);
	free(file.data);
}

static const char *const magics[] = { "RSC\005", "ARM\144" };

static void test_sound(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		struct file file = file_make(magics[i], 10000);
		struct kx_image image;

		memset(&image, 0xff, sizeof(image));
		assert_result(kx_image_parse(file.data, file.size, &image), 0);
		assert_int_equal(image.kind, i ? KX_IMAGE_ARM64 : KX_IMAGE_RISCV64);
		assert_int_equal(image.flags, KX_IMAGE_ANYWHERE);
		assert_int_equal(image.base_pa, 0);
		assert_int_equal(image.align, 0x200000);
		assert_int_equal(image.entry, 0x200000);
		assert_int_equal(image.load_count, 1);
		assert_int_equal(image.loads[0].file_offset, 0);
		assert_int_equal(image.loads[0].filesz, 10000);
		assert_int_equal(image.loads[0].offset, 0x200000);
		assert_int_equal(image.loads[0].memsz, 0x1800000);
		free(file.data);
	}
}

/* What a file carries beyond image_size is not loaded. */
static void test_longer_than_image(void **state)
{
	struct file file = file_make(magics[0], 10000);
	struct kx_image image;

	(void)state;
	put_le(file.data + 16, 5000, 8);
	assert_result(kx_image_parse(file.data, file.size, &image), 0);
	assert_int_equal(image.loads[0].filesz, 5000);
	assert_int_equal(image.loads[0].memsz, 5000);
	free(file.data);
}

static void test_unaligned_file(void **state)
{
	uint8_t *buffer = malloc(HEADER + 1);
	struct file file = file_make(magics[1], HEADER);
	struct kx_image image;

	(void)state;
	memcpy(buffer + 1, file.data, HEADER);
	assert_result(kx_image_parse(buffer + 1, HEADER, &image), 0);
	free(buffer);
	free(file.data);
}

static void test_truncated(void **state)
{
	struct kx_image image;

	(void)state;
	for (uint64_t size = 1; size < HEADER; size++) {
		struct file file = file_make(magics[0], HEADER);

		file.data = realloc(file.data, size);
		file.size = size;
		assert_parse(file, KX_ERR_IMAGE_TRUNCATED);
	}
	assert_result(kx_image_parse("", 0, &image), KX_ERR_IMAGE_TRUNCATED);
	assert_parse(file_make(magics[0], HEADER), 0);
}

static void test_argument(void **state)
{
	struct file file = file_make(magics[0], HEADER);
	struct kx_image image;

	(void)state;
	assert_result(kx_image_parse(NULL, HEADER, &image), KX_ERR_ARGUMENT);
	assert_result(kx_image_parse(file.data, HEADER, NULL), KX_ERR_ARGUMENT);
	free(file.data);
}

static void test_unknown(void **state)
{
	(void)state;
	assert_parse(file_make("RSC\004", HEADER), KX_ERR_IMAGE_UNKNOWN);
	assert_parse(file_make("dMRA", HEADER), KX_ERR_IMAGE_UNKNOWN);
	assert_parse(file_make("\0\0\0\0", HEADER), KX_ERR_IMAGE_UNKNOWN);
}

static void test_big_endian(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct file file = file_make(magics[i], HEADER);

		file.data[24] = 0xa; /* page size and placement: not ours to judge */
		assert_parse(file, 0);
		file = file_make(magics[i], HEADER);
		file.data[24] = 0xb;
		assert_parse(file, KX_ERR_IMAGE_ENDIAN);
	}
}

/* text_offset, image_size -> error */
static void test_nonsense(void **state)
{
	const struct {
		uint64_t text_offset, image_size;
		int error;
	} cases[] = {
		{ 0, 0, KX_ERR_IMAGE_HEADER }, /* image_size was zero before Linux 3.17 */
		{ 0, HEADER - 1, KX_ERR_IMAGE_HEADER },
		{ 0, HEADER, 0 },
		{ 1, 0x1000, KX_ERR_IMAGE_HEADER },
		{ 0x80800, 0x1000, KX_ERR_IMAGE_HEADER },
		{ 0x80000, 0x1000, 0 },
		{ 0, UINT64_MAX, KX_ERR_IMAGE_HEADER },
		{ 0x1000, UINT64_MAX - 0xfff, KX_ERR_IMAGE_HEADER },
		{ -PAGE, PAGE, KX_ERR_IMAGE_HEADER },
		{ -PAGE, 2 * PAGE, KX_ERR_IMAGE_HEADER },
		{ (uint64_t)1 << 52, PAGE, KX_ERR_IMAGE_HEADER },
		{ 0, (uint64_t)1 << 52, 0 },
		{ 0, ((uint64_t)1 << 52) + 1, KX_ERR_IMAGE_HEADER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file file = file_make(magics[i % 2], HEADER);

		put_le(file.data + 8, cases[i].text_offset, 8);
		put_le(file.data + 16, cases[i].image_size, 8);
		assert_parse(file, cases[i].error);
	}
}

/* Random headers: whatever is accepted lies within the file. */
static void test_random(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct file file = file_make(magics[i % 2], HEADER + (uint64_t)(i % 500));
		struct kx_image image;

		for (int j = 0; j < 3; j++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			file.data[random >> 32 & 31] = (uint8_t)(random >> 56);
		}
		if (!kx_image_parse(file.data, file.size, &image)) {
			assert_int_equal(image.load_count, 1);
			assert_in_range(image.loads[0].filesz, 1, file.size);
			assert_in_range(image.loads[0].filesz, 1, image.loads[0].memsz);
			assert_true(image.loads[0].offset + image.loads[0].memsz <=
				    (uint64_t)1 << 52);
		}
		free(file.data);
	}
}

static void test_boot_check(void **state)
{
	struct kx_image image = { .kind = 0 };

	(void)state;
	assert_result(kx_boot_check(NULL), KX_ERR_ARGUMENT);
	assert_result(kx_boot_check(&image), KX_ERR_IMAGE_ARCH);
	image.kind = UINT32_MAX;
	assert_result(kx_boot_check(&image), KX_ERR_IMAGE_ARCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_longer_than_image),
		cmocka_unit_test(test_unaligned_file),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_argument),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_big_endian),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_boot_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
