/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers that outlive the jump: read, compared, put back; called by hosts and kx_enter(). */
#include <kx/state.h>

#include "arch.h"
#include "mem.h"

void kx_state_save_(struct kx_state *state, struct kx_bank *bank)
{
	kx_mem_zero_(state->value, sizeof(state->value));
	kx_mem_zero_(state->there, sizeof(state->there));
	kx_bank_open_(bank, state);
	state->cpu = bank->cpu;
	for (size_t i = 0; i < kx_register_count_; i++)
		if (kx_bank_read_(bank, i, &state->value[i]))
			state->there[i / 64] |= 1ull << i % 64;
}

void kx_state_snapshot(struct kx_state *state)
{
	struct kx_bank bank;

	kx_state_save_(state, &bank);
	kx_bank_close_(&bank, KX_BANK_AS_BEFORE);
}

int kx_state_has(const struct kx_state *state, size_t index)
{
	return index < KX_STATE_MAX && (state->there[index / 64] >> index % 64 & 1);
}

/* What the new kernel is to find. Returns 0 where that is what there is, or another's business. */
static int hand_over(const struct kx_bank *bank, const struct kx_state *entry, size_t index,
		     uint64_t *value)
{
	const struct kx_register *reg = &kx_registers_[index];
	int rule = reg->rule & (bank->own ? ~0 : ~KX_RULE_OWN);

	switch (rule) {
	case KX_RULE_ENTRY:
	case KX_RULE_SELF:
		if (!entry || !kx_state_has(entry, index))
			return 0;
		if (rule == KX_RULE_SELF && entry->cpu != bank->cpu)
			return kx_bank_self_(bank, index, value);
		*value = entry->value[index];
		return 1;
	case KX_RULE_VALUE: *value = reg->value; return 1;
	}
	return 0;
}

void kx_state_restore(const struct kx_state *entry)
{
	struct kx_bank bank;

	kx_bank_open_(&bank, entry);
	kx_bank_stop_(&bank);
	for (size_t i = 0; i < kx_register_count_; i++) {
		uint64_t value, now;

		if (hand_over(&bank, entry, i, &value) && kx_bank_read_(&bank, i, &now) &&
		    now != value)
			kx_bank_write_(&bank, i, value);
	}
	kx_bank_close_(&bank, KX_BANK_MASKED);
}

/*
 * As kx_state_restore() does, to what the host had, and with what is late there: of that, what C runs by is
 * the host's again. What is there now is looked at by a bank of its own: what it takes to look is not what
 * it took the host, and at the end all that is as the host had it.
 */
void kx_state_resume_(const struct kx_state *host, struct kx_bank *bank)
{
	struct kx_bank changed;

	kx_bank_open_(&changed, host);
	kx_bank_stop_(&changed);
	for (size_t i = 0; i < kx_register_count_; i++) {
		uint64_t now;

		if (kx_registers_[i].rule != KX_RULE_SHOWN && kx_state_has(host, i) &&
		    kx_bank_read_(&changed, i, &now) && now != host->value[i])
			kx_bank_write_(&changed, i, host->value[i]);
	}
	kx_bank_close_(&changed, KX_BANK_MASKED);
	kx_bank_close_(bank, KX_BANK_AS_BEFORE);
}

size_t kx_state_diff(const struct kx_state *one, const struct kx_state *other, size_t from)
{
	for (size_t i = from; i < KX_STATE_MAX; i++)
		if (kx_state_has(one, i) != kx_state_has(other, i) ||
		    one->value[i] != other->value[i])
			return i;
	return KX_STATE_MAX;
}

const char *kx_state_name(size_t index)
{
	return index < kx_register_count_ ? kx_registers_[index].name : "";
}
