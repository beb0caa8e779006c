/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices left writing, and how they are stopped. With `kx.dma` an OHCI writes a frame number every
 * millisecond for ever, and the edu device 64 bytes 100 ms late, through the IOMMU if there is one:
 * `fault` to an address that it does not translate, `broken` with its command queue stopped by an error.
 * `kx.quiesce` takes parts of kx_quiesce() away, for the negative controls:
 *
 *   full    everything: as it should be
 *   none    nothing; without kx.dma devices are not even looked at
 *   bypass  the IOMMU alone, left passing everything
 *   abort   the IOMMU alone, left passing nothing
 *   bme     PCI alone
 *   rebme   everything, but the new kernel switches bus mastering on again without a reset
 *   reserve nothing, but what is not stopped keeps its memory, here and in the new kernel: as where
 *           hardware cannot be stopped
 */
#include "dma.h"

#define ID_OHCI        0x003f106b
#define ID_EDU         0x11e81234
#define ID_RISCV_IOMMU 0x00141b36
#define ID_NVME        0x00101b36
#define TIMEOUT_US     1000000

enum { VICTIM, IDENTITY, QUEUE, PAGES };

static struct platform *machine;
static const struct options *options;
static struct kx_device_state states[PLATFORM_DEVICES];
static uint64_t pages_pa[PAGES], tables_pa, scratch_pa;
static struct pci ohci, edu;
static struct kx_quiesce quiesce;

static int is(const char *value)
{
	return !strcmp(options->quiesce, value);
}

static volatile void *map(void *context, uint64_t pa, uint64_t size)
{
	(void)context;
	(void)size;
	return mmu_ptr(pa);
}

static void log_stage(void *context, int stage, size_t device)
{
	(void)context;
	if (device == KX_QUIESCE_DEVICE_NONE)
		print("kx-host: quiesce: %s\n", kx_stage_name(stage));
	else
		print("kx-host: quiesce: %s: device %zu\n", kx_stage_name(stage), device);
}

static int is_pci(uint32_t kind)
{
	return kind == KX_DEVICE_PCI_ECAM || kind == KX_DEVICE_PCI_PORTS;
}

static int is_iommu(uint32_t kind)
{
	return kind >= KX_DEVICE_SMMUV2 && kind <= KX_DEVICE_RISCV_IOMMU;
}

static void refused(int error)
{
	print("kx: %s; %s, device %zu, at 0x%lx\n", kx_strerror(error),
	      kx_stage_name(quiesce.fault.stage), quiesce.fault.device, quiesce.fault.place);
}

