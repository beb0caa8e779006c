/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every refusal of the planner, provoked on the real payload: one thing is broken, the library must
 * name it, and the host must live on. `kx.refuse=<name>` or `kx.refuse=all`.
 */
#include "host.h"

/** struct lab - copies that a case may break */
struct lab {
	struct kx_memory memory;
	struct kx_segment segments[SCATTER_SEGMENTS];
	struct kx_piece piece; /* of the first segment, where a case wants its own */
	size_t count;
	struct kx_arena arena;
	struct kx_range range;
	uint64_t *words; /* a list page of ours */
	uint64_t words_pa;
};

static uint64_t page[512] __attribute__((aligned(KX_PAGE_SIZE)));

static const void *list_at(const void *context, uint64_t pa)
{
	(void)context;
	return mmu_ptr(pa);
}

static int check_segments(struct lab *lab)
{
	return kx_segments_check(lab->segments, lab->count, &lab->memory, NULL);
}

static int build(struct lab *lab, struct kx_list *list)
{
	struct kx_plan plan = { .segments = lab->segments, .segment_count = lab->count,
				 .memory = &lab->memory };
	int error = check_segments(lab);

	return error ? error : kx_list_build(&plan, &lab->arena, list);
}

/* Check a list whose first page holds the lab's words, by the rules given. */
static int check_words(struct lab *lab, struct kx_list_rules *rules)
{
	struct kx_list list = { .head = lab->words_pa | KX_IND_INDIRECTION, .at = list_at };
	struct kx_arena scratch = lab->arena;

	rules->memory = &lab->memory;
	rules->scratch_size = kx_list_check_scratch(&lab->memory);
	if (rules->scratch_size > scratch.size - scratch.used)
		return -KX_ERR_ARENA_SMALL;
	rules->scratch = (uint8_t *)scratch.base + scratch.size - rules->scratch_size;
	return kx_list_check(&list, rules, NULL);
}

/* A list that writes one page, at a destination. */
static int check_dest(struct lab *lab, uint64_t dest_pa, struct kx_list_rules *rules)
{
	lab->words[0] = dest_pa | KX_IND_DESTINATION;
	lab->words[1] = KX_IND_ZERO;
	lab->words[2] = KX_IND_DONE;
	return check_words(lab, rules);
}

enum refusal {
	MISALIGNED,
	WRAPS,
	SEGMENT_SIZE,
	SEGMENT_OVERLAP,
	OUTSIDE_RAM,
	RESERVED,
	DEST_OVER_ARENA,
	DEST_OVER_LIST,
	DEST_OVER_TABLES,
	DEST_OVER_CONTROL,
	SOURCE_OVER_ARENA,
	DEST_OVER_CPU,
	DEST_OVER_WRITER,
	SOURCE_OVER_WRITER,
	ARENA_SMALL,
	LIST_FLAG,
	LIST_ORDER,
	LIST_LOOP,
	LIST_UNTERMINATED,
	LIST_DEST_TWICE,
	LIST_SOURCE_LOST,
	LIST_PAIR,
	REFUSALS
};

