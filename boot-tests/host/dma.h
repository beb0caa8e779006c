/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that write to memory on their own, and IOMMUs that translate for them: the mess of a host. */
#ifndef DMA_H
#define DMA_H

#include "host.h"

#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY 0x2
#define PCI_COMMAND_MASTER 0x4

/** struct pci - a function */
struct pci {
	const struct kx_device *space; /* its configuration space */
	uint32_t id;                   /* device << 3 | function, on bus 0 */
};

/* The first function with this number (device << 16 | vendor), its BAR 0 assigned; 0: not there. */
int pci_find(struct platform *platform, uint32_t number, struct pci *pci);
uint64_t pci_bar0(const struct pci *pci);
void pci_enable(const struct pci *pci, uint16_t command);
/* Makes so many virtual functions of it bus masters. Returns where the last one is; 0: it cannot have any. */
uint32_t pci_enable_virtual(const struct pci *pci, uint16_t count);

/* pci.c of the platform: its configuration space */
uint32_t config_read(const struct pci *pci, uint32_t offset);
void config_write(const struct pci *pci, uint32_t offset, uint32_t value);
void config_write16(const struct pci *pci, uint32_t offset, uint16_t value);
/* What the payload is to be told, so that it finds a register again. */
uint64_t config_place(const struct pci *pci, uint32_t offset);

/* One page through the IOMMU: what devices call iova_pa is target_pa, or nothing: 0. */
struct mapping {
	uint64_t iova_pa;
	uint64_t target_pa;
	uint64_t queue_pa;  /* a page for the event or fault queue */
	uint64_t tables_pa; /* MAPPING_PAGES pages, zero */
	int broken;         /* end with a command that does not exist: the queue stands still */
};

#define MAPPING_PAGES 10

/* iommu_*.c: make it translate, with every queue on. */
void iommu_riscv_on(uint64_t base_pa, const struct mapping *mapping);
void iommu_smmuv3_on(uint64_t base_pa, const struct mapping *mapping);
void iommu_vtd_on(uint64_t base_pa, const struct mapping *mapping);
void iommu_amdvi_on(uint64_t base_pa, const struct mapping *mapping);

#endif /* DMA_H */
