/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF executables: loads, the entry by its virtual and by its physical address, notes; what is refused. */
#include "file.h"

/* ELF-64 Object File Format 1.5 */
#define E_TYPE      16
#define E_MACHINE   18
#define E_ENTRY     24
#define E_PHOFF     32
#define E_PHENTSIZE 54
#define E_PHNUM     56
#define P_SIZE      56

#define SIZE    0x4000
#define HEADERS 64      /* where the program headers are */
#define NOTES   0x380   /* and the notes */
#define MOST    12      /* program headers */

static uint8_t file[SIZE];
static struct kx_image image;

struct header {
	uint32_t type;
	uint64_t offset, va, pa, filesz, memsz;
};

static void put_header(int number, struct header header)
{
	uint8_t *at = file + HEADERS + P_SIZE * number;

	put_le(at, header.type, 4);
	put_le(at + 8, header.offset, 8);
	put_le(at + 16, header.va, 8);
	put_le(at + 24, header.pa, 8);
	put_le(at + 32, header.filesz, 8);
	put_le(at + 40, header.memsz, 8);
	put_le(file + E_PHNUM, (uint64_t)number + 1, 2);
}

/* Three loads, of which the second is the lowest, and the entry in the third. */
static int open_file(void **state)
{
	(void)state;
	memset(file, 0x77, sizeof(file));
	memset(file, 0, HEADERS);
	memcpy(file, "\177ELF\2\1\1", 7);
	put_le(file + E_TYPE, 2, 2);
	put_le(file + E_MACHINE, 62, 2);
	put_le(file + E_ENTRY, 0xffffffff80203456, 8);
	put_le(file + E_PHOFF, HEADERS, 8);
	put_le(file + E_PHENTSIZE, P_SIZE, 2);
	put_header(0, (struct header){ 1, 0x1000, 0xffffffff80100000, 0x600000, 0x800, 0x2000 });
	put_header(1, (struct header){ 1, 0x2010, 0xffffffff80000010, 0x500010, 0x100, 0x100 });
	put_header(2, (struct header){ 1, 0x3000, 0xffffffff80203000, 0x703000, 0x1000, 0x1000 });
	return 0;
}

static int parse(void)
{
	return file_parse(file, SIZE, &image);
}

static void test_sound(void **state)
{
	const struct kx_image_load loads[] = {
		{ 0x1000, 0x800, 0x100000, 0x2000 },
		{ 0x2000, 0x110, 0, 0x110 }, /* from the start of its page, in the file too */
		{ 0x3000, 0x1000, 0x203000, 0x1000 },
	};

	(void)state;
	assert_result(parse(), 0);
	assert_int_equal(image.kind, KX_IMAGE_ELF_X86_64);
	assert_int_equal(image.flags, 0);
	assert_int_equal(image.base_pa, 0x500000);
	assert_int_equal(image.align, PAGE);
	assert_int_equal(image.entry, 0x203456);
	assert_int_equal(image.load_count, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(image.loads[i].file_offset, loads[i].file_offset);
		assert_int_equal(image.loads[i].filesz, loads[i].filesz);
		assert_int_equal(image.loads[i].offset, loads[i].offset);
		assert_int_equal(image.loads[i].memsz, loads[i].memsz);
	}
}

static void test_machines(void **state)
{
	const struct {
		uint16_t machine;
		uint32_t kind;
	} known[] = { { 62, KX_IMAGE_ELF_X86_64 }, { 183, KX_IMAGE_ELF_AARCH64 },
		      { 243, KX_IMAGE_ELF_RISCV64 } };

	(void)state;
	for (int i = 0; i < 3; i++) {
		put_le(file + E_MACHINE, known[i].machine, 2);
		assert_result(parse(), 0);
		assert_int_equal(image.kind, known[i].kind);
	}
	put_le(file + E_MACHINE, 3, 2);
	assert_result(parse(), KX_ERR_IMAGE_UNKNOWN);
}

