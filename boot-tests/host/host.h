/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the host: the smallest bootloader that embeds libkx. */
#ifndef HOST_H
#define HOST_H

#include <kx/kx.h>
#include <kx/quiesce.h>
#include <kx/state.h>

#include "bare.h"
#include "rest.h"

/* From linker/image.ld */
extern char image_start[], image_text_end[], image_data[], image_end[];
extern char image_stack[], image_stack_top[];

#define HOST_NOWHERE 0x7000000000000 /* neither memory nor device on any of the machines */

/* ---- main.c: what there is to do when something is wrong ---- */

_Noreturn void fail(const char *what);

/* Go on where there is no error; at_pa: what it is about. */
void must(int error);
void must_at(int error, uint64_t at_pa);

/* ---- options.c: `kx.<key>=<value>` words of the host's command line ---- */

struct options {
	char paging[16];  /* how the host maps itself; the first is the default, see mmu.c */
	char e2h[4];      /* aarch64 at EL2: run with HCR_EL2.E2H 0 or 1; empty: as found */
	char control[16]; /* text: run libkx's own copy; vmap: map the control page elsewhere */
	char refuse[32];  /* provoke this refusal instead of booting; `all`: every one */
	char cpus[24];    /* stop (default), or how else the others are left: see cpus.c */
	char apic[8];     /* x86_64: `x2`: run the local APIC in x2APIC mode */
	char corrupt[16]; /* after every check: a `byte` of a part, the `list`, a `dest`, a `pair`;
			   * before them, a `hole` */
	char dma[16];     /* leave devices writing: `on`, `fault`, `broken`: see quiet.c */
	char quiesce[16]; /* full (default), or less, for the tests: see quiet.c */
	char purgatory[16]; /* regions (default), digest, or off: see purgatory.c */
	char policy[16];    /* halt (default), reset, or, purgatory's alone, fallback or return */
	char back[4];       /* on: the payload comes back once: see back.c */
	char crash[16];   /* the host dies, and how: see crash.c */
	char dry[8];        /* on: try the way first; or more, for the tests: see dry.c */
	char state[16];   /* entry (default), unknown, leave: see state.c */
	char dirt[4];     /* on: leave registers as no host would */
	uint64_t seed;    /* of the shuffle */
	uint64_t base;    /* where to put the kernel; 0: the lowest place */
	uint64_t kick;    /* where a watchdog wants a `.` from time to time; 0: nowhere */
	char wrong[48];   /* the first word that is none of these: the host does not guess what was meant */
	uint64_t wrong_at; /* which option it is a value of */
};

void options_read(struct options *options, const char *line);

/* Ends the host, with what there is, where a word of that line is wrong. */
void options_must(const struct options *options);

/* ---- line.c: the new kernel's command line, with a word or a number more ---- */

const char *line_with(const char *bootargs, const char *word);
const char *line_with_number(const char *bootargs, const char *key, uint64_t value);

/* ---- platform: what the firmware tells ---- */

#define PLATFORM_RANGES 32
#define PLATFORM_CPUS   64
#define PLATFORM_DEVICES 16
#define PLATFORM_REACH   ((uint64_t)64 << 30) /* the linear map of every host covers it */

struct platform {
	struct kx_range ram[PLATFORM_RANGES];
	struct kx_range reserved[PLATFORM_RANGES];
	struct kx_range written[PLATFORM_RANGES]; /* by hardware: see quiet.c */
	struct kx_memory memory;
	struct kx_range kept;    /* RAM that nothing is to be put into; size 0: none */
	struct kx_range payload; /* the FIT image */
	struct kx_range info;    /* what the firmware handed over: the device tree */
	struct kx_device console;
	uint64_t boot_cpu;
	uint64_t cpus[PLATFORM_CPUS]; /* the others */
	size_t cpu_count;
	uint64_t timer_hz;
	uint32_t cpus_method; /* KX_CPUS_* */
	uint32_t psci;        /* aarch64: KX_PSCI_* */
	volatile void *apic;  /* x86_64: the local APIC */
	const struct kx_park *park; /* from where the new kernel calls the others; NULL: by firmware */
	struct kx_device devices[PLATFORM_DEVICES]; /* for kx_quiesce() */
	size_t device_count;
	struct kx_range pci_window; /* where BARs may be put, if the firmware has not; size 0: it has */
	const char *options;
};

/* The host's command line alone, before anything is mapped. */
const char *platform_options(uint64_t info_pa);

/* Returns NULL, or what is wrong with what the firmware handed over. */
const char *platform_read(struct platform *platform, uint64_t boot_cpu, uint64_t info_pa);

/* What the firmware says that the CPU can do: for struct kx_state. */
const char *platform_isa(uint64_t info_pa);

/* What kx_quiesce() has to know of this machine. */
void platform_devices(struct platform *platform);

struct fit;
struct pool;
struct scatter;

struct boot_info {
	const struct fit *fit; /* for its kernel, its bootargs, and a device tree that came with it */
	const struct kx_image *image;
	struct kx_range ramdisk; /* where it will lie; size 0: none */
	uint64_t record_pa;      /* of the status record: the new kernel's to leave alone */
	struct kx_range only;    /* the memory that it is to use; size 0: all there is */
	uint64_t at_pa;          /* where this will lie */
};

