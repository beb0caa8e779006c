/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64, riscv64: waiting for another CPU, by the clock. */
#include "fdt_machine.h"

int fdt_machine_wait(const struct platform *platform, const volatile uint32_t *at, uint32_t value)
{
	uint64_t start = fdt_machine_ticks();

	do {
		fdt_machine_flush(at, sizeof(*at));
		if (*at == value)
			return 1;
	} while (fdt_machine_ticks() - start < platform->timer_hz * FDT_MACHINE_WAIT_S);
	return 0;
}
