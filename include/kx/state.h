/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of this CPU that outlive the jump. Whatever the old system left in them the new one
 * finds, and its code for them was only ever tried on a cold boot.
 *
 *   at the host's own entry    kx_state_snapshot()
 *   in struct kx_jump          state = that snapshot; kx_enter() then puts the registers back
 *   to see what is left        kx_state_snapshot() in the new kernel, on a cold boot and on a jump,
 *                              and kx_state_diff()
 *
 * Which registers: system registers of the exception level and below on aarch64, CSRs of S-mode and
 * of the hypervisor extension on riscv64, control, debug and model-specific registers and the local
 * APIC on x86_64; as far as ID registers, the ISA string or CPUID announce them. Firmware that
 * announces a register and then lets an access to it trap must let the access go on.
 */
#ifndef KX_STATE_H
#define KX_STATE_H

#include <kx/kx.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KX_STATE_MAX 320 /* registers at most, on any architecture */

/** struct kx_state - registers of one CPU, by index; a name for each index: kx_state_name() */
struct kx_state {
	/* Filled in before kx_state_snapshot(), and still good at kx_state_restore() */
	volatile void *apic; /* x86_64: where the local APIC's page is mapped, uncached; NULL: it is
			      * left out, unless it is in x2APIC mode */
	const char *isa; /* riscv64: the hart's ISA string, as in the device tree's riscv,isa; NULL:
			  * what every hart has, and no more */

	/* Filled in by it */
	uint64_t value[KX_STATE_MAX];
	uint64_t there[KX_STATE_MAX / 64]; /* a bit for each register that this CPU has */
	uint64_t cpu; /* MPIDR_EL1 or the APIC's ID; riscv64: 0, a hart cannot tell */
};

/**
 * kx_state_snapshot() - read the registers of this CPU
 * @state: `apic` and `isa` filled in; the rest is overwritten
 *
 * Leaves every register as it is. Interrupts are masked meanwhile.
 */
void kx_state_snapshot(struct kx_state *state);

/**
 * kx_state_restore() - put the registers of this CPU back
 * @entry: as they were at the host's entry; one that has its `apic` and `isa` alone: unknown; NULL:
 * unknown, and what the CPU has beyond its architecture's least is unknown too
 *
 * What controls the CPU gets its value of the snapshot, unless that is another CPU's and the register each
 * CPU's own, as one that says which CPU this is; what points into the old system, runs or
 * waits for something gets a constant: 0, or off. Without a snapshot the latter alone. Registers by
 * which the host's own code runs are kept for the trampoline.
 *
 * kx_enter() calls this as its last act. A host with other CPUs calls it on each of them as theirs,
 * before they stop. Nothing of the host runs well afterwards: its per-CPU pointers are gone, its
 * timers stand, and interrupts are masked.
 */
void kx_state_restore(const struct kx_state *entry);

/** kx_state_has() - 1 if this CPU has the register of that index, else 0 */
int kx_state_has(const struct kx_state *state, size_t index);

/**
 * kx_state_diff() - the next register that two snapshots do not agree about
 * @one: a snapshot
 * @other: another, of any CPU of this architecture
 * @from: the first index to look at
 *
 * A register that only one of them has counts.
 *
 * Returns: its index, or KX_STATE_MAX: none.
 */
size_t kx_state_diff(const struct kx_state *one, const struct kx_state *other, size_t from);

/** kx_state_name() - "SCTLR_EL1", "sstatus", "LSTAR"; static storage; "" for an unused index */
const char *kx_state_name(size_t index);

#ifdef __cplusplus
}
#endif
#endif /* KX_STATE_H */
