/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the parts of purgatory: the program that verifies the new image and jumps to it.
 *
 *   arch/<a>/purgatory.S  entry, stack, traps
 *   flat.c or kexec.c     where it learns what to do: struct kx_purgatory_info, or kexec's symbols
 *   record.c              of the flat blob: the status record, a watchdog, registers at a fault
 *   run.c                 check the info, hash, verdict
 *   halves.c              ... two hashes at once; no_halves.c inside kexec, and where that gains nothing
 *   fault.c               what is done when something is wrong
 *   policy.c              ... and how it ends; no_policy.c inside kexec
 *   enter.c               of the flat blob: the image, or the one in its place
 *   jump                  arch/<a>/purgatory.S again
 */
#ifndef KX_PURGATORY_PURGATORY_H
#define KX_PURGATORY_PURGATORY_H

#include <kx/purgatory.h>
#include <kx/sha256.h>

#include "console.h"
#include "cpu.h"
#include "hidden.h"

/** struct kx_purgatory - a run */
struct kx_purgatory {
	const struct kx_purgatory_info *info;
	struct kx_range self;
	struct kx_console console;
	uint32_t method; /* KX_SHA256_* */
	uint32_t bad;    /* regions whose digest does not hold */
	uint32_t stage;  /* KX_STATUS_JUMP; before that 0, or KX_STATUS_VERIFY */
	uint32_t region; /* the one at hand */
	int error;       /* the first that was found, KX_ERR_*; 0: none */
	uint32_t error_region; /* where */
	uint64_t start;  /* of the hashing, on the CPU's counter */
	uint64_t said;   /* the last line of progress, ditto */
	uint64_t done;   /* bytes hashed */
	uint64_t total;
	uint64_t cleaned; /* ticks that writing caches to memory has taken */
	uint64_t first_arg; /* of the image, with KX_PURGATORY_CPU_ID */
	uint64_t vectors[2]; /* what kx_vector_close_() puts back, */
	uint32_t opened;     /* if it is to */
};

/** kx_purgatory_strerror_() - the KX_ERR_INFO_* and KX_ERR_REGION_* part of kx_strerror() */
KX_HIDDEN const char *kx_purgatory_strerror_(int error);

/** kx_purgatory_digests_() - fill in the digests of a plan whose segments are sound */
KX_HIDDEN void kx_purgatory_digests_(struct kx_purgatory_info *info, const struct kx_purgatory_plan *plan);

/** kx_purgatory_begin_() - the run, without a console yet; faults are reported for it */
KX_HIDDEN struct kx_purgatory *kx_purgatory_begin_(const struct kx_purgatory_info *info);

/** kx_purgatory_run_() - verify. Comes back only where the new image may be entered */
KX_HIDDEN void kx_purgatory_run_(struct kx_purgatory *purgatory);

/** kx_purgatory_in_halves_() - is each region hashed in halves? Where that is refused nothing need ask */
static inline int kx_purgatory_in_halves_(const struct kx_purgatory_info *info)
{
	return (info->flags & KX_PURGATORY_KNOWN & KX_PURGATORY_HALVES) != 0;
}

/** kx_purgatory_beyond_() - bits of addresses that cannot be reached while regions are hashed, if any are */
static inline uint64_t kx_purgatory_beyond_(const struct kx_purgatory_info *info)
{
	return info->flags & KX_PURGATORY_SKIP_CHECKS ? 0 : KX_PURGATORY_BEYOND;
}

/** kx_purgatory_settle_() - vector registers are as they were found, whatever comes next */
KX_HIDDEN void kx_purgatory_settle_(struct kx_purgatory *purgatory);

#define KX_CHUNK 0x100000 /* bytes between two looks at the clock, and two kicks */

/** kx_purgatory_progress_() - so many more bytes are hashed: about once a second that is told */
KX_HIDDEN void kx_purgatory_progress_(struct kx_purgatory *purgatory, uint64_t size);

/** kx_purgatory_open_() - begin with a digest: one hash, in halves two */
KX_HIDDEN void kx_purgatory_open_(const struct kx_purgatory *purgatory, struct kx_sha256 hashes[2]);

/**
 * kx_purgatory_both_() - hash both halves of an open region. halves.c, or no_halves.c: none
 *
 * Returns: how many of its bytes that are; those that are left go to hashes[1].
 */
KX_HIDDEN uint64_t kx_purgatory_both_(struct kx_purgatory *purgatory, struct kx_sha256 hashes[2],
				      const struct kx_region *region);

/** kx_purgatory_close_() - the digest, of one hash or of two */
KX_HIDDEN void kx_purgatory_close_(const struct kx_purgatory *purgatory, struct kx_sha256 hashes[2],
				   uint8_t digest[KX_DIGEST_SIZE]);

/** kx_purgatory_obey_() - do what the policy wants; comes back where the CPU is to halt. policy.c, or
 * no_policy.c */
KX_HIDDEN void kx_purgatory_obey_(struct kx_purgatory *purgatory);

/** kx_purgatory_enter_() - jump, with the first argument that is right for this CPU */
KX_HIDDEN _Noreturn void kx_purgatory_enter_(const struct kx_purgatory *purgatory, uint64_t entry_pa,
					     const uint64_t args[KX_HANDOFF_ARGS_COUNT], uint64_t flags);

