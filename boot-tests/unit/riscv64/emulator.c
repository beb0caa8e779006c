/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64 on Unicorn. Spec: Priv "Machine Status Registers"; SBI "Legacy Extensions". */
#include "emulator.h"

#define MSTATUS_MPP_S 0x800
#define ECALL         8 /* Unicorn's number for it, in every mode */

/* Unicorn starts in M-mode, which does not translate: this goes to where the host would be. */
static const uint32_t stub[] = {
	0x30029073, /* csrw mstatus, t0 */
	0x34131073, /* csrw mepc, t1 */
	0x18051073, /* csrw satp, a0 */
	0x12000073, /* sfence.vma */
	0x30200073, /* mret */
};

const uc_arch emulator_arch = UC_ARCH_RISCV;
const uc_mode emulator_mode = UC_MODE_RISCV64;
const int emulator_args[KX_HANDOFF_ARGS_COUNT] = {
	UC_RISCV_REG_A0, UC_RISCV_REG_A1, UC_RISCV_REG_A2, UC_RISCV_REG_A3
};
const struct kx_device emulator_console = { .kind = KX_DEVICE_SBI_PUTCHAR };

static void (*put_char)(char);

static void on_trap(uc_engine *cpu, uint32_t number, void *context)
{
	uint64_t a0, a7;

	(void)context;
	uc_reg_read(cpu, UC_RISCV_REG_A0, &a0);
	uc_reg_read(cpu, UC_RISCV_REG_A7, &a7);
	if (number == ECALL && a7 == 1)
		put_char((char)a0);
	else
		uc_emu_stop(cpu);
}

uc_err emulator_listen(uc_engine *cpu, void (*put)(char))
{
	uc_hook hook;

	put_char = put;
	return uc_hook_add(cpu, &hook, UC_HOOK_INTR, (void *)(uintptr_t)on_trap, NULL, 1, 0);
}

int emulator_takes(const struct kx_paging *paging)
{
	(void)paging;
	return 1;
}

uint64_t emulator_start(uc_engine *cpu, const struct kx_control *control,
			const struct kx_paging *paging)
{
	uint64_t mstatus = MSTATUS_MPP_S, entry = control->run_va + KX_CONTROL_ENTRY;

	(void)paging;
	uc_mem_write(cpu, EMULATOR_STUB_PA, stub, sizeof(stub));
	uc_reg_write(cpu, UC_RISCV_REG_T0, &mstatus);
	uc_reg_write(cpu, UC_RISCV_REG_T1, &entry);
	uc_reg_write(cpu, UC_RISCV_REG_A0, &control->tables_root);
	uc_reg_write(cpu, UC_RISCV_REG_A3, &control->tables.pa);
	return EMULATOR_STUB_PA;
}
