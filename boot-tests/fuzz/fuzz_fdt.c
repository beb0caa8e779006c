/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a device tree, of which only the size is the firmware's promise: to the host, which reads
 * the platform from it and makes the next kernel's from it, and to purgatory.ro.
 */
#include "fuzz.h"

#include <libfdt.h>

#include "fdt_machine.h"
#include "kexec.h"

#define ROOM 0x4000 /* more than any tree needs that fuzzing makes */

static void *tree; /* that the firmware handed over */

void *mmu_ptr(uint64_t pa)
{
	return (void *)(uintptr_t)pa;
}

void fdt_machine_read(const void *fdt, struct platform *platform)
{
	(void)fdt;
	platform->console.kind = KX_DEVICE_NONE;
}

uint64_t fdt_machine_ticks(void)
{
	return 1;
}

static void make_next(const struct platform *platform)
{
	struct fit fit = { .bootargs = "quiet" };
	struct boot_info info = { .fit = &fit }; /* and no ramdisk: the old one's address must go */
	uint8_t *to = malloc(ROOM);
	uint64_t size = platform_boot_info(platform, &info, to, ROOM);

	MUST(size <= ROOM);
	if (size) {
		MUST(tree_is_sound(to, size) && fdt_totalsize(to) == size);
		MUST(!fdt_getprop(to, fdt_path_offset(to, "/chosen"), "linux,initrd-end", NULL));
	}
	free(to);
}

static void read_by_host(void)
{
	static struct platform platform;
	const char *isa = platform_isa((uintptr_t)tree);

	MUST(!isa || strlen(isa) < fdt_totalsize(tree));
	memset(&platform, 0, sizeof(platform));
	if (platform_read(&platform, 0, (uintptr_t)tree))
		return;
	MUST(platform.memory.ram_count && platform.memory.ram_count <= PLATFORM_RANGES);
	MUST(platform.memory.reserved_count <= PLATFORM_RANGES);
	MUST(platform.cpu_count <= PLATFORM_CPUS);
	for (size_t i = 1; i < platform.memory.ram_count; i++)
		MUST(platform.ram[i - 1].pa <= platform.ram[i].pa);
	MUST(strlen(platform.options) < fdt_totalsize(tree));
	make_next(&platform);
}

static void read_by_purgatory(void)
{
	struct kx_device device = { 0 };

	kx_kexec_timebase_(tree);
	kx_kexec_serial_(tree, 0x9000000, &device);
	MUST(device.base == 0x9000000 && device.kind != KX_DEVICE_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < sizeof(struct fdt_header))
		return 0;
	tree = exact_copy(data, size);
	fdt_set_totalsize(tree, (uint32_t)size);
	read_by_host();
	read_by_purgatory();
	free(tree);
	return 0;
}
