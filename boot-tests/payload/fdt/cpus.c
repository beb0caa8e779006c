/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other CPUs, started as the device tree says: by a spin table or by the firmware.
 * Spec: Devicetree Specification 0.4 "/cpus/cpu* Node Properties".
 */
#include <libfdt.h>

#include "payload.h"
#include "smp.h"

static uint64_t number(const void *fdt, int node, const char *name)
{
	int size;
	const fdt32_t *value = fdt_getprop(fdt, node, name, &size);
	uint64_t sum = 0;

	for (; value && size >= 4; size -= 4)
		sum = sum << 32 | fdt32_to_cpu(*value++);
	return sum;
}

/* Returns whether it is to come up. */
static unsigned int start(const void *fdt, int node)
{
	const char *method = fdt_getprop(fdt, node, "enable-method", NULL);
	uint64_t id = number(fdt, node, "reg");

	if (id == smp_self())
		return 0;
	if (method && !strcmp(method, "spin-table")) {
		print("CPU%lu=spin-table\n", id);
		smp_release((volatile uint64_t *)(uintptr_t)number(fdt, node, "cpu-release-addr"));
		return 1;
	}
	if (smp_call(id)) {
		print("CPU%lu=refused\n", id);
		return 0;
	}
	print("CPU%lu=firmware\n", id);
	return 1;
}

uint64_t cpus_start(uint64_t info_pa, uint64_t expected)
{
	const void *fdt = (const void *)(uintptr_t)info_pa;
	int cpus = fdt_path_offset(fdt, "/cpus"), node;
	uint64_t up = 0, called = 0, tries;

	fdt_for_each_subnode(node, fdt, cpus) {
		const char *type = fdt_getprop(fdt, node, "device_type", NULL);

		if (type && !strcmp(type, "cpu"))
			called += start(fdt, node);
	}
	/* Emulated, one that is called may not run for a while. */
	for (tries = called < expected ? 1000000 : 100000000; tries && up < expected; tries--) {
		up = 0;
		for (unsigned int i = 0; i < SMP_CPUS; i++)
			up += smp_up[i];
	}
	return up;
}
