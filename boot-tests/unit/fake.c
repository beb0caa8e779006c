/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU and the firmware, faked: linked in the place of arch/<a>/cpu.c and cpus.c. */
#include "fake.h"

struct fake fake;

const uint8_t kx_park_code_[FAKE_PARK_CODE] = { 0x70, 0x61, 0x72, 0x6b };
const uint32_t kx_park_code_size_ = FAKE_PARK_CODE;

void fake_reset(void)
{
	fake = (struct fake){ .tick = 1 };
	for (int i = 0; i < FAKE_CPUS; i++)
		fake.cpus[i].answer = 1;
}

void kx_paging_read_(struct kx_paging *paging)
{
	*paging = fake.paging;
}

uint64_t kx_ticks_(void)
{
	fake.ticks += fake.tick;
	if (fake.look)
		fake.look(fake.ticks);
	return fake.ticks;
}

void kx_code_publish_(const void *data, uint64_t size)
{
	const volatile uint8_t *byte = data;

	/* Looks at both ends, so that a range outside the arena is seen. */
	if (size)
		fake.published += size + 0u * (byte[0] + byte[size - 1]);
}

void kx_io_publish_(const void *data, uint64_t size)
{
	fake.looked_at = data;
	fake.looked_size = size;
}

int kx_cpu_stopped_(const struct kx_cpus *cpus, uint64_t id)
{
	struct fake_cpu *cpu = &fake.cpus[id % FAKE_CPUS];

	(void)cpus;
	cpu->asked++;
	return cpu->asked > cpu->running ? cpu->answer : 0;
}
