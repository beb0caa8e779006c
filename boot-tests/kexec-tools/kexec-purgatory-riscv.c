/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kexec-tools on riscv: load purgatory, so that the new image is verified before it is entered.
 *
 * Linux enters it with a0 = hart id and a1 = device tree, the segment with the magic of one.
 * Both go on to riscv_kernel_entry if sha256_regions have sha256_digest, or if skip_checks is
 * set. The sums are filled in later, by kexec.c, for whatever segments there are.
 */
#include <stdint.h>
#include <stdio.h>

#include "kexec.h"
#include "kexec-elf.h"
#include "kexec-riscv.h"

/* By the one symbol that only a purgatory for riscv has. */
static int have_purgatory(void)
{
	struct mem_ehdr ehdr = {0};
	struct mem_sym entry;
	int have;

	have = build_elf_rel_info(purgatory, purgatory_size, &ehdr, 0) >= 0 &&
	       !elf_rel_find_symbol(&ehdr, "riscv_kernel_entry", &entry);
	free_elf_info(&ehdr);
	return have;
}

/*
 * To be called when info->entry is the image's own and all other segments are there. Without
 * purgatory in this build the image is entered as it is.
 */
void riscv_load_purgatory(struct kexec_info *info, uint64_t min, uint64_t max)
{
	uint64_t kernel_entry = (uintptr_t)info->entry;

	if (!have_purgatory()) {
		fprintf(stderr, "Warning: no purgatory, the image will not be verified\n");
		return;
	}
	elf_rel_build_load(info, &info->rhdr, purgatory, purgatory_size, min, max, -1, 0);
	elf_rel_set_symbol(&info->rhdr, "riscv_kernel_entry", &kernel_entry, sizeof(kernel_entry));
	info->entry = (void *)elf_rel_get_addr(&info->rhdr, "purgatory_start");
}
