/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: console and power switch by SBI, the same before and after the jump. */
#include "bare.h"
#include "sbi.h"

void machine_put(char c)
{
	sbi_call(SBI_PUTCHAR, 0, (uint8_t)c, 0, 0);
}

_Noreturn void machine_off(int failed)
{
	sbi_call(SBI_SRST, 0, 0, failed ? 1 : 0, 0); /* shutdown; reason: none or failure */
	for (;;)
		__asm__ volatile("wfi");
}

void machine_pads(int on)
{
	sbi_call(SBI_PADS, 0, (uint64_t)on, 0, 0);
}
