/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: what the registers are called that live through the control page's code. */
#ifndef KX_AARCH64_LIVE_H
#define KX_AARCH64_LIVE_H

#define handoff  x19
#define entry    x30
#define cursor   x20
#define dest     x21
#define src      x22
#define word     x23
#define flag     x24
#define end      x25
#define own      x13	/* libkx's own page; where it matters TPIDR_EL0 holds it */
#define kick     x14	/* struct kx_kick; 0: there is none */
#define stage    x15	/* KX_STATUS_* */
#define count    x16	/* words of the list that were read */
#define back     x17	/* of kx_walk_ */
#define start    x26	/* of the run: what was dest */
#define line     x27	/* bytes of a data cache line */
#define traps    x28	/* CPACR or CPTR for the new image */
#define uncached x29	/* not 0: the host wrote past the caches */
#define simd     x18	/* 0: this CPU has no SIMD registers */
#define value    x8	/* what the new image has come back with */
#define detail   x9
#define swap     x10	/* not 0: sources and destinations change places */

/* Of enter.S, and of fault.S when it goes that way */
#define here     x5	/* where the page runs */
#define target   x7	/* in it, where to go on at the page's physical address */

#ifdef __ASSEMBLER__
	.macro	constant to, value
	movz	\to, #((\value) & 0xffff)
	movk	\to, #((\value) >> 16), lsl #16
	.endm
#endif

#endif /* KX_AARCH64_LIVE_H */