static int expected(enum refusal refusal)
{
	switch (refusal) {
	case MISALIGNED: return KX_ERR_MISALIGNED;
	case WRAPS: return KX_ERR_WRAPS;
	case SEGMENT_SIZE: return KX_ERR_SEGMENT_SIZE;
	case SEGMENT_OVERLAP: return KX_ERR_SEGMENT_OVERLAP;
	case OUTSIDE_RAM: return KX_ERR_OUTSIDE_RAM;
	case RESERVED: return KX_ERR_RESERVED;
	case DEST_OVER_ARENA: return KX_ERR_DEST_OVER_ARENA;
	case DEST_OVER_LIST: return KX_ERR_DEST_OVER_LIST;
	case DEST_OVER_TABLES: return KX_ERR_DEST_OVER_TABLES;
	case DEST_OVER_CONTROL: return KX_ERR_DEST_OVER_CONTROL;
	case SOURCE_OVER_ARENA: return KX_ERR_SOURCE_OVER_ARENA;
	case DEST_OVER_CPU: return KX_ERR_DEST_OVER_CPU;
	case DEST_OVER_WRITER: return KX_ERR_DEST_OVER_WRITER;
	case SOURCE_OVER_WRITER: return KX_ERR_SOURCE_OVER_WRITER;
	case ARENA_SMALL: return KX_ERR_ARENA_SMALL;
	case LIST_FLAG: return KX_ERR_LIST_FLAG;
	case LIST_ORDER: return KX_ERR_LIST_ORDER;
	case LIST_LOOP: return KX_ERR_LIST_LOOP;
	case LIST_UNTERMINATED: return KX_ERR_LIST_UNTERMINATED;
	case LIST_DEST_TWICE: return KX_ERR_LIST_DEST_TWICE;
	case LIST_SOURCE_LOST: return KX_ERR_LIST_SOURCE_LOST;
	case LIST_PAIR: return KX_ERR_LIST_PAIR;
	case REFUSALS: break;
	}
	return 0;
}

static void source_in_arena(struct lab *lab, struct kx_segment *segment)
{
	lab->piece = (struct kx_piece){ NULL, lab->arena.pa, KX_PAGE_SIZE };
	segment->pieces = &lab->piece;
	segment->piece_count = 1;
	segment->filesz = KX_PAGE_SIZE;
}

/* What hardware writes on this machine, or else what a range says that it does. */
static void dest_over_writer(struct lab *lab, struct kx_segment *segment)
{
	if (lab->memory.written_count) {
		segment->dest_pa = lab->memory.written[0].pa & ~(uint64_t)KX_PAGE_MASK;
		return;
	}
	lab->range = (struct kx_range){ segment->dest_pa + segment->memsz - 1, 1 };
	lab->memory.written = &lab->range;
	lab->memory.written_count = 1;
}

static int provoke_segment(struct lab *lab, enum refusal refusal)
{
	const struct kx_range *last = &lab->memory.ram[lab->memory.ram_count - 1];
	struct kx_segment *segment = &lab->segments[0];
	struct kx_list list;

	switch (refusal) {
	case MISALIGNED: segment->dest_pa += 0x10; break;
	case WRAPS: segment->dest_pa = -(uint64_t)KX_PAGE_SIZE; break;
	case SEGMENT_SIZE: segment->filesz = segment->memsz + 1; break;
	case SEGMENT_OVERLAP: lab->segments[1].dest_pa = segment->dest_pa + KX_PAGE_SIZE; break;
	case OUTSIDE_RAM: segment->dest_pa = last->pa + last->size; break;
	case RESERVED: /* the first page of the image is promised to somebody else */
		lab->range = (struct kx_range){ segment->dest_pa, 1 };
		lab->memory.reserved = &lab->range;
		lab->memory.reserved_count = 1;
		break;
	case DEST_OVER_ARENA: lab->arena.pa = segment->dest_pa; break;
	case SOURCE_OVER_ARENA: source_in_arena(lab, segment); break;
	case DEST_OVER_CPU: /* a CPU waits there */
		lab->range = (struct kx_range){ segment->dest_pa + 64, 4 };
		lab->memory.parked = &lab->range;
		lab->memory.parked_count = 1;
		break;
	case DEST_OVER_WRITER: dest_over_writer(lab, segment); break;
	case SOURCE_OVER_WRITER: /* the arena is no destination */
		source_in_arena(lab, segment);
		lab->range = (struct kx_range){ lab->arena.pa, 1 };
		lab->memory.written = &lab->range;
		lab->memory.written_count = 1;
		break;
	case ARENA_SMALL: lab->arena.size = KX_PAGE_SIZE; break;
	default: return 0;
	}
	return build(lab, &list);
}

