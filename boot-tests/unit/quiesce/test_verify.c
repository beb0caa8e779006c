/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last look: what was stopped and has begun again, by itself or by what kx_quiesce() does not know
 * of, is found, each register of each kind of device.
 */
#include "window.h"

#define FUNCTION(device) ((uint64_t)(device) << 15)

/** struct change - before the last look, bits of a register are found set, or cleared */
struct change {
	uint64_t offset;
	uint64_t set;
	uint64_t clear;
	uint64_t place; /* that is then named */
	uint32_t kind;
	uint32_t policy;
};

static const struct change changes[] = {
	{ 0x00, 0, 1, 0x00, KX_DEVICE_SMMUV2, 0 },         /* CLIENTPD: it translates */
	{ 0x00, 2, 0, 0x00, KX_DEVICE_SMMUV2, 0 },         /* GFRE: it reports */
	{ 0xc04, 0, 0x20000, 0xc04, KX_DEVICE_SMMUV2, KX_IOMMU_ABORT }, /* a stream that passes */
	{ 0x20, 1, 0, 0x24, KX_DEVICE_SMMUV3, 0 },         /* CR0 */
	{ 0x24, 4, 0, 0x24, KX_DEVICE_SMMUV3, 0 },         /* CR0ACK: its event queue */
	{ 0x54, 1, 0, 0x54, KX_DEVICE_SMMUV3, 0 },         /* IRQ_CTRLACK */
	{ 0x44, 0x100000, 0, 0x44, KX_DEVICE_SMMUV3, 0 },  /* GBPA.ABORT */
	{ 0x44, 0, 0x100000, 0x44, KX_DEVICE_SMMUV3, KX_IOMMU_ABORT },
	{ 0x44, 0x80000000, 0, 0x44, KX_DEVICE_SMMUV3, 0 }, /* GBPA.Update */
	{ 0x1c, 0x80000000, 0, 0x1c, KX_DEVICE_VTD, 0 },   /* TES */
	{ 0x1c, 0x04000000, 0, 0x1c, KX_DEVICE_VTD, 0 },   /* QIES */
	{ 0x1c, 0x02000000, 0, 0x1c, KX_DEVICE_VTD, 0 },   /* IRES */
	{ 0x64, 1, 0, 0x64, KX_DEVICE_VTD, 0 },            /* PMEN.PRS */
	{ 0x18, 1, 0, 0x18, KX_DEVICE_AMDVI, 0 },          /* IommuEn */
	{ 0x18, 0x1000, 0, 0x18, KX_DEVICE_AMDVI, 0 },     /* CmdBufEn */
	{ 0x2020, 8, 0, 0x2020, KX_DEVICE_AMDVI, 0 },      /* EventLogRun */
	{ 0x10, 2, 0, 0x10, KX_DEVICE_RISCV_IOMMU, 0 },    /* ddtp: a mode */
	{ 0x10, 0x10, 0, 0x10, KX_DEVICE_RISCV_IOMMU, 0 }, /* busy */
	{ 0x48, 1, 0, 0x48, KX_DEVICE_RISCV_IOMMU, 0 },    /* cqen */
	{ 0x4c, 0x10000, 0, 0x4c, KX_DEVICE_RISCV_IOMMU, 0 }, /* fqon */
	{ 0x50, 0x20000, 0, 0x50, KX_DEVICE_RISCV_IOMMU, 0 }, /* pqcsr busy */
	{ FUNCTION(1) + 4, 4, 0, 1 << 3, KX_DEVICE_PCI_ECAM, 0 }, /* an endpoint masters the bus */
	{ FUNCTION(2) + 4, 4, 0, 2 << 3, KX_DEVICE_PCI_ECAM, 0 }, /* an IOMMU */
	{ 0x00, 1, 0, 0x00, KX_DEVICE_GICV3_ITS, 0 },      /* Enabled */
	{ 0x00, 0, 0x80000000, 0x00, KX_DEVICE_GICV3_ITS, 0 }, /* Quiescent */
	{ 0x20078, 1ull << 63, 0, 0x20078, KX_DEVICE_GICV3_REDIST, 0 }, /* a virtual CPU is back */
	{ 0x10, 0, 0x10000, 0x10, KX_DEVICE_IOAPIC, 0 },   /* its one input is not masked */
};

static const struct change *now;

static void begin_again(void)
{
	uint64_t value = window_get(now->offset, 8);

	window_put(now->offset, 8, (value & ~now->clear) | now->set);
}

/* What answers at once, where a register must change to be believed. */
static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	(void)size;
	if (rig.device.kind == KX_DEVICE_SMMUV3 && offset == 0x44) {
		window_put(0x44, 4, value & 0x7fffffff);
		return 1;
	}
	return rig.device.kind == KX_DEVICE_IOAPIC && offset == 0; /* one register behind the window */
}

static void add_function(uint64_t at, uint32_t class)
{
	window_put(at, 4, 0x00011b36);
	window_put(at + 4, 4, 6);
	window_put(at + 8, 4, class << 16);
	window_put(at + 12, 4, 0);
}

/* Nothing to stop, or next to it. */
static void setup(uint32_t kind, uint32_t policy)
{
	window_reset(0);
	switch (kind) {
	case KX_DEVICE_SMMUV2:
		window_put(0, 4, 1);
		window_put(0x20, 4, 0x8000002); /* two streams */
		break;
	case KX_DEVICE_VTD: window_put(0x8, 8, 0x20); break; /* protected memory */
	case KX_DEVICE_GICV3_ITS: window_put(0, 4, 0x80000000); break;
	case KX_DEVICE_GICV3_REDIST: window_put(0x8, 8, 0x12); break; /* virtual LPIs; the last */
	case KX_DEVICE_PCI_ECAM:
		memset(window.bytes, 0xff, WINDOW_SIZE);
		add_function(FUNCTION(1), 0x0200);
		add_function(FUNCTION(2), 0x0806);
		break;
	}
	window.model = model;
	rig_open(kind);
	rig.quiesce.policy = policy;
}

static void test_quiet(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		setup(changes[i].kind, changes[i].policy);
		rig_quiet();
		rig_close();
	}
}

static void test_begins_again(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		now = &changes[i];
		setup(now->kind, now->policy);
		rig.at_verify = begin_again;
		rig_fails(KX_ERR_DEVICE_ACTIVE, KX_STAGE_VERIFY, now->place);
		rig_close();
	}
}

/* LPIs are on again: that matters where something was to go over the tables. */
static void test_lpis_again(void **unused)
{
	static const struct change lpis = { .offset = 0, .set = 1 };
	static struct kx_segment segment = { .dest_pa = 0x42000000, .memsz = 0x1000 };
	static const struct kx_plan plan = { .segments = &segment, .segment_count = 1 };

	(void)unused;
	now = &lpis;
	for (int clear = 0; clear < 2; clear++) {
		setup(KX_DEVICE_GICV3_REDIST, 0);
		window_put(0x8, 8, 0x11); /* LPIs; the last */
		window_put(0x70, 8, 0x4200000f);
		window_put(0x78, 8, 0x42010000);
		rig.at_verify = begin_again;
		rig.quiesce.plan = clear ? NULL : &plan;
		if (clear)
			rig_quiet();
		else
			rig_fails(KX_ERR_DEST_OVER_WRITER, KX_STAGE_VERIFY, 0x42000000);
		rig_close();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_begins_again),
		cmocka_unit_test(test_lpis_again),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
