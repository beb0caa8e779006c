/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_control_seal(): the status record, the watchdog's kick and the policy of a jump. */
#include "seal_test.h"

/* All that may be told of a fault, and how. Returns the jump, as seal() takes it. */
static struct kx_jump all_of_it(void)
{
	jump.status = &record;
	jump.status_pa = LAB_PAGE(20) + KX_STATUS_SIZE;
	jump.kick = (struct kx_kick){ 0x10000, 0xa5, 4, 0 };
	jump.policy = KX_POLICY_RESET;
	jump.reset = KX_PSCI_HVC;
	seal_in(&paging_modes[0]);
	return jump;
}

static void test_faults(void **state)
{
	struct kx_arena before = lab.arena;

	(void)state;
	all_of_it();
	assert_result(seal(), 0);
	seal_check_handoff();
	lab.arena = before;
	jump.policy = KX_POLICY_FALLBACK;
	seal_refused(KX_ERR_ARGUMENT);
	jump.policy = KX_POLICY_RESET;
	jump.reset = KX_PSCI_SMC + 1;
	seal_refused(KX_ERR_ARGUMENT);
	jump.reset = KX_PSCI_SMC;
	assert_result(seal(), 0);
}

/* A status record where there is none, or where something else is. */
static void test_record(void **state)
{
	struct kx_jump good = all_of_it();

	(void)state;
	jump.status = NULL;
	seal_refused(KX_ERR_ARGUMENT);
	jump = good;
	jump.status_pa += 8;
	seal_refused(KX_ERR_MISALIGNED);
	jump.status_pa = lab.arena.pa + lab.arena.size - KX_STATUS_SIZE;
	seal_refused(KX_ERR_STATUS_RANGE);
	jump.status_pa = LAB_PAGE(17) + 2 * KX_STATUS_SIZE; /* a source */
	seal_refused(KX_ERR_STATUS_RANGE);
	jump.status_pa = LAB_PAGE(9); /* a destination */
	seal_refused(KX_ERR_STATUS_RANGE);
}

static void test_kick(void **state)
{
	struct kx_jump good = all_of_it();

	(void)state;
	jump.kick.width = 0;
	seal_refused(KX_ERR_ARGUMENT);
	jump.kick.width = 3;
	seal_refused(KX_ERR_ARGUMENT);
	jump.kick.width = 16;
	seal_refused(KX_ERR_ARGUMENT);
	jump.kick.width = 8;
	jump.kick.pa += 4;
	seal_refused(KX_ERR_MISALIGNED);
	jump.kick.pa = LAB_PAGE(20); /* memory */
	seal_refused(KX_ERR_ARGUMENT);
	jump = good;
	jump.kick.reserved = 1;
	seal_refused(KX_ERR_ARGUMENT);
}

/* Where the copy runs translated, what is written then is mapped: an address that cannot be is refused. */
static void test_devices(void **state)
{
	static const uint32_t in_memory[] = { KX_DEVICE_UART8250, KX_DEVICE_PL011, KX_DEVICE_SINK,
					      KX_DEVICE_VGA };
	struct kx_arena before = lab.arena;
	struct kx_jump good;

	(void)state;
	seal_in(&paging_modes[0]);
	good = jump;
	jump.kick = (struct kx_kick){ paging_modes[0].limit_pa, 0, 4, 0 };
	assert_result(seal(), paging_maps_ram ? KX_ERR_IDMAP_RANGE : 0);
	for (int i = 0; i < 4; i++) {
		lab.arena = before;
		jump = good;
		jump.console = (struct kx_device){ in_memory[i], 4, paging_modes[0].limit_pa, 0x100 };
		assert_result(seal(), paging_maps_console ? KX_ERR_IDMAP_RANGE : 0);
	}
	lab.arena = before;
	jump.console.kind = KX_DEVICE_UART8250_IO; /* no address in memory */
	assert_result(seal(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEAL_TEST(test_faults),
		SEAL_TEST(test_record),
		SEAL_TEST(test_kick),
		SEAL_TEST(test_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
