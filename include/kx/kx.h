/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a host calls, in the order of the data's way:
 *
 *   kx_image_parse -> kx_segments_check -> kx_list_build -> kx_control_seal
 *                  -> kx_cpus_confirm -> kx_enter
 *
 * To have the new image verified where it then lies, see kx/purgatory.h; to have the way tried before it is
 * gone, kx_dry_run().
 *
 * Nothing here allocates, prints, keeps state of its own or waits without bound; all memory is the
 * caller's. Sizes are bytes and addresses ending in _pa are physical unless said otherwise. A call
 * returns 0 or a negative KX_ERR_*, and until kx_enter() jumps nothing outside the arena has been
 * written.
 *
 * Calls may be made on any stack that has 2 KiB left, beside what your own callbacks take, with interrupts on, and
 * on several CPUs at once, each with memory of its own; kx_control_seal() and what comes after it on the CPU
 * that will jump, at the level and in the translation mode that it jumps from. Where a call says otherwise,
 * that holds.
 */
#ifndef KX_KX_H
#define KX_KX_H

#include <kx/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of these headers and of the library that goes with them. As long as the first is 0, any call may change. */
#define KX_VERSION_MAJOR 0
#define KX_VERSION_MINOR 1

/* ---- errors, grouped by whose fault they are ---- */

/* The caller's: what was asked cannot be done as it stands */
#define KX_ERR_ARGUMENT          1 /* a pointer, count or option that no call can serve */
#define KX_ERR_MISALIGNED        2 /* an address or size is not a multiple of what it must be */
#define KX_ERR_WRAPS             3 /* an address plus its size goes past 2^64 */
#define KX_ERR_SEGMENT_SIZE      4 /* empty, filesz > memsz, or pieces that do not add up to filesz */
#define KX_ERR_SEGMENT_OVERLAP   5 /* two segments share a destination */
#define KX_ERR_OUTSIDE_RAM       6 /* a source, a destination or the arena is not in the given RAM */
#define KX_ERR_RESERVED          7 /* a source, a destination or the arena touches a reserved range */
#define KX_ERR_DEST_OVER_ARENA   8 /* a destination touches the arena */
#define KX_ERR_DEST_OVER_LIST    9 /* a destination touches a page of the list */
#define KX_ERR_DEST_OVER_TABLES  10 /* a destination touches the translation tables */
#define KX_ERR_DEST_OVER_CONTROL 11 /* a destination touches the control page */
#define KX_ERR_SOURCE_OVER_ARENA 12 /* a source lies in the arena, which is about to be written */
#define KX_ERR_SOURCE_OVER_WRITER 13 /* a source lies in memory that hardware keeps writing */
#define KX_ERR_ARENA_SMALL       14 /* the arena has too few bytes left */
#define KX_ERR_STATUS_RANGE      15 /* the status record lies in what is read or written by the hop */
#define KX_ERR_CALLBACK_CYCLE    24 /* callbacks that wait for each other */
#define KX_ERR_CALLBACK_LATE     25 /* a registration or a second start after the first start */
#define KX_ERR_CALLBACK_GONE     26 /* a call to a device that is stopped, or being stopped */
#define KX_ERR_DEST_OVER_CPU     27 /* a destination or the arena touches what a stopped CPU still
				     * depends on */
#define KX_ERR_DEST_OVER_WRITER  28 /* a destination or the arena touches memory that hardware keeps
				     * writing */
#define KX_ERR_RANGES_SMALL      29 /* the caller's array of ranges is full */

/* The list's: a list, ours or a stranger's, that must not be walked */
#define KX_ERR_LIST_FLAG         32 /* a word with no flag, an unknown one, or more than one */
#define KX_ERR_LIST_ORDER        33 /* a SOURCE or ZERO before any DESTINATION */
#define KX_ERR_LIST_LOOP         34 /* an INDIRECTION goes to a page that was read before */
#define KX_ERR_LIST_UNTERMINATED 35 /* a page of the list ends with neither INDIRECTION nor DONE */
#define KX_ERR_LIST_DEST_TWICE   36 /* two words write one page */
#define KX_ERR_LIST_SOURCE_LOST  37 /* a page is read after it was overwritten */
#define KX_ERR_LIST_PAIR         38 /* swapping: a page in two pairs, or zeros that no page holds: what
				     * cannot be put back */

/* The image's: bytes that are not what they should be */
#define KX_ERR_IMAGE_UNKNOWN     64 /* no format that libkx knows */
#define KX_ERR_IMAGE_TRUNCATED   65 /* the header speaks of bytes that are not there */
#define KX_ERR_IMAGE_HEADER      66 /* a header field that contradicts another or the protocol */
#define KX_ERR_IMAGE_ENDIAN      67 /* a big-endian image; libkx enters little-endian ones */
#define KX_ERR_IMAGE_ARCH        68 /* an image for another architecture */

