/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every PCI function of a configuration space; called by quiesce.c. All buses are looked at, because
 * what bridges say of them is no proof.
 */
#include "pci.h"

/* PCI Local Bus Specification 3.0 "Configuration Space" */
#define VENDOR            0x00
#define CLASS             0x08
#define CLASS_SHIFT       16
#define CLASS_IOMMU       0x0806
#define CLASS_BASE_BRIDGE 0x06
#define HEADER            0x0c
#define HEADER_TYPE       0x7f0000 /* 0: no bridge */
#define HEADER_MULTI      0x800000

/*
 * A bridge is never touched: without bus mastering it forwards nothing upstream, interrupts of
 * others included, and some stop the CPU's own accesses. PCIe "Command Register".
 */
static int is_wanted(const struct kx_pci *pci, int task)
{
	uint32_t class = kx_pci_read_(pci, CLASS) >> CLASS_SHIFT;

	if ((kx_pci_read_(pci, HEADER) & HEADER_TYPE) || class >> 8 == CLASS_BASE_BRIDGE)
		return 0;
	return task == KX_PCI_VERIFY || (class == CLASS_IOMMU) == (task == KX_PCI_STOP_IOMMUS);
}

/* All ones: there is none, or it sleeps without power. */
static int is_there(const struct kx_pci *pci)
{
	return kx_pci_read_(pci, VENDOR) != UINT32_MAX;
}

static int do_function(const struct kx_pci *pci, int task)
{
	if (!is_there(pci) || !is_wanted(pci, task))
		return 0;
	return task == KX_PCI_VERIFY ? kx_pci_verify_(pci) : kx_pci_stop_(pci);
}

static int do_device(const struct kx_io *io, uint32_t id, int task)
{
	struct kx_pci pci = { io, id };
	uint32_t functions = 1;

	if (!is_there(&pci))
		return 0;
	if (kx_pci_read_(&pci, HEADER) & HEADER_MULTI)
		functions = 8;
	for (pci.id = id; pci.id < id + functions; pci.id++) {
		int error = do_function(&pci, task);

		if (error)
			return kx_io_fail_(io, error, pci.id);
	}
	return 0;
}

int kx_pci_each_(const struct kx_io *io, int task)
{
	uint32_t first = kx_pci_first_bus_(io), end = first + kx_pci_bus_count_(io);

	for (uint32_t id = first << 8; id < end << 8; id += 8) {
		int error = do_device(io, id, task);

		if (error)
			return error;
	}
	return 0;
}
