/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64 on Unicorn. Spec: Priv "Machine Status Registers"; SBI "Legacy Extensions". */
#include "emulator.h"

#define MSTATUS_MPP_S 0x800
#define BREAKPOINT    3
#define C_EBREAK      0x9002
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

#define IS_RDTIME(code) (((code) & 0xfffff07f) == 0xc0102073)

void emulator_clock(uc_engine *cpu, uint64_t address, uint32_t size)
{
	static uint64_t now;
	uint64_t next = address + size;
	uint32_t code = 0;

	if (size != sizeof(code) || uc_mem_read(cpu, address, &code, sizeof(code)) || !IS_RDTIME(code))
		return;
	now++;
	uc_reg_write(cpu, UC_RISCV_REG_X0 + (int)(code >> 7 & 31), &now);
	uc_reg_write(cpu, UC_RISCV_REG_PC, &next);
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

/* But for sstatus. */
uint64_t emulator_trap(uc_engine *cpu)
{
	uint64_t pc, vector = 0, cause = BREAKPOINT, none = 0;
	uint16_t code = 0;

	uc_reg_read(cpu, UC_RISCV_REG_PC, &pc);
	uc_mem_read(cpu, pc, &code, sizeof(code));
	if (code != C_EBREAK)
		return 0;
	uc_reg_read(cpu, UC_RISCV_REG_STVEC, &vector);
	uc_reg_write(cpu, UC_RISCV_REG_SEPC, &pc);
	uc_reg_write(cpu, UC_RISCV_REG_SCAUSE, &cause);
	uc_reg_write(cpu, UC_RISCV_REG_STVAL, &none);
	return vector;
}

/* ---- coming back: untranslated, in M-mode, which has all that S-mode has ---- */

#define X(n) (UC_RISCV_REG_X0 + (n))
#define F(n) (UC_RISCV_REG_F0 + (n))

const struct kx_paging emulator_paging = { 0 };
const int emulator_saved[] = {
	X(3), X(4), X(8), X(9), X(18), X(19), X(20), X(21), X(22), X(23), X(24), X(25), X(26), X(27),
	F(8), F(9), F(18), F(19), F(20), F(21), F(22), F(23), F(24), F(25), F(26), F(27),
};
const size_t emulator_saved_count = sizeof(emulator_saved) / sizeof(emulator_saved[0]);
const int emulator_spent[] = {
	X(1), X(5), X(6), X(7), X(12), X(13), X(14), X(15), X(16), X(17), X(28), X(29), X(30), X(31),
};
const size_t emulator_spent_count = sizeof(emulator_spent) / sizeof(emulator_spent[0]);
const int emulator_stack = X(2);
const int emulator_values[2] = { X(10), X(11) };

uint64_t emulator_call(uc_engine *cpu, const uint64_t args[6])
{
	uint64_t done = EMULATOR_DONE_PA;

	uc_reg_write(cpu, X(1), &done);
	for (int i = 0; i < 6; i++)
		uc_reg_write(cpu, X(10 + i), &args[i]);
	return EMULATOR_TEXT_PA;
}

uint64_t emulator_back(uc_engine *cpu)
{
	uint64_t back;

	uc_reg_read(cpu, X(1), &back);
	return back;
}
