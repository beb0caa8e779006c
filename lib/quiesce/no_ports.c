/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O ports where there are none; by pci_config.c. Where there are some: arch/<a>/io.c. */
#include "arch.h"

int kx_port_usable_(void)
{
	return 0;
}

uint32_t kx_port_read32_(uint16_t port)
{
	(void)port;
	return UINT32_MAX;
}

void kx_port_write32_(uint16_t port, uint32_t value)
{
	(void)port;
	(void)value;
}

void kx_port_write16_(uint16_t port, uint16_t value)
{
	(void)port;
	(void)value;
}
