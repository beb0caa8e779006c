/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that write to memory on their own, and IOMMUs that translate for them: the mess of a host. */
#ifndef DMA_H
#define DMA_H

#include "host.h"

/** struct pci - a function, by its configuration space */
struct pci {
	volatile uint8_t *config;
	uint64_t config_pa;
};

/* The first function with this number (device << 16 | vendor), its BAR 0 assigned; 0: not there. */
int pci_find(struct platform *platform, uint32_t id, struct pci *pci);
uint64_t pci_bar0(const struct pci *pci);
void pci_enable(const struct pci *pci);

/* One page through the IOMMU: what devices call iova_pa is target_pa, or nothing: 0. */
struct mapping {
	uint64_t iova_pa;
	uint64_t target_pa;
	uint64_t queue_pa;  /* a page for the event or fault queue */
	uint64_t tables_pa; /* MAPPING_PAGES pages, zero */
};

#define MAPPING_PAGES 10

/* Make it translate. Returns the address of its event queue's tail, or 0 where it has none. */
uint64_t iommu_riscv_on(uint64_t base_pa, const struct mapping *mapping);

uint64_t iommu_smmuv3_on(uint64_t base_pa, const struct mapping *mapping);

#endif /* DMA_H */