/* The machine's: hardware or firmware that is not as needed */
#define KX_ERR_CPU_RUNNING       96 /* another CPU did not stop in the time given */
#define KX_ERR_CPU_FIRMWARE      97 /* the firmware, or the local APIC, cannot deal with another CPU */
#define KX_ERR_PAGING_MODE       98 /* a translation mode that libkx does not know */
#define KX_ERR_IDMAP_RANGE       99 /* a physical address that the paging mode cannot map to itself */
#define KX_ERR_DEVICE_KIND       112 /* a kind that cannot be stopped, here or anywhere */
#define KX_ERR_DEVICE_ABSENT     113 /* registers read as all ones: no device, or no power */
#define KX_ERR_DEVICE_TIMEOUT    114 /* a device did not acknowledge in the time given */
#define KX_ERR_DEVICE_LOCKED     115 /* a register did not take what was written */
#define KX_ERR_DEVICE_FAULT      116 /* a device reports an error while it is being stopped */
#define KX_ERR_DEVICE_ACTIVE     117 /* a device was stopped, and is found to run */
#define KX_ERR_IOMMU_POLICY      118 /* an IOMMU that cannot be left as the policy asks */
#define KX_ERR_PCI_BUS_MASTER    119 /* a PCI function whose bus mastering stays on */
#define KX_ERR_PCI_PENDING       120 /* a PCI function whose requests do not come to an end */
#define KX_ERR_CALLBACK_FAILED   121 /* a device callback failed */
#define KX_ERR_CALLBACK_OVERRUN  122 /* a device callback took longer than its time */
#define KX_ERR_CALLBACK_REFUSED  123 /* a member of a group refused: none of the group was stopped */
#define KX_ERR_ENTER_RANGE       100 /* an address that the mode of entry cannot reach */
#define KX_ERR_CPU_NOT_BOOT      101 /* x86_64: only the boot CPU can stop the others and jump */
#define KX_ERR_MEMORY_TYPE       102 /* the host's tables know no ordinary cached memory */
#define KX_ERR_DRY_FAULT         103 /* a dry run took an exception: the record has the place */
#define KX_ERR_DRY_VECTORS       104 /* the control page's vectors were not in force in a dry run */

/* Purgatory's: its info block, or the memory that it verifies */
#define KX_ERR_INFO_MAGIC        128 /* no purgatory info, or a damaged or cut one */
#define KX_ERR_INFO_VERSION      129 /* of a version that this purgatory does not know */
#define KX_ERR_INFO_RESERVED     130 /* an unknown flag, or something in a reserved field */
#define KX_ERR_INFO_POLICY       131 /* no policy that there is */
#define KX_ERR_INFO_COUNT        132 /* no regions, or more than there is room for */
#define KX_ERR_INFO_ENTRY        133 /* no entry, none where one is to be fallen back to, or out of reach */
#define KX_ERR_INFO_CONSOLE      134 /* a console that this architecture does not have, or out of reach */
#define KX_ERR_REGION_EMPTY      135 /* a region of no bytes */
#define KX_ERR_REGION_WRAPS      136 /* a region goes past 2^64 */
#define KX_ERR_REGION_SELF       137 /* a region covers purgatory itself */
#define KX_ERR_REGION_RANGE      138 /* a region that the CPU cannot address */
#define KX_ERR_DIGEST            139 /* the bytes are not those that were to be here */
#define KX_ERR_INFO_MACHINE      140 /* purgatory of another architecture */
#define KX_ERR_PURGATORY_STACK   141 /* purgatory's stack was too small */
#define KX_ERR_PURGATORY_FAULT   142 /* purgatory took an exception */
#define KX_ERR_INFO_RANGE        143 /* purgatory, the status record or the watchdog out of reach */

/* The status record's */
#define KX_ERR_STATUS_NONE       144 /* no record, or one of a version that is not known */
#define KX_ERR_STATUS_DAMAGED    145 /* a record whose sum does not hold */

/**
 * kx_strerror() - an error in words
 * @error: what a call returned, negative or positive
 *
 * Returns: "<name>: <what>", static storage; "unknown error: ..." for any other number. Never NULL.
 */
const char *kx_strerror(int error);

/* ---- memory ---- */

/** struct kx_range - bytes of physical memory */
struct kx_range {
	uint64_t pa;
	uint64_t size;
};