/* What the new kernel is handed, into `to`. Returns its size, or 0 where it cannot be made. */
uint64_t platform_boot_info(const struct platform *platform, const struct boot_info *info, void *to,
			    uint64_t room);

/* ---- <arch>/mmu.c: the host's own address space ---- */

/* Called untranslated. Returns the register value that switches on, or 0 to run as it is. */
uint64_t mmu_build(const struct options *options);

/* Called once the host runs where it was linked; says in words where it is. */
const char *mmu_settle(void);

/* Map one page of code at an address outside the linear map. */
uint64_t mmu_map_code(uint64_t pa);
uint64_t mmu_code_va(void);

void *mmu_ptr(uint64_t pa);
uint64_t mmu_pa(const void *ptr);

/* ---- <arch>/smp.c: the other CPUs ---- */

/* Start every other CPU, so that there is something to stop. Returns how many run. */
size_t smp_start(const struct platform *platform, const struct options *options);

/* Tell them to stop; with `park`, all but the last. Returns how many of platform->cpus libkx is to make
 * sure of. */
size_t smp_stop(const struct platform *platform, int park);

/* Send the CPU platform->cpus[i] to code at this address, untranslated. Not on x86_64. */
void smp_send(const struct platform *platform, size_t i, uint64_t pa);

/* A page for a CPU to wait in: page_pa, or where it runs in any case. */
uint64_t smp_pen_at(uint64_t page_pa);

/* Send the last CPU there. Returns 0 where it does not come. */
int smp_pen(const struct platform *platform, uint64_t pen_pa);

/* start.S: what may come over the pen, see pen.h */
extern const char pen_nop[4], pen_other[], pen_other_end[];

/* ---- cpus.c: how the other CPUs are left ---- */

void cpus_begin(struct platform *platform, const struct options *options);

/* Take memory. Returns the command line for the new kernel. */
const char *cpus_prepare(struct pool *pool, const char *bootargs);

/* Have them run. Returns 0 where one does not, or not where it is to wait. */
int cpus_start(void);

/* One more segment, where they are left in one. Returns 0 where it does not fit. */
int cpus_insert(struct scatter *pieces);

/* Tell them to stop; `cpus` gets what libkx is to make sure of. */
void cpus_stop(struct kx_cpus *cpus);

/* ---- tree.c: flattened device trees, FIT images among them ---- */

/* May libfdt be let loose on it? Firmware's own is as large as it says itself. */
int tree_is_sound(const void *tree, uint64_t size);

/* A property that is a string, the first of several; NULL: it is not there, or has no end. */
const char *tree_string(const void *tree, int node, const char *property);

/* ---- fit.c: the payload as this field ships it ---- */

struct fit_part {
	const void *data;
	uint64_t size;
};

struct fit {
	struct fit_part kernel;
	struct fit_part ramdisk; /* size 0: none */
	struct fit_part fdt;     /* the same */
	struct fit_part fallback; /* a kernel for kx.policy=fallback; the same */
	const char *bootargs;
};

/* Returns NULL, or "<name>: <what>" of the fault. */
const char *fit_open(const void *blob, uint64_t size, struct fit *fit);

/* ---- pool.c: which physical memory is free ---- */

#define POOL_TAKEN 64

struct pool {
	const struct kx_memory *memory;
	struct kx_range taken[POOL_TAKEN];
	size_t taken_count;
};

void pool_take(struct pool *pool, uint64_t pa, uint64_t size);

/* The lowest free place at or above from_pa, at `offset` from a multiple of `align`; UINT64_MAX: none */
uint64_t pool_lowest(const struct pool *pool, uint64_t size, uint64_t align, uint64_t from_pa);

/* Take the highest free place. UINT64_MAX: none */
uint64_t pool_highest(struct pool *pool, uint64_t size, uint64_t align);

/* ---- scatter.c: the payload, in pieces all over RAM ---- */

/* A kernel, a ramdisk, boot information; the same for a fallback; purgatory */
#define SCATTER_SEGMENTS (2 * (KX_IMAGE_LOADS_MAX + 2) + 1)

struct scatter {
	struct kx_segment segments[SCATTER_SEGMENTS];
	size_t count;
	struct kx_piece *pieces;
	size_t piece_count;
	size_t piece_max;
	struct kx_range span; /* the stretch of memory that they lie in */
	uint64_t seed;
};

struct scatter_part {
	struct fit_part bytes;
	uint64_t dest_pa;
	uint64_t memsz;
};

/* Returns 0 where memory is short. */
int scatter(struct scatter *scatter, struct pool *pool, const struct scatter_part *parts,
	    size_t count);

/* ---- layout.c: where the parts of a new image will lie ---- */

struct layout {
	const struct platform *platform;
	uint64_t base_pa; /* where to put the kernel; 0: the lowest place */
	uint64_t record_pa; /* of the status record's page */
	struct kx_range only; /* the memory that the new kernel is to use; size 0: all there is */
	struct scatter_part part[SCATTER_SEGMENTS];
	size_t count;
	struct pool live; /* what the host needs until the jump */
	struct pool dest; /* what the parts take */
};

