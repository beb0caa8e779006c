/* SPDX-License-Identifier: BSD-2-Clause */
/* The sum of a status record; whoever writes or reads one needs it. */
#include <kx/status.h>

uint32_t kx_status_sum(const struct kx_status *status)
{
	const uint32_t *words = (const uint32_t *)(const void *)status;
	uint32_t sum = 0, of_sums = 0;

	for (unsigned int i = 0; i < KX_STATUS_SUM / sizeof(*words); i++) {
		sum += words[i];
		of_sums += sum;
	}
	return 2 * of_sums - sum;
}
