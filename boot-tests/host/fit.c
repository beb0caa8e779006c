/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A FIT image as `mkimage -f` makes it: kernel, optional ramdisk and device tree, each with a
 * SHA-256 that must hold. Two properties of the configuration are our own: `bootargs` is the kernel's
 * command line, `fallback` names a second kernel, for when the first one is found damaged.
 * Spec: U-Boot doc/usage/fit/source_file_format.rst.
 */
#include <kx/sha256.h>
#include <libfdt.h>

#include "host.h"

static int hash_holds(const void *fdt, int node, struct fit_part part)
{
	uint8_t digest[KX_SHA256_SIZE];
	struct kx_sha256 hash;
	const char *algorithm = tree_string(fdt, node, "algo");
	int size;
	const void *value = fdt_getprop(fdt, node, "value", &size);

	if (!algorithm || strcmp(algorithm, "sha256") || !value || size != KX_SHA256_SIZE)
		return 0;
	kx_sha256_init(&hash);
	kx_sha256_update(&hash, part.data, part.size);
	kx_sha256_final(&hash, digest);
	return !memcmp(digest, value, KX_SHA256_SIZE);
}

static const char *check_hashes(const void *fdt, int image, struct fit_part part)
{
	int node, count = 0;

	fdt_for_each_subnode(node, fdt, image) {
		const char *name = fdt_get_name(fdt, node, NULL);

		if (!name || strncmp(name, "hash", 4))
			continue;
		if (!hash_holds(fdt, node, part))
			return "fit-hash: a part does not match its SHA-256";
		count++;
	}
	return count ? NULL : "fit-hash: a part has no SHA-256";
}

/* The part that a property of the configuration names; without the property it stays empty. */
static const char *open_part(const void *fdt, int config, const char *property,
			     struct fit_part *part)
{
	const char *name = tree_string(fdt, config, property);
	int images, image, size;

	if (!name)
		return NULL;
	images = fdt_path_offset(fdt, "/images");
	image = images < 0 ? images : fdt_subnode_offset(fdt, images, name);
	if (image < 0)
		return "fit-missing: the configuration names a part that is not there";
	part->data = fdt_getprop(fdt, image, "data", &size);
	if (!part->data || size <= 0)
		return "fit-missing: a part has no data";
	part->size = (uint64_t)size;
	return check_hashes(fdt, image, *part);
}

const char *fit_open(const void *blob, uint64_t size, struct fit *fit)
{
	const char *name, *fault;
	int configs, config;

	memset(fit, 0, sizeof(*fit));
	if (size < sizeof(struct fdt_header) || fdt_check_header(blob))
		return "fit-format: the payload is no FIT image";
	if (fdt_totalsize(blob) > size)
		return "fit-truncated: the FIT image is longer than what was loaded";
	if (!tree_is_sound(blob, size))
		return "fit-format: the FIT image is damaged";
	configs = fdt_path_offset(blob, "/configurations");
	name = tree_string(blob, configs, "default");
	config = name ? fdt_subnode_offset(blob, configs, name) : -1;
	if (config < 0)
		return "fit-missing: no default configuration";
	fault = open_part(blob, config, "kernel", &fit->kernel);
	if (!fault)
		fault = open_part(blob, config, "ramdisk", &fit->ramdisk);
	if (!fault)
		fault = open_part(blob, config, "fdt", &fit->fdt);
	if (!fault)
		fault = open_part(blob, config, "fallback", &fit->fallback);
	if (!fault && !fit->kernel.size)
		fault = "fit-missing: no kernel";
	if (!fault && fit->fdt.size && !tree_is_sound(fit->fdt.data, fit->fdt.size))
		fault = "fit-format: its device tree is none";
	fit->bootargs = tree_string(blob, config, "bootargs");
	if (!fit->bootargs)
		fit->bootargs = "";
	return fault;
}
