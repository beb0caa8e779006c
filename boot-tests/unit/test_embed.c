/* SPDX-License-Identifier: BSD-2-Clause */
/* README's example, called: a bzImage, of which only a part is loaded, goes where it may and is entered there. */
#include "lab_test.h"

#include <kx/purgatory.h>
#include <kx/quiesce.h>

#include "bzimage.h"
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

static void test_bzimage(void **state)
{
	struct kx_image image;
	const struct kx_handoff *handoff = NULL;
	const uint64_t *list;
	uint64_t pa;

	(void)state;
	assert_result(kx_image_parse(file, sizeof(file), &image), 0);
	if (kx_boot_check(&image))
		skip(); /* not of this architecture */
	/* It ends where the other CPUs are to be confirmed: of them nothing is said. */
	assert_result(boot_linux(file, LAB_PAGE(16) - LOAD_AT, sizeof(file), 0, 0, &lab.memory, &lab.arena, NULL),
		      KX_ERR_ARGUMENT);
	for (pa = lab.arena.pa; !handoff && pa < lab.arena.pa + lab.arena.used; pa += PAGE)
		if ((uint32_t)words(pa)[0] == KX_HANDOFF_MAGIC)
			handoff = (const void *)words(pa);
	assert_non_null(handoff);
	assert_int_equal(handoff->entry_pa, LAB_PAGE(4) + ENTRY);
	list = words(handoff->head & ~KX_PAGE_MASK);
	assert_int_equal(list[0], DEST(4));
	assert_int_equal(list[1], SRC(16) | RUN(2)); /* and not what lies before it */
	assert_int_equal(list[2] & (KX_PAGE_MASK & ~RUN(128)), ZERO);
	assert_int_equal(list[3], DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bzimage, setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
