/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every PCI function of a configuration space; called by quiesce.c. All buses are looked at, because
 * what bridges say of them is no proof.
 * PCI: PCI Local Bus Specification 3.0. PCIe: PCI Express Base Specification 6.0.
 */
#include "pci.h"

/* PCI "Configuration Space" */
#define VENDOR            0x00
#define COMMAND           0x04
#define CLASS             0x08
#define CLASS_SHIFT       16
#define CLASS_IOMMU       0x0806
#define CLASS_BASE_BRIDGE 0x06
#define HEADER            0x0c
#define HEADER_TYPE       0x7f0000 /* 0: no bridge */
#define HEADER_MULTI      0x800000

#define EXT_ARI           0x0e

/* PCIe "SR-IOV Extended Capability" */
#define EXT_SRIOV         0x10
#define SRIOV_CONTROL     0x08
#define SRIOV_VF_ENABLE   0x1
#define SRIOV_VF_COUNT    0x10 /* in the lower half */
#define SRIOV_VF_PLACE    0x14 /* of the first one, from the physical function; of each from the last */

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

static int do_one(const struct kx_pci *pci, int task)
{
	int error = task == KX_PCI_VERIFY ? kx_pci_verify_(pci) : kx_pci_stop_(pci);

	return error ? kx_io_fail_(pci->io, error, pci->id) : 0;
}

/*
 * Virtual functions can be found through their physical one alone, for their Vendor ID is all ones; and
 * each has a Bus Master Enable of its own. PCIe "PF/VF Configuration Space Header", "VF Discovery".
 */
static int do_virtual(const struct kx_pci *physical, int task)
{
	uint32_t at = kx_pci_extended_(physical, EXT_SRIOV), count, place;

	if (!at || !(kx_pci_read_(physical, at + SRIOV_CONTROL) & SRIOV_VF_ENABLE))
		return 0;
	count = kx_pci_read_(physical, at + SRIOV_VF_COUNT) & 0xffff;
	place = kx_pci_read_(physical, at + SRIOV_VF_PLACE);
	for (uint32_t i = 0; i < count; i++) {
		struct kx_pci pci = *physical;
		int error;

		pci.id = (pci.id + (place & 0xffff) + i * (place >> 16)) & 0xffff;
		if (!kx_pci_reaches_(&pci) || kx_pci_read_(&pci, COMMAND) == UINT32_MAX)
			return kx_io_fail_(pci.io, -KX_ERR_DEVICE_ABSENT, pci.id);
		error = do_one(&pci, task);
		if (error)
			return error;
	}
	return 0;
}

/* A reset comes last: a physical function's is one of its virtual functions too, and takes them away. */
static int do_function(const struct kx_pci *pci, int task)
{
	int error;

	if (!is_wanted(pci, task))
		return 0;
	error = do_virtual(pci, task);
	if (!error)
		error = do_one(pci, task);
	if (error || task == KX_PCI_VERIFY)
		return error;
	error = kx_pci_reset_(pci);
	return error ? kx_io_fail_(pci->io, error, pci->id) : 0;
}

/*
 * A device has functions 0 to 7, the others only if 0 says so: one that has no others may answer in their
 * place. But one with ARI has the bus for itself, and functions 0 to 255. PCIe "ARI".
 */
static int do_bus(const struct kx_io *io, uint32_t bus, int task)
{
	struct kx_pci pci = { io, bus << 8 };
	uint32_t end = pci.id + 256, step;
	int all = is_there(&pci) && kx_pci_extended_(&pci, EXT_ARI), error = 0;

	for (; !error && pci.id < end; pci.id += step) {
		int there = is_there(&pci);
		int many = there && kx_pci_read_(&pci, HEADER) & HEADER_MULTI;

		step = all || many || (pci.id & 7) ? 1 : 8;
		if (there)
			error = do_function(&pci, task);
	}
	return error;
}

int kx_pci_each_(const struct kx_io *io, int task)
{
	uint32_t first = kx_pci_first_bus_(io), end = first + kx_pci_bus_count_(io);
	int error = 0;

	for (uint32_t bus = first; !error && bus < end; bus++)
		error = do_bus(io, bus, task);
	return error;
}
