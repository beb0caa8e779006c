/* SPDX-License-Identifier: BSD-2-Clause */
/* How the host dies: crash.c, <arch>/die.S and <arch>/vectors.c. */
#ifndef HOST_DIE_H
#define HOST_DIE_H

#ifndef __ASSEMBLER__

#include "host.h"

/* ---- <arch>/die.S ---- */

/* Call it on this stack. */
void die_on(void *stack, void (*call)(void *), void *with);

/* Call enter(what, how) with a stack pointer that is none; the latter, in an exception's handler. */
_Noreturn void die_jumping(void *what, uint64_t how, void (*enter)(void *, uint64_t));
_Noreturn void die_in_handler(void *what, uint64_t how, void (*enter)(void *, uint64_t));

/* ---- <arch>/vectors.c ---- */

/* Have an interrupt pend, masked by this CPU alone. Returns 0 where that cannot be had. */
int die_pend(const struct platform *platform);

/** struct die_race - where other CPUs wait to die too; read by die.S */
struct die_race {
	volatile uint64_t go;
	void *what;
};

/* Send them there. Not on x86_64. */
void die_race(struct die_race *race, const struct platform *platform);

/* From here on exceptions come to die.S. */
void die_vectors(const struct platform *platform, const char *way);

/* ---- crash.c: called by die.S, on a good stack ---- */

_Noreturn void die_lost(void);

#endif /* __ASSEMBLER__ */

#define DIE_STACK 0x7000000000000 /* nowhere */

#endif /* HOST_DIE_H */
