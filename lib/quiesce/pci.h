/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI functions: found and stopped; called by quiesce.c. */
#ifndef KX_PCI_H
#define KX_PCI_H

#include "io.h"

/** struct kx_pci - one function */
struct kx_pci {
	const struct kx_io *io; /* of the configuration space that it is reached through */
	uint32_t id;            /* bus << 8 | device << 3 | function */
};

/* pci_config.c: offsets are aligned to the access */
KX_HIDDEN int kx_pci_check_(const struct kx_io *io);
KX_HIDDEN uint32_t kx_pci_first_bus_(const struct kx_io *io);
KX_HIDDEN uint32_t kx_pci_bus_count_(const struct kx_io *io);
KX_HIDDEN int kx_pci_reaches_(const struct kx_pci *pci); /* its bus is one of those */
KX_HIDDEN uint32_t kx_pci_read_(const struct kx_pci *pci, uint32_t offset);
KX_HIDDEN void kx_pci_write_(const struct kx_pci *pci, uint32_t offset, uint32_t value);
KX_HIDDEN void kx_pci_write16_(const struct kx_pci *pci, uint32_t offset, uint16_t value);

/** kx_pci_capability_(), ... - where it is in configuration space; 0: not there */
KX_HIDDEN uint32_t kx_pci_capability_(const struct kx_pci *pci, uint32_t id);
KX_HIDDEN uint32_t kx_pci_express_(const struct kx_pci *pci);
KX_HIDDEN uint32_t kx_pci_extended_(const struct kx_pci *pci, uint32_t id);

/* pci_function.c */

/**
 * kx_pci_stop_() - interrupts masked, bus mastering off, requests at an end
 *
 * Returns: 0, -KX_ERR_PCI_BUS_MASTER, -KX_ERR_PCI_PENDING.
 */
KX_HIDDEN int kx_pci_stop_(const struct kx_pci *pci);

/** kx_pci_reset_() - if it is asked for, and can be. Returns: 0, -KX_ERR_DEVICE_TIMEOUT. */
KX_HIDDEN int kx_pci_reset_(const struct kx_pci *pci);

/** kx_pci_verify_() - is bus mastering off still? Returns: 0, -KX_ERR_DEVICE_ACTIVE. */
KX_HIDDEN int kx_pci_verify_(const struct kx_pci *pci);

/* pci.c */

#define KX_PCI_STOP_ENDPOINTS 0 /* all but IOMMUs and bridges */
#define KX_PCI_STOP_IOMMUS    1
#define KX_PCI_VERIFY         2 /* both */

/** kx_pci_each_() - a task for each function; with an error fault.place is the function */
KX_HIDDEN int kx_pci_each_(const struct kx_io *io, int task);

#endif /* KX_PCI_H */
