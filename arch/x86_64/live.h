/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64: what the registers are called that live through the control page's code. */
#ifndef KX_X86_64_LIVE_H
#define KX_X86_64_LIVE_H

#define handoff  %rbp
#define entry    %rbx
#define cursor   %rdx
#define dest     %rdi
#define src      %rsi
#define word     %r8
#define flag     %r9d
#define end      %r10
#define ahead    %r11	/* from src to what is wanted later */
#define stage    %r12	/* KX_STATUS_* */
#define kick     %r13	/* struct kx_kick; 0: there is none */
#define own      %r14	/* libkx's own page; not in kx_walk_ */
#define swap     %r14	/* of kx_walk_; not 0: sources and destinations change places */
#define count    %r15	/* words of the list that were read */

#define CPU(number) (KX_HANDOFF_CPU + 8 * (number))

#endif /* KX_X86_64_LIVE_H */
