/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: registers at entry, by start.S, and the system registers that nothing has written since,
 * those of the exception level that it was entered at without the level in their name.
 */
#include "payload.h"
#include "psci.h"

extern uint64_t saved_registers[33]; /* x0 to x30, SP, SPSel */

#define REPORT(key, name)                                                                          \
	do {                                                                                       \
		uint64_t value;                                                                    \
		__asm__ volatile("mrs %0, " name : "=r"(value));                                   \
		report_number("SYS_" key, value);                                                  \
	} while (0)

static void report_el1(void)
{
	REPORT("sctlr", "sctlr_el1");
	REPORT("tcr", "tcr_el1");
	REPORT("mair", "mair_el1");
	REPORT("ttbr0", "ttbr0_el1");
	REPORT("vbar", "vbar_el1");
	REPORT("cpacr", "cpacr_el1");
}

static void report_el2(void)
{
	REPORT("hcr", "hcr_el2");
	REPORT("sctlr", "sctlr_el2");
	REPORT("tcr", "tcr_el2");
	REPORT("mair", "mair_el2");
	REPORT("ttbr0", "ttbr0_el2");
	REPORT("vbar", "vbar_el2");
	REPORT("cptr", "cptr_el2");
}

void report_registers(void)
{
	for (unsigned int i = 0; i < 31; i++)
		print("X%u=0x%lx\n", i, saved_registers[i]);
	report_number("SP", saved_registers[31]);
	report_number("SYS_spsel", saved_registers[32]);
	REPORT("currentel", "currentel");
	REPORT("daif", "daif");
	REPORT("ttbr1", "ttbr1_el1"); /* with E2H, of EL2 */
	if (runs_at_el2())
		report_el2();
	else
		report_el1();
}
