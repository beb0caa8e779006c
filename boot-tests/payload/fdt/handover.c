/* SPDX-License-Identifier: BSD-2-Clause */
/* What a device tree hands over: command line, ramdisk, seed, and the digests of it all. */
#include <libfdt.h>

#include <kx/state.h>

#include "isa.h"
#include "payload.h"

static uint64_t read_address(const void *fdt, int node, const char *name)
{
	int size;
	const uint8_t *value = fdt_getprop(fdt, node, name, &size);
	uint64_t number = 0;

	for (int i = 0; value && i < size; i++)
		number = number << 8 | value[i];
	return number;
}

const char *handover_line(uint64_t info_pa)
{
	const void *fdt = (const void *)(uintptr_t)info_pa;
	int chosen = fdt_check_header(fdt) ? -1 : fdt_path_offset(fdt, "/chosen");
	const char *line = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "bootargs", NULL);

	return line ? line : "";
}

void prepare_state(struct kx_state *state, uint64_t info_pa)
{
	const void *fdt = (const void *)(uintptr_t)info_pa;

	state->isa = fdt_check_header(fdt) ? NULL : fdt_isa(fdt);
}

void report_handover(uint64_t info_pa)
{
	const void *fdt = (const void *)(uintptr_t)info_pa;
	int chosen, size;
	uint64_t start, end;
	const void *seed;

	if (fdt_check_full(fdt, fdt_totalsize(fdt))) {
		print("FDT=bad\n");
		return;
	}
	report_number("FDT", info_pa);
	report_number("FDT_SIZE", fdt_totalsize(fdt));
	chosen = fdt_path_offset(fdt, "/chosen");
	print("BOOTARGS=%s\n", (const char *)fdt_getprop(fdt, chosen, "bootargs", NULL));
	seed = fdt_getprop(fdt, chosen, "rng-seed", &size);
	if (seed)
		report_digest("SHA256_RNG_SEED", seed, (uint64_t)size);
	start = read_address(fdt, chosen, "linux,initrd-start");
	end = read_address(fdt, chosen, "linux,initrd-end");
	report_number("INITRD", start);
	if (end > start)
		report_digest("SHA256_INITRD", (const void *)(uintptr_t)start, end - start);
}