/**
 * struct kx_memory - the machine's memory as the host knows it
 *
 * Sources, destinations and the arena lie in RAM and touch no reserved range: firmware that stays
 * resident, and what of the host's the new kernel is to find, like a device tree. Destinations may cover
 * the rest of the host, libkx's code and the stack included. On architectures whose copy runs with
 * translation on, RAM less the reserved ranges is what is mapped; on x86_64 the new kernel starts with that
 * map, so what it reads early, like the BIOS data area, must be RAM and not reserved.
 *
 * A CPU that firmware holds (off, stopped, waiting for a startup message) depends on no memory. One
 * that waits anywhere else does: on its code, its stack, its tables, the line that it monitors. Those
 * are `parked`: no destination touches them, nor the arena. Neither do they touch what is `written`
 * by hardware that cannot be stopped, and there no source lies.
 */
struct kx_memory {
	const struct kx_range *ram; /* page-aligned, ascending, not overlapping */
	size_t ram_count;
	const struct kx_range *reserved; /* any order, any alignment */
	size_t reserved_count;
	const struct kx_range *parked; /* likewise; see kx_park_range() */
	size_t parked_count;
	const struct kx_range *written; /* likewise; see kx_quiesce_reserve() */
	size_t written_count;
};

/**
 * struct kx_arena - memory that the host gives libkx for the list, the tables and the control page
 *
 * One physically contiguous range of RAM, writable at `base`. No destination and no source touches
 * it, and it must stay as libkx left it until the new image runs. Set `used` to 0 before the first
 * call; it grows from the low end.
 */
struct kx_arena {
	void *base;  /* where the host can write it; 8-byte aligned */
	uint64_t pa; /* KX_PAGE_SIZE aligned; not 0, which stands for no page */
	uint64_t size;
	uint64_t used;
};

/* ---- image -> segments ---- */

#define KX_IMAGE_RISCV64     1 /* Linux `Image`, riscv */
#define KX_IMAGE_ARM64       2 /* Linux `Image`, arm64 */
#define KX_IMAGE_BZIMAGE     3 /* Linux bzImage, x86, setup header 2.12 or newer */
#define KX_IMAGE_ELF_RISCV64 4 /* ELF64 executable, put where its p_paddr says */
#define KX_IMAGE_ELF_AARCH64 5
#define KX_IMAGE_ELF_X86_64  6

/* Flags of an image */
#define KX_IMAGE_ANYWHERE 0x1 /* may be put at any base of the right alignment, not below base_pa */
#define KX_IMAGE_ENTER_32 0x2 /* x86_64: entered in 32-bit mode, all of it below 4 GiB */
#define KX_IMAGE_PVH      0x4 /* x86_64: ... with struct hvm_start_info, by its PVH note */
#define KX_IMAGE_5LEVEL   0x8 /* x86_64: may be entered with 5-level paging */

#define KX_IMAGE_LOADS_MAX 8

/** struct kx_image_load - bytes of an image and where they go, relative to its base */
struct kx_image_load {
	uint64_t file_offset;
	uint64_t filesz;
	uint64_t offset; /* from the base */
	uint64_t memsz;  /* the rest beyond filesz is zero at entry */
};

/**
 * struct kx_image - what a kernel image asks for
 *
 * Choose a base: `base_pa`, or where the image is KX_IMAGE_ANYWHERE any multiple of `align` that is
 * not below it. Each load goes to base + offset; the first instruction is at base + entry.
 */
struct kx_image {
	uint32_t kind;  /* KX_IMAGE_* */
	uint32_t flags; /* KX_IMAGE_* */
	uint64_t base_pa; /* the base; the lowest one where the image is KX_IMAGE_ANYWHERE */
	uint64_t align;
	uint64_t entry; /* from the base */
	size_t load_count;
	struct kx_image_load loads[KX_IMAGE_LOADS_MAX];
};

/**
 * kx_image_parse() - find out what an image is and where its bytes want to go
 * @data: the file; of one in pieces its first 64 bytes will do for an Image, 1 KiB for a bzImage, but not less
 * than all of it for an ELF file, whose headers may lie anywhere
 * @size: of the whole file
 * @image: filled in; undefined after an error
 *
 * Reads the headers only and trusts none of them: every offset in the result lies within @size.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_IMAGE_UNKNOWN, -KX_ERR_IMAGE_TRUNCATED,
 * -KX_ERR_IMAGE_HEADER, -KX_ERR_IMAGE_ENDIAN.
 */
int kx_image_parse(const void *data, uint64_t size, struct kx_image *image);

/** struct kx_piece - contiguous source bytes of a segment */
struct kx_piece {
	const void *data; /* where the host can read it; needed only for a last piece of odd size */
	uint64_t pa;      /* KX_PAGE_SIZE aligned */
	uint64_t size;    /* a multiple of KX_PAGE_SIZE but in the last piece of a segment */
};

/**
 * struct kx_segment - bytes and the physical range that they go to
 *
 * The pieces in their order give the first `filesz` bytes; the rest, up to `memsz` and to the end of
 * its page, is zero in the new image. A source may lie in a destination, its own or another's.
 */
