/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine that purgatory runs on, faked. */
#include "machine.h"

#include "fake.h"
#include "sha256_blocks.h"

#include <string.h>

struct machine machine;

const uint8_t kx_purgatory_[1], kx_purgatory_end_[1];
uint64_t kx_purgatory_guard_[KX_GUARD_WORDS];
const uint64_t kx_purgatory_registers_[KX_REGISTER_COUNT] = { 0x1000, 0x1001, [KX_REGISTER_COUNT - 1] = 0x1fff };

void machine_reset(void)
{
	memset(&machine, 0, sizeof(machine));
	machine.ready = 1;
	machine.method = KX_SHA256_CPU;
	machine.self = (struct kx_range){ (uintptr_t)&machine, sizeof(machine) };
	fake_reset();
}

int machine_run(const struct kx_purgatory_info *info)
{
	struct kx_purgatory *purgatory = kx_purgatory_begin_(info);
	int how;

	memset(purgatory, 0, sizeof(*purgatory));
	kx_purgatory_begin_(info);
	purgatory->self = machine.self;
	kx_purgatory_back_ = 1;
	purgatory->console.devices[0].kind = KX_DEVICE_SBI_DBCN;
	purgatory->console.timer_hz = info->timer_hz;
	purgatory->first_arg = info->args[0];
	purgatory->stage = KX_STATUS_VERIFY; /* as kx_purgatory_main_() says when the console is known */
	machine.length = 0;
	how = setjmp(machine.end);
	if (how)
		return how;
	kx_purgatory_run_(purgatory);
	return MACHINE_GOOD;
}

int kx_console_has_(uint32_t kind)
{
	return kind <= KX_DEVICE_SBI_DBCN;
}

int kx_device_put_(struct kx_console *console, const struct kx_device *device, char c)
{
	(void)console;
	if (device->kind == KX_DEVICE_PL011)
		return kx_pl011_put_(device, c);
	if (device->kind == KX_DEVICE_UART8250)
		return kx_uart8250_put_(device, c);
	fake.ticks -= fake.tick; /* of the look at the clock before: what is said takes no time */
	if (device->kind == KX_DEVICE_NONE)
		return 1;
	machine.puts++;
	if (c != '\r' && machine.length < MACHINE_TEXT - 1)
		machine.said[machine.length++] = c;
	machine.said[machine.length] = 0;
	return machine.ready ? 1 : -1;
}

_Noreturn void kx_jump_(uint64_t entry_pa, const uint64_t args[KX_HANDOFF_ARGS_COUNT], uint64_t flags)
{
	machine.entry_pa = entry_pa;
	machine.entry_flags = flags;
	memcpy(machine.args, args, sizeof(machine.args));
	longjmp(machine.end, MACHINE_JUMPED);
}

_Noreturn void kx_back_(uint64_t value, uint64_t detail)
{
	machine.value = value;
	machine.detail = detail;
	longjmp(machine.end, MACHINE_BACK);
}

_Noreturn void kx_halt_(void)
{
	longjmp(machine.end, MACHINE_HALTED);
}

void kx_purgatory_late_(void)
{
	machine.late++;
}

uint64_t kx_ticks_hz_(void)
{
	return 0;
}

uint32_t kx_method_find_(void)
{
	return machine.opened ? machine.method : KX_SHA256_PORTABLE;
}

void kx_vector_open_(uint64_t saved[2])
{
	saved[0] = saved[1] = 7;
	machine.opened++;
}

void kx_vector_close_(const uint64_t saved[2])
{
	machine.opened -= saved[0] == 7 && saved[1] == 7;
	if (machine.break_guard)
		kx_purgatory_guard_[0]++;
}

int kx_region_open_(const struct kx_purgatory *purgatory, struct kx_region region)
{
	(void)purgatory;
	(void)region;
	machine.regions++;
	return machine.error;
}

void kx_region_close_(struct kx_purgatory *purgatory, struct kx_region region)
{
	(void)purgatory;
	(void)region;
	machine.regions--;
}

void kx_reset_(const uint64_t arch[KX_PURGATORY_ARCH_COUNT])
{
	(void)arch;
	machine.resets++;
}

uint32_t kx_sha256_best(void)
{
	return KX_SHA256_PORTABLE;
}

void kx_sha256_blocks_(struct kx_sha256 *hash, const void *data, uint64_t count)
{
	machine.hashed_by = hash->method;
	(machine.small ? kx_sha256_small_ : kx_sha256_portable_)(hash->state, data, count);
}

void kx_sha256_pair_(struct kx_sha256 hashes[2], const void *first, const void *second, uint64_t count)
{
	machine.paired += count;
	kx_sha256_blocks_(&hashes[0], first, count);
	kx_sha256_blocks_(&hashes[1], second, count);
}
