/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine with a device of each sort and callbacks: whatever the order in which they are listed, what
 * is done to them comes in the order of the stages, and a failure leaves all that comes later alone.
 */
#include "window.h"

/* Where they lie in the window; a bus of PCI takes all of it. Its devices that would lie under the
 * others' registers are not there. */
#define ENDPOINT  0x08000u
#define PCI_IOMMU 0x10000u
#define ITS       0x31000u
#define IOMMU     0x32000u
#define REDIST    0x33000u

#define COMMAND 0x4
#define DDTP    (IOMMU + 0x10)
#define CQH     (IOMMU + 0x20)
#define CQT     (IOMMU + 0x24)
#define CQCSR   (IOMMU + 0x48)
#define FQCSR   (IOMMU + 0x4c)
#define PQCSR   (IOMMU + 0x50)

#define WINDOW_PA 0x10000000u
#define DEVICES   4
#define CALLBACKS 2
#define EVENTS    64

/* What has happened: a write to a register, or one of these */
#define CPUS_ASKED (NONE - 2)
#define CALLBACK_0 (NONE - 4) /* and the next */

static const struct kx_device kinds[DEVICES] = {
	{ KX_DEVICE_PCI_ECAM, 0, WINDOW_PA, WINDOW_SIZE },
	{ KX_DEVICE_GICV3_ITS, 0, WINDOW_PA + ITS, 0x1000 },
	{ KX_DEVICE_RISCV_IOMMU, 0, WINDOW_PA + IOMMU, 0x1000 },
	{ KX_DEVICE_GICV3_REDIST, 0, WINDOW_PA + REDIST, 0x1000 },
};

static struct kx_device devices[DEVICES];
static struct kx_device_state states[DEVICES];
static struct kx_callback slots[CALLBACKS];
static struct kx_lifecycle lifecycle;
static const uint64_t cpus[] = { 1 };
static int stage, callback_fails;
static struct event { uint64_t what; int stage; } events[EVENTS];
static size_t event_count;

static void add_event(uint64_t what)
{
	if (event_count < EVENTS)
		events[event_count++] = (struct event){ what, stage };
}

static volatile void *map(void *context, uint64_t pa, uint64_t size)
{
	(void)context;
	(void)size;
	return pa - WINDOW_PA < WINDOW_SIZE ? window.bytes + (pa - WINDOW_PA) : NULL;
}

static void log_stage(void *context, int now, size_t device)
{
	(void)context;
	(void)device;
	if (now == KX_STAGE_CALLBACKS && window.asked)
		add_event(CPUS_ASKED);
	stage = now;
}

static int stop(void *context)
{
	size_t index = (size_t)((struct kx_callback *)context - slots);

	add_event(CALLBACK_0 + index);
	return callback_fails && !index;
}

/* Everything answers at once. */
static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	(void)self;
	(void)size;
	add_event(offset);
	if (offset == window.stuck)
		return 1; /* it does not take the value */
	switch (offset) {
	case ITS: window_put(ITS, 4, value | 0x80000000); return 1;
	case CQCSR:
	case FQCSR:
	case PQCSR: window_put(offset, 4, value & 1 ? 0x10001 : 0); return 1;
	case CQT: window_put(CQH, 4, value); return 0;
	}
	return 0;
}

static void add_function(uint64_t at, uint32_t class)
{
	memset(window.bytes + at, 0, 0x1000);
	window_put(at, 4, 0x00011b36);
	window_put(at + COMMAND, 4, 6);
	window_put(at + 8, 4, class << 16);
}

static void setup_registers(void)
{
	window_reset(0);
	memset(window.bytes, 0xff, WINDOW_SIZE);
	memset(window.bytes + ITS, 0, 0x3000);
	add_function(ENDPOINT, 0x0200);
	add_function(PCI_IOMMU, 0x0806);
	window_put(ITS, 4, 1);
	window_put(IOMMU, 8, 0x10);
	window_put(REDIST + 0x8, 8, 0x11); /* LPIs; the last */
	window_put(REDIST, 4, 1);
}