struct kx_segment {
	uint64_t dest_pa; /* KX_PAGE_SIZE aligned */
	uint64_t memsz;
	uint64_t filesz;
	const struct kx_piece *pieces;
	size_t piece_count;
};

/**
 * kx_segments_check() - prove the segments sound, and sort them by destination
 * @segments: sorted in place
 * @count: how many; at least 1
 * @memory: what RAM there is
 * @at_pa: where not NULL, the address that an error is about
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_MISALIGNED, -KX_ERR_WRAPS, -KX_ERR_SEGMENT_SIZE,
 * -KX_ERR_SEGMENT_OVERLAP, -KX_ERR_OUTSIDE_RAM, -KX_ERR_RESERVED, -KX_ERR_DEST_OVER_CPU,
 * -KX_ERR_DEST_OVER_WRITER, -KX_ERR_SOURCE_OVER_WRITER.
 */
int kx_segments_check(struct kx_segment *segments, size_t count, const struct kx_memory *memory,
		      uint64_t *at_pa);

/* ---- segments -> page list ---- */

/** struct kx_plan - the segments and the memory they live in: what a list is built from */
struct kx_plan {
	const struct kx_segment *segments; /* as kx_segments_check() left them */
	size_t segment_count;
	const struct kx_memory *memory;
	int swap; /* for KX_ENTER_RETURN: pages change places, and can be put back */
};

/**
 * struct kx_list - a page list, ours or a stranger's
 *
 * kx_list_build() fills it in. For a list that somebody else made, give `head` and a function `at`
 * that turns the physical address of a list page into a pointer, or into NULL where it cannot.
 */
struct kx_list {
	uint64_t head;     /* the first word: INDIRECTION to the first page, or DONE */
	uint64_t spare_pa; /* the page that breaks cycles, written and read again; 0: none */
	const void *(*at)(const void *context, uint64_t pa);
	const void *context;
	uint64_t words;      /* words in the list, DONE included */
	uint64_t copy_pages; /* pages that will be copied */
	uint64_t zero_pages; /* pages that will be zeroed */
};

/**
 * kx_list_build() - turn segments into the list that the trampoline walks
 * @plan: the segments, checked and sorted
 * @arena: pages of the list are taken from it
 * @list: filled in; refers to @arena, which must not move
 *
 * Runs of pages stay runs. Pages that are in place already come last, as copies to themselves, which
 * the trampoline only makes visible. Where a source lies in a destination, copies are ordered so
 * that every page is read before it is written; cycles go through one spare page. A page may be the
 * source of many. The time taken and the arena used grow with the number of runs, not of pages, but
 * for pages that are both a source and a destination: those are ordered one by one.
 *
 * With plan->swap sources and destinations are pairs of pages that change places, so that the same list
 * walked once more puts everything back: no page is in two of them, and zeros come from pages of the
 * arena. Pages in place stay where they are, and keep what the new image makes of them.
 *
 * Returns: 0, whatever kx_segments_check() returns, -KX_ERR_ARGUMENT (also: segments not sorted),
 * -KX_ERR_DEST_OVER_ARENA, -KX_ERR_SOURCE_OVER_ARENA, -KX_ERR_ARENA_SMALL, -KX_ERR_LIST_PAIR (only with
 * plan->swap).
 */
int kx_list_build(const struct kx_plan *plan, struct kx_arena *arena, struct kx_list *list);

/** struct kx_list_rules - what a list must respect */
struct kx_list_rules {
	const struct kx_memory *memory;
	struct kx_range control; /* no destination touches it; size 0: none */
	struct kx_range tables;  /* the same */
	struct kx_range status;  /* the status record: no page that is read or written touches it */
	uint64_t granule; /* pages are reached by mappings of this size, usable in whole; 0: a page */
	int swap;         /* pages change places: see struct kx_plan */
	void *scratch;           /* at least kx_list_check_scratch() bytes, 8-byte aligned */
	uint64_t scratch_size;
};

/** kx_list_check_scratch() - bytes of scratch memory that kx_list_check() needs: 2 bits a page */
uint64_t kx_list_check_scratch(const struct kx_memory *memory);

