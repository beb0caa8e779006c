/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: the firmware's consoles. SBI "Debug Console Extension", "Legacy Extensions". */
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

uint8_t kx_port_read_(uint64_t port)
{
	(void)port;
	return 0;
}

void kx_port_write_(uint64_t port, uint8_t value)
{
	(void)port;
	(void)value;
}

int kx_firmware_put_(const struct kx_device *device, char c)
{
	register uint64_t a0 __asm__("a0") = (uint8_t)c;
	register uint64_t a1 __asm__("a1") = 0;
	register uint64_t fid __asm__("a6") = SBI_FID_DBCN_WRITE_BYTE;
	register uint64_t eid __asm__("a7") =
		device->kind == KX_DEVICE_SBI_DBCN ? SBI_EID_DBCN : SBI_EID_PUTCHAR;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(fid), "r"(eid) : "memory");
	return a0 == 0;
}

int kx_vga_put_(const struct kx_device *device, uint32_t *cell, char c)
{
	(void)device;
	(void)cell;
	(void)c;
	return 1;
}
