/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: registers at entry, by start.S, and the CSRs that nothing has written since. */
#include "payload.h"

extern uint64_t saved_registers[32];

#define REPORT_CSR(name)                                                                           \
	do {                                                                                       \
		uint64_t csr;                                                                      \
		__asm__ volatile("csrr %0, " #name : "=r"(csr));                                   \
		report_number("CSR_" #name, csr);                                                  \
	} while (0)

void report_registers(void)
{
	for (unsigned int i = 1; i < 32; i++)
		print("X%u=0x%lx\n", i, saved_registers[i]);
	REPORT_CSR(satp);
	REPORT_CSR(sstatus);
	REPORT_CSR(sie);
	REPORT_CSR(sip);
	REPORT_CSR(stvec);
	REPORT_CSR(sscratch);
	REPORT_CSR(sepc);
	REPORT_CSR(scause);
	REPORT_CSR(scounteren);
}
