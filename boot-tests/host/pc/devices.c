/* SPDX-License-Identifier: BSD-2-Clause */
/* What a PC has for kx_quiesce(): PCI behind its ports, and the I/O APIC at its usual place. */
#include "host.h"

#define PCI_ADDRESS_PORT 0xcf8
#define IOAPIC_PA        0xfec00000

void platform_devices(struct platform *platform)
{
	platform->devices[platform->device_count++] =
		(struct kx_device){ KX_DEVICE_PCI_PORTS, 0, PCI_ADDRESS_PORT, 8 };
	platform->devices[platform->device_count++] =
		(struct kx_device){ KX_DEVICE_IOAPIC, 0, IOAPIC_PA, 0x1000 };
}
