/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nothing else writes: the host's last act before the copy. A DMA that lands after it has already
 * damaged the new image, so kx_quiesce() either proves the machine quiet or says why it cannot.
 *
 *   at the host's own entry    kx_quiesce_snapshot()
 *   when it plans              kx_quiesce_reserve(): memory that no destination may touch
 *   while it runs              kx_lifecycle_add()
 *   on each other CPU          kx_quiesce_cpu(), before it stops
 *   right before kx_enter()    kx_quiesce()
 */
#ifndef KX_QUIESCE_H
#define KX_QUIESCE_H

#include <kx/kx.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- device callbacks: stopped by their own drivers, in an order that is always legal ---- */

#define KX_CALLBACK_NONE SIZE_MAX /* no index */

#define KX_CALLBACK_LIVE    0 /* not stopped yet */
#define KX_CALLBACK_RUNS    1 /* its stop() is on the stack */
#define KX_CALLBACK_STOPPED 2
#define KX_CALLBACK_FAILED  3 /* its stop() failed, or took too long */
#define KX_CALLBACK_SKIPPED 4 /* its group refused, or a consumer was skipped */

/**
 * struct kx_callback - one device that its own driver stops
 *
 * stop() polls: it waits for no interrupt and for no other CPU. It returns 0 or anything else for a
 * failure. A device that is used by others (a bus, an IOMMU, a clock) is their supplier and stops
 * after all of them. Members of one group go all or none: ready(), where there is one, is asked of
 * every member before any of them stops.
 */
struct kx_callback {
	int (*stop)(void *context);
	int (*ready)(void *context); /* 0: can be stopped; NULL: always */
	void *context;
	const size_t *suppliers; /* indices, also of callbacks that are added later */
	size_t supplier_count;
	uint64_t timeout_us; /* for stop(); 0: that of the lifecycle */
	uint32_t group;      /* 0: none */

	/* libkx's own */
	uint32_t state;  /* KX_CALLBACK_* */
	size_t waiting;  /* consumers that have no place in the order yet */
	size_t order;    /* of this slot: the callback that goes n-th */
};

/** struct kx_lifecycle - every callback; zero but for the first five members */
struct kx_lifecycle {
	struct kx_callback *callbacks; /* the caller's */
	size_t max;
	uint64_t timer_hz;
	uint64_t timeout_us; /* for each stop() that has none of its own */
	int go_on;           /* after a failure: stop the others all the same */

	/* libkx's own */
	size_t count;
	int started;
};

/**
 * kx_lifecycle_add() - register a callback
 * @lifecycle: not started
 * @callback: copied
 * @index: where not NULL, its index
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_RANGES_SMALL (the array is full), -KX_ERR_CALLBACK_LATE.
 */
int kx_lifecycle_add(struct kx_lifecycle *lifecycle, const struct kx_callback *callback,
		     size_t *index);

/**
 * kx_lifecycle_check() - find the order; stops nothing
 * @lifecycle: not started
 * @culprit: where not NULL, the callback that an error is about
 *
 * Returns: 0, -KX_ERR_ARGUMENT (a supplier that does not exist), -KX_ERR_CALLBACK_CYCLE,
 * -KX_ERR_CALLBACK_LATE.
 */
int kx_lifecycle_check(struct kx_lifecycle *lifecycle, size_t *culprit);

/**
 * kx_lifecycle_stop() - stop them, each once, consumers before suppliers
 * @lifecycle: not started; for kx_quiesce(), which does this, not before it
 * @culprit: where not NULL, the first callback that an error is about
 *
 * With `go_on` the rest is stopped after a failure, and the first error is returned at the end; a
 * supplier of a callback that was skipped is skipped too, because it is still in use.
 *
 * Returns: 0, what kx_lifecycle_check() returns, -KX_ERR_CALLBACK_FAILED, -KX_ERR_CALLBACK_OVERRUN,
 * -KX_ERR_CALLBACK_REFUSED.
 */
