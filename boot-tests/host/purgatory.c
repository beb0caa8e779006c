/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Purgatory between the trampoline and the new kernel. `kx.purgatory` says what it vouches by:
 *
 *   regions  a digest for each part, so that it can say which one is damaged
 *   digest   one digest over all, as kexec has it
 *   off      straight to the new kernel, unverified
 *
 * and `kx.policy` what it does when it cannot: halt, reset, fallback, which enters the kernel that the
 * FIT image has for that, or return, to this host.
 */
#include "host.h"

#include <kx/purgatory.h>

/* By purgatory_blob.S: as the build has left it */
extern const uint8_t purgatory_blob[], purgatory_blob_end[];

static struct kx_purgatory_plan plan;
static uint64_t memsz; /* of purgatory, where it runs */
static struct kx_piece piece;
static struct kx_jump fallback;

static uint32_t read_policy(const char *name)
{
	if (!strcmp(name, "reset"))
		return KX_POLICY_RESET;
	if (!strcmp(name, "fallback"))
		return KX_POLICY_FALLBACK;
	if (!strcmp(name, "return"))
		return KX_POLICY_RETURN;
	return KX_POLICY_HALT;
}

static void add_fallback(struct layout *layout, const struct fit *fit)
{
	struct fit other = *fit;
	struct kx_image image;

	if (!fit->fallback.size)
		fail("fit-missing: the FIT image has no kernel to fall back to");
	other.kernel = fit->fallback;
	other.ramdisk.size = 0;
	must(kx_image_parse(other.kernel.data, other.kernel.size, &image));
	must(kx_boot_check(&image));
	print("kx-host: fallback:\n");
	layout_add(layout, &other, &image, &fallback);
	plan.fallback = &fallback;
}

void purgatory_lay_out(struct layout *layout, const struct fit *fit, const struct options *options)
{
	uint64_t size = (uint64_t)(purgatory_blob_end - purgatory_blob), pa;
	const char *how = options->purgatory;

	if (!strcmp(how, "off"))
		return;
	if (strcmp(how, "digest"))
		plan.flags = KX_PURGATORY_EACH_REGION;
	must(kx_purgatory_parse(purgatory_blob, size, &memsz));
	plan.policy = read_policy(options->policy);
	plan.segment_count = layout->count; /* and not what is added now */
	plan.pa = layout_place(layout, layout->part[0].dest_pa, memsz, "purgatory");
	if (plan.policy == KX_POLICY_FALLBACK)
		add_fallback(layout, fit);
	pa = must_place(pool_highest(&layout->live, memsz, KX_PAGE_SIZE), "purgatory");
	plan.blob = mmu_ptr(pa);
	plan.size = size;
	memcpy(plan.blob, purgatory_blob, size);
	piece = (struct kx_piece){ plan.blob, pa, size };
	print("kx-host: purgatory: %lu bytes to 0x%lx, %lu of memory\n", size, plan.pa, memsz);
}

void purgatory_insert(struct scatter *pieces, const struct platform *platform, struct kx_jump *jump)
{
	struct kx_jump image = *jump;
	uint64_t at_pa = 0;

	if (!plan.blob)
		return;
	plan.segments = pieces->segments;
	plan.timer_hz = platform->timer_hz;
	plan.arch[0] = platform->psci;
	must_at(kx_purgatory_seal(&plan, &image, jump, &at_pa), at_pa);
	pieces->segments[pieces->count++] = (struct kx_segment){ plan.pa, memsz, plan.size, &piece, 1 };
	back_except(piece.pa, (piece.size + KX_PAGE_MASK) & ~(uint64_t)KX_PAGE_MASK);
}
