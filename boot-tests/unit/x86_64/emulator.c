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

void emulator_clock(uc_engine *cpu, uint64_t address, uint32_t size)
{
	(void)cpu;
	(void)address;
	(void)size;
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

/* SDM "64-Bit Mode IDT", "64-Bit Mode Stack Frame", "64-Bit TSS"; RFLAGS stay. */
static uint64_t deliver(uc_engine *cpu, unsigned int vector, uint64_t pc)
{
	uint64_t gate[2] = { 0 }, frame[5] = { pc, KX_SELECTOR_CODE, 2, 0, KX_SELECTOR_DATA }, rsp;
	uc_x86_mmr idtr = { 0 }, tr = { 0 };

	uc_reg_read(cpu, UC_X86_REG_IDTR, &idtr);
	uc_reg_read(cpu, UC_X86_REG_TR, &tr);
	uc_reg_read(cpu, UC_X86_REG_RSP, &rsp);
	uc_mem_read(cpu, idtr.base + 16 * vector, gate, sizeof(gate));
	frame[3] = rsp;
	if (gate[0] >> 32 & 7)
		uc_mem_read(cpu, tr.base + 0x1c + 8 * (gate[0] >> 32 & 7), &rsp, sizeof(rsp));
	rsp = (rsp & ~(uint64_t)15) - sizeof(frame);
	uc_mem_write(cpu, rsp, frame, sizeof(frame));
	uc_reg_write(cpu, UC_X86_REG_RSP, &rsp);
	return (gate[0] & 0xffff) | (gate[0] >> 32 & 0xffff0000) | gate[1] << 32;
}

uint64_t emulator_trap(uc_engine *cpu)
{
	uint64_t pc;
	uint8_t code[4] = { 0 };

	uc_reg_read(cpu, UC_X86_REG_RIP, &pc);
	uc_mem_read(cpu, pc - 2, code, sizeof(code));
	if (code[2] == 0x0f && code[3] == 0x0b) /* UD2 */
		return deliver(cpu, INVALID_OPCODE, pc);
	return code[0] == 0xcd ? deliver(cpu, code[1], pc) : 0; /* INT is behind it */
}

/* ---- coming back: tables of 1 GiB leaves, and descriptors of the host's own ---- */

#define TABLES_PA EMULATOR_HOST_PA
#define GDT_PA    (EMULATOR_TEXT_PA + 0xf00)
#define STUB_PA   (EMULATOR_TEXT_PA + 0xf80)

/* To its segments, and to kx_call_ */
static const uint8_t segments[] = {
	0x6a, 0x10,                               /* push $0x10 */
	0x48, 0x8d, 0x05, 0x03, 0x00, 0x00, 0x00, /* lea 3(%rip), %rax */
	0x50,                                     /* push %rax */
	0x48, 0xcb,                               /* lretq */
	0xb8, 0x18, 0x00, 0x00, 0x00,             /* mov $0x18, %eax */
	0x8e, 0xd0, 0x8e, 0xd8, 0x8e, 0xc0,       /* mov %eax, %ss; %ds; %es */
	0x41, 0xff, 0xe2,                         /* jmp *%r10 */
};

const struct kx_paging emulator_paging = { .mode = CR4_PAE, .mode2 = PAT_AT_RESET };
const int emulator_saved[] = {
	UC_X86_REG_RBX, UC_X86_REG_RBP, UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15,
};
const size_t emulator_saved_count = sizeof(emulator_saved) / sizeof(emulator_saved[0]);
const int emulator_spent[] = {
	UC_X86_REG_RCX, UC_X86_REG_RSI, UC_X86_REG_RDI, UC_X86_REG_R8, UC_X86_REG_R9, UC_X86_REG_R10,
	UC_X86_REG_R11,
};
const size_t emulator_spent_count = sizeof(emulator_spent) / sizeof(emulator_spent[0]);
const int emulator_stack = UC_X86_REG_RSP;
const int emulator_values[2] = { UC_X86_REG_RAX, UC_X86_REG_RDX };

static void make_tables(uc_engine *cpu)
{
	uint64_t entry = (TABLES_PA + KX_PAGE_SIZE) | 0x23;

	uc_mem_write(cpu, TABLES_PA, &entry, sizeof(entry));
	for (uint64_t i = 0; i < 512; i++) {
		entry = i << 30 | 0xe3;
		uc_mem_write(cpu, TABLES_PA + KX_PAGE_SIZE + 8 * i, &entry, sizeof(entry));
	}
}

uint64_t emulator_call(uc_engine *cpu, const uint64_t args[6])
{
	static const int registers[6] = { UC_X86_REG_RDI, UC_X86_REG_RSI, UC_X86_REG_RDX,
					  UC_X86_REG_RCX, UC_X86_REG_R8, UC_X86_REG_R9 };
	static const uint64_t gdt[] = { 0, 0, KX_DESCRIPTOR_CODE64, KX_DESCRIPTOR_DATA };
	uint64_t cr0 = CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_PE, cr3 = TABLES_PA, cr4 = CR4_PAE;
	uint64_t done = EMULATOR_DONE_PA, text = EMULATOR_TEXT_PA, stack;
	uc_x86_mmr gdtr = { .base = GDT_PA, .limit = sizeof(gdt) - 1 };

	make_tables(cpu);
	uc_mem_write(cpu, GDT_PA, gdt, sizeof(gdt));
	uc_mem_write(cpu, STUB_PA, segments, sizeof(segments));
	uc_reg_write(cpu, UC_X86_REG_CR4, &cr4);
	uc_reg_write(cpu, UC_X86_REG_CR3, &cr3);
	uc_reg_write(cpu, UC_X86_REG_CR0, &cr0);
	uc_reg_write(cpu, UC_X86_REG_GDTR, &gdtr);
	for (int i = 0; i < 6; i++)
		uc_reg_write(cpu, registers[i], &args[i]);
	uc_reg_write(cpu, UC_X86_REG_R10, &text);
	uc_reg_read(cpu, UC_X86_REG_RSP, &stack);
	stack -= 8;
	uc_mem_write(cpu, stack, &done, sizeof(done));
	uc_reg_write(cpu, UC_X86_REG_RSP, &stack);
	return STUB_PA;
}

uint64_t emulator_back(uc_engine *cpu)
{
	uint64_t stack, back;

	uc_reg_read(cpu, UC_X86_REG_RSP, &stack);
	uc_mem_read(cpu, stack, &back, sizeof(back));
	stack += 8;
	uc_reg_write(cpu, UC_X86_REG_RSP, &stack);
	return back;
}
