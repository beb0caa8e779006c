/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libkx's own page: what the code of the control page has to write, as its own page is read-only.
 * Beside the record of a hop and the destinations it is all that is written. Mapped wherever the
 * control page is: where the host sees the arena, and at its physical address.
 */
#ifndef KX_OWN_H
#define KX_OWN_H

/* 0 to 0x520: the architecture's own; see its cpu.h */
#define KX_OWN_WAY       0x520 /* what kx_enter_ is given: tables, control page, mode */
#define KX_OWN_REGISTERS 0x540 /* as they were at a fault; 32 words */
#define KX_OWN_HOST      0x640 /* the host, for the way back from KX_ENTER_RETURN: words */
#define KX_OWN_RECORD    0x700 /* of a dry run, where the host has no place for one */
#define KX_OWN_STACKS    0x800 /* x86_64 */

/* Words of KX_OWN_HOST; from KX_HOST_ARCH on the architecture's own: see its call.S */
#define KX_HOST_OWN    (KX_OWN_HOST + 0x00) /* where it sees this page */
#define KX_HOST_RUN    (KX_OWN_HOST + 0x08) /* where it runs the control page */
#define KX_HOST_RESUME (KX_OWN_HOST + 0x10) /* where it goes on */
#define KX_HOST_STACK  (KX_OWN_HOST + 0x18)
#define KX_HOST_ARCH   (KX_OWN_HOST + 0x20)

/* What probe.S comes back with */
#define KX_DRY_GOOD    0
#define KX_DRY_FAULT   1 /* it is in the record; and beside it the stage */
#define KX_DRY_VECTORS 2 /* they are not in force */

#endif /* KX_OWN_H */