int kx_lifecycle_stop(struct kx_lifecycle *lifecycle, size_t *culprit);

/**
 * kx_lifecycle_call() - may this device be called? Asked by whoever is about to use it.
 * @lifecycle: at any time
 * @index: of its callback
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_CALLBACK_GONE.
 */
int kx_lifecycle_call(const struct kx_lifecycle *lifecycle, size_t index);

/* ---- stages, in their order; each is logged when it begins, for each device that it is about ---- */

#define KX_STAGE_PREFLIGHT    1 /* everything that can fail without a trace */
#define KX_STAGE_CPUS         2 /* the other CPUs are confirmed stopped */
#define KX_STAGE_CALLBACKS    3
#define KX_STAGE_PCI          4 /* messages masked, bus mastering off, requests at an end */
#define KX_STAGE_INTERRUPTS   5 /* I/O APICs masked, ITSs quiescent */
#define KX_STAGE_IOMMU_BLOCK  6 /* nothing passes; where the IOMMU was off and cannot block: as it was */
#define KX_STAGE_IOMMU_DRAIN  7 /* what had passed has arrived; caches hold nothing */
#define KX_STAGE_IOMMU_QUEUES 8 /* the IOMMU itself writes nothing any more */
#define KX_STAGE_IOMMU_OFF    9 /* no translation */
#define KX_STAGE_PCI_IOMMU    10 /* bus mastering of IOMMUs that are PCI functions */
#define KX_STAGE_IOMMU_FINAL  11 /* as the policy says */
#define KX_STAGE_WRITERS      12 /* what writes memory behind no IOMMU */
#define KX_STAGE_VERIFY       13

/** kx_stage_name() - "preflight", "cpus", ...; static storage, never NULL */
const char *kx_stage_name(int stage);

/* ---- the one call ---- */

#define KX_IOMMU_AS_AT_BOOT 0 /* as the snapshot found it */
#define KX_IOMMU_BYPASS     1
#define KX_IOMMU_ABORT      2

#define KX_QUIESCE_FLR 1 /* flag: reset each PCI function that can be, BARs and Command kept */

#define KX_QUIESCE_DEVICE_NONE SIZE_MAX
#define KX_QUIESCE_SCRATCH     (2 * KX_PAGE_SIZE)

/** struct kx_device_state - what is remembered of one device; zero before kx_quiesce_snapshot() */
struct kx_device_state {
	uint64_t boot[2]; /* registers at the host's entry */
	uint32_t taken;   /* the snapshot has been taken */
	uint32_t active;  /* it was on when kx_quiesce() came */
};

/** struct kx_quiesce_fault - what an error is about */
struct kx_quiesce_fault {
	int stage;       /* KX_STAGE_* */
	size_t device;   /* index in `devices`, or KX_QUIESCE_DEVICE_NONE */
	size_t callback; /* index in the lifecycle, or KX_CALLBACK_NONE */
	uint64_t place;  /* a CPU's id, a PCI function (bus << 8 | device << 3 | function), a register's
			  * offset, or a physical address, as the error has it */
};

/**
 * struct kx_quiesce - the machine, and how to leave it
 *
 * Callbacks run in the context of kx_quiesce(). map() makes registers reachable, the host's
 * device table on AMD-Vi, and its invalidation queue on VT-d; without it physical addresses are used as they are.
 * It is called anew for each device in every stage that is about it, and nothing is ever unmapped: answer the
 * same range with the same mapping, made before, for at the end nothing can be allocated.
 */
