/* SPDX-License-Identifier: BSD-2-Clause */
/* riscv64: what the registers are called that live through the control page's code. */
#ifndef KX_RISCV64_LIVE_H
#define KX_RISCV64_LIVE_H

#define found    a3	/* sstatus as it was */
#define simd     a4	/* bytes that eight vector registers hold; 0: there are none for us */
#define handoff  s0
#define entry    s1
#define cursor   s2
#define dest     s3
#define src      s4
#define word     s5
#define flag     s6
#define end      s7
#define count    s8	/* words of the list that were read */
#define stage    s9	/* KX_STATUS_* */
#define kick     s10	/* struct kx_kick; 0: there is none */
#define own      s11	/* libkx's own page; sscratch holds it too */
#define swap     a2	/* not 0: sources and destinations change places */
#define value    a5	/* what the new image has come back with */
#define detail   a6

#endif /* KX_RISCV64_LIVE_H */