static int provoke_list(struct lab *lab, enum refusal refusal)
{
	struct kx_list_rules rules = { 0 };
	uint64_t dest_pa = lab->segments[0].dest_pa;

	switch (refusal) {
	case DEST_OVER_LIST: return check_dest(lab, lab->words_pa, &rules);
	case DEST_OVER_TABLES:
		rules.tables = (struct kx_range){ dest_pa, KX_PAGE_SIZE };
		return check_dest(lab, dest_pa, &rules);
	case DEST_OVER_CONTROL:
		rules.control = (struct kx_range){ dest_pa, KX_PAGE_SIZE };
		return check_dest(lab, dest_pa, &rules);
	case LIST_FLAG: lab->words[0] = dest_pa; break;
	case LIST_ORDER: lab->words[0] = dest_pa | KX_IND_SOURCE; break;
	case LIST_LOOP: lab->words[0] = lab->words_pa | KX_IND_INDIRECTION; break;
	case LIST_UNTERMINATED:
		for (unsigned int i = 0; i < KX_LIST_WORDS_PER_PAGE; i++)
			lab->words[i] = dest_pa | KX_IND_DESTINATION;
		break;
	case LIST_DEST_TWICE:
		lab->words[0] = lab->words[2] = dest_pa | KX_IND_DESTINATION;
		lab->words[1] = lab->words[3] = KX_IND_ZERO;
		break;
	case LIST_SOURCE_LOST:
		lab->words[0] = dest_pa | KX_IND_DESTINATION;
		lab->words[1] = KX_IND_ZERO;
		lab->words[2] = dest_pa | KX_IND_SOURCE;
		break;
	case LIST_PAIR:
		rules.swap = 1;
		return check_dest(lab, dest_pa, &rules);
	default: return 0;
	}
	return check_words(lab, &rules);
}

static int provoke(enum refusal refusal, const struct platform *platform,
		   const struct scatter *scatter, const struct kx_arena *arena)
{
	struct lab lab = { .memory = platform->memory, .count = scatter->count, .arena = *arena };
	int error;

	for (size_t i = 0; i < scatter->count; i++)
		lab.segments[i] = scatter->segments[i];
	memset(page, 0, sizeof(page));
	lab.words = page;
	lab.words_pa = mmu_pa(page);
	error = provoke_segment(&lab, refusal);
	return error ? error : provoke_list(&lab, refusal);
}

/* Is `name` the part of the message before the colon? */
static int is_named(const char *message, const char *name)
{
	size_t size = strlen(name);

	return !strncmp(message, name, size) && message[size] == ':';
}

void refuse_must(const char *name)
{
	int is_known = !*name || !strcmp(name, "all");

	for (enum refusal refusal = MISALIGNED; refusal < REFUSALS; refusal++)
		is_known |= is_named(kx_strerror(expected(refusal)), name);
	if (is_known)
		return;
	print("kx: option: kx.refuse=%s: it is one of all", name);
	for (enum refusal refusal = MISALIGNED; refusal < REFUSALS; refusal++) {
		print(" ");
		for (const char *c = kx_strerror(expected(refusal)); *c != ':'; c++)
			print("%c", *c);
	}
	print("\n");
	machine_off(1);
}

int refuse(const char *name, const struct platform *platform, struct scatter *scatter,
	   const struct kx_arena *arena)
{
	int good = 0, bad = 0;

	for (enum refusal refusal = MISALIGNED; refusal < REFUSALS; refusal++) {
		const char *message = kx_strerror(expected(refusal));
		int error;

		if (strcmp(name, "all") && !is_named(message, name))
			continue;
		error = provoke(refusal, platform, scatter, arena);
		print("kx: %s\n", kx_strerror(error));
		print("kx-host: still alive after a refusal\n");
		if (error == -expected(refusal))
			good++;
		else
			bad++;
	}
	print("kx-host: refusals: %u named, %u not\n", (unsigned int)good, (unsigned int)bad);
	return good && !bad;
}