/**
 * kx_list_check() - prove that a list can be walked
 * @list: the list
 * @rules: the memory and what must not be written
 * @at_pa: where not NULL, the address that an error is about
 *
 * Follows the list once, word by word, as the trampoline will. After 0 it is certain that the walk
 * ends, that it touches RAM only, that nothing reserved, parked or written by hardware, no page of the
 * list, no table and not the control page is written, that no page is written twice and none is read
 * after it was overwritten; with rules->swap, that walked once more it puts all pages back.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_ARENA_SMALL (scratch too small), -KX_ERR_WRAPS,
 * -KX_ERR_STATUS_RANGE, -KX_ERR_OUTSIDE_RAM, -KX_ERR_RESERVED, -KX_ERR_DEST_OVER_LIST,
 * -KX_ERR_DEST_OVER_TABLES, -KX_ERR_DEST_OVER_CONTROL, -KX_ERR_DEST_OVER_CPU, -KX_ERR_DEST_OVER_WRITER,
 * -KX_ERR_SOURCE_OVER_WRITER (also: a page of the list), -KX_ERR_LIST_*.
 */
int kx_list_check(const struct kx_list *list, const struct kx_list_rules *rules, uint64_t *at_pa);

#define KX_STEP_COPY 1 /* copy `pages` from source_pa to dest_pa, upwards; or exchange them */
#define KX_STEP_ZERO 2 /* fill `pages` at dest_pa with zeros */
#define KX_STEP_PAGE 3 /* nothing to do: the list goes on at source_pa */

/** struct kx_list_step - what one word of a list says */
struct kx_list_step {
	int kind; /* KX_STEP_* */
	uint64_t dest_pa;
	uint64_t source_pa;
	uint64_t pages;
};

/** struct kx_list_walk - where a walk stands; start with { .list = list } and the rest zero */
struct kx_list_walk {
	const struct kx_list *list;
	int begun;
	int has_dest;
	uint64_t dest_pa;     /* where the next page goes */
	int entering;         /* page_pa is known, but not its words */
	uint64_t page_pa;     /* the list page that is being read */
	const uint64_t *next; /* the word to be read next */
	const uint64_t *end;  /* of that page */
	uint64_t hops;        /* list pages entered */
	uint64_t mark_pa;     /* a list page seen some hops ago: meeting it again is a loop */
	uint64_t mark_hop;    /* the hop at which the mark moves on */
};

/**
 * kx_list_next() - the next step of a list
 * @walk: moved on
 * @step: filled in where the return value is 1
 *
 * The walk of the trampoline in C, without the copying: for checks, dumps and tests. A list page is
 * read only after its KX_STEP_PAGE has been returned, so a caller can look at the address first.
 *
 * Returns: 1 (a step), 0 (DONE), -KX_ERR_LIST_FLAG, -KX_ERR_LIST_ORDER, -KX_ERR_LIST_LOOP,
 * -KX_ERR_LIST_UNTERMINATED, -KX_ERR_OUTSIDE_RAM (list->at could not reach a page), -KX_ERR_WRAPS.
 */
int kx_list_next(struct kx_list_walk *walk, struct kx_list_step *step);

/* ---- page list -> control page ---- */

struct kx_state; /* kx/state.h */

/**
 * kx_boot_check() - can this library enter this image?
 * @image: from kx_image_parse(), which knows the formats of every architecture
 *
 * riscv64 and aarch64 enter an Image, x86_64 a bzImage or an ELF file.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_IMAGE_ARCH.
 */
int kx_boot_check(const struct kx_image *image);

struct kx_returned;

/** struct kx_jump - where to go when the list is done, and how to get there */
struct kx_jump {
	const struct kx_memory *memory;
	uint64_t entry_pa;                    /* first instruction of the new image */
	uint64_t args[KX_HANDOFF_ARGS_COUNT]; /* its argument registers; see kx_boot_args() */
	uint64_t run_va; /* where the host will have mapped the control page, executable, when it
			  * calls kx_enter(); 0: nowhere, use the copy inside libkx's own text */
	struct kx_device console; /* where the trampoline reports a fault, on a UART or by SBI; purgatory on any */
	uint64_t flags;           /* KX_ENTER_*; see kx_boot_flags() */
	const struct kx_state *state; /* this CPU's registers at the host's entry, by
				       * kx_state_snapshot(); stays until kx_enter(). NULL: unknown */
	struct kx_status *status; /* the status record, where the host sees it; NULL: none */
	uint64_t status_pa;       /* where it is, 64-byte aligned; see kx/status.h */
	struct kx_kick kick;      /* done at least once for each 512 KiB that is written; pa 0: never */
	uint32_t policy;          /* KX_POLICY_HALT (0 too) or KX_POLICY_RESET: after a fault */
	uint32_t reset;           /* aarch64: KX_PSCI_* */
	struct kx_returned *returned; /* KX_ENTER_RETURN: filled in when the new image has come back, and
				       * not before; NULL: not wanted */
};

/** struct kx_returned - what a new image that was entered with KX_ENTER_RETURN has come back with */
struct kx_returned {
	uint64_t value;  /* in a0, x0 or rax; purgatory: -KX_ERR_* */
	uint64_t detail; /* in a1, x1 or rdx; purgatory: the region that an error is about */
};

