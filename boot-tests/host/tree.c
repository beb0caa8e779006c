/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flattened device trees that somebody else has made: what libfdt takes for granted is made sure of once.
 * Spec: Devicetree Specification 0.4, "Flattened Devicetree (DTB) Format".
 */
#include <libfdt.h>

#include "host.h"

int tree_is_sound(const void *tree, uint64_t size)
{
	if (size < sizeof(struct fdt_header) || fdt_check_full(tree, size))
		return 0;
	/* Before version 17 no size of blocks was told, and all that libfdt checks it by is the whole. */
	return fdt_version(tree) >= 17 && !(fdt_off_dt_struct(tree) & 3) &&
	       !(fdt_off_mem_rsvmap(tree) & 7);
}

const char *tree_string(const void *tree, int node, const char *property)
{
	return node < 0 ? NULL : fdt_stringlist_get(tree, node, property, 0, NULL);
}
