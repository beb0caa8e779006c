/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64 on Unicorn. Spec: PL011 "Summary of registers". */
#include "emulator.h"

#include "cpu.h"

#define UART 0x9000000

const uc_arch emulator_arch = UC_ARCH_ARM64;
const uc_mode emulator_mode = UC_MODE_ARM;
const int emulator_args[KX_HANDOFF_ARGS_COUNT] = {
	UC_ARM64_REG_X0, UC_ARM64_REG_X1, UC_ARM64_REG_X2, UC_ARM64_REG_X3
};
const struct kx_device emulator_console = { KX_DEVICE_PL011, 4, UART, 0x1000 };

static void (*put_char)(char);

static uint64_t on_read(uc_engine *cpu, uint64_t offset, unsigned int size, void *context)
{
	(void)cpu;
	(void)offset;
	(void)size;
	(void)context;
	return 0; /* there is room */
}

static void on_write(uc_engine *cpu, uint64_t offset, unsigned int size, uint64_t value,
		     void *context)
{
	(void)cpu;
	(void)size;
	(void)context;
	if (offset == PL011_DR)
		put_char((char)value);
}

/*
 * SCTLR_EL1 is not written: Unicorn 2.0 can fetch nothing once translation is on. The tables of the
 * copy map PA = VA, so all else goes on as it would; that they do is shown by test_idmap, and by QEMU.
 */
static uint32_t on_msr(uc_engine *cpu, uc_arm64_reg reg, const uc_arm64_cp_reg *system, void *context)
{
	(void)cpu;
	(void)reg;
	(void)context;
	return system->op0 == 3 && !system->op1 && system->crn == 1 && !system->crm && !system->op2;
}

uc_err emulator_listen(uc_engine *cpu, void (*put)(char))
{
	uc_hook hook;
	uc_err error = uc_hook_add(cpu, &hook, UC_HOOK_INSN, (void *)(uintptr_t)on_msr, NULL, 1, 0,
				   UC_ARM64_INS_MSR);

	put_char = put;
	return error ? error : uc_mmio_map(cpu, UART, 0x1000, on_read, NULL, on_write, NULL);
}

void emulator_clock(uc_engine *cpu, uint64_t address, uint32_t size)
{
	(void)cpu;
	(void)address;
	(void)size;
}

int emulator_takes(const struct kx_paging *paging)
{
	return kx_idmap_off_(paging);
}

uint64_t emulator_start(uc_engine *cpu, const struct kx_control *control,
			const struct kx_paging *paging)
{
	(void)paging;
	uc_reg_write(cpu, UC_ARM64_REG_X0, &control->tables_root);
	uc_reg_write(cpu, UC_ARM64_REG_X1, &control->pa);
	uc_reg_write(cpu, UC_ARM64_REG_X2, &control->tables_mode);
	uc_reg_write(cpu, UC_ARM64_REG_X3, &control->tables.pa);
	return control->run_va + KX_CONTROL_ENTRY;
}

/* At EL1, but for SPSR and the mask; FAR is not written. */
uint64_t emulator_trap(uc_engine *cpu)
{
	uint64_t pc, vector = 0, unknown = 1 << 25; /* Arm "ESR_EL1": EC 0, IL */
	uint32_t code = 1;

	uc_reg_read(cpu, UC_ARM64_REG_PC, &pc);
	uc_mem_read(cpu, pc, &code, sizeof(code));
	if (code) /* Arm "UDF" */
		return 0;
	uc_reg_read(cpu, UC_ARM64_REG_VBAR_EL1, &vector);
	uc_reg_write(cpu, UC_ARM64_REG_ELR_EL1, &pc);
	uc_reg_write(cpu, UC_ARM64_REG_ESR_EL1, &unknown);
	return vector + 0x200; /* SP_EL1 */
}

/* ---- coming back: untranslated, at EL1 ---- */

#define X(n) (UC_ARM64_REG_X0 + (n))
#define D(n) (UC_ARM64_REG_D0 + (n))

const struct kx_paging emulator_paging = { 0, 0, 1, 5 };
const int emulator_saved[] = {
	X(18), X(19), X(20), X(21), X(22), X(23), X(24), X(25), X(26), X(27), X(28), UC_ARM64_REG_X29,
	D(8), D(9), D(10), D(11), D(12), D(13), D(14), D(15),
};
const size_t emulator_saved_count = sizeof(emulator_saved) / sizeof(emulator_saved[0]);
const int emulator_spent[] = {
	X(2), X(3), X(4), X(5), X(6), X(7), X(8), X(9), X(10), X(11), X(12), X(13), X(14), X(15),
	X(16), X(17), UC_ARM64_REG_X30,
};
const size_t emulator_spent_count = sizeof(emulator_spent) / sizeof(emulator_spent[0]);
const int emulator_stack = UC_ARM64_REG_SP;
const int emulator_values[2] = { X(0), X(1) };

uint64_t emulator_call(uc_engine *cpu, const uint64_t args[6])
{
	uint64_t done = EMULATOR_DONE_PA;

	uc_reg_write(cpu, UC_ARM64_REG_X30, &done);
	for (int i = 0; i < 6; i++)
		uc_reg_write(cpu, X(i), &args[i]);
	return EMULATOR_TEXT_PA;
}

uint64_t emulator_back(uc_engine *cpu)
{
	uint64_t back;

	uc_reg_read(cpu, UC_ARM64_REG_X30, &back);
	return back;
}