/** struct kx_control - a sealed control page, ready to be entered */
struct kx_control {
	uint64_t pa;     /* of the control page */
	uint64_t run_va; /* where kx_enter() will call it */
	uint64_t tables_root; /* the register value that switches to its tables; 0: none needed */
	uint64_t tables_mode; /* aarch64: TCR to read them by; 0 elsewhere */
	struct kx_range tables;   /* and libkx's own page, before them */
	void *own;                /* that page, where the host sees it */
	struct kx_status *status; /* as in struct kx_jump */
	const struct kx_state *state; /* of struct kx_jump */
	struct kx_state *host;        /* KX_ENTER_RETURN: for this CPU's registers; else NULL */
	struct kx_returned *returned; /* of struct kx_jump */
};

/**
 * kx_control_seal() - prove the list and write the control page
 * @list: from kx_list_build(), or a stranger's
 * @jump: where to go
 * @arena: the control page and the tables are taken from it
 * @control: filled in
 *
 * Runs kx_list_check() with the control page and the tables in place, so that no unproven list is
 * ever entered. Reads the translation mode of the CPU it runs on; run it on the CPU that will jump.
 * With KX_ENTER_RETURN the list is proved to be one that can be undone.
 *
 * Returns: 0, whatever kx_list_check() returns, -KX_ERR_ARGUMENT (also: a KX_ENTER_* that this
 * architecture does not have or that does not go with another, KX_ENTER_32 with KX_ENTER_RETURN; a policy
 * or a watchdog that there cannot be), -KX_ERR_MISALIGNED,
 * -KX_ERR_STATUS_RANGE, -KX_ERR_ARENA_SMALL, -KX_ERR_PAGING_MODE, -KX_ERR_IDMAP_RANGE,
 * -KX_ERR_ENTER_RANGE, -KX_ERR_MEMORY_TYPE.
 */
int kx_control_seal(const struct kx_list *list, const struct kx_jump *jump, struct kx_arena *arena,
		    struct kx_control *control);

/**
 * kx_arena_size() - an arena size that suffices for a plan
 * @plan: the segments, checked and sorted
 *
 * Enough for kx_list_build() and kx_control_seal() together, wherever sources and destinations lie.
 */
uint64_t kx_arena_size(const struct kx_plan *plan);

/**
 * kx_boot_args() - the argument registers that the image's boot protocol asks for
 * @image: from kx_image_parse(); its kind is one that kx_boot_check() accepts
 * @cpu_id: riscv64: hart id of the CPU that jumps; not used elsewhere
 * @info_pa: address of the device tree; on x86_64 of struct boot_params or struct hvm_start_info
 * @args: filled in, for struct kx_jump
 *
 * What becomes of args[0..3]: a0..a3 on riscv64, x0..x3 on aarch64, and on x86_64 rax, rbx, rsi,
 * rdi or their 32-bit halves, because Linux is handed rsi, PVH ebx and Multiboot eax and ebx.
 */
void kx_boot_args(const struct kx_image *image, uint64_t cpu_id, uint64_t info_pa,
		  uint64_t args[KX_HANDOFF_ARGS_COUNT]);

/**
 * kx_boot_flags() - how the image's boot protocol wants to be entered: KX_ENTER_*, for struct kx_jump
 * @image: from kx_image_parse(); its kind is one that kx_boot_check() accepts
 */
uint64_t kx_boot_flags(const struct kx_image *image);

/* ---- control page -> trampoline ---- */

/**
 * struct kx_park - a place where CPUs wait that no firmware takes back
 *
 * For machines whose firmware started them by a spin table, or all at once: riscv64 with SBI 0.1,
 * aarch64 without PSCI. Not on x86_64: an INIT makes every CPU wait for a startup message, without
 * memory. The place outlives the old kernel. Before the list is built, put its range into
 * kx_memory.parked; tell the new kernel to reserve it, and for each CPU the address that it is called
 * by: in a device tree /memreserve/, `enable-method` "spin-table" and `cpu-release-addr`.
 *
 * Each CPU goes there by itself: to the first byte, at its physical address, mapped to itself or
 * untranslated, at the exception level that the new kernel is entered at; on riscv64 with a0 = hart id.
 */
struct kx_park {
	const uint64_t *ids; /* of all that will wait there, as in struct kx_cpus */
	size_t count;        /* 1..KX_PARK_CPUS_MAX */
	void *base;  /* where the host can write it: kx_park_size() bytes */
	uint64_t pa; /* KX_PAGE_SIZE aligned */
};

/** kx_park_size() - bytes of a parking place for so many CPUs */
uint64_t kx_park_size(size_t count);