/* `pa` itself; ends the host where it is UINT64_MAX. */
uint64_t must_place(uint64_t pa, const char *what);

void layout_begin(struct layout *layout, const struct platform *platform);

/* A place of its own, not below from_pa. */
uint64_t layout_place(struct layout *layout, uint64_t from_pa, uint64_t size, const char *name);

/* The parts of an image, each with its place, and where it will be entered with what. */
void layout_add(struct layout *layout, const struct fit *fit, const struct kx_image *image,
		struct kx_jump *jump);

/* ---- status.c: the status record ---- */

/* A page for it; says what is in there from the last time, and begins a new one. */
void status_begin(struct layout *layout, struct kx_jump *jump, uint64_t timer_hz);

/* The stage of what quiet.c does, and its bad end. Returns @error. */
void status_quiesce(void);
int status_failed(int error, uint64_t at);

/* ---- purgatory.c: purgatory between the trampoline and the new kernel ---- */

/* A place for it, and for what to fall back to; called when all that it vouches for has one. */
void purgatory_lay_out(struct layout *layout, const struct fit *fit, const struct options *options);

/* Digests of what was scattered; purgatory is one more segment, and where the jump goes. */
void purgatory_insert(struct scatter *pieces, const struct platform *platform, struct kx_jump *jump);

/* ---- quiet.c: devices left writing, and how they are stopped ---- */

/* At the host's own entry: find the devices, remember how they were. */
void quiet_begin(struct platform *platform, const struct options *options);

/* Take memory. Returns the command line for the new kernel: with kx.dma, also what it shall watch. */
const char *quiet_prepare(struct pool *pool, const char *bootargs);

/* Right before the jump: let devices write, then stop them. Returns what kx_quiesce() did. */
int quiet_now(const struct kx_cpus *cpus, const struct kx_plan *plan);

/* ---- state.c and <arch>/dirt.c: the registers that outlive the jump ---- */

/* At the host's own entry, untranslated; and again where it stays. */
void state_early(uint64_t info_pa);
void state_settle(const struct platform *platform);

const struct kx_state *state_entry(const struct options *options); /* for struct kx_jump */

/* With kx.dirt=on: leave registers as no host would. */
void state_dirty(const struct options *options);

/* kx_enter(), but for the negative controls. */
int state_enter(const struct options *options, const struct kx_control *control,
		const struct kx_cpus *cpus);

/* Which bits of a register to turn over, where not those that @mask says already. */
void dirt_mask(const char *name, uint64_t *mask);

/* ---- same.c: is all as before? ---- */

struct same {
	struct rest rest; /* memory, but for what may be another */
	struct kx_state before, after;
};

void same_except(struct same *same, uint64_t pa, uint64_t size);
void same_forget(struct same *same);
void same_begin(struct same *same, const struct options *options, const struct kx_memory *memory);
void same_end(struct same *same);

/* In lines that begin with the name. */
void same_say(const struct same *same, const char *name);

/* ---- dry.c: the way is tried before it is gone ---- */

/* Before the memory is asked what is free: with kx.corrupt=hole there is more of it than there is. */
void dry_dig(const struct options *options, struct platform *platform, struct layout *layout);

/* With kx.dry. Returns 0 where the way is not clear. */
int dry_run(const struct options *options, const struct kx_control *control, struct kx_arena *arena,
	    const struct kx_memory *memory);

/* Was it not? Then the next image shall be undamaged. */
int dry_again(struct options *options, struct platform *platform);

/* ---- back.c: the new image comes back ---- */

/* Is it able to? Then its pages change places with the host's. */
int back_wanted(const struct options *options);

/* Take what it needs. Returns the command line for the new kernel. */
const char *back_prepare(const struct options *options, struct kx_jump *jump, const char *bootargs);

/* Memory that may be another afterwards: where the pieces are, and what libkx works with. */
void back_except(uint64_t pa, uint64_t size);

/* state_enter(); when the new image has come back, look at everything. */
void back_enter(const struct options *options, const struct kx_control *control,
		const struct kx_cpus *cpus, const struct kx_memory *memory);

/* Has it? Then the next one shall stay, and be undamaged. */
int back_again(struct options *options);

/* ---- crash.c: the host dies ---- */

/* Keep memory for that, and put everything there. Returns what libkx is to know of. */
const struct kx_memory *crash_reserve(const struct options *options, struct layout *layout);

/* Returns the command line for the new kernel. */
const char *crash_prepare(const char *bootargs);

/* Prepare it, and die. */
void crash_enter(const struct kx_list *list, const struct kx_jump *target, struct kx_arena *arena,
		 const struct platform *platform);

/* ---- refuse.c: every refusal of the library, provoked ---- */

int refuse(const char *name, const struct platform *platform, struct scatter *scatter,
	   const struct kx_arena *arena);

/* Ends the host, with what there is, where none has that name. */
void refuse_must(const char *name);

#endif /* HOST_H */
