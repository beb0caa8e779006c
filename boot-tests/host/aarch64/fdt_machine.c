/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aarch64: the console that the tree names, the way to PSCI, and the timer, whose rate firmware puts
 * in a register. Spec: Linux Documentation/devicetree/bindings/arm/psci.yaml, Devicetree
 * Specification 0.4 "/chosen Node".
 */
#include <libfdt.h>

#include "fdt_machine.h"

static void read_console(const void *fdt, struct kx_device *console)
{
	const char *path = tree_string(fdt, fdt_path_offset(fdt, "/chosen"), "stdout-path");
	const char *options = path ? strchr(path, ':') : NULL;
	int node = -1, size;
	const fdt32_t *reg;

	if (path)
		node = fdt_path_offset_namelen(fdt, path, (int)(options ? (size_t)(options - path) :
								strlen(path)));
	if (node < 0 || fdt_node_check_compatible(fdt, node, "arm,pl011"))
		return;
	reg = fdt_getprop(fdt, node, "reg", &size);
	if (!reg || size < 16) /* at the root: two cells each */
		return;
	console->kind = KX_DEVICE_PL011;
	console->base = (uint64_t)fdt32_to_cpu(reg[0]) << 32 | fdt32_to_cpu(reg[1]);
	console->length = (uint64_t)fdt32_to_cpu(reg[2]) << 32 | fdt32_to_cpu(reg[3]);
}

void fdt_machine_read(const void *fdt, struct platform *platform)
{
	const char *method = tree_string(fdt, fdt_path_offset(fdt, "/psci"), "method");
	uint64_t hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	platform->timer_hz = hz;
	platform->cpus_method = KX_CPUS_PSCI_SMC;
	platform->psci = KX_PSCI_SMC;
	if (method && !strcmp(method, "hvc")) {
		platform->cpus_method = KX_CPUS_PSCI_HVC;
		platform->psci = KX_PSCI_HVC;
	}
	read_console(fdt, &platform->console);
}

uint64_t fdt_machine_ticks(void)
{
	uint64_t count;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
	return count;
}
