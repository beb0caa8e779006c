/* SPDX-License-Identifier: BSD-2-Clause */
/* The order in which a machine is made quiet; called by hosts, right before kx_enter(). */
#include <kx/quiesce.h>

#include "arch.h"
#include "interrupts.h"
#include "iommu.h"
#include "pci.h"
#include "range.h"

const char *kx_stage_name(int stage)
{
	switch (stage) {
	case KX_STAGE_PREFLIGHT: return "preflight";
	case KX_STAGE_CPUS: return "cpus";
	case KX_STAGE_CALLBACKS: return "callbacks";
	case KX_STAGE_PCI: return "pci";
	case KX_STAGE_INTERRUPTS: return "interrupts";
	case KX_STAGE_IOMMU_BLOCK: return "iommu-block";
	case KX_STAGE_IOMMU_DRAIN: return "iommu-drain";
	case KX_STAGE_IOMMU_QUEUES: return "iommu-queues";
	case KX_STAGE_IOMMU_OFF: return "iommu-off";
	case KX_STAGE_PCI_IOMMU: return "pci-iommu";
	case KX_STAGE_IOMMU_FINAL: return "iommu-final";
	case KX_STAGE_WRITERS: return "writers";
	case KX_STAGE_VERIFY: return "verify";
	}
	return "unknown";
}

static int is_iommu(uint32_t kind)
{
	switch (kind) {
	case KX_DEVICE_SMMUV2:
	case KX_DEVICE_SMMUV3:
	case KX_DEVICE_VTD:
	case KX_DEVICE_AMDVI:
	case KX_DEVICE_RISCV_IOMMU: return 1;
	}
	return 0;
}

static int is_pci(uint32_t kind)
{
	return kind == KX_DEVICE_PCI_ECAM || kind == KX_DEVICE_PCI_PORTS;
}

static int do_step(const struct kx_io *io, int step)
{
	switch (io->device->kind) {
	case KX_DEVICE_SMMUV2: return kx_smmuv2_step_(io, step);
	case KX_DEVICE_SMMUV3: return kx_smmuv3_step_(io, step);
	case KX_DEVICE_VTD: return kx_vtd_step_(io, step);
	case KX_DEVICE_AMDVI: return kx_amdvi_step_(io, step);
	case KX_DEVICE_RISCV_IOMMU: return kx_riscv_iommu_step_(io, step);
	}
	return -KX_ERR_DEVICE_KIND;
}

/* Before anything is stopped: what is not there, or cannot end as it should? */
static int check_device(const struct kx_io *io)
{
	switch (io->device->kind) {
	case KX_DEVICE_PCI_ECAM:
	case KX_DEVICE_PCI_PORTS: return kx_pci_check_(io);
	case KX_DEVICE_GICV3_REDIST:
	case KX_DEVICE_GICV3_ITS:
	case KX_DEVICE_IOAPIC: return 0;
	}
	return do_step(io, KX_STEP_CHECK);
}

static int do_interrupts(const struct kx_io *io)
{
	switch (io->device->kind) {
	case KX_DEVICE_GICV3_ITS: return kx_gic_its_stop_(io);
	case KX_DEVICE_IOAPIC: return kx_ioapic_stop_(io);
	}
	return 0;
}

/* Nothing that was stopped has begun again. */
static int verify_device(const struct kx_io *io)
{
	switch (io->device->kind) {
	case KX_DEVICE_PCI_ECAM:
	case KX_DEVICE_PCI_PORTS: return kx_pci_each_(io, KX_PCI_VERIFY);
	case KX_DEVICE_GICV3_REDIST: return kx_gic_redist_verify_(io);
	case KX_DEVICE_GICV3_ITS: return kx_gic_its_verify_(io);
	case KX_DEVICE_IOAPIC: return kx_ioapic_verify_(io);
	}
	return do_step(io, KX_STEP_VERIFY);
}

static int do_stage(const struct kx_io *io, int stage)
{
	int step = 0;

	switch (stage) {
	case KX_STAGE_PREFLIGHT: return check_device(io);
	case KX_STAGE_PCI: return kx_pci_each_(io, KX_PCI_STOP_ENDPOINTS);
	case KX_STAGE_INTERRUPTS: return do_interrupts(io);
	case KX_STAGE_PCI_IOMMU: return kx_pci_each_(io, KX_PCI_STOP_IOMMUS);
	case KX_STAGE_WRITERS: return kx_gic_redist_stop_(io);
	case KX_STAGE_VERIFY: return verify_device(io);
	case KX_STAGE_IOMMU_BLOCK: step = KX_STEP_BLOCK; break;
	case KX_STAGE_IOMMU_DRAIN: step = KX_STEP_DRAIN; break;
	case KX_STAGE_IOMMU_QUEUES: step = KX_STEP_STOP_QUEUES; break;
	case KX_STAGE_IOMMU_OFF: step = KX_STEP_OFF; break;
	case KX_STAGE_IOMMU_FINAL: step = KX_STEP_RESTORE; break;
	}
	return do_step(io, step);
}

/* Which devices a stage is about. */
static int concerns(int stage, uint32_t kind)
{
	switch (stage) {
	case KX_STAGE_PREFLIGHT:
	case KX_STAGE_VERIFY: return 1;
	case KX_STAGE_PCI:
	case KX_STAGE_PCI_IOMMU: return is_pci(kind);
	case KX_STAGE_INTERRUPTS: return kind == KX_DEVICE_GICV3_ITS || kind == KX_DEVICE_IOAPIC;
	case KX_STAGE_WRITERS: return kind == KX_DEVICE_GICV3_REDIST;
	}
	return is_iommu(kind);
}

