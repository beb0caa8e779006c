/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Purgatory's info, edited at will, and plans to seal: what the check accepts, purgatory can work with;
 * what was sealed, purgatory finds intact, and a flipped bit of it, or of its digests, it does not.
 */
#include "fuzz.h"

#include "cpu.h"
#include "machine.h"

#define SELF_PA   0x7000
#define FILE_SIZE (KX_PURGATORY_INFO_OFFSET + KX_PURGATORY_INFO_SIZE + 0x200)
#define SEGMENTS  (KX_PURGATORY_REGIONS_MAX + 1)
#define PIECES    3
#define MEMORY    3000 /* of a segment, at most */

/** struct lab - a plan, and the memory that it speaks of */
struct lab {
	union {
		uint8_t bytes[FILE_SIZE];
		uint64_t align;
	} blob;
	struct kx_piece pieces[SEGMENTS][PIECES];
	struct kx_segment segments[SEGMENTS];
	uint8_t memory[SEGMENTS][MEMORY]; /* as the trampoline leaves it */
	struct kx_purgatory_plan plan;
	struct kx_jump image, fallback, jump;
	int wild; /* some destination is none of ours */
};

static struct lab lab;

static struct kx_purgatory_info *info(void)
{
	return (void *)(lab.blob.bytes + KX_PURGATORY_INFO_OFFSET);
}

static void open_lab(void)
{
	memset(&lab, 0, sizeof(lab));
	machine_reset();
	*info() = (struct kx_purgatory_info){
		.magic = KX_PURGATORY_MAGIC, .version = KX_PURGATORY_VERSION, .machine = KX_MACHINE,
		.memsz = 5 * PAGE, .filesz = FILE_SIZE,
	};
	machine.self = (struct kx_range){ SELF_PA, info()->memsz };
}

/* ---- an info, edited ---- */

static int reachable(uint64_t entry_pa, uint64_t flags)
{
	return entry_pa && (!(flags & KX_ENTER_32) ||
			    (entry_pa <= UINT32_MAX && !(flags & KX_ENTER_RETURN)));
}

static void check_info(const struct kx_purgatory_info *in, struct kx_range self)
{
	MUST(in->magic == KX_PURGATORY_MAGIC && in->version == KX_PURGATORY_VERSION);
	MUST(in->machine == KX_MACHINE && !(in->flags & ~(uint32_t)KX_PURGATORY_KNOWN));
	MUST(in->policy >= KX_POLICY_HALT && in->policy <= KX_POLICY_RETURN);
	MUST(in->region_count <= KX_PURGATORY_REGIONS_MAX);
	MUST(in->region_count || in->flags & KX_PURGATORY_SKIP_CHECKS);
	MUST(reachable(in->entry_pa, in->entry_flags));
	if (in->policy == KX_POLICY_FALLBACK)
		MUST(reachable(in->fallback_pa, in->fallback_flags));
	for (uint32_t i = 0; i < in->region_count; i++) {
		uint64_t last = in->regions[i].pa + (in->regions[i].size - 1);

		MUST(in->regions[i].size && last >= in->regions[i].pa);
		MUST(last < self.pa || in->regions[i].pa >= self.pa + self.size);
	}
}

static void edit_info(struct input *input)
{
	struct kx_purgatory_info edited = *info();
	uint32_t region = 0;

	edited.policy = KX_POLICY_HALT;
	edited.entry_pa = edited.fallback_pa = 0x1000;
	edited.region_count = 2;
	edited.regions[0] = (struct kx_region){ 0x20000, 0x1000 };
	edited.regions[1] = (struct kx_region){ 0x30000, 0x1000 };
	for (uint64_t edits = take(input, 1) % 8; edits--;) {
		uint64_t at = take(input, 1) * 4 % (KX_PURGATORY_INFO_SIZE - 4), value = take_size(input);

		memcpy((uint8_t *)&edited + at, &value, at % 8 ? 4 : 8);
	}
	edited.status_pa = edited.kick.pa = 0; /* nobody can tell by looking whether they can be written */
	if (!kx_purgatory_check(&edited, machine.self, &region))
		check_info(&edited, machine.self);
	else
		MUST(machine_run(&edited) != MACHINE_GOOD);
}

