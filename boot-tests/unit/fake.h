/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU and the firmware, faked: linked in the place of arch/<a>/cpu.c, cpus.c, state.c and call.S. */
#ifndef FAKE_H
#define FAKE_H

#include "arch.h"
#include "park.h"

#define FAKE_CPUS 8
#define FAKE_PARK_CODE 100

/* Registers, one of each sort */
enum { FAKE_SHOWN, FAKE_ENTRY, FAKE_VALUE, FAKE_LATE, FAKE_OWN, FAKE_SELF, FAKE_UNKNOWN, FAKE_ABSENT, FAKE_REGISTERS };

#define FAKE_SELF_IS  0x77 /* what FAKE_SELF is on this CPU by itself; of FAKE_UNKNOWN nobody knows */
#define FAKE_VALUE_IS 0x55 /* what FAKE_VALUE and FAKE_ABSENT are to get */

/** struct fake_cpu - what the firmware says of a CPU, by its id */
struct fake_cpu {
	uint64_t running; /* answers "not yet" so many times; UINT64_MAX: for ever */
	int answer;       /* and then this: 1 or an error */
	uint64_t asked;
};

/** struct fake - the machine that the library thinks it runs on */
struct fake {
	struct kx_paging paging;
	uint64_t ticks;
	uint64_t tick; /* the counter moves on by this each time it is read; 0: it stands */
	void (*look)(uint64_t ticks); /* is called whenever the counter is read, if there */
	struct fake_cpu cpus[FAKE_CPUS];
	uint64_t registers[FAKE_REGISTERS];
	uint64_t cpu; /* on which this runs */
	int own;      /* FAKE_OWN is what the host runs by */
	int stopped;  /* kx_bank_stop_() has been called */
	int open;     /* kx_bank_open_() less kx_bank_close_() */
	int masked;   /* interrupts are left masked */
	int writes;   /* of registers */
	uint64_t published; /* bytes that were made visible to instruction fetch */
	const void *looked_at; /* the last that was freed of the caches to be read */
	uint64_t looked_size;
	void (*image)(void); /* what the new image does before it comes back, if anything */
	uint64_t run_va;     /* where kx_call_() was to run the control page; 0: it was not called */
	struct kx_returned returned; /* what it comes back with */
	const struct kx_state *handed; /* of whose registers kx_state_handoff_() was to tell */
};

extern struct fake fake;

/* All zero, but a counter that runs and CPUs that have stopped. */
void fake_reset(void);

#endif /* FAKE_H */