static void say(struct kx_quiesce *quiesce, int stage, size_t device)
{
	quiesce->fault = (struct kx_quiesce_fault){ stage, device, KX_CALLBACK_NONE, 0 };
	if (quiesce->log)
		quiesce->log(quiesce->context, stage, device);
}

static int each_device(struct kx_quiesce *quiesce, int stage)
{
	int error = 0;

	for (size_t i = 0; !error && i < quiesce->device_count; i++) {
		struct kx_io io;

		if (!concerns(stage, quiesce->devices[i].kind))
			continue;
		say(quiesce, stage, i);
		error = kx_io_open_(&io, quiesce, i);
		if (!error)
			error = do_stage(&io, stage);
	}
	return error;
}

/* CPUs that wait in memory must find it again: the last to look, whatever the planner was told. */
static int check_parked(struct kx_quiesce *quiesce)
{
	const struct kx_cpus *cpus = quiesce->cpus;
	const struct kx_plan *plan = quiesce->plan;
	struct kx_range parked;

	if (cpus->method != KX_CPUS_PARKED || !cpus->park || !plan)
		return 0;
	parked = kx_park_range(cpus->park);
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct kx_segment *segment = &plan->segments[i];

		quiesce->fault.place = segment->dest_pa;
		if (kx_overlaps_(segment->dest_pa, segment->memsz, parked))
			return -KX_ERR_DEST_OVER_CPU;
	}
	return 0;
}

static int preflight(struct kx_quiesce *quiesce)
{
	int error;

	say(quiesce, KX_STAGE_PREFLIGHT, KX_QUIESCE_DEVICE_NONE);
	for (size_t i = 0; i < quiesce->device_count; i++)
		if (is_iommu(quiesce->devices[i].kind) && !quiesce->states[i].taken)
			return -KX_ERR_ARGUMENT; /* no snapshot: nothing to restore */
	error = check_parked(quiesce);
	if (!error && quiesce->lifecycle)
		error = kx_lifecycle_check(quiesce->lifecycle, &quiesce->fault.callback);
	return error ? error : each_device(quiesce, KX_STAGE_PREFLIGHT);
}

static int cpus_and_callbacks(struct kx_quiesce *quiesce)
{
	int error;

	say(quiesce, KX_STAGE_CPUS, KX_QUIESCE_DEVICE_NONE);
	error = kx_cpus_confirm(quiesce->cpus, &quiesce->fault.place);
	if (error)
		return error;
	say(quiesce, KX_STAGE_CALLBACKS, KX_QUIESCE_DEVICE_NONE);
	return quiesce->lifecycle ?
		kx_lifecycle_stop(quiesce->lifecycle, &quiesce->fault.callback) : 0;
}

static int check(const struct kx_quiesce *quiesce)
{
	if (!quiesce || (quiesce->device_count && (!quiesce->devices || !quiesce->states)))
		return -KX_ERR_ARGUMENT;
	if (!quiesce->cpus || !quiesce->cpus->timer_hz || !quiesce->timeout_us)
		return -KX_ERR_ARGUMENT;
	if (!quiesce->scratch || !kx_aligned_((uintptr_t)quiesce->scratch, KX_PAGE_SIZE) ||
	    !kx_aligned_(quiesce->scratch_pa, KX_PAGE_SIZE) || quiesce->policy > KX_IOMMU_ABORT)
		return -KX_ERR_ARGUMENT;
	return 0;
}

int kx_quiesce_cpu(const struct kx_cpus *cpus)
{
	return kx_writers_stop_(cpus, 0);
}

int kx_quiesce(struct kx_quiesce *quiesce)
{
	int error = check(quiesce);

	if (!error)
		error = preflight(quiesce);
	if (!error)
		error = cpus_and_callbacks(quiesce);
	for (int stage = KX_STAGE_PCI; !error && stage <= KX_STAGE_VERIFY; stage++) {
		error = each_device(quiesce, stage);
		if (!error && stage == KX_STAGE_WRITERS) {
			say(quiesce, stage, KX_QUIESCE_DEVICE_NONE);
			error = kx_writers_stop_(quiesce->cpus, 1);
		}
	}
	return error;
}

int kx_quiesce_snapshot(struct kx_quiesce *quiesce)
{
	int error = 0;

	if (!quiesce || (quiesce->device_count && (!quiesce->devices || !quiesce->states)))
		return -KX_ERR_ARGUMENT;
	for (size_t i = 0; !error && i < quiesce->device_count; i++) {
		struct kx_io io;

		quiesce->fault = (struct kx_quiesce_fault){ 0, i, KX_CALLBACK_NONE, 0 };
		error = kx_io_open_(&io, quiesce, i);
		if (!error && is_iommu(io.device->kind))
			error = do_step(&io, KX_STEP_SNAPSHOT);
		else if (!error)
			error = check_device(&io);
		quiesce->states[i].taken = !error;
	}
	return error;
}

int kx_quiesce_reserve(struct kx_quiesce *quiesce, struct kx_range *ranges, size_t *count)
{
	size_t room, found = 0;
	int error = 0;

	if (!quiesce || (quiesce->device_count && !quiesce->devices) || !count || (*count && !ranges))
		return -KX_ERR_ARGUMENT;
	room = *count;
	for (size_t i = 0; !error && i < quiesce->device_count; i++) {
		struct kx_io io;

		if (quiesce->devices[i].kind != KX_DEVICE_GICV3_REDIST)
			continue;
		quiesce->fault = (struct kx_quiesce_fault){ 0, i, KX_CALLBACK_NONE, 0 };
		error = kx_io_open_(&io, quiesce, i);
		if (!error)
			error = kx_gic_tables_(&io, ranges, room, &found);
	}
	*count = found;
	return error;
}
