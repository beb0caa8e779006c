/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64, riscv64: a CPU that waits in a page of its own, which the new image covers. */
#include "fdt_machine.h"
#include "pen.h"

extern char pen_code[], pen_code_end[]; /* start.S */

uint64_t smp_pen_at(uint64_t page_pa)
{
	return page_pa;
}

int smp_pen(const struct platform *platform, uint64_t pen_pa)
{
	uint8_t *page = mmu_ptr(pen_pa);
	volatile uint32_t *mark = (volatile uint32_t *)(void *)(page + PEN_MARK);

	memset(page, 0, KX_PAGE_SIZE);
	memcpy(page, pen_code, (size_t)(pen_code_end - pen_code));
	fdt_machine_flush(page, KX_PAGE_SIZE);
	if (!platform->cpu_count)
		return 0;
	smp_send(platform, platform->cpu_count - 1, pen_pa);
	return fdt_machine_wait(platform, mark, PEN_WAITS);
}