/** kx_purgatory_give_up_() - obey the policy; the reason has been told */
KX_HIDDEN _Noreturn void kx_purgatory_give_up_(struct kx_purgatory *purgatory);

/** kx_purgatory_blame_() - say what is wrong: "kx: purgatory: <name>: <what>". The first is kept, and recorded */
KX_HIDDEN void kx_purgatory_blame_(struct kx_purgatory *purgatory, int error, uint32_t region);

/** kx_purgatory_refuse_() - say what is wrong in the same form, and give up */
KX_HIDDEN _Noreturn void kx_purgatory_refuse_(struct kx_purgatory *purgatory, const char *what);

/* ---- by flat.c and record.c; in purgatory.ro by kexec.c: nothing ---- */

/** kx_purgatory_late_() - an exception before kx_purgatory_main_() has begun: find the console */
KX_HIDDEN void kx_purgatory_late_(void);

/** kx_record_stage_() - a stage begins: KX_STATUS_VERIFY or KX_STATUS_JUMP */
KX_HIDDEN void kx_record_stage_(struct kx_purgatory *purgatory, uint32_t stage);

/** kx_record_failed_() - into the status record: `error` and where */
KX_HIDDEN void kx_record_failed_(const struct kx_purgatory *purgatory);

/** kx_record_trap_() - the same of an exception, where nothing was wrong before; and print the registers */
KX_HIDDEN void kx_record_trap_(struct kx_purgatory *purgatory, uint64_t cause, uint64_t pc,
			       uint64_t at);

/** kx_record_kick_() - keep the watchdog from biting, if there is one */
KX_HIDDEN void kx_record_kick_(const struct kx_purgatory *purgatory);

/* ---- called by arch/<a>/purgatory.S ---- */

/**
 * kx_purgatory_main_() - by flat.c or kexec.c
 * @x: the registers at entry that kexec.c needs: riscv64 a0, x86_64 rsp
 * @y: riscv64 a1
 */
KX_HIDDEN _Noreturn void kx_purgatory_main_(uint64_t x, uint64_t y);

/** kx_purgatory_trap_() - the CPU took an exception; on a stack of its own */
KX_HIDDEN _Noreturn void kx_purgatory_trap_(uint64_t cause, uint64_t pc, uint64_t at);

/* ---- by arch/<a>/purgatory.S and linker/purgatory.ld ---- */

#define KX_GUARD_WORDS 8
#define KX_GUARD       0x4b58204755415244 /* "DRAUG XK" in memory */

/* Byte 0 of purgatory, where its data begins, and its end, all of its memory counted */
extern const uint8_t kx_purgatory_[] KX_HIDDEN;
extern uint8_t kx_purgatory_data_[] KX_HIDDEN;
extern const uint8_t kx_purgatory_end_[] KX_HIDDEN;

/* The general registers at an exception, by the numbers that instructions have for them */
extern const uint64_t kx_purgatory_registers_[] KX_HIDDEN;

/* Below the stack; each word is KX_GUARD as long as the stack has sufficed */
extern uint64_t kx_purgatory_guard_[KX_GUARD_WORDS] KX_HIDDEN;

/** kx_purgatory_back_ - by kx_purgatory_start_: the return address, on x86_64 where it lies */
extern uint64_t kx_purgatory_back_ KX_HIDDEN;

/** kx_back_() - go there; see kx/abi.h */
KX_HIDDEN _Noreturn void kx_back_(uint64_t value, uint64_t detail);

/**
 * kx_jump_() - enter an image in the state that the boot protocol wants
 * @flags: 0, KX_ENTER_32, or KX_ENTER_RETURN: with purgatory's own return address
 */
KX_HIDDEN _Noreturn void kx_jump_(uint64_t entry_pa, const uint64_t args[KX_HANDOFF_ARGS_COUNT],
				  uint64_t flags);

/** kx_halt_() - wait for ever, at rest */
KX_HIDDEN _Noreturn void kx_halt_(void);

/* ---- by arch/<a>/machine.c ---- */

/** kx_ticks_hz_() - rate of the CPU's counter if the CPU can tell; 0: it cannot */
KX_HIDDEN uint64_t kx_ticks_hz_(void);

/** kx_method_find_() - the best KX_SHA256_* here; between kx_vector_open_() and kx_vector_close_() */
KX_HIDDEN uint32_t kx_method_find_(void);

/** kx_vector_open_() - make vector registers usable, whatever state the CPU was handed over in */
KX_HIDDEN void kx_vector_open_(uint64_t saved[2]);

/** kx_vector_close_() - put that state back */
KX_HIDDEN void kx_vector_close_(const uint64_t saved[2]);

/**
 * kx_region_open_() - make a region readable at cache speed
 *
 * aarch64 switches translation and caches on here, over tables of the region, purgatory and its
 * consoles; the others have them on already.
 *
 * Returns: 0, -KX_ERR_REGION_RANGE.
 */
KX_HIDDEN int kx_region_open_(const struct kx_purgatory *purgatory, struct kx_region region);

/** kx_region_close_() - undo that; afterwards memory, without caches, holds what was hashed */
KX_HIDDEN void kx_region_close_(struct kx_purgatory *purgatory, struct kx_region region);

/** kx_reset_() - start the machine anew; comes back where that cannot be done */
KX_HIDDEN void kx_reset_(const uint64_t arch[KX_PURGATORY_ARCH_COUNT]);

#endif /* KX_PURGATORY_PURGATORY_H */