/**
 * kx_park_build() - write the code and the slots, and make them visible to CPUs without caches
 * @park: what is at `base` is overwritten; no CPU waits there yet
 *
 * Returns: 0, -KX_ERR_ARGUMENT (also: an architecture that parks no CPU), -KX_ERR_MISALIGNED,
 * -KX_ERR_WRAPS.
 */
int kx_park_build(const struct kx_park *park);

/** kx_park_range() - what is to be kept: for kx_memory.parked, and for the new kernel */
struct kx_range kx_park_range(const struct kx_park *park);

/**
 * kx_park_release_pa() - where the new kernel writes the address that a CPU shall go to
 * @park: built
 * @id: of the CPU
 *
 * Eight bytes, zero until then: `cpu-release-addr`. The writer cleans them to memory, and on aarch64
 * sends an event after that.
 *
 * Returns: the physical address, or 0 for a CPU that has no slot.
 */
uint64_t kx_park_release_pa(const struct kx_park *park, uint64_t id);

/** struct kx_cpus - the other CPUs, and how long to wait for them */
struct kx_cpus {
	const uint64_t *ids; /* hart ids, MPIDR affinities or APIC ids; not this CPU's */
	size_t count;        /* 0: this is the only CPU, and the rest does not count */
	uint64_t timer_hz;   /* of the CPU's counter: time, CNTVCT or TSC */
	uint64_t timeout_us; /* for all of them together */
	uint32_t method;     /* KX_CPUS_* */
	const struct kx_park *park; /* for KX_CPUS_PARKED */
	volatile void *apic; /* x86_64: where the host has mapped the local APIC's page, uncached; not
			      * needed in x2APIC mode */
};

#define KX_CPUS_DEFAULT  0 /* SBI HSM; PSCI as by KX_PSCI_DEFAULT; INIT by the local APIC */
#define KX_CPUS_PSCI_HVC 1 /* aarch64: PSCI by HVC */
#define KX_CPUS_PARKED   2 /* they wait in a parking place, whose slots say so */
#define KX_CPUS_PSCI_SMC 3 /* aarch64: PSCI by SMC */

/**
 * kx_cpus_confirm() - make sure that every other CPU has stopped
 * @cpus: the CPUs; the host has told each to stop. Not NULL
 * @culprit: where not NULL, the id of the CPU that an error is about
 *
 * Waits until the firmware says so. On x86_64 there is none to ask, and a CPU that was told to stop
 * still halts in memory that is about to be overwritten: there each is sent an INIT, which leaves it
 * waiting for a startup message and fetching nothing, and the local APIC confirms the delivery.
 * CPUs that are parked are asked nothing: their slots say that they have come.
 * A CPU holds an INIT back while it is in VMX operation or has GIF clear, and the boot CPU must not
 * get one: the host ends the former before, and calls this on the latter.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_CPU_RUNNING, -KX_ERR_CPU_FIRMWARE, -KX_ERR_CPU_NOT_BOOT.
 */
int kx_cpus_confirm(const struct kx_cpus *cpus, uint64_t *culprit);

/**
 * kx_enter() - confirm that this CPU is alone, and jump
 * @control: sealed; mapped executable at its run_va unless that is libkx's own
 * @cpus: the other CPUs, as in kx_cpus_confirm()
 *
 * The point of no return lies inside: with every CPU stopped, interrupts are masked, this CPU's
 * registers get the values that a new kernel expects (see kx_state_restore()), the control page is
 * entered and the host's memory may be overwritten.
 *
 * With KX_ENTER_RETURN the new image may come back: see kx/abi.h. Then all pages are where they were, and
 * so are this CPU's registers, as far as its privilege level has them, translation, vectors, masks and
 * what a call preserves of floating point. What is the host's to start again: the other CPUs, devices, and
 * what firmware was asked to stop, on riscv64 SBI's timer, performance counters and events, and features like
 * the delegation of misaligned accesses. Called again, it enters the same image, as that has left itself.
 * A host on a shadow stack (x86's supervisor one, aarch64's GCS, riscv64's Zicfiss) turns that off before:
 * calls that were made without it cannot return to it. On x86_64 a CPU in VMX operation leaves that before.
 * kx_dry_run() asks for the same. Landing pads (x86's IBT, aarch64's BTI, riscv64's Zicfilp) may stay in
 * force; of the new image's first instruction none is asked.
 *
 * Returns: never, or what kx_cpus_confirm() returned, or -KX_ERR_ARGUMENT, with nothing overwritten. With
 * KX_ENTER_RETURN also what the new image has returned, of returned->value the lower half.
 */
int kx_enter(const struct kx_control *control, const struct kx_cpus *cpus);

