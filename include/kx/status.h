/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The status record: struct kx_status of kx/abi.h, 64 bytes that outlive a hop.
 *
 *   the host         kx_status_begin(), kx_status_stage(), kx_status_fail(); the stage enter by kx_enter()
 *   control page     the stages copy, jump and return, and any fault
 *   purgatory        verify, clean and jump, a mismatch, and any fault
 *   whoever is next  kx_status_read(): a new kernel, or after a reset a bootloader
 */
#ifndef KX_STATUS_H
#define KX_STATUS_H

#include <kx/kx.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * kx_status_begin() - an empty record
 * @status: the host's record, 64-byte aligned; what it said before is lost
 * @timer_hz: of the CPU's counter; 0: unknown
 */
void kx_status_begin(struct kx_status *status, uint64_t timer_hz);

/**
 * kx_status_stage() - a stage begins now
 * @status: the record, begun
 * @stage: KX_STATUS_*; a host writes KX_STATUS_QUIESCE, kx_enter() writes KX_STATUS_ENTER
 */
void kx_status_stage(struct kx_status *status, unsigned int stage);

/**
 * kx_status_fail() - the stage has come to a bad end
 * @status: the record, begun
 * @error: -KX_ERR_*
 * @at: the address that it is about, or 0
 */
void kx_status_fail(struct kx_status *status, int error, uint64_t at);

/**
 * kx_status_sum() - what status->sum must be
 *
 * The fifteen words before it, each times an odd number of its own: every single bit that changes shows.
 */
uint32_t kx_status_sum(const struct kx_status *status);

/** struct kx_status_time - a stage that has begun */
struct kx_status_time {
	unsigned int stage; /* KX_STATUS_* */
	uint64_t us;        /* until the next began; ticks where the rate is unknown; 0 for the last */
};

/** struct kx_status_report - a record in words */
struct kx_status_report {
	const char *arch;    /* whose causes and addresses these are */
	const char *stage;   /* the last that has begun */
	const char *outcome; /* "<name>: <what>" of a fault; NULL: there was none */
	const char *blob;    /* what `pc` is an offset in */
	const char *at_is;   /* what `at` and `index` are */
	const char *index_is;
	uint64_t pc;
	uint64_t at;
	uint32_t cause;
	uint32_t index;
	int has_rate; /* times are microseconds */
	size_t count;
	struct kx_status_time times[KX_STATUS_STAGES]; /* in the order in which they began */
};

/**
 * kx_status_read() - what does a record say?
 * @bytes: 64 bytes, as they were found; of any alignment
 * @report: filled in where 0 is returned; its strings are static
 *
 * Reads records of every architecture.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_STATUS_NONE, -KX_ERR_STATUS_DAMAGED.
 */
int kx_status_read(const void *bytes, struct kx_status_report *report);

/** kx_status_stage_name() - "quiesce", "enter", ...; static storage, never NULL */
const char *kx_status_stage_name(unsigned int stage);

#ifdef __cplusplus
}
#endif
#endif /* KX_STATUS_H */
