/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: the timer's rate stands in /cpus; the console is the firmware's. */
#include <libfdt.h>

#include "fdt_machine.h"

void fdt_machine_read(const void *fdt, struct platform *platform)
{
	int cpus = fdt_path_offset(fdt, "/cpus"), size = 0;
	const fdt32_t *hz = cpus < 0 ? NULL : fdt_getprop(fdt, cpus, "timebase-frequency", &size);

	platform->timer_hz = hz && size >= 4 ? fdt32_to_cpu(*hz) : 0;
	platform->console.kind = KX_DEVICE_SBI_PUTCHAR;
}

uint64_t fdt_machine_ticks(void)
{
	uint64_t time;

	__asm__ volatile("csrr %0, time" : "=r"(time));
	return time;
}