/* The first and the last byte of a load, by either address; the virtual one wins. */
static void test_entry(void **state)
{
	const struct {
		uint64_t entry, offset; /* 1: refused */
	} cases[] = {
		{ 0xffffffff80203000, 0x203000 }, { 0xffffffff80203fff, 0x203fff },
		{ 0xffffffff80204000, 1 }, { 0xffffffff80202fff, 1 },
		{ 0x703000, 0x203000 }, { 0x703fff, 0x203fff }, { 0x704000, 1 }, { 0x702fff, 1 },
		{ 0xffffffff80101fff, 0x101fff }, /* beyond the bytes of the file */
		{ 0x50000f, 1 }, { 0x500010, 0x10 }, { 0x50010f, 0x10f }, { 0x500110, 1 },
		{ 0, 1 }, { UINT64_MAX, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_le(file + E_ENTRY, cases[i].entry, 8);
		assert_result(parse(), cases[i].offset == 1 ? KX_ERR_IMAGE_HEADER : 0);
		if (cases[i].offset != 1)
			assert_int_equal(image.entry, cases[i].offset);
	}
	/* physical in the first load, virtual in the second */
	put_le(file + E_ENTRY, 0x600100, 8);
	put_header(1, (struct header){ 1, 0x2000, 0x600000, 0x500000, 0x200, 0x200 });
	assert_result(parse(), 0);
	assert_int_equal(image.entry, 0x100);
	put_header(0, (struct header){ 1, 0x2000, 0x600000, 0x500000, 0x200, 0x200 });
	put_header(1, (struct header){ 1, 0x1000, 0x900000, 0x600000, 0x800, 0x2000 });
	assert_result(parse(), 0);
	assert_int_equal(image.entry, 0x100);
}

/* A range of virtual addresses that goes past 2^64 holds nothing from 0 on. */
static void test_entry_wraps(void **state)
{
	(void)state;
	put_header(0, (struct header){ 1, 0x1000, -PAGE, 0x600000, 0x800, 2 * PAGE });
	put_le(file + E_ENTRY, 0x10, 8);
	assert_result(parse(), KX_ERR_IMAGE_HEADER);
	put_le(file + E_ENTRY, -PAGE + 0x10, 8);
	assert_result(parse(), 0);
}

/* Two loads with a hole: what a virtual address leads to may be in neither. */
static void test_entry_in_a_hole(void **state)
{
	(void)state;
	put_header(0, (struct header){ 1, 0x1000, 0x10000, 0x600000, 0x800, 0x800 });
	put_header(1, (struct header){ 1, 0x1000, 0x20000, 0x640000, 0x800, 0x800 });
	put_le(file + E_ENTRY, 0x10800, 8);
	assert_result(parse(), KX_ERR_IMAGE_HEADER);
	put_le(file + E_ENTRY, 0x107ff, 8);
	assert_result(parse(), 0);
}

static void test_loads(void **state)
{
	const struct {
		struct header header;
		int error;
	} cases[] = {
		{ { 1, 0x1000, 0, 0x800000, 0x800, 0x7ff }, KX_ERR_IMAGE_HEADER },
		{ { 1, 0x1000, 0, 0x800000, 0x800, 0x800 }, 0 },
		{ { 1, 0x10, 0, 0x800011, 0x10, 0x10 }, KX_ERR_IMAGE_HEADER }, /* nothing before it */
		{ { 1, 0x11, 0, 0x800011, 0x10, 0x10 }, 0 },
		{ { 1, 0x1000, 0, 0x800000, 0, ((uint64_t)1 << 52) + 1 }, KX_ERR_IMAGE_HEADER },
		{ { 1, 0x1000, 0, 0x800000, 0, (uint64_t)1 << 52 }, 0 },
		{ { 1, 0x1000, 0, -PAGE, 0x10, PAGE }, KX_ERR_IMAGE_HEADER },
		{ { 1, 0x1000, 0, -2 * PAGE, 0x10, PAGE }, 0 },
		{ { 1, SIZE - 0x10, 0, 0x800ff0, 0x10, 0x10 }, 0 },
		{ { 1, SIZE - 0x10, 0, 0x800ff0, 0x11, 0x11 }, KX_ERR_IMAGE_TRUNCATED },
		{ { 1, SIZE, 0, 0x800000, 0, 0x10 }, 0 }, /* no bytes, at the file's end */
		{ { 1, SIZE + 0x1000, 0, 0x800000, 0, 0x10 }, KX_ERR_IMAGE_TRUNCATED },
		{ { 1, -PAGE, 0, 0x800000, 0x2000, 0x2000 }, KX_ERR_IMAGE_TRUNCATED },
		{ { 1, 0x1000, 0, 0x800000, UINT64_MAX, UINT64_MAX }, KX_ERR_IMAGE_TRUNCATED },
		{ { 1, UINT64_MAX, 0, UINT64_MAX, UINT64_MAX, 0 }, 0 }, /* empty: never looked at */
		{ { 2, UINT64_MAX, 0, UINT64_MAX, UINT64_MAX, 1 }, 0 }, /* not a load */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_header(3, cases[i].header);
		assert_result(parse(), cases[i].error);
		if (!cases[i].error)
			assert_int_equal(image.load_count, 3 + (cases[i].header.type == 1 &&
								cases[i].header.memsz));
	}
	/* zeros alone have no bytes of the file before them */
	put_header(3, (struct header){ 1, 0x1800, 0, 0x800800, 0, 0x900 });
	assert_result(parse(), 0);
	assert_int_equal(image.loads[3].filesz, 0);
	assert_int_equal(image.loads[3].memsz, 0x1100);
}

static void test_load_count(void **state)
{
	(void)state;
	for (uint64_t i = 3; i < KX_IMAGE_LOADS_MAX + 1; i++) {
		assert_result(parse(), 0);
		assert_int_equal(image.load_count, i);
		put_header((int)i, (struct header){ 1, 0x1000, 0, (i + 8) << 20, 0x10, 0x10 });
	}
	assert_result(parse(), KX_ERR_IMAGE_HEADER);
	put_le(file + E_PHNUM, KX_IMAGE_LOADS_MAX, 2);
	put_le(file + E_ENTRY, UINT64_MAX - 1, 8); /* in none of them, and there is no ninth */
	assert_result(parse(), KX_ERR_IMAGE_HEADER);
	put_header(0, (struct header){ 0, 0, 0, 0, 0, 0 });
	put_le(file + E_PHNUM, 1, 2);
	assert_result(parse(), KX_ERR_IMAGE_HEADER); /* none */
}

static void test_header(void **state)
{
	const struct {
		int at, bytes;
		uint64_t value;
		int error;
	} cases[] = {
		{ 0, 4, 0x464c4500, KX_ERR_IMAGE_UNKNOWN },
		{ 4, 1, 1, KX_ERR_IMAGE_UNKNOWN }, /* 32 bits */
		{ 5, 1, 2, KX_ERR_IMAGE_ENDIAN },
		{ E_TYPE, 2, 3, KX_ERR_IMAGE_HEADER }, /* would have to be relocated */
		{ E_PHENTSIZE, 2, 32, KX_ERR_IMAGE_HEADER },
		{ E_PHOFF, 8, SIZE - 3 * P_SIZE + 1, KX_ERR_IMAGE_TRUNCATED },
		{ E_PHOFF, 8, UINT64_MAX - 8, KX_ERR_IMAGE_TRUNCATED },
		{ E_PHNUM, 2, 0xffff, KX_ERR_IMAGE_TRUNCATED },
		{ E_PHNUM, 2, 0, KX_ERR_IMAGE_HEADER },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_file(state);
		put_le(file + cases[i].at, cases[i].value, cases[i].bytes);
		assert_result(parse(), cases[i].error);
	}
	/* the last place that the headers may have */
	open_file(state);
	memmove(file + SIZE - 3 * P_SIZE, file + HEADERS, 3 * P_SIZE);
	put_le(file + E_PHOFF, SIZE - 3 * P_SIZE, 8);
	assert_result(parse(), 0);
}

static void test_truncated(void **state)
{
	(void)state;
	for (uint64_t size = 64; size < SIZE; size += size < 0x100 ? 1 : 0x80)
		assert_result(file_parse(file, size, &image), KX_ERR_IMAGE_TRUNCATED);
}

/* ---- notes ---- */

static uint64_t put_note(uint64_t at, const char *name, uint32_t type, uint32_t descsz)
{
	uint32_t namesz = (uint32_t)strlen(name) + 1;

	put_le(file + at, namesz, 4);
	put_le(file + at + 4, descsz, 4);
	put_le(file + at + 8, type, 4);
	memset(file + at + 12, 0, namesz + 3);
	memcpy(file + at + 12, name, namesz);
	at += 12 + (namesz + 3) / 4 * 4;
	put_le(file + at, 0x600123, descsz < 8 ? (int)descsz : 8);
	return at + (descsz + 3) / 4 * 4;
}

static void assert_pvh(int pvh)
{
	assert_result(parse(), 0);
	assert_int_equal(image.flags, pvh ? KX_IMAGE_PVH | KX_IMAGE_ENTER_32 : 0);
	assert_int_equal(image.entry, pvh ? 0x100123 : 0x203456);
}

static void test_pvh(void **state)
{
	const struct {
		const char *name;
		uint32_t type, descsz;
		int pvh;
	} cases[] = {
		{ "Xen", 18, 4, 1 }, { "Xen", 18, 8, 1 }, { "Xen", 18, 3, 0 }, { "Xen", 17, 4, 0 },
		{ "Xem", 18, 4, 0 }, { "XenX", 18, 4, 0 }, { "GNU", 18, 4, 0 }, { "", 18, 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t end = put_note(NOTES, "Other", 1, 7);

		end = put_note(end, cases[i].name, cases[i].type, cases[i].descsz);
		end = put_note(end, "Last", 3, 0);
		put_header(3, (struct header){ 4, NOTES, 0, 0, end - NOTES, 0 });
		assert_pvh(cases[i].pvh);
		put_header(3, (struct header){ 4, NOTES, 0, 0, end - NOTES + 11, 0 }); /* no note more */
		assert_pvh(cases[i].pvh);
		put_header(3, (struct header){ 4, NOTES, 0, 0, end - NOTES - 1, 0 });
		assert_result(parse(), KX_ERR_IMAGE_TRUNCATED);
	}
	put_le(file + NOTES, 8, 4); /* a longer name that begins so */
	put_le(file + NOTES + 4, 4, 4);
	put_le(file + NOTES + 8, 18, 4);
	memcpy(file + NOTES + 12, "Xen\0Xen\0\x23\x01\x60", 12);
	put_header(3, (struct header){ 4, NOTES, 0, 0, 24, 0 });
	assert_pvh(0);
	put_header(3, (struct header){ 4, SIZE, 0, 0, 1, 0 });
	assert_result(parse(), KX_ERR_IMAGE_TRUNCATED);
	put_header(3, (struct header){ 4, SIZE, 0, 0, 0, 0 });
	assert_pvh(0);
	put_le(file + SIZE - 12, UINT32_MAX, 4); /* sizes that are more than all there is */
	put_le(file + SIZE - 8, UINT32_MAX, 4);
	put_header(3, (struct header){ 4, SIZE - 12, 0, 0, 12, 0 });
	assert_result(parse(), KX_ERR_IMAGE_TRUNCATED);
}

/* An entry by note is for x86_64 alone, and must lie in a load like any other. */
static void test_pvh_refused(void **state)
{
	uint64_t end = put_note(NOTES, "Xen", 18, 4);

	(void)state;
	put_header(3, (struct header){ 4, NOTES, 0, 0, end - NOTES, 0 });
	put_le(file + E_MACHINE, 243, 2);
	assert_pvh(0);
	put_le(file + E_MACHINE, 62, 2);
	put_le(file + end - 4, 0x602000, 4);
	assert_result(parse(), KX_ERR_IMAGE_HEADER);
	put_le(file + end - 4, 0x4fffff, 4); /* below all of it */
	assert_result(parse(), KX_ERR_IMAGE_HEADER);
}

#define TEST(name) cmocka_unit_test_setup(name, open_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sound),
		TEST(test_machines),
		TEST(test_entry),
		TEST(test_entry_wraps),
		TEST(test_entry_in_a_hole),
		TEST(test_loads),
		TEST(test_load_count),
		TEST(test_header),
		TEST(test_truncated),
		TEST(test_pvh),
		TEST(test_pvh_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
