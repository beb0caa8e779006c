/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every architecture provides to lib/, documented once. Each arch/<a>/ holds the same files:
 *
 *   cpu.h         names of registers and bits that assembly and C of this architecture share, and
 *                 KX_ENTRY_ALIGN, KX_ROTATED, KX_ENTER_KNOWN, KX_PURGATORY_KNOWN, KX_PURGATORY_BEYOND and
 *                 KX_MACHINE
 *   cpu.c         reads and writes registers of the CPU it runs on
 *   idmap.c       encodes table entries and chooses the geometry; portable C, unit-tested anywhere
 *   boot.c        what the boot protocol puts in the argument registers
 *   cpus.c        asks the firmware whether another CPU has stopped
 *   io.c          order between memory and devices; I/O ports where there are any
 *   registers.h   the registers that outlive the jump, a line each
 *   state.c       reads and writes them
 *   writers.c     stops what this CPU, or its firmware, writes to memory on its own
 *   park.S        where a CPU waits that no firmware takes back; see park.h
 *   enter.S       from the host's address space to the control page's physical address
 *   trampoline.S  walks the list and jumps
 *   walk.S        follows the list
 *   list.inc      reads its words, for walk.S and probe.S
 *   probe.S       stands for walk.S and for the new image in a dry run
 *   return.S      from the new image, if it comes back, to the host's address space
 *   fault.S       the fault vectors, and the record of the hop; these are the control page
 *   call.S        what the host needs when it gets there
 *   crash.S       from a system that dies to enter.S
 *   live.h        what their registers are called
 *   early.ld      what of purgatory's code lies before its info
 */
#ifndef KX_ARCH_H
#define KX_ARCH_H

#include <kx/kx.h>
#include <kx/state.h>

#include "hidden.h"

/* cpu.c */

/** struct kx_paging - how the CPU translates the host's addresses, as idmap.c needs it */
struct kx_paging {
	uint64_t mode;     /* riscv64: satp; aarch64: TCR; x86_64: CR4 */
	uint64_t mode2;    /* aarch64: MAIR; x86_64: PAT */
	uint64_t level;    /* KX_LEVEL_*: what else decides how entries are read */
	uint64_t features; /* aarch64: ID_AA64MMFR0_EL1 */
};

/** kx_paging_read_() - read how this CPU translates now */
KX_HIDDEN void kx_paging_read_(struct kx_paging *paging);

/** kx_ticks_() - the CPU's counter: time, CNTVCT_EL0 or TSC */
KX_HIDDEN uint64_t kx_ticks_(void);

/**
 * kx_code_publish_() - make bytes written as data visible to instruction fetch and to table walks
 * @data: where they were written
 * @size: how many
 *
 * To the point of coherency where the architecture has one, because what runs there may run with
 * translation and caches off.
 */
KX_HIDDEN void kx_code_publish_(const void *data, uint64_t size);

/* idmap.c */

/** struct kx_idmap_want - what the tables must map */
struct kx_idmap_want {
	struct kx_paging paging;
	uint64_t run_va;     /* where the control page runs in the host's address space */
	uint64_t control_pa; /* where it is */
	void *own;           /* libkx's own page, where the host sees it */
	uint64_t own_pa;     /* where it is */
	uint64_t status_pa;  /* of the record; 0: none */
	uint64_t console_pa; /* of a console in memory; 0: none */
	uint64_t kick_pa;    /* of the watchdog; 0: none */
	const struct kx_memory *memory;
};

/**
 * kx_idmap_off_() - does the host run untranslated, at physical addresses?
 *
 * Then there is no alias to make, and the control page is entered where it is.
 */
KX_HIDDEN int kx_idmap_off_(const struct kx_paging *paging);

/** kx_idmap_granule_() - bytes of the smallest mapping in the host's tables: a power of two */
KX_HIDDEN uint64_t kx_idmap_granule_(const struct kx_paging *paging);

/**
 * kx_idmap_pages_() - an upper bound of the granules that kx_idmap_build_() takes from the arena
 * @paging: as read; all zero for the worst case over all modes
 * @memory: what will be mapped
 */
