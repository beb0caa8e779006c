/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: console and power switch of QEMU's virt machine. Spec: Arm DDI 0183 (PL011). */
#include "bare.h"
#include "machine.h"
#include "psci.h"

#define UART_DR 0x00
#define UART_FR 0x18
#define FR_TXFF 0x20

uint64_t machine_uart = MACHINE_UART_PA;

static volatile uint32_t *uart(uint64_t offset)
{
	return (volatile uint32_t *)(uintptr_t)(machine_uart + offset);
}

void machine_put(char c)
{
	while (*uart(UART_FR) & FR_TXFF)
		;
	*uart(UART_DR) = (uint8_t)c;
}

/* QEMU takes SMC where it emulates EL2, HVC where it plays the hypervisor itself. */
_Noreturn void machine_off(int failed)
{
	(void)failed;
	psci_call(!runs_at_el2(), PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		__asm__ volatile("wfi");
}

void machine_pads(int on)
{
	(void)on;
}
