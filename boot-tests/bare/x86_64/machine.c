/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: COM1, and the power switch of QEMU's q35 (ICH9 "Power Management 1 Control"). */
#include "bare.h"
#include "port.h"

#define COM1     0x3f8
#define LSR      5
#define LSR_THRE 0x20

#define PM1A_CONTROL 0x604
#define SLEEP_ENABLE 0x2000 /* with sleep type 0: S5 on this machine */

void machine_put(char c)
{
	for (uint32_t tries = 100000; tries && !(in8(COM1 + LSR) & LSR_THRE); tries--)
		;
	out8(COM1, (uint8_t)c);
}

_Noreturn void machine_off(int failed)
{
	(void)failed; /* the console says so; this switch has one position */
	out16(PM1A_CONTROL, SLEEP_ENABLE);
	for (;;)
		__asm__ volatile("cli\n\thlt");
}

void machine_pads(int on)
{
	(void)on;
}
