/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: what smp.c and start.S share: where the members of struct smp_gate lie, and its words. */
#ifndef HOST_SMP_H
#define HOST_SMP_H

#define SMP_GATE_STOP 0
#define SMP_GATE_UP   8

/* What is said in `stop`; anything else is an address to go to */
#define SMP_STOP_SMC 1
#define SMP_STOP_HVC 2

#endif /* HOST_SMP_H */
