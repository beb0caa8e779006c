/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64 on Unicorn. Spec: SDM "Control Registers"; TL16C550 "Line Status Register". */
#include "emulator.h"

#include "cpu.h"
#include "paging.h"

#define UART 0x3f8

const uc_arch emulator_arch = UC_ARCH_X86;
const uc_mode emulator_mode = UC_MODE_64;
const int emulator_args[KX_HANDOFF_ARGS_COUNT] = {
	UC_X86_REG_RAX, UC_X86_REG_RBX, UC_X86_REG_RSI, UC_X86_REG_RDI
};
const struct kx_device emulator_console = { KX_DEVICE_UART8250_IO, 1, UART, 8 };

static void (*put_char)(char);

static uint32_t on_in(uc_engine *cpu, uint32_t port, int size, void *context)
{
	(void)cpu;
	(void)size;
	(void)context;
	return port == UART + UART_LSR ? UART_LSR_THRE : 0;
}

static void on_out(uc_engine *cpu, uint32_t port, int size, uint32_t value, void *context)
{
	(void)cpu;
	(void)size;
	(void)context;
	if (port == UART)
		put_char((char)value);
}

uc_err emulator_listen(uc_engine *cpu, void (*put)(char))
{
	uc_hook hook;
	uc_err error = uc_hook_add(cpu, &hook, UC_HOOK_INSN, (void *)(uintptr_t)on_in, NULL, 1, 0,
				   UC_X86_INS_IN);

	put_char = put;
	return error ? error : uc_hook_add(cpu, &hook, UC_HOOK_INSN, (void *)(uintptr_t)on_out, NULL,
					   1, 0, UC_X86_INS_OUT);
}

int emulator_takes(const struct kx_paging *paging)
{
	(void)paging;
	return 1;
}

/*
 * In the control page where it is: Unicorn 2.0 walks x86's tables, for what they forbid, and goes to
 * PA = VA whatever they say. The alias is for QEMU to try.
 */
uint64_t emulator_start(uc_engine *cpu, const struct kx_control *control,
			const struct kx_paging *paging)
{
	uint64_t cr0 = CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_PE;

	uc_reg_write(cpu, UC_X86_REG_CR4, &paging->mode);
	uc_reg_write(cpu, UC_X86_REG_CR3, &control->tables_root);
	uc_reg_write(cpu, UC_X86_REG_CR0, &cr0);
	uc_reg_write(cpu, UC_X86_REG_RDI, &control->tables_root);
	uc_reg_write(cpu, UC_X86_REG_RCX, &control->tables.pa);
	return control->pa + KX_CONTROL_ENTRY;
}
