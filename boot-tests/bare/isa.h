/* SPDX-License-Identifier: BSD-2-Clause */
/* What the device tree says that the first of the CPUs can do: riscv64's ISA string. */
#ifndef BARE_ISA_H
#define BARE_ISA_H

#include <libfdt.h>

/* NULL where it does not say. */
static inline const char *fdt_isa(const void *fdt)
{
	int node, parent = fdt_path_offset(fdt, "/cpus");
	const char *isa;

	if (parent < 0)
		return NULL;
	fdt_for_each_subnode(node, fdt, parent) {
		isa = fdt_stringlist_get(fdt, node, "riscv,isa", 0, NULL);
		if (isa)
			return isa;
	}
	return NULL;
}

#endif /* BARE_ISA_H */