/* The n-th of all orders. The host has the IOMMU translate after the snapshot. */
static void setup(unsigned int n)
{
	setup_registers();
	rig_open(KX_DEVICE_GICV3_ITS); /* for what is no device */
	memcpy(devices, kinds, sizeof(devices));
	for (unsigned int i = DEVICES; i > 1; n /= i--) {
		struct kx_device last = devices[i - 1];

		devices[i - 1] = devices[n % i];
		devices[n % i] = last;
	}
	memset(states, 0, sizeof(states));
	lifecycle = (struct kx_lifecycle){ .callbacks = slots, .max = CALLBACKS,
					   .timer_hz = 1000000, .timeout_us = 1000 };
	for (size_t i = 0; i < CALLBACKS; i++) {
		static const size_t bus = 0;
		struct kx_callback callback = { .stop = stop, .context = &slots[i],
						.suppliers = &bus, .supplier_count = i };

		assert_result(kx_lifecycle_add(&lifecycle, &callback, NULL), 0);
	}
	rig.cpus.ids = cpus;
	rig.cpus.count = 1;
	rig.quiesce.devices = devices;
	rig.quiesce.device_count = DEVICES;
	rig.quiesce.states = states;
	rig.quiesce.lifecycle = &lifecycle;
	rig.quiesce.map = map;
	rig.quiesce.log = log_stage;
	assert_result(kx_quiesce_snapshot(&rig.quiesce), 0);
	window_put(DDTP, 8, 0x1002);
	window_put(CQCSR, 4, 0x10001);
	window.model = model;
	event_count = 0;
	stage = callback_fails = 0;
}

/* Every order of the array. */
#define ORDERS 24

static const struct event expected[] = {
	{ CPUS_ASKED, KX_STAGE_CPUS },
	{ CALLBACK_0 + 1, KX_STAGE_CALLBACKS }, /* the consumer */
	{ CALLBACK_0, KX_STAGE_CALLBACKS },
	{ ENDPOINT + COMMAND, KX_STAGE_PCI }, /* INTx */
	{ ENDPOINT + COMMAND, KX_STAGE_PCI }, /* bus mastering */
	{ ITS, KX_STAGE_INTERRUPTS },
	{ DDTP, KX_STAGE_IOMMU_BLOCK },
	{ CQCSR, KX_STAGE_IOMMU_DRAIN },
	{ IOMMU + 0x18, KX_STAGE_IOMMU_DRAIN },
	{ CQT, KX_STAGE_IOMMU_DRAIN },
	{ CQCSR, KX_STAGE_IOMMU_DRAIN },
	{ CQT, KX_STAGE_IOMMU_DRAIN },
	{ CQCSR, KX_STAGE_IOMMU_QUEUES },
	{ FQCSR, KX_STAGE_IOMMU_QUEUES },
	{ PQCSR, KX_STAGE_IOMMU_QUEUES },
	{ IOMMU + 0x30c, KX_STAGE_IOMMU_QUEUES },
	{ IOMMU + 0x30c, KX_STAGE_IOMMU_QUEUES },
	{ IOMMU + 0x30c, KX_STAGE_IOMMU_QUEUES },
	{ IOMMU + 0x30c, KX_STAGE_IOMMU_QUEUES },
	{ IOMMU + 0x54, KX_STAGE_IOMMU_QUEUES },
	{ PCI_IOMMU + COMMAND, KX_STAGE_PCI_IOMMU },
	{ PCI_IOMMU + COMMAND, KX_STAGE_PCI_IOMMU },
	{ REDIST, KX_STAGE_WRITERS },
};

#define EXPECTED (sizeof(expected) / sizeof(expected[0]))

static void assert_events(size_t count)
{
	for (size_t i = 0; i < count && i < event_count; i++) {
		assert_int_equal(events[i].what, expected[i].what);
		assert_int_equal(events[i].stage, expected[i].stage);
	}
	assert_int_equal(event_count, count);
}

