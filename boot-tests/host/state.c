/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers that outlive the jump: as they were when the host was entered, and, with kx.dirt=on,
 * as no host would leave them. kx.state=entry hands libkx the snapshot, `unknown` does not, and
 * `leave` jumps past what libkx does about registers: the negative control.
 */
#include "arch.h"
#include "host.h"

static struct kx_state entry;
static struct kx_state unknown; /* but for what the CPU has */

static int is(const struct options *options, const char *value)
{
	return !strcmp(options->state, value);
}

void state_early(uint64_t info_pa)
{
	entry.isa = platform_isa(info_pa);
	kx_state_snapshot(&entry);
}

/* On x86_64 the local APIC can be reached only now. Nothing that is not the trampoline's to set has
 * changed since state_early(). */
void state_settle(const struct platform *platform)
{
	entry.isa = platform_isa(platform->info.pa);
	entry.apic = platform->apic;
	if (entry.apic)
		kx_state_snapshot(&entry);
}

const struct kx_state *state_entry(const struct options *options)
{
	unknown.apic = entry.apic;
	unknown.isa = entry.isa;
	return is(options, "unknown") ? &unknown : &entry;
}

static int is_written(const struct kx_bank *bank, const struct kx_register *reg)
{
	unsigned int rule = reg->rule & (bank->own ? ~0u : ~(unsigned int)KX_RULE_OWN);

	return rule == KX_RULE_ENTRY || rule == KX_RULE_SELF || rule == KX_RULE_VALUE;
}

/*
 * Turn bits over, wherever that leaves the host able to go on; see <arch>/dirt.c. Backwards: a
 * register that gives access to another is put back after it, and so must be dirty before it.
 */
void state_dirty(const struct options *options)
{
	struct kx_bank bank;

	if (!*options->dirt)
		return;
	kx_bank_open_(&bank, &entry);
	for (size_t i = kx_register_count_; i--;) {
		const struct kx_register *reg = &kx_registers_[i];
		uint64_t now, mask = is_written(&bank, reg) ? ~0ull : 0;

		dirt_mask(reg->name, &mask);
		if (!mask || !kx_bank_read_(&bank, i, &now))
			continue;
		kx_bank_write_(&bank, i, now ^ mask);
		kx_bank_read_(&bank, i, &now);
		print("kx-host: dirt: %s %s 0x%lx\n", reg->name,
		      now != entry.value[i] ? "is" : "stays", now);
	}
	kx_bank_close_(&bank, KX_BANK_MASKED);
}

int state_enter(const struct options *options, const struct kx_control *control,
		const struct kx_cpus *cpus)
{
	void (*page)(uint64_t, uint64_t, uint64_t, void *) =
		(void *)(uintptr_t)(control->run_va + KX_CONTROL_ENTRY);

	if (!is(options, "leave"))
		return kx_enter(control, cpus);
	if (control->host) {
		kx_call_(control->tables_root, control->pa, control->tables_mode, control->own,
			 control->run_va, control->returned);
		return (int)control->returned->value;
	}
	page(control->tables_root, control->pa, control->tables_mode, control->own);
	return 0;
}
