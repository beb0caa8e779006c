/* SPDX-License-Identifier: BSD-2-Clause */
/* Confirming that every other CPU has stopped, before memory that it may depend on is touched. */
#include "arch.h"
#include "clock.h"
#include "park.h"

static int has_stopped(const struct kx_cpus *cpus, uint64_t id)
{
	return cpus->method == KX_CPUS_PARKED ? kx_park_waits_(cpus->park, id) :
						kx_cpu_stopped_(cpus, id);
}

static int wait_stopped(const struct kx_cpus *cpus, uint64_t id, struct kx_deadline *deadline)
{
	for (;;) {
		/* Looked at first, so that a CPU that has stopped is seen even past the deadline. */
		int late = kx_deadline_passed_(deadline);
		int stopped = has_stopped(cpus, id);

		if (stopped < 0)
			return stopped;
		if (stopped)
			return 0;
		if (late)
			return -KX_ERR_CPU_RUNNING;
	}
}

int kx_cpus_confirm(const struct kx_cpus *cpus, uint64_t *culprit)
{
	struct kx_deadline deadline;

	if (!cpus || (cpus->count && (!cpus->ids || !cpus->timer_hz)))
		return -KX_ERR_ARGUMENT;
	if (!cpus->count)
		return 0;
	if (cpus->method > KX_CPUS_PSCI_SMC || (cpus->method == KX_CPUS_PARKED && !cpus->park))
		return -KX_ERR_ARGUMENT;
	kx_deadline_set_(&deadline, cpus->timer_hz, cpus->timeout_us);
	for (size_t i = 0; i < cpus->count; i++) {
		int error = wait_stopped(cpus, cpus->ids[i], &deadline);

		if (error) {
			if (culprit)
				*culprit = cpus->ids[i];
			return error;
		}
	}
	return 0;
}