static void test_order(void **unused)
{
	(void)unused;
	for (unsigned int n = 0; n < ORDERS; n++) {
		setup(n);
		assert_result(kx_quiesce(&rig.quiesce), 0);
		assert_events(EXPECTED);
		assert_int_equal(stage, KX_STAGE_VERIFY);
		rig_close();
	}
}

static size_t index_of(uint32_t kind)
{
	for (size_t i = 0; i < DEVICES; i++)
		if (devices[i].kind == kind)
			return i;
	return KX_QUIESCE_DEVICE_NONE;
}

/* Each register that refuses is the last that is written, and its device is named. */
static void test_failures(void **unused)
{
	static const struct { uint64_t stuck; uint32_t kind; int error, stage; } cases[] = {
		{ ENDPOINT + COMMAND, KX_DEVICE_PCI_ECAM, KX_ERR_PCI_BUS_MASTER, KX_STAGE_PCI },
		{ ITS, KX_DEVICE_GICV3_ITS, KX_ERR_DEVICE_TIMEOUT, KX_STAGE_INTERRUPTS },
		{ DDTP, KX_DEVICE_RISCV_IOMMU, KX_ERR_DEVICE_LOCKED, KX_STAGE_IOMMU_BLOCK },
		{ CQCSR, KX_DEVICE_RISCV_IOMMU, KX_ERR_DEVICE_TIMEOUT, KX_STAGE_IOMMU_DRAIN },
		{ PCI_IOMMU + COMMAND, KX_DEVICE_PCI_ECAM, KX_ERR_PCI_BUS_MASTER, KX_STAGE_PCI_IOMMU },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (unsigned int n = 0; n < ORDERS; n++) {
			setup(n);
			window.stuck = cases[i].stuck;
			assert_result(kx_quiesce(&rig.quiesce), cases[i].error);
			assert_int_equal(rig.quiesce.fault.stage, cases[i].stage);
			assert_int_equal(rig.quiesce.fault.device, index_of(cases[i].kind));
			assert_int_equal(events[event_count - 1].what, cases[i].stuck);
			assert_true(event_count < EXPECTED);
			assert_events(event_count);
			rig_close();
		}
}

/* A callback that fails is named; no register is written. */
static void test_callback(void **unused)
{
	(void)unused;
	for (int go_on = 0; go_on < 2; go_on++) {
		setup(0);
		callback_fails = 1;
		lifecycle.go_on = go_on;
		assert_result(kx_quiesce(&rig.quiesce), KX_ERR_CALLBACK_FAILED);
		assert_int_equal(rig.quiesce.fault.stage, KX_STAGE_CALLBACKS);
		assert_int_equal(rig.quiesce.fault.callback, 0);
		assert_int_equal(rig.quiesce.fault.device, KX_QUIESCE_DEVICE_NONE);
		assert_events(3);
		assert_int_equal(window.write_count, 0);
		rig_close();
	}
}

/* What fails in the preflight, or with the CPUs, leaves the machine as it was. */
static void test_untouched(void **unused)
{
	static const uint64_t runs[] = { 99 };
	static const size_t itself = 0;

	(void)unused;
	setup(0);
	rig.cpus.ids = runs;
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_CPU_RUNNING);
	assert_int_equal(rig.quiesce.fault.place, 99);
	assert_events(0);
	rig_close();
	setup(0);
	slots[0].suppliers = &itself;
	slots[0].supplier_count = 1;
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_CALLBACK_CYCLE);
	assert_int_equal(rig.quiesce.fault.stage, KX_STAGE_PREFLIGHT);
	assert_int_equal(rig.quiesce.fault.callback, 0);
	assert_events(0);
	assert_int_equal(window.asked, 0);
	rig_close();
	setup(0);
	states[index_of(KX_DEVICE_RISCV_IOMMU)].boot[0] = 2; /* it translated when the host began */
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_IOMMU_POLICY);
	assert_int_equal(rig.quiesce.fault.device, index_of(KX_DEVICE_RISCV_IOMMU));
	assert_events(0);
	assert_int_equal(window.asked, 0);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_callback),
		cmocka_unit_test(test_untouched),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
