/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a device tree says of devices that kx_quiesce() stops. Spec: Devicetree Specification 0.4;
 * Linux Documentation/devicetree/bindings.
 */
#include <libfdt.h>

#include "host.h"

static uint64_t cells(const fdt32_t *at, int count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 32 | fdt32_to_cpu(*at++);
	return value;
}

static uint32_t kind_of(const void *fdt, int node)
{
	static const struct {
		char compatible[24];
		uint32_t kind;
	} known[] = {
		{ "pci-host-ecam-generic", KX_DEVICE_PCI_ECAM },
		{ "riscv,iommu", KX_DEVICE_RISCV_IOMMU },
		{ "arm,smmu-v3", KX_DEVICE_SMMUV3 },
		{ "arm,mmu-500", KX_DEVICE_SMMUV2 },
		{ "arm,gic-v3-its", KX_DEVICE_GICV3_ITS },
		{ "arm,gic-v3", KX_DEVICE_GICV3_REDIST },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!fdt_node_check_compatible(fdt, node, known[i].compatible))
			return known[i].kind;
	return KX_DEVICE_NONE;
}

/* The 32-bit memory window: child address of three cells, parent of two, size of two. */
static void read_window(const void *fdt, int node, struct platform *platform)
{
	int size;
	const fdt32_t *range = fdt_getprop(fdt, node, "ranges", &size);

	for (; range && size >= 28; size -= 28, range += 7)
		if ((fdt32_to_cpu(range[0]) & 0x03000000) == 0x02000000)
			platform->pci_window = (struct kx_range){ cells(range + 3, 2),
								  cells(range + 5, 2) };
}

static void add(const void *fdt, int parent, int node, struct platform *platform)
{
	uint32_t kind = kind_of(fdt, node);
	int step = fdt_address_cells(fdt, parent) + fdt_size_cells(fdt, parent), size;
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &size);

	if (kind == KX_DEVICE_NONE || !reg || step != 4 || size < 16 ||
	    platform->device_count == PLATFORM_DEVICES)
		return;
	if (kind == KX_DEVICE_GICV3_REDIST && size >= 32)
		reg += step; /* the first range is the distributor */
	if (cells(reg, 2) + cells(reg + 2, 2) > PLATFORM_REACH) {
		print("kx-host: out of reach: kind %u at 0x%lx\n", kind, cells(reg, 2));
		return;
	}
	platform->devices[platform->device_count++] =
		(struct kx_device){ kind, 0, cells(reg, 2), cells(reg + 2, 2) };
	if (kind == KX_DEVICE_PCI_ECAM)
		read_window(fdt, node, platform);
}

void platform_devices(struct platform *platform)
{
	const void *fdt = mmu_ptr(platform->info.pa);
	int depth = 0;

	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(fdt, node, &depth))
		if (depth)
			add(fdt, fdt_parent_offset(fdt, node), node, platform);
}