struct kx_quiesce {
	const struct kx_device *devices; /* IOMMUs, PCI, interrupt controllers: any order */
	size_t device_count;
	struct kx_device_state *states; /* one for each device */
	const struct kx_cpus *cpus;     /* the other CPUs; its timer_hz serves every wait */
	struct kx_lifecycle *lifecycle; /* NULL: no callbacks */
	const struct kx_plan *plan;     /* where not NULL: it must not be hit by what goes on
				     * writing, nor hit where CPUs are parked */
	uint64_t timeout_us;            /* for each wait on a device */
	uint32_t policy;                /* KX_IOMMU_* */
	uint32_t flags;                 /* KX_QUIESCE_FLR */
	void *scratch;       /* KX_QUIESCE_SCRATCH bytes, page-aligned, no part of a destination */
	uint64_t scratch_pa; /* the same bytes as devices see them */
	volatile void *(*map)(void *context, uint64_t pa, uint64_t size); /* NULL where it cannot */
	void (*log)(void *context, int stage, size_t device); /* NULL: no log */
	void *context;
	struct kx_quiesce_fault fault; /* filled in with an error */
};

/**
 * kx_quiesce_snapshot() - remember how the devices are, before the host first touches them
 * @quiesce: `devices`, `states` and `map`
 *
 * Reads only.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_DEVICE_KIND, -KX_ERR_DEVICE_ABSENT.
 */
int kx_quiesce_snapshot(struct kx_quiesce *quiesce);

/**
 * kx_quiesce_reserve() - memory that hardware writes now and may not be stopped from writing
 * @quiesce: `devices` and `map`
 * @ranges: filled in, for `written` of struct kx_memory; have the new kernel reserve them too
 * @count: room in @ranges, then how many were found
 *
 * Reads only. Today: the LPI tables of GICv3 redistributors.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_DEVICE_KIND, -KX_ERR_RANGES_SMALL.
 */
int kx_quiesce_reserve(struct kx_quiesce *quiesce, struct kx_range *ranges, size_t *count);

/**
 * kx_quiesce() - make the machine quiet
 * @quiesce: all of it; the snapshot taken
 *
 * Call with interrupts masked, the other CPUs told to stop, and nothing left to do but kx_enter().
 * After -KX_ERR_* from KX_STAGE_PREFLIGHT or KX_STAGE_CPUS the machine is as it was; later the
 * devices before the one named are stopped, and no memory has been written but the scratch pages, and
 * of the host's own: AMD-Vi's device table, and descriptors of VT-d's invalidation queue.
 *
 * Some VT-d units that are there for Intel's graphics alone never acknowledge that translation is off: they
 * end it in KX_STAGE_IOMMU_OFF with -KX_ERR_DEVICE_TIMEOUT, at 0x1c. Leave such a unit out: its device is off
 * the bus after KX_STAGE_PCI, and the new kernel finds the unit on.
 *
 * Returns: 0, -KX_ERR_ARGUMENT, -KX_ERR_DEVICE_*, -KX_ERR_IOMMU_POLICY, -KX_ERR_PCI_*,
 * -KX_ERR_CALLBACK_*, -KX_ERR_CPU_*, -KX_ERR_DEST_OVER_CPU, -KX_ERR_DEST_OVER_WRITER.
 */
int kx_quiesce(struct kx_quiesce *quiesce);

/**
 * kx_quiesce_cpu() - stop what this CPU writes to memory beside its program, and others for it
 * @cpus: how firmware is called, by `method`; what the boot CPU will give to kx_enter()
 *
 * Profile and trace buffers, records of branches and events, pages that firmware or a hypervisor
 * writes for it. kx_quiesce() does this for the CPU that it runs on; the host calls it on each other
 * one before that stops: a hypervisor would go on with its pages when the new kernel starts it.
 *
 * And events that firmware delivers past every mask, into the handlers of a kernel that is gone: they are
 * held back and their handlers forgotten, by this call those of this CPU, by kx_quiesce() those of all.
 * aarch64: SDEI, where PSCI is known to be there: by a KX_CPUS_PSCI_*, or KX_CPUS_DEFAULT and other CPUs;
 * riscv64: SBI's SSE, standard events. x86_64 has none.
 *
 * Returns: 0, -KX_ERR_CPU_FIRMWARE.
 */
int kx_quiesce_cpu(const struct kx_cpus *cpus);

#ifdef __cplusplus
}
#endif
#endif /* KX_QUIESCE_H */
