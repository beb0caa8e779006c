/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device that is not there: a window of registers in the place of lib/quiesce/mmio.c, and a model
 * that answers late, or never. Every write is recorded. A write that comes while an answer is still
 * outstanding is a fault of its own: that is how a poll that is missing shows.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <kx/quiesce.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WINDOW_SIZE   0x200000 /* two buses of PCI */
#define WINDOW_WRITES 4096
#define NONE          UINT64_MAX       /* no register */
#define MEMORY        (UINT64_MAX - 1) /* a word of memory, as a place to wait for */

/** struct write - one write to a register */
struct write {
	uint64_t offset;
	uint64_t value;
};

/** struct answer - what a register, or a word of memory, will become */
struct answer {
	uint64_t offset; /* or MEMORY */
	uint64_t clear;
	uint64_t set;
	uint32_t *word;
	uint64_t looks; /* how often it is looked at before that */
	int old;        /* to something that was asked before we came */
};

#define ANSWERS 8

struct window {
	uint8_t bytes[WINDOW_SIZE];
	/* What a write does; 0: the register takes the value as it is. NULL: always so. */
	int (*model)(struct window *window, uint64_t offset, uint64_t value, unsigned int size);
	struct write writes[WINDOW_WRITES];
	size_t write_count;
	struct answer answers[ANSWERS];
	size_t answer_count;
	uint64_t delay; /* looks before an answer */
	uint64_t stuck; /* this one never answers; NONE: all do */
	int dead;       /* no power: any access is a fault */
	size_t asked;   /* how often a CPU was asked whether it has stopped */
	int writers;    /* what stopping its writers comes to */
	int last;       /* whether that was asked of the last CPU */
	uint64_t still_at, still_us; /* nobody may touch that page for so long from now */
	int ports;      /* PCI's configuration space is behind ports */
	uint32_t port_address;
	char fault[200]; /* the first rule that was broken */
};

extern struct window window;

void window_reset(uint64_t delay);
uint64_t window_get(uint64_t offset, unsigned int size);
void window_put(uint64_t offset, unsigned int size, uint64_t value);
void window_answer(uint64_t offset, uint64_t clear, uint64_t set);
void window_answer_memory(uint32_t *word, uint32_t value);
void window_answer_old(uint64_t offset, uint64_t clear, uint64_t set);
int window_waits(void);
void window_fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Memory that devices read: what they see is what was last published. */
void window_memory(const void *base, size_t size);

/* A device is about to read it: it must be published as it is now. */
void window_reads(const void *data, uint64_t size);

/* The writes were these, each after the answer to the one before it. */
void window_expect(const struct write *writes, size_t count);
#define EXPECT(...) \
	window_expect((const struct write[]){ __VA_ARGS__ }, \
		      sizeof((const struct write[]){ __VA_ARGS__ }) / sizeof(struct write))

/* ---- rig.c: the one device of the window, and kx_quiesce() on it ---- */

#define RIG_SCRATCH_PA 0x12345000u
#define RIG_TIMEOUT_US 1000

struct rig {
	struct kx_device device;
	struct kx_device_state state;
	struct kx_cpus cpus;
	struct kx_quiesce quiesce;
	uint8_t *scratch;
	uint64_t *memory; /* a page of the host's, at RIG_MEMORY_PA */
	int stages[64];
	size_t stage_count;
	int stuck_from; /* at this stage */
	uint64_t stuck; /* this register ceases to answer */
	void (*at_verify)(void); /* before the last look; may be NULL */
};

#define RIG_MEMORY_PA 0x40000000u

extern struct rig rig;

/* A device of this kind, its registers as the test has put them; the snapshot is taken. */
void rig_open(uint32_t kind);
void rig_close(void);

/* kx_quiesce() succeeds, breaks no rule, and touches nothing afterwards. */
void rig_quiet(void);

/* It fails in this way, naming the device, the stage and the register. */
void rig_fails(int error, int stage, uint64_t place);

/* This register never answers, or no more from this stage on: it fails there by name. The rig is closed. */
void rig_stuck(uint64_t reg, int stage, uint64_t place);
void rig_stuck_later(uint64_t reg, int stage, uint64_t place);

#define assert_result(call, error) assert_string_equal(kx_strerror(call), kx_strerror(error))

#endif /* WINDOW_H */