KX_HIDDEN uint64_t kx_idmap_pages_(const struct kx_paging *paging, const struct kx_memory *memory);

/**
 * kx_idmap_build_() - tables that map the control page and libkx's own at both their addresses
 * @want: what to map; its own page is filled in where the architecture has tables of its own there
 * @arena: the tables are taken from it, one after the other
 * @handoff: gets `tables` and `cpu[]`
 *
 * Architectures whose copy runs with translation on map RAM less the reserved ranges too, the status
 * record, the watchdog and where it is needed the console, PA = VA. Nothing else is mapped.
 *
 * Returns: 0, -KX_ERR_PAGING_MODE, -KX_ERR_IDMAP_RANGE, -KX_ERR_MEMORY_TYPE, -KX_ERR_ARENA_SMALL.
 */
KX_HIDDEN int kx_idmap_build_(const struct kx_idmap_want *want, struct kx_arena *arena,
			      struct kx_handoff *handoff);

/* cpus.c */

/**
 * kx_cpu_stopped_() - has this CPU stopped?
 * @cpus: for the method
 * @id: which
 *
 * Returns: 1 (stopped, and nothing of it depends on memory), 0 (not yet), -KX_ERR_CPU_FIRMWARE.
 */
KX_HIDDEN int kx_cpu_stopped_(const struct kx_cpus *cpus, uint64_t id);

/* io.c */

/** kx_io_barrier_() - what was done to memory and to devices before comes before what is done after */
KX_HIDDEN void kx_io_barrier_(void);

/** kx_io_publish_() - make bytes written visible to a device that may not see the CPU's caches */
KX_HIDDEN void kx_io_publish_(const void *data, uint64_t size);

/** kx_port_usable_() - are there I/O ports? Elsewhere reads are all ones and writes are lost: lib/quiesce/no_ports.c */
KX_HIDDEN int kx_port_usable_(void);
KX_HIDDEN uint32_t kx_port_read32_(uint16_t port);
KX_HIDDEN void kx_port_write32_(uint16_t port, uint32_t value);
KX_HIDDEN void kx_port_write16_(uint16_t port, uint16_t value);

/* registers.h and state.c */

#define KX_RULE_SHOWN 0    /* nobody writes it: it only tells */
#define KX_RULE_ENTRY 1    /* gets its value of the host's entry; where that is not known, none */
#define KX_RULE_VALUE 2    /* gets `value` */
#define KX_RULE_LATE  3    /* enter.S or trampoline.S sets it: the host's own code runs by it */
#define KX_RULE_SELF  4    /* as KX_RULE_ENTRY, but each CPU's own: of another CPU's entry it is not taken */
#define KX_RULE_OWN   0x80 /* beside a rule: late, where the host runs at the level that it is of */

/** struct kx_register - one register that outlives the jump */
struct kx_register {
	char name[20];
	uint8_t there;  /* which of kx_bank.count says that there is such a register */
	uint8_t number; /* ... where that is more than this */
	uint8_t rule;   /* KX_RULE_* */
	uint32_t id;    /* where an instruction can take it from another register: its number */
	uint64_t value;
};

extern const struct kx_register kx_registers_[] KX_HIDDEN;
extern const size_t kx_register_count_ KX_HIDDEN; /* at most KX_STATE_MAX */

#define KX_BANK_COUNTS 64

/** struct kx_bank - the registers of this CPU, while they are looked at */
struct kx_bank {
	const struct kx_state *state;  /* for what the caller knows of the CPU; may be NULL */
	uint8_t count[KX_BANK_COUNTS]; /* by kx_register.there: how many there are */
	int own;                       /* registers with KX_RULE_OWN are the host's own */
	uint64_t cpu;                  /* a number that no other CPU has; riscv64: 0, see registers.h */
	uint64_t saved[6];             /* what is put back at the end */
};

/** kx_bank_open_() - mask interrupts, find out what there is, and allow access to it */
KX_HIDDEN void kx_bank_open_(struct kx_bank *bank, const struct kx_state *state);

