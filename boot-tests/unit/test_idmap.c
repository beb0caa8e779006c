/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kx_idmap_build_(): the tables are walked as the CPU would walk them, and must map the control page
 * where the host runs it and where it is, RAM where the architecture wants it, and nothing else.
 */
#include "unit.h"

#include "arch.h"
#include "memory.h"
#include "paging.h"

#define GIB         ((uint64_t)1 << 30)
#define MOST_LEAVES 8192
#define CANARY      0xc5

static struct paging_leaf leaves[MOST_LEAVES];

/* What is mapped to what, in a table with room on both sides that must not change. */
static void check(const struct paging_mode *mode, struct kx_idmap_want *want, uint64_t arena_pa)
{
	uint64_t granule, pages, size;
	struct kx_handoff handoff = { 0 };
	struct kx_arena arena = { .pa = arena_pa };
	uint8_t *memory;
	int count;

	want->paging = mode->paging;
	granule = kx_idmap_granule_(&want->paging);
	pages = kx_idmap_pages_(&want->paging, want->memory);
	size = pages * granule;
	memory = aligned_alloc(granule, size + 2 * granule);
	memset(memory, CANARY, size + 2 * granule);
	arena.base = memory + granule;
	arena.size = size;
	assert_result(kx_idmap_build_(want, &arena, &handoff), 0);
	for (uint64_t i = 0; i < granule; i++) {
		assert_int_equal(memory[i], CANARY);
		assert_int_equal(memory[granule + size + i], CANARY);
	}
	/* what was not taken was not written */
	for (uint64_t i = granule + arena.used; i < granule + size; i++)
		assert_int_equal(memory[i], CANARY);

	count = paging_leaves(mode, handoff.tables, &arena, leaves, MOST_LEAVES);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		struct paging_leaf *leaf = &leaves[i];
		int alias = leaf->va == (want->run_va & -granule) && leaf->size == granule;
		int identity = leaf->va == (want->control_pa & -granule) && leaf->size == granule;

		if (alias || identity) {
			assert_int_equal(leaf->pa, want->control_pa & -granule);
			assert_true(leaf->exec);
			assert_false(leaf->write);
			continue;
		}
		assert_true(paging_maps_ram);
		assert_int_equal(leaf->va, leaf->pa);
		assert_true(leaf->write);
		assert_result(kx_memory_usable_(want->memory, leaf->pa, leaf->size), 0);
	}
	if (!paging_maps_ram)
		assert_int_equal(count, want->run_va == want->control_pa ? 1 : 2);

	/* one granule less than was used, and it is refused by name, without a byte too far */
	arena.size = arena.used - granule;
	arena.used = 0;
	memset(memory, CANARY, size + 2 * granule);
	assert_result(kx_idmap_build_(want, &arena, &handoff), KX_ERR_ARENA_SMALL);
	for (uint64_t i = granule + arena.size; i < size + 2 * granule; i++)
		assert_int_equal(memory[i], CANARY);
	free(memory);
}

static void test_addresses(void **state)
{
	struct kx_range ram = { GIB, GIB / 4 };
	struct kx_memory memory = { &ram, 1, NULL, 0 };

	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		const struct paging_mode *mode = &paging_modes[i];
		const uint64_t pas[] = {
			PAGE, GIB - PAGE, GIB, GIB + PAGE, mode->limit_pa - PAGE, mode->limit_pa / 2
		};

		for (size_t j = 0; j < sizeof(pas) / sizeof(pas[0]); j++) {
			const uint64_t vas[] = {
				pas[j], pas[j] ^ PAGE, pas[j] ^ GIB, mode->high_va, -PAGE,
				-mode->limit_pa, mode->limit_pa - PAGE
			};

			for (size_t k = 0; k < sizeof(vas) / sizeof(vas[0]); k++) {
				struct kx_idmap_want want = {
					.control_pa = pas[j], .run_va = vas[k], .memory = &memory
				};

				/* both lie equally far into a granule: kx_control_seal() sees to that */
				if (!((vas[k] ^ pas[j]) & (kx_idmap_granule_(&mode->paging) - 1)))
					check(mode, &want, GIB + 16 * PAGE * 16);
			}
		}
	}
}

/* The first address that has no identity in the mode is refused, the last one that has is not. */
static void test_range(void **state)
{
	struct kx_range ram = { GIB, GIB };
	struct kx_memory memory = { &ram, 1, NULL, 0 };

	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		uint64_t granule = kx_idmap_granule_(&paging_modes[i].paging);
		struct kx_idmap_want want = {
			.paging = paging_modes[i].paging,
			.run_va = paging_modes[i].high_va & -granule,
			.control_pa = paging_modes[i].limit_pa,
			.memory = &memory,
		};
		struct kx_handoff handoff = { 0 };
		struct kx_arena arena = { NULL, GIB, 0, 0 };

		if (!want.control_pa) /* the mode can map all there is */
			continue;
		assert_result(kx_idmap_build_(&want, &arena, &handoff), KX_ERR_IDMAP_RANGE);
		want.control_pa -= granule;
		check(&paging_modes[i], &want, GIB);
	}
}

static void test_modes(void **state)
{
	struct kx_range ram = { GIB, GIB };
	struct kx_memory memory = { &ram, 1, NULL, 0 };
	struct kx_idmap_want want = { .run_va = GIB, .control_pa = GIB, .memory = &memory };
	struct kx_handoff handoff = { .tables = 1 };
	struct kx_arena arena = { NULL, GIB, 0, 0 };

	(void)state;
	if (kx_idmap_off_(&paging_off)) {
		want.paging = paging_off;
		assert_result(kx_idmap_build_(&want, &arena, &handoff), 0);
		assert_int_equal(handoff.tables, 0);
		assert_int_equal(arena.used, 0);
	}
	want.paging = paging_unknown;
	assert_result(kx_idmap_build_(&want, &arena, &handoff), KX_ERR_PAGING_MODE);
}

/* The worst case over all modes covers each of them; an unknown mode asks for nothing absurd. */
static void test_bound(void **state)
{
	struct kx_paging any = { 0 };
	struct kx_range ram = { GIB, GIB };
	struct kx_memory memory = { &ram, 1, NULL, 0 };
	uint64_t most = kx_idmap_pages_(&any, &memory) * kx_idmap_granule_(&any);

	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++)
		assert_in_range(kx_idmap_pages_(&paging_modes[i].paging, &memory) *
				kx_idmap_granule_(&paging_modes[i].paging), 1, most);
	assert_in_range(kx_idmap_pages_(&paging_unknown, &memory), 0, most);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
