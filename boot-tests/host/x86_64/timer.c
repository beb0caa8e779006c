/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: how fast the TSC counts, by 10 ms of the PC's timer. Spec: Intel 8254. */
#include "pc.h"
#include "port.h"

#define PIT_HZ      1193182
#define PIT_CHANNEL 0x42
#define PIT_CONTROL 0x43
#define PIT_MODE_0  0xb0 /* channel 2, both bytes, output rises at the end */
#define PORT_B      0x61 /* bit 0 starts channel 2, bit 1 lets it be heard, bit 5 is its output */

uint64_t timer_tsc_hz(void)
{
	uint64_t start;

	out8(PORT_B, (in8(PORT_B) & ~3) | 1);
	out8(PIT_CONTROL, PIT_MODE_0);
	out8(PIT_CHANNEL, PIT_HZ / 100 & 0xff);
	out8(PIT_CHANNEL, PIT_HZ / 100 >> 8);
	start = read_tsc();
	for (unsigned int tries = 1000000; tries && !(in8(PORT_B) & 0x20); tries--)
		;
	return (read_tsc() - start) * 100;
}
