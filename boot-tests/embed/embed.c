/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libkx in a bootloader, in full: a Linux Image or bzImage that lies in memory in one piece is put at its
 * place and entered. README.md shows these functions; boot-tests/test_install.py compiles them against an
 * installed libkx and compares the two, and boot-tests/unit/test_embed.c calls the first.
 */
#include <kx/purgatory.h>
#include <kx/quiesce.h>

int boot_linux(const void *kernel, uint64_t kernel_pa, uint64_t kernel_size, uint64_t info_pa,
	       uint64_t cpu_id, const struct kx_memory *memory, struct kx_arena *arena,
	       const struct kx_cpus *others);
int add_purgatory(void *blob, const struct kx_piece *piece, struct kx_segment segments[2],
		  struct kx_jump *jump);
int enter_quietly(struct kx_quiesce *quiesce, const struct kx_plan *plan,
		  struct kx_control *control, const struct kx_cpus *others);

/* README: begin */
int boot_linux(const void *kernel, uint64_t kernel_pa, uint64_t kernel_size, uint64_t info_pa,
	       uint64_t cpu_id, const struct kx_memory *memory, struct kx_arena *arena,
	       const struct kx_cpus *others)
{
	struct kx_image image;
	struct kx_list list;
	struct kx_control control;
	int error = kx_image_parse(kernel, kernel_size, &image);
	if (!error)
		error = kx_boot_check(&image);
	if (error || image.load_count != 1) /* an ELF file has more of what follows */
		return error ? error : -KX_ERR_ARGUMENT;

	uint64_t least = image.base_pa > memory->ram[0].pa ? image.base_pa : memory->ram[0].pa;
	uint64_t base = image.base_pa;
	if (image.flags & KX_IMAGE_ANYWHERE)
		base = (least + image.align) & -image.align; /* choose your own */
	uint64_t at = image.loads[0].file_offset; /* of a bzImage: behind what real mode wants */
	struct kx_piece piece = { (const char *)kernel + at, kernel_pa + at, /* where a page begins */
				  image.loads[0].filesz };
	struct kx_segment segment = { base + image.loads[0].offset, image.loads[0].memsz,
				      image.loads[0].filesz, &piece, 1 };
	struct kx_plan plan = { .segments = &segment, .segment_count = 1, .memory = memory };
	struct kx_jump jump = { .memory = memory, .entry_pa = base + image.entry,
				.flags = kx_boot_flags(&image) };
	kx_boot_args(&image, cpu_id, info_pa, jump.args);

	error = kx_segments_check(&segment, 1, memory, NULL);
	if (!error)
		error = kx_list_build(&plan, arena, &list); /* arena: kx_arena_size(&plan) */
	if (!error)
		error = kx_control_seal(&list, &jump, arena, &control);
	if (!error)
		error = kx_enter(&control, others); /* stop them first; does not come back */
	return error; /* kx_strerror(error) says "<name>: <what>"; nothing is overwritten */
}
/* README: end */

/* README: begin */
int add_purgatory(void *blob, const struct kx_piece *piece, struct kx_segment segments[2],
		  struct kx_jump *jump)
{
	uint64_t memsz;
	int error = kx_purgatory_parse(blob, piece->size, &memsz);
	if (error)
		return error;

	struct kx_jump kernel = *jump;
	struct kx_purgatory_plan plan = { .blob = blob, .size = piece->size,
					  .pa = segments[0].dest_pa - memsz, /* choose your own */
					  .segments = segments, .segment_count = 1,
					  .policy = KX_POLICY_RESET };
	segments[1] = (struct kx_segment){ plan.pa, memsz, plan.size, piece, 1 };
	return kx_purgatory_seal(&plan, &kernel, jump, NULL);
}
/* README: end */

/* README: begin */
int enter_quietly(struct kx_quiesce *quiesce, const struct kx_plan *plan,
		  struct kx_control *control, const struct kx_cpus *others)
{
	quiesce->cpus = others;
	quiesce->plan = plan; /* no destination may lie under what still runs or writes */
	quiesce->timeout_us = 1000000;
	quiesce->policy = KX_IOMMU_AS_AT_BOOT;
	int error = kx_quiesce(quiesce);
	if (error) /* quiesce->fault has the stage, the device and the register or function */
		return error;
	return kx_enter(control, others);
}
/* README: end */
