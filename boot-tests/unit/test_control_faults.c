/* SPDX-License-Identifier: BSD-2-Clause */
/* kx_control_seal(): the status record, the watchdog's kick and the policy of a jump. */
#include "seal_test.h"

/* What is told of a fault, and how: all of it, and what cannot be. */
static void test_faults(void **state)
{
	struct kx_arena before = lab.arena;
	struct kx_jump good;

	(void)state;
	jump.status = &record;
	jump.status_pa = LAB_PAGE(20) + KX_STATUS_SIZE;
	jump.kick = (struct kx_kick){ 0x10000, 0xa5, 4, 0 };
	jump.policy = KX_POLICY_RESET;
	jump.reset = KX_PSCI_HVC;
	good = jump;
	seal_in(&paging_modes[0]);
	assert_result(seal(), 0);
	seal_check_handoff();
	lab.arena = before;
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
	jump = good;
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
	jump.policy = KX_POLICY_FALLBACK;
	seal_refused(KX_ERR_ARGUMENT);
	jump = good;
	jump.reset = KX_PSCI_SMC + 1;
	seal_refused(KX_ERR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEAL_TEST(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
