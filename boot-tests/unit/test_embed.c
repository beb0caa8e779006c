/* SPDX-License-Identifier: BSD-2-Clause */
/* README's example, called: a bzImage, of which only a part is loaded, goes where it may and is entered there, an
 * ELF file where it must. */
#include "lab_test.h"

#include <kx/purgatory.h>
#include <kx/quiesce.h>

#include "bzimage.h"
#include "cpu.h"
#include "fake.h"
#include "file.h"
#include "paging.h"

#include "../embed/embed.c"

#define ENTRY   0x200 /* of 64 bits */

static uint8_t file[LOAD_AT + 2 * PAGE];

/* The example has one that is not called here, and quiesce is not linked. */
int kx_quiesce(struct kx_quiesce *quiesce)
{
	(void)quiesce;
	return -KX_ERR_ARGUMENT;
}

static int setup(void **state)
{
	lab_setup(state);
	fake_reset();
	fake.paging = paging_modes[0].paging;
	file[SETUP_SECTS] = 4;
	put_le(file + SYSSIZE, 2 * PAGE / 16, 4);
	put_le(file + BOOT_FLAG, 0xaa55, 2);
	file[JUMP_LENGTH] = 0x6a;
	memcpy(file + MAGIC, "HdrS", 4);
	put_le(file + VERSION, 0x20f, 2);
	file[LOADFLAGS] = 1;
	put_le(file + ALIGNMENT, PAGE, 4);
	file[RELOCATABLE] = 1;
	put_le(file + XLOADFLAGS, 1, 2);
	put_le(file + PREF_ADDRESS, LAB_PAGE(3), 8);
	put_le(file + INIT_SIZE, 3 * PAGE, 4);
	return 0;
}

/* What the arena holds at a physical address of the lab. */
static const uint64_t *words(uint64_t pa)
{
	assert_in_range(pa, lab.arena.pa, lab.arena.pa + lab.arena.used - 1);
	return (const uint64_t *)(const void *)((const uint8_t *)lab.arena.base + (pa - lab.arena.pa));
}

/* Ends where the other CPUs are to be confirmed, as of them nothing is said. Returns where it would have gone on;
 * NULL: it was refused. */
static const struct kx_handoff *boot(uint64_t kernel_pa)
{
	lab.arena.used = 0;
	memset(lab.arena.base, 0, lab.arena.size);
	assert_result(boot_linux(file, kernel_pa, sizeof(file), 0, 0, &lab.memory, &lab.arena, NULL), KX_ERR_ARGUMENT);
	for (uint64_t pa = lab.arena.pa; pa < lab.arena.pa + lab.arena.used; pa += PAGE)
		if ((uint32_t)words(pa)[0] == KX_HANDOFF_MAGIC)
			return (const void *)words(pa);
	return NULL;
}

/* The file is of a kind that is not entered on this architecture. */
static void skip_another(void)
{
	struct kx_image image;

	assert_result(kx_image_parse(file, sizeof(file), &image), 0);
	if (kx_boot_check(&image))
		skip();
}

static void test_bzimage(void **state)
{
	const struct kx_handoff *handoff;
	const uint64_t *list;

	(void)state;
	skip_another();
	handoff = boot(LAB_PAGE(16) - LOAD_AT);
	assert_non_null(handoff);
	assert_int_equal(handoff->entry_pa, LAB_PAGE(4) + ENTRY);
	list = words(handoff->head & ~KX_PAGE_MASK);
	assert_int_equal(list[0], DEST(4));
	assert_int_equal(list[1], SRC(16) | RUN(2)); /* and not what lies before it */
	assert_int_equal(list[2] & (KX_PAGE_MASK & ~RUN(128)), ZERO);
	assert_int_equal(list[3], DONE);
}

/* An ELF file: so many loads of a page, one behind the other. */
static void make_elf(unsigned int loads)
{
	memset(file, 0, sizeof(file));
	memcpy(file, "\177ELF\2\1\1", 7);
	put_le(file + 16, 2, 2); /* ELF-64 "ELF Header": e_type, e_machine, e_entry, e_phoff, e_phentsize, e_phnum */
	put_le(file + 18, KX_MACHINE, 2);
	put_le(file + 24, LAB_PAGE(3) + ENTRY, 8);
	put_le(file + 32, 64, 8);
	put_le(file + 54, 56, 2);
	put_le(file + 56, loads, 2);
	for (unsigned int i = 0; i < loads; i++) {
		uint8_t *at = file + 64 + 56 * i; /* "Program Headers" */

		put_le(at, 1, 4);
		put_le(at + 8, PAGE, 8);
		for (unsigned int address = 16; address <= 24; address += 8)
			put_le(at + address, LAB_PAGE(3 + i), 8);
		put_le(at + 32, PAGE, 8);
		put_le(at + 40, PAGE, 8);
	}
}

/* What cannot be moved stays where it was linked; of what has several loads none is left out. */
static void test_elf(void **state)
{
	const struct kx_handoff *handoff;
	const uint64_t *list;

	(void)state;
	make_elf(1);
	skip_another();
	handoff = boot(LAB_PAGE(16));
	assert_non_null(handoff);
	assert_int_equal(handoff->entry_pa, LAB_PAGE(3) + ENTRY);
	list = words(handoff->head & ~KX_PAGE_MASK);
	assert_int_equal(list[0], DEST(3));
	assert_int_equal(list[1], SRC(17));
	assert_int_equal(list[2], DONE);
	make_elf(2);
	assert_null(boot(LAB_PAGE(16)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bzimage, setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_elf, setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