/** kx_bank_read_() - read a register by its index. Returns: 1, 0 (there is none). */
KX_HIDDEN int kx_bank_read_(struct kx_bank *bank, size_t index, uint64_t *value);

/** kx_bank_write_() - write one that could be read */
KX_HIDDEN void kx_bank_write_(struct kx_bank *bank, size_t index, uint64_t value);

/** kx_bank_stop_() - stop what runs or waits by itself: timers, counters, breakpoints */
KX_HIDDEN void kx_bank_stop_(struct kx_bank *bank);

/**
 * kx_bank_self_() - what a register with KX_RULE_SELF is on this CPU, by the architecture
 *
 * Returns: 1, 0 (nobody knows: it stays as it is).
 */
KX_HIDDEN int kx_bank_self_(const struct kx_bank *bank, size_t index, uint64_t *value);

#define KX_BANK_AS_BEFORE 0
#define KX_BANK_MASKED    1

/** kx_bank_close_() - what was allowed for access is as before; interrupts too, or still masked */
KX_HIDDEN void kx_bank_close_(struct kx_bank *bank, int interrupts);

/* lib/state.c, for kx_enter() */

/**
 * kx_state_save_() - mask interrupts, and read what the new image may change
 * @host: filled in
 * @bank: opened, for kx_state_resume_()
 */
KX_HIDDEN void kx_state_save_(struct kx_state *host, struct kx_bank *bank);

/** kx_state_resume_() - put all that back; interrupts are as they were before kx_state_save_() */
KX_HIDDEN void kx_state_resume_(const struct kx_state *host, struct kx_bank *bank);

/**
 * kx_state_handoff_() - what the trampoline needs to finish what kx_state_restore() begins
 * @entry: as in there
 * @handoff: gets words of `cpu`
 */
KX_HIDDEN void kx_state_handoff_(const struct kx_state *entry, struct kx_handoff *handoff);

/* writers.c */

/**
 * kx_writers_stop_() - stop what this CPU writes to memory beside its program, and who enters it from above
 * @cpus: how firmware is called; may be NULL
 * @last: this is the only CPU that still runs
 *
 * Trace and profile buffers, memory shared with firmware or a hypervisor, and events that firmware delivers
 * into the old kernel's handlers, as far as this privilege level may: those of this CPU, and by the last CPU
 * those that any CPU may get.
 *
 * Returns: 0, -KX_ERR_CPU_FIRMWARE.
 */
KX_HIDDEN int kx_writers_stop_(const struct kx_cpus *cpus, int last);

/* call.S */

/**
 * kx_call_ - run the control page, and come back when the new image does
 *
 * The first four are those of kx_enter_, run_va is where the control page is run. Called and left with
 * interrupts masked. The registers of `struct kx_state` are as the new image has left them, but for those
 * that C runs by.
 *
 * Returns: what the new image has come back with, in *returned.
 */
KX_HIDDEN void kx_call_(uint64_t tables, uint64_t control_pa, uint64_t mode, void *own, uint64_t run_va,
			struct kx_returned *returned);

/* enter.S, trampoline.S and fault.S, linked alone into one page: see linker/trampoline.ld */

/**
 * kx_trampoline_page_ - that page, inside the library's text, page-aligned; its handoff is zero
 *
 * At KX_CONTROL_ENTRY lies kx_enter_, which gets handoff.tables, the PA of the control page,
 * handoff.cpu[0] (what must be switched together with the tables, 0 where nothing must), and libkx's
 * own page where the host sees it.
 */
extern const uint8_t kx_trampoline_page_[KX_PAGE_SIZE] KX_HIDDEN;

/**
 * kx_probe_page_ - the same with probe.S in the place of walk.S, for kx_dry_run()
 *
 * What the two have in common lies at the same offsets: one may be begun in the other. The handoff is zero
 * but for entry_pa, the offset of what stands for the new image.
 */
extern const uint8_t kx_probe_page_[KX_PAGE_SIZE] KX_HIDDEN;

#endif /* KX_ARCH_H */