/* ---- a plan ---- */

static void take_segment(struct input *input, size_t i)
{
	static const uint8_t noise[MEMORY] = { 1, 2, 3, 5, 7, 11, 13 };
	struct kx_segment *segment = &lab.segments[i];
	uint64_t kind = take(input, 1);

	*segment = (struct kx_segment){ (uintptr_t)lab.memory[i], take(input, 2) % MEMORY, 0,
					lab.pieces[i], kind % (PIECES + 1) };
	memset(lab.memory[i], 0, MEMORY);
	for (size_t j = 0; j < segment->piece_count; j++) {
		uint64_t size = take(input, 2) % (MEMORY / PIECES);

		lab.pieces[i][j] = (struct kx_piece){ noise + j, 0, size };
		memcpy(lab.memory[i] + segment->filesz, noise + j, size);
		segment->filesz += size;
	}
	if (kind & 0x80)
		segment->memsz += segment->filesz;
	if (segment->memsz > MEMORY)
		segment->memsz = segment->filesz;
	if (!(kind & 0x60)) {
		lab.wild = 1;
		segment->dest_pa = take_size(input);
	}
}

static void take_plan(struct input *input)
{
	lab.plan = (struct kx_purgatory_plan){
		.blob = lab.blob.bytes, .size = FILE_SIZE, .pa = SELF_PA, .segments = lab.segments,
		.segment_count = take(input, 1) % (SEGMENTS + 1), .flags = (uint32_t)take(input, 1) % 5,
		.policy = (uint32_t)take(input, 1) % 6,
	};
	lab.image.entry_pa = take_size(input);
	lab.image.flags = take(input, 1) & (KX_ENTER_32 | KX_ENTER_4LEVEL | KX_ENTER_RETURN);
	lab.fallback.entry_pa = take_size(input);
	lab.fallback.flags = take(input, 1) % 4;
	if (lab.fallback.flags)
		lab.plan.fallback = &lab.fallback;
	if (take(input, 1) % 4 == 0)
		lab.plan.pa = take_size(input);
	for (size_t i = 0; i < lab.plan.segment_count; i++)
		take_segment(input, i);
}

/* Wherever a byte was flipped, purgatory does not go on as if nothing were. */
static void damage(struct input *input)
{
	uint64_t region = take(input, 1) % info()->region_count, bit = take(input, 2);
	uint64_t size = lab.segments[region].memsz * 8;
	uint8_t *byte = &lab.memory[region][bit % size / 8];

	if (take(input, 1) & 1)
		byte = info()->flags & KX_PURGATORY_EACH_REGION ? &info()->digests[region][bit / 8 % 32] :
								  &info()->digest[bit / 8 % 32];
	*byte ^= (uint8_t)(1u << bit % 8);
	MUST(machine_run(info()) != MACHINE_GOOD);
}

static void seal(struct input *input)
{
	uint64_t at_pa = 0;
	int error = kx_purgatory_seal(&lab.plan, &lab.image, &lab.jump, &at_pa);

	machine.self.pa = lab.plan.pa;
	if (error) {
		MUST(machine_run(info()) != MACHINE_GOOD);
		return;
	}
	check_info(info(), machine.self);
	MUST(lab.jump.entry_pa == lab.plan.pa && !(lab.jump.flags & KX_ENTER_32));
	if (lab.wild && !(info()->flags & KX_PURGATORY_SKIP_CHECKS))
		return;
	MUST(machine_run(info()) == MACHINE_GOOD);
	if (!(info()->flags & KX_PURGATORY_SKIP_CHECKS))
		damage(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint64_t memsz, kind = take(&input, 1);

	open_lab();
	if (kind & 1) {
		edit_info(&input);
		return 0;
	}
	if (kind & 2) /* a blob that is cut, or damaged before it is sealed */
		info()->magic ^= (uint32_t)take(&input, 1);
	MUST(kx_purgatory_parse(lab.blob.bytes, take_size(&input) % FILE_SIZE, &memsz));
	take_plan(&input);
	seal(&input);
	return 0;
}
