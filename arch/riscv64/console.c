/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: consoles in memory and the firmware's. SBI "Debug Console Extension", "Legacy Extensions". */
#include "console.h"
#include "cpu.h"

int kx_console_has_(uint32_t kind)
{
	switch (kind) {
	case KX_DEVICE_NONE:
	case KX_DEVICE_UART8250:
	case KX_DEVICE_SINK:
	case KX_DEVICE_SBI_DBCN:
	case KX_DEVICE_SBI_PUTCHAR: return 1;
	}
	return 0;
}

static int firmware_put(uint64_t extension, char c)
{
	register uint64_t a0 __asm__("a0") = (uint8_t)c;
	register uint64_t a1 __asm__("a1") = 0;
	register uint64_t fid __asm__("a6") = SBI_FID_DBCN_WRITE_BYTE;
	register uint64_t eid __asm__("a7") = extension;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(fid), "r"(eid) : "memory");
	return a0 ? -1 : 1;
}

int kx_device_put_(struct kx_console *console, const struct kx_device *device, char c)
{
	(void)console;
	switch (device->kind) {
	case KX_DEVICE_UART8250: return kx_uart8250_put_(device, c);
	case KX_DEVICE_SBI_DBCN: return firmware_put(SBI_EID_DBCN, c);
	case KX_DEVICE_SBI_PUTCHAR: return firmware_put(SBI_EID_PUTCHAR, c);
	}
	return 1;
}
