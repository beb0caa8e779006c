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
#define MOST_LEAVES 20000
#define CANARY      0xc5

static struct paging_leaf leaves[MOST_LEAVES];
static uint8_t own[1 << 16] __attribute__((aligned(1 << 16))); /* libkx's own page */

/* The page that the arena's first bytes are at: everything lies in one GiB of RAM. */
static uint64_t arena_pa(const struct kx_idmap_want *want)
{
	uint64_t gib = want->control_pa & -GIB;

	return gib + (want->control_pa - gib < GIB / 2 ? GIB / 2 : GIB / 4);
}

/* Where the host sees libkx's own page: here it is where we see it, in what bits the mode has. */
static int is_own_va(const struct paging_mode *mode, uint64_t va)
{
	uint64_t bits = mode->limit_pa - 1;

	return !((va ^ (uintptr_t)own) & bits & -kx_idmap_granule_(&mode->paging));
}

/* What one set of tables maps: the control page and libkx's own, on the way both twice, for the copy
 * RAM, which they are in. */
static void check_leaves(const struct paging_mode *mode, const struct kx_idmap_want *want, int count,
			 int way, int copy)
{
	uint64_t granule = kx_idmap_granule_(&mode->paging), ram = 0;
	uint64_t control_pa = want->control_pa & -granule, run_va = want->run_va & -granule;
	uint64_t own_pa = want->own_pa & -granule;
	int aliases = 0, identities = 0, owns = 0, own_aliases = 0;

	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		struct paging_leaf *leaf = &leaves[i];

		if (way && leaf->va == run_va && leaf->pa == control_pa && leaf->size == granule)
			aliases++;
		if (leaf->va != leaf->pa) {
			assert_true(way);
			if (leaf->pa == own_pa && is_own_va(mode, leaf->va))
				own_aliases++;
			else
				assert_int_equal(leaf->va, run_va);
			assert_int_equal(leaf->pa, leaf->va == run_va ? control_pa : own_pa);
		}
		assert_false(leaf->device);
		if (leaf->pa == control_pa) {
			identities += leaf->va == leaf->pa;
			assert_int_equal(leaf->size, granule);
			assert_true(leaf->exec);
			assert_false(leaf->write);
		} else {
			assert_true(paging_maps_ram || leaf->pa == own_pa);
			assert_true(leaf->write);
		}
		owns += leaf->va == leaf->pa && own_pa - leaf->pa < leaf->size;
		if (leaf->va == leaf->pa) {
			assert_result(kx_memory_usable_(want->memory, leaf->pa, leaf->size), 0);
			ram += leaf->size;
		}
	}
	assert_int_equal(identities, 1);
	assert_int_equal(owns, 1);
	if (way && !paging_keeps(mode, want->run_va)) {
		assert_int_equal(aliases, 1);
		assert_int_equal(own_aliases, 1);
	}
	if (!paging_maps_ram)
		assert_int_equal(count, run_va == control_pa ? 3 : 4);
	else if (copy)
		assert_int_equal(ram, want->memory->ram[0].size);
}

static void assert_untouched(const uint8_t *memory, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		assert_int_equal(memory[i], CANARY);
}

/* Tables in memory with room on both sides that must not change; and in one granule too few. */
static void check(const struct paging_mode *mode, struct kx_idmap_want *want)
{
	struct kx_range ram = { want->control_pa & -GIB, GIB };
	struct kx_memory machine = { .ram = &ram, .ram_count = 1 };
	struct kx_handoff handoff = { 0 };
	struct kx_arena arena = { .pa = arena_pa(want) };
	uint64_t granule = kx_idmap_granule_(&mode->paging), size;
	struct paging_root roots[2];
	uint8_t *memory;
	int count;

	want->paging = mode->paging;
	want->memory = &machine;
	want->own = own;
	want->own_pa = arena.pa - 16 * granule;
	size = kx_idmap_pages_(&want->paging, want->memory) * granule;
	memory = aligned_alloc(granule, size + 2 * granule);
	memset(memory, CANARY, size + 2 * granule);
	arena.base = memory + granule;
	arena.size = size;
	assert_result(kx_idmap_build_(want, &arena, &handoff), 0);
	assert_untouched(memory, 0, granule);
	assert_untouched(memory, granule + arena.used, size + 2 * granule);
	count = paging_roots(&handoff, roots);
	for (int i = 0; i < count; i++)
		check_leaves(mode, want,
			     paging_leaves(mode, &roots[i], &arena, leaves, MOST_LEAVES), i == 0,
			     i + 1 == count);

	arena.size = arena.used - granule;
	arena.used = 0;
	memset(memory, CANARY, size + 2 * granule);
	assert_result(kx_idmap_build_(want, &arena, &handoff), KX_ERR_ARENA_SMALL);
	assert_untouched(memory, granule + arena.size, size + 2 * granule);
	free(memory);
}

static void test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		const struct paging_mode *mode = &paging_modes[i];
		uint64_t limit = mode->limit_pa;
		const uint64_t pas[] = {
			PAGE, GIB - PAGE, GIB, GIB + 3 * PAGE, limit - PAGE, limit / 2
		};

		for (size_t j = 0; j < sizeof(pas) / sizeof(pas[0]); j++) {
			const uint64_t vas[] = {
				pas[j], pas[j] ^ PAGE, pas[j] ^ 16 * PAGE, pas[j] ^ GIB,
				mode->high_va + pas[j] % (16 * PAGE), -PAGE, -limit,
				limit - PAGE, pas[j] ^ (limit >> 1)
			};

			for (size_t k = 0; k < sizeof(vas) / sizeof(vas[0]); k++) {
				struct kx_idmap_want want = { .control_pa = pas[j], .run_va = vas[k] };

				/* both lie equally far into a granule: kx_control_seal() sees to that */
				if (paging_reaches(mode, vas[k]) &&
				    !((vas[k] ^ pas[j]) & (kx_idmap_granule_(&mode->paging) - 1)))
					check(mode, &want);
			}
		}
	}
}