/* The RISC-V IOMMU that is a PCI function has registers once its BAR has a place. */
static void find_pci_iommu(void)
{
	struct pci pci;

	if (!pci_find(machine, ID_RISCV_IOMMU, &pci) || machine->device_count == PLATFORM_DEVICES)
		return;
	pci_enable(&pci, PCI_COMMAND_MEMORY);
	machine->devices[machine->device_count++] =
		(struct kx_device){ KX_DEVICE_RISCV_IOMMU, 0, pci_bar0(&pci), 0x1000 };
	if (*options->dma)
		pci_enable(&pci, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* What devices that an earlier kernel has set up write: nobody puts anything there. */
static int keep_written(void)
{
	size_t count = PLATFORM_RANGES;
	int error = kx_quiesce_reserve(&quiesce, machine->written, &count);

	machine->memory.written = machine->written;
	machine->memory.written_count = count;
	for (size_t i = 0; i < count; i++)
		print("kx-host: written by hardware: %lu bytes at 0x%lx\n", machine->written[i].size,
		      machine->written[i].pa);
	return error;
}

void quiet_begin(struct platform *platform, const struct options *chosen)
{
	int error;

	machine = platform;
	options = chosen;
	if (is("none") && !*options->dma)
		machine->device_count = 0; /* as a guest: the device tree names what is not there */
	find_pci_iommu();
	quiesce.devices = machine->devices;
	quiesce.device_count = machine->device_count;
	quiesce.states = states;
	quiesce.map = map;
	quiesce.log = log_stage;
	quiesce.timeout_us = TIMEOUT_US;
	for (size_t i = 0; i < machine->device_count; i++)
		print("kx-host: device %zu: kind %u at 0x%lx\n", i, machine->devices[i].kind,
		      machine->devices[i].base);
	error = kx_quiesce_snapshot(&quiesce);
	if (!error)
		error = keep_written();
	if (error) {
		refused(error);
		machine_off(1);
	}
}

static uint64_t take(struct pool *pool, uint64_t pages)
{
	uint64_t pa = pool_highest(pool, pages * KX_PAGE_SIZE, KX_PAGE_SIZE);

	if (pa == UINT64_MAX) {
		print("kx: no-room: there is no free memory for the devices\n");
		machine_off(1);
	}
	memset(mmu_ptr(pa), 0, pages * KX_PAGE_SIZE);
	return pa;
}

/* What translates for the devices; NULL: nothing does. */
static const struct kx_device *iommu(void)
{
	for (size_t i = 0; i < machine->device_count; i++)
		if (is_iommu(machine->devices[i].kind))
			return &machine->devices[i];
	return NULL;
}

#define POINTERS 3

/* The registers with which an IOMMU says that it has written or read a queue; 0: no more of them. */
static const uint32_t *pointers_of(const struct kx_device *device)
{
	static const uint32_t none[POINTERS], smmuv3[POINTERS] = { 0x100a8, 0x9c },
			      vtd[POINTERS] = { 0x34, 0x80 }, /* what counts faults has no queue */
			      amdvi[POINTERS] = { 0x2018, 0x2000 },
			      riscv[POINTERS] = { 0x34, 0x20, 0x44 };

	switch (device ? device->kind : KX_DEVICE_NONE) {
	case KX_DEVICE_SMMUV3: return smmuv3;
	case KX_DEVICE_VTD: return vtd;
	case KX_DEVICE_AMDVI: return amdvi;
	case KX_DEVICE_RISCV_IOMMU: return riscv;
	}
	return none;
}

static const char *with_pointers(const char *line, const struct kx_device *device)
{
	static const char keys[POINTERS][16] = { " kx.pointer0=", " kx.pointer1=", " kx.pointer2=" };
	const uint32_t *offsets = pointers_of(device);

	for (unsigned int i = 0; i < POINTERS && offsets[i]; i++)
		line = line_with_number(line, keys[i], device->base + offsets[i]);
	return line;
}

/* A disk with virtual functions, if there is one: they can only be looked at, for nobody drives them. */
static const char *with_virtual(const char *line)
{
	struct pci pci;

	if (!pci_find(machine, ID_NVME, &pci))
		return line;
	pci.id = pci_enable_virtual(&pci, 2);
	return line_with_number(line, " kx.virtual=", config_place(&pci, PCI_COMMAND));
}

const char *quiet_prepare(struct pool *pool, const char *bootargs)
{
	const char *line = bootargs;

	scratch_pa = take(pool, KX_QUIESCE_SCRATCH / KX_PAGE_SIZE);
	if (!*options->dma)
		return line;
	for (unsigned int i = 0; i < PAGES; i++)
		pages_pa[i] = take(pool, 1);
	tables_pa = take(pool, MAPPING_PAGES);
	if (!pci_find(machine, ID_OHCI, &ohci) || !pci_find(machine, ID_EDU, &edu)) {
		print("kx: no-device: kx.dma needs pci-ohci and edu\n");
		machine_off(1);
	}
	line = line_with_number(line, " kx.victim=", pages_pa[VICTIM]);
	line = line_with_number(line, " kx.identity=", pages_pa[IDENTITY]);
	line = line_with_number(line, " kx.queue=", pages_pa[QUEUE]);
	line = line_with_number(line, " kx.hz=", machine->timer_hz);
	line = with_virtual(with_pointers(line, iommu()));
	if (is("rebme")) {
		line = line_with_number(line, " kx.ohci=", config_place(&ohci, PCI_COMMAND));
		line = line_with_number(line, " kx.edu=", config_place(&edu, PCI_COMMAND));
	}
	return line;
}

/* Devices name the page by IDENTITY's address; the IOMMU makes VICTIM of it, or a fault. */
static void translate(void)
{
	struct mapping mapping = {
		.iova_pa = pages_pa[IDENTITY],
		.target_pa = strcmp(options->dma, "fault") ? pages_pa[VICTIM] : 0,
		.queue_pa = pages_pa[QUEUE],
		.tables_pa = tables_pa,
		.broken = !strcmp(options->dma, "broken"),
	};
	const struct kx_device *device = iommu();

	switch (device ? device->kind : KX_DEVICE_NONE) {
	case KX_DEVICE_SMMUV3: iommu_smmuv3_on(device->base, &mapping); break;
	case KX_DEVICE_VTD: iommu_vtd_on(device->base, &mapping); break;
	case KX_DEVICE_AMDVI: iommu_amdvi_on(device->base, &mapping); break;
	case KX_DEVICE_RISCV_IOMMU: iommu_riscv_on(device->base, &mapping); break;
	}
}

static void start_devices(void)
{
	volatile uint32_t *frames;
	volatile uint64_t *late;

	pci_enable(&ohci, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	pci_enable(&edu, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	frames = mmu_ptr(pci_bar0(&ohci));
	frames[0x18 / 4] = (uint32_t)pages_pa[IDENTITY]; /* HcHCCA */
	frames[0x34 / 4] = 0x27782edf;                   /* HcFmInterval */
	frames[0x04 / 4] = 0x80;                         /* HcControl: operational */
	late = mmu_ptr(pci_bar0(&edu));
	late[0x80 / 8] = 0x40000; /* from its own buffer */
	late[0x88 / 8] = pages_pa[IDENTITY] + 0x800;
	late[0x90 / 8] = 64;
	late[0x98 / 8] = 3; /* begin, to memory */
}

/* Only the devices that this sort of stopping is about. */
static size_t choose(struct kx_device *chosen, struct kx_device_state *chosen_states)
{
	size_t count = 0;

	for (size_t i = 0; i < machine->device_count; i++) {
		uint32_t kind = machine->devices[i].kind;

		if (((is("bypass") || is("abort")) && !is_iommu(kind)) || (is("bme") && !is_pci(kind)))
			continue;
		chosen[count] = machine->devices[i];
		chosen_states[count++] = states[i];
	}
	return count;
}

int quiet_now(const struct kx_cpus *cpus, const struct kx_plan *plan)
{
	static struct kx_device chosen[PLATFORM_DEVICES];
	static struct kx_device_state chosen_states[PLATFORM_DEVICES];
	int error;

	if (*options->dma) {
		translate();
		start_devices();
	}
	if (is("none") || is("reserve"))
		return 0;
	quiesce.device_count = choose(chosen, chosen_states);
	quiesce.devices = chosen;
	quiesce.states = chosen_states;
	quiesce.cpus = cpus;
	quiesce.plan = plan;
	quiesce.scratch = mmu_ptr(scratch_pa);
	quiesce.scratch_pa = scratch_pa;
	quiesce.policy = is("bypass") ? KX_IOMMU_BYPASS : is("abort") ? KX_IOMMU_ABORT :
		KX_IOMMU_AS_AT_BOOT;
	error = kx_quiesce(&quiesce);
	if (error)
		refused(error);
	else
		print("kx-host: quiet\n");
	return error;
}