/**
 * kx_dry_run() - go the whole way of kx_enter(), and come back
 * @control: sealed, and mapped as for kx_enter()
 * @arena: as kx_control_seal() left it; a free part is borrowed
 * @found: where not NULL, the record of this way: how long its stages took, and of a fault where and what;
 *         see kx_status_read()
 *
 * To be called before a host commits: it is kx_enter() but for what cannot be undone. This CPU's registers
 * get the values that a new kernel expects; the control page is entered; on libkx's tables the vectors are
 * made to answer, the list is walked word by word, with the watchdog's kicks, and of each page that would be
 * read or written a word is read; the mode of the new image's entry is entered, translation off or 32 bits as
 * that may be, and left again; and all is put back. No page of the list is written, nor the status record
 * left as another. A fault comes back too, even in the list; but for a few instructions that no vectors can
 * be in force for: see README, "When a hop fails".
 *
 * It cannot show that what is read can be written, nor on x86_64, where that reads as all ones, that there
 * is memory at all. It needs no KX_ENTER_RETURN. Other CPUs may run, as long as they leave the arena alone.
 * Interrupts are masked; one that comes meanwhile may be lost, and an NMI is a fault. What firmware was asked
 * to stop, riscv64's timer for one, stays stopped as after a kx_enter() that came back.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_ARENA_SMALL, -KX_ERR_DRY_FAULT, -KX_ERR_DRY_VECTORS. kx_enter() may
 * follow in any case.
 */
int kx_dry_run(const struct kx_control *control, struct kx_arena *arena, struct kx_status *found);

/* ---- a system that dies ---- */

struct kx_crash; /* in the arena; libkx's own */

/* Bytes of the arena that kx_crash_seal() takes beside kx_arena_size(), for ISA strings of up to 4 KiB */
#define KX_CRASH_ARENA 0x3000

/**
 * kx_crash_seal() - prepare everything in advance for a system that may die
 * @list: from kx_list_build(), or a stranger's; where the new image lies in place already, one of copies
 * to themselves, or a lone DONE
 * @jump: as for kx_control_seal(), but not to come back; `state` is copied
 * @arena: at a KX_PAGE_SIZE aligned `base`, and mapped there, writable, when the system dies
 * @crash: for kx_crash_enter(); in the arena, and NULL after an error
 *
 * jump->memory is what is reserved for this and nothing else: its RAM is all that will be written, and where
 * the copy runs on tables, on x86_64 and aarch64, all that these map beside the console and the watchdog;
 * on x86_64 Linux wants to find the RAM below 1 MiB there too, which is then its own to write.
 * So sources, destinations, the arena and the record lie there, or are refused as outside-ram, and all of it
 * stays as it is until the system dies.
 *
 * Returns: 0, whatever kx_control_seal() returns, -KX_ERR_OUTSIDE_RAM and -KX_ERR_RESERVED (also: the status
 * record), -KX_ERR_ARGUMENT (also: KX_ENTER_RETURN), -KX_ERR_MISALIGNED (also: arena->base).
 */
int kx_crash_seal(const struct kx_list *list, const struct kx_jump *jump, struct kx_arena *arena,
		  struct kx_crash **crash);

/** kx_crash_page_pa() - the control page, for a host that maps it at jump->run_va */
uint64_t kx_crash_page_pa(const struct kx_crash *crash);

/**
 * kx_crash_enter() - leave a system that has died
 * @crash: from kx_crash_seal()
 * @cpu_id: riscv64: hart id of this CPU, for args[0], purgatory's image's too; not used elsewhere
 *
 * From wherever a panic has got to: on a stack that is none, with interrupts on or masked, in the handler of
 * an exception, of an interrupt or, on x86_64, of an NMI; in the translation mode, and on aarch64 at the
 * level, that kx_crash_seal() was called in; on any CPU. It takes no lock, allocates nothing, waits for
 * nothing, and has a stack of its own. What it needs of the host is that its tables still map libkx's text,
 * the arena, the record and run_va. On x86_64 a CPU in VMX operation leaves that before.
 *
 * The first CPU to come goes on; all others stay here, masked, for good, even those that come when the new image
 * has its own words in the arena. It puts this CPU's registers in order as kx_enter() does; where that fails it
 * goes on without. Interrupts stay pending, and so do SErrors of aarch64. NMIs are ignored until the new image,
 * if it is one in 64-bit mode, has gates of its own or uses the memory of the arena; having come from the
 * handler of one, they are masked until it executes an IRET. Machine checks end the hop like any fault, and so
 * do NMIs and SErrors in purgatory.
 *
 * Nothing is asked of other CPUs and of devices: they run on, and may write where they did before. The new
 * image has to deal with them, IOMMUs that are on included, and must not use memory beside what it was given.
 *
 * Returns: never, but where @crash is NULL.
 */
void kx_crash_enter(struct kx_crash *crash, uint64_t cpu_id);

#ifdef __cplusplus
}
#endif
#endif /* KX_KX_H */