/* The first address that has no identity in the mode is refused, the last one that has is not. */
static void test_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		uint64_t granule = kx_idmap_granule_(&paging_modes[i].paging);
		uint8_t *memory = aligned_alloc(granule, 64 * granule);
		struct kx_range ram = { paging_modes[i].limit_pa, GIB };
		struct kx_memory machine = { .ram = &ram, .ram_count = 1 };
		struct kx_idmap_want want = {
			.paging = paging_modes[i].paging,
			.run_va = paging_modes[i].high_va & -granule,
			.control_pa = ram.pa,
			.own = own,
			.own_pa = ram.pa + 16 * granule,
			.memory = &machine,
		};
		struct kx_handoff handoff = { 0 };
		struct kx_arena arena = { memory, ram.pa + GIB / 2, 64 * granule, 0 };

		assert_result(kx_idmap_build_(&want, &arena, &handoff), KX_ERR_IDMAP_RANGE);
		free(memory);
		want.control_pa -= granule;
		check(&paging_modes[i], &want);
	}
}

/* A record in memory that is reserved, a console and a watchdog: in the tables of the copy alone. */
static void test_beside(void **state)
{
	const uint64_t status_pa = GIB + 3 * 65536 + 64, console_pa = 0x10000000, kick_pa = 0x10020008;
	struct kx_range ram = { GIB, GIB }, reserved = { GIB, 16 * 65536 };
	struct kx_memory machine = { .ram = &ram, .ram_count = 1, .reserved = &reserved,
				     .reserved_count = 1 };

	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++) {
		uint64_t granule = kx_idmap_granule_(&paging_modes[i].paging);
		uint8_t *memory = aligned_alloc(granule, 64 * granule);
		struct kx_idmap_want want = {
			.paging = paging_modes[i].paging,
			.run_va = paging_modes[i].high_va & -granule,
			.control_pa = GIB + 32 * granule, .own = own, .own_pa = GIB + 33 * granule,
			.status_pa = status_pa, .console_pa = console_pa, .kick_pa = kick_pa,
			.memory = &machine,
		};
		struct kx_handoff handoff = { 0 };
		struct kx_arena arena = { memory, GIB + GIB / 2, 64 * granule, 0 };
		struct paging_root roots[2];
		int status = 0, devices = 0, count, leaf_count;

		assert_result(kx_idmap_build_(&want, &arena, &handoff), 0);
		count = paging_roots(&handoff, roots);
		leaf_count = paging_leaves(&paging_modes[i], &roots[count - 1], &arena, leaves, MOST_LEAVES);
		for (int j = 0; j < leaf_count; j++) {
			const struct paging_leaf *leaf = &leaves[j];

			status += leaf->va == leaf->pa && status_pa - leaf->pa < leaf->size && leaf->write &&
				  !leaf->device;
			devices += leaf->device;
			if (leaf->device) {
				assert_int_equal(leaf->va, leaf->pa);
				assert_int_equal(leaf->size, granule);
				assert_true(kick_pa - leaf->pa < granule || console_pa - leaf->pa < granule);
			}
		}
		assert_int_equal(status, paging_maps_ram);
		assert_in_range(devices, paging_maps_ram, 2 * paging_maps_ram);
		if (paging_maps_ram) {
			want.kick_pa = paging_modes[i].limit_pa;
			arena.used = 0;
			assert_result(kx_idmap_build_(&want, &arena, &handoff), KX_ERR_IDMAP_RANGE);
		}
		free(memory);
	}
}

static void test_modes(void **state)
{
	struct kx_range ram = { GIB, GIB };
	struct kx_memory memory = { .ram = &ram, .ram_count = 1 };
	struct kx_idmap_want want = { .run_va = GIB, .control_pa = GIB, .own = own,
				      .own_pa = GIB + (1 << 16), .memory = &memory };
	struct kx_handoff handoff = { .tables = 1 };
	struct kx_arena arena = { NULL, GIB, 0, 0 };

	(void)state;
	if (kx_idmap_off_(&paging_off) && !paging_maps_ram) {
		want.paging = paging_off;
		assert_result(kx_idmap_build_(&want, &arena, &handoff), 0);
		assert_int_equal(handoff.tables, 0);
		assert_int_equal(arena.used, 0);
	}
	for (size_t i = 0; i < paging_unknown_count; i++) {
		want.paging = paging_unknown[i];
		assert_result(kx_idmap_build_(&want, &arena, &handoff), KX_ERR_PAGING_MODE);
	}
	for (size_t i = 0; i < paging_untyped_count; i++) {
		want.paging = paging_untyped[i];
		assert_result(kx_idmap_build_(&want, &arena, &handoff), KX_ERR_MEMORY_TYPE);
	}
}

/* The worst case over all modes covers each of them; an unknown mode asks for nothing absurd. */
static void test_bound(void **state)
{
	struct kx_paging any = { 0 };
	struct kx_range ram = { GIB, GIB };
	struct kx_memory memory = { .ram = &ram, .ram_count = 1 };
	uint64_t most = kx_idmap_pages_(&any, &memory) * kx_idmap_granule_(&any);

	(void)state;
	for (size_t i = 0; i < paging_mode_count; i++)
		assert_in_range(kx_idmap_pages_(&paging_modes[i].paging, &memory) *
				kx_idmap_granule_(&paging_modes[i].paging), 1, most);
	for (size_t i = 0; i < paging_unknown_count; i++)
		assert_in_range(kx_idmap_pages_(&paging_unknown[i], &memory), 0, most);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
