/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration space by ECAM or by x86 ports, and its capability lists; called by pci*.c.
 * PCI: PCI Local Bus Specification 3.0. PCIe: PCI Express Base Specification 6.0.
 */
#include "pci.h"

#include "arch.h"
#include "mmio.h"

#define STATUS            0x04 /* in the upper half */
#define STATUS_CAP_LIST   0x100000
#define CAPABILITIES      0x34
#define CAP_EXP           0x10
#define CAPABILITY_MAX    48 /* what fits; a list that is longer leads back into itself */
#define EXTENDED          0x100
#define EXTENDED_MAX      480
#define ECAM_FUNCTION     12 /* bits of an offset, PCIe "Enhanced Configuration Access Mechanism" */
#define BUS_SIZE          0x100000
#define PORT_ENABLE       0x80000000 /* PCI "Software Generation of Configuration Transactions" */
#define PORT_DATA         4
#define PORT_OFFSET_LIMIT 0x100

static int by_ports(const struct kx_pci *pci)
{
	return pci->io->device->kind == KX_DEVICE_PCI_PORTS;
}

int kx_pci_check_(const struct kx_io *io)
{
	if (io->device->kind == KX_DEVICE_PCI_PORTS)
		return kx_port_usable_() ? 0 : -KX_ERR_DEVICE_KIND;
	return io->device->length >= BUS_SIZE ? 0 : -KX_ERR_ARGUMENT;
}

uint32_t kx_pci_first_bus_(const struct kx_io *io)
{
	return io->device->kind == KX_DEVICE_PCI_PORTS ? 0 : io->device->stride;
}

uint32_t kx_pci_bus_count_(const struct kx_io *io)
{
	uint64_t count = io->device->length / BUS_SIZE;

	return io->device->kind == KX_DEVICE_PCI_PORTS || count > 256 ? 256 : (uint32_t)count;
}

int kx_pci_reaches_(const struct kx_pci *pci)
{
	return (pci->id >> 8) - kx_pci_first_bus_(pci->io) < kx_pci_bus_count_(pci->io);
}

static volatile uint8_t *ecam(const struct kx_pci *pci, uint32_t offset)
{
	uint32_t id = pci->id - (pci->io->device->stride << 8);

	return pci->io->base + ((uint64_t)id << ECAM_FUNCTION) + offset;
}

static uint16_t port(const struct kx_pci *pci, uint32_t offset)
{
	uint16_t base = (uint16_t)pci->io->device->base;

	kx_port_write32_(base, PORT_ENABLE | pci->id << 8 | (offset & 0xfc));
	return (uint16_t)(base + PORT_DATA + (offset & 2));
}

uint32_t kx_pci_read_(const struct kx_pci *pci, uint32_t offset)
{
	if (!by_ports(pci))
		return kx_mmio_read32_(ecam(pci, offset));
	if (offset >= PORT_OFFSET_LIMIT)
		return UINT32_MAX;
	return kx_port_read32_(port(pci, offset));
}

void kx_pci_write_(const struct kx_pci *pci, uint32_t offset, uint32_t value)
{
	if (!by_ports(pci))
		kx_mmio_write32_(ecam(pci, offset), value);
	else
		kx_port_write32_(port(pci, offset), value);
}

void kx_pci_write16_(const struct kx_pci *pci, uint32_t offset, uint16_t value)
{
	if (!by_ports(pci))
		kx_mmio_write16_(ecam(pci, offset), value);
	else
		kx_port_write16_(port(pci, offset), value);
}

uint32_t kx_pci_capability_(const struct kx_pci *pci, uint32_t id)
{
	uint32_t at;

	if (!(kx_pci_read_(pci, STATUS) & STATUS_CAP_LIST))
		return 0;
	at = kx_pci_read_(pci, CAPABILITIES) & 0xfc;
	for (unsigned int i = 0; at >= 0x40 && i < CAPABILITY_MAX; i++) {
		uint32_t head = kx_pci_read_(pci, at);

		if ((head & 0xff) == id)
			return at;
		at = head >> 8 & 0xfc;
	}
	return 0;
}

uint32_t kx_pci_express_(const struct kx_pci *pci)
{
	return kx_pci_capability_(pci, CAP_EXP);
}

/* Without PCI Express there is no extended space. */
uint32_t kx_pci_extended_(const struct kx_pci *pci, uint32_t id)
{
	uint32_t at = kx_pci_express_(pci) ? EXTENDED : 0;

	for (unsigned int i = 0; at >= EXTENDED && i < EXTENDED_MAX; i++) {
		uint32_t head = kx_pci_read_(pci, at);

		if (!head || head == UINT32_MAX)
			return 0;
		if ((head & 0xffff) == id)
			return at;
		at = head >> 20 & 0xffc;
	}
	return 0;
}
