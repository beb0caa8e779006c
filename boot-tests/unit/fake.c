/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU and the firmware, faked: linked in the place of arch/<a>/cpu.c, cpus.c, state.c and call.S. */
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

const struct kx_register kx_registers_[] = {
	[FAKE_SHOWN] = { "shown", 1, 0, KX_RULE_SHOWN, 0, 0 },
	[FAKE_ENTRY] = { "entry", 1, 0, KX_RULE_ENTRY, 0, 0 },
	[FAKE_VALUE] = { "value", 1, 0, KX_RULE_VALUE, 0, FAKE_VALUE_IS },
	[FAKE_LATE] = { "late", 1, 0, KX_RULE_LATE, 0, 0 },
	[FAKE_OWN] = { "own", 1, 0, KX_RULE_OWN | KX_RULE_ENTRY, 0, 0 },
	[FAKE_SELF] = { "self", 1, 0, KX_RULE_SELF, 0, 0 },
	[FAKE_UNKNOWN] = { "unknown", 1, 0, KX_RULE_SELF, 0, 0 },
	[FAKE_ABSENT] = { "absent", 0, 0, KX_RULE_VALUE, 0, FAKE_VALUE_IS },
};

const size_t kx_register_count_ = FAKE_REGISTERS;

void kx_bank_open_(struct kx_bank *bank, const struct kx_state *state)
{
	*bank = (struct kx_bank){ .state = state, .count = { 0, 1 }, .own = fake.own,
				  .cpu = fake.cpu };
	fake.open++;
}

int kx_bank_read_(struct kx_bank *bank, size_t index, uint64_t *value)
{
	if (bank->count[kx_registers_[index].there] <= kx_registers_[index].number)
		return 0;
	*value = fake.registers[index];
	return 1;
}

void kx_bank_write_(struct kx_bank *bank, size_t index, uint64_t value)
{
	(void)bank;
	fake.writes++;
	fake.registers[index] = value;
}

int kx_bank_self_(const struct kx_bank *bank, size_t index, uint64_t *value)
{
	(void)bank;
	*value = FAKE_SELF_IS;
	return index == FAKE_SELF;
}

void kx_bank_stop_(struct kx_bank *bank)
{
	(void)bank;
	fake.stopped = 1;
}

void kx_bank_close_(struct kx_bank *bank, int interrupts)
{
	(void)bank;
	fake.open--;
	fake.masked = interrupts == KX_BANK_MASKED;
}

void kx_call_(uint64_t tables, uint64_t control_pa, uint64_t mode, void *own, uint64_t run_va,
	      struct kx_returned *returned)
{
	(void)tables;
	(void)control_pa;
	(void)mode;
	(void)own;
	fake.run_va = run_va;
	if (fake.image)
		fake.image();
	*returned = fake.returned;
}

void kx_state_handoff_(const struct kx_state *entry, struct kx_handoff *handoff)
{
	(void)handoff;
	fake.handed = entry;
}
