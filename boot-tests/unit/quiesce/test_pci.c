/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI: which functions are touched, what is written to them, in which order. */
#include "window.h"

#define FUNCTION(device, function) ((uint64_t)((device) << 3 | (function)) << 12)
#define ID(device, function)       ((uint64_t)((device) << 3 | (function)))
#define COMMAND   0x04
#define CLASS     0x08
#define HEADER    0x0c
#define BAR0      0x10
#define LINE      0x3c
#define MSI       0x50
#define MSIX      0x60
#define EXP       0x70
#define ATS       0x100
#define PRI       0x120
#define PASID     0x140
#define SRIOV     0x160

#define ENDPOINT FUNCTION(1, 0)
#define IOMMU    FUNCTION(4, 0)

static int hard_bus_master; /* cannot be cleared */

/* BARs, Command and the interrupt's line are gone, virtual functions too; and so is all of it for 100 ms
 * and more. */
static void reset(uint64_t at)
{
	window_put(at + SRIOV + 8, 2, 0);
	window_put(at + BAR0, 4, 0);
	window_put(at + LINE, 4, 0);
	window_put(at + EXP + 8, 2, 0);
	window_put(at + COMMAND, 4, UINT32_MAX);
	window_answer(at + COMMAND, UINT32_MAX, 0x00100000);
	window.still_at = at;
	window.still_us = 99990;
}

/* Status bits are cleared by writing ones: a careless 32-bit write would be seen here. */
static int model(struct window *self, uint64_t offset, uint64_t value, unsigned int size)
{
	uint64_t at = offset & 0xfff;

	(void)self;
	if (at == COMMAND && size != 2)
		window_fault("Command written with %u bytes", size);
	if (at == COMMAND && hard_bus_master) {
		window_put(offset, 2, value | 4);
		return 1;
	}
	if ((at == EXP + 8) && (value & 0x8000)) {
		reset(offset - at);
		return 1;
	}
	return 0;
}

static void add_function(uint64_t at, uint32_t class, uint32_t header)
{
	window_put(at, 4, 0x00011b36);
	window_put(at + COMMAND, 4, 0xf9000006); /* errors pending in Status; master, memory */
	window_put(at + CLASS, 4, class << 16 | 1);
	window_put(at + HEADER, 4, header << 16);
}

/* Device 1: an endpoint with everything. 2: a bridge. 3: a host bridge. 4: an IOMMU. 5.2: a plain one */
static void setup(void)
{
	window_reset(0);
	hard_bus_master = 0;
	memset(window.bytes, 0xff, WINDOW_SIZE);
	add_function(ENDPOINT, 0x0200, 0);
	window_put(ENDPOINT + COMMAND, 4, 0xf9100006);
	for (unsigned int i = 0; i < 6; i++)
		window_put(ENDPOINT + BAR0 + 4 * i, 4, 0x40000001 + i);
	window_put(ENDPOINT + LINE, 4, 0x010a);
	window_put(ENDPOINT + 0x34, 4, MSI);
	window_put(ENDPOINT + MSI, 4, 0x00810005 | MSIX << 8);
	window_put(ENDPOINT + MSIX, 4, 0x80030011 | EXP << 8);
	window_put(ENDPOINT + EXP, 4, 0x00020010);
	window_put(ENDPOINT + EXP + 4, 4, 0x10000000); /* can be reset */
	window_put(ENDPOINT + EXP + 8, 4, 0x00002010);
	window_put(ENDPOINT + ATS, 4, 0x0001000f | PRI << 20);
	window_put(ENDPOINT + ATS + 4, 4, 0x80000020);
	window_put(ENDPOINT + PRI, 4, 0x00010013 | PASID << 20);
	window_put(ENDPOINT + PRI + 4, 4, 0x00010001); /* a response failure is pending */
	window_put(ENDPOINT + PASID, 4, 0x0001001b);
	window_put(ENDPOINT + PASID + 4, 4, 0x00010006);
	add_function(FUNCTION(2, 0), 0x0880, 1); /* whatever it calls itself */
	add_function(FUNCTION(3, 0), 0x0600, 0);
	add_function(IOMMU, 0x0806, 0);
	add_function(FUNCTION(5, 0), 0x0120, 0x80); /* read as Device Status: requests pending */
	add_function(FUNCTION(5, 2), 0x0100, 0x80);
	window_put(FUNCTION(5, 2) + 0x34, 4, MSI); /* Status does not say that there is a list */
	window_put(FUNCTION(5, 2) + MSI, 4, 0x00810005);
	add_function(FUNCTION(1, 1), 0x0200, 0); /* device 1 has one: no more are looked for */
	rig_open(KX_DEVICE_PCI_ECAM);
	window.model = model;
}

#define STOP_ENDPOINT                                                                              \
	{ ENDPOINT + MSIX + 2, 3 }, { ENDPOINT + MSI + 2, 0x80 }, { ENDPOINT + COMMAND, 0x406 },   \
		{ ENDPOINT + PRI + 4, 0 }, { ENDPOINT + ATS + 6, 0 }, { ENDPOINT + PASID + 6, 0 }, \
	{                                                                                          \
		ENDPOINT + COMMAND, 0x402                                                          \
	}
#define STOP_PLAIN(at)                                                                             \
	{ (at) + COMMAND, 0x406 },                                                                 \
	{                                                                                          \
		(at) + COMMAND, 0x402                                                              \
	}

static void test_sequence(void **unused)
{
	(void)unused;
	setup();
	rig_quiet();
	EXPECT(STOP_ENDPOINT, STOP_PLAIN(FUNCTION(5, 0)), STOP_PLAIN(FUNCTION(5, 2)),
	       STOP_PLAIN(IOMMU));
	assert_int_equal(window_get(FUNCTION(2, 0) + COMMAND, 2), 6); /* bridges forward on */
	assert_int_equal(window_get(FUNCTION(3, 0) + COMMAND, 2), 6);
	rig_close();
	setup();
	window_put(ENDPOINT + ATS + 4, 4, 0x20); /* what is off is not written */
	rig_quiet();
	assert_int_equal(window.writes[3].offset, ENDPOINT + PRI + 4);
	assert_int_equal(window.writes[4].offset, ENDPOINT + PASID + 6);
	rig_close();
}

#define BAR(i) { ENDPOINT + BAR0 + 4 * (i), 0x40000001 + (i) }
#define RESET_ENDPOINT                                                                             \
	{ ENDPOINT + EXP + 8, 0xa010 }, BAR(0), BAR(1), BAR(2), BAR(3), BAR(4), BAR(5),            \
		{ ENDPOINT + LINE, 0x010a }, { ENDPOINT + EXP + 8, 0x2010 },                       \
	{                                                                                          \
		ENDPOINT + COMMAND, 0x402                                                          \
	}

/* The function that can be reset is; its registers come back, but for bus mastering. */
static void test_reset(void **unused)
{
	(void)unused;
	for (uint64_t delay = 0; delay < 40; delay += 13) {
		setup();
		window.delay = delay;
		rig.quiesce.flags = KX_QUIESCE_FLR;
		rig_quiet();
		EXPECT(STOP_ENDPOINT, RESET_ENDPOINT, STOP_PLAIN(FUNCTION(5, 0)),
		       STOP_PLAIN(FUNCTION(5, 2)), STOP_PLAIN(IOMMU));
		assert_int_equal(window_get(ENDPOINT + COMMAND, 2), 0x402);
		rig_close();
	}
	setup();
	rig.quiesce.flags = KX_QUIESCE_FLR;
	window_put(ENDPOINT + EXP + 4, 4, 0xefffffff); /* cannot be reset */
	rig_quiet();
	EXPECT(STOP_ENDPOINT, STOP_PLAIN(FUNCTION(5, 0)), STOP_PLAIN(FUNCTION(5, 2)),
	       STOP_PLAIN(IOMMU));
	rig_close();
	setup();
	rig.quiesce.flags = KX_QUIESCE_FLR;
	window.stuck = ENDPOINT + COMMAND; /* does not come back */
	rig_fails(KX_ERR_DEVICE_TIMEOUT, KX_STAGE_PCI, ID(1, 0));
	rig_close();
}

/* By x86's ports: there is no extended space, and no other bus. */
static void test_ports(void **unused)
{
	(void)unused;
	setup();
	rig.device = (struct kx_device){ KX_DEVICE_PCI_PORTS, 0, 0xcf8, 0 };
	rig_fails(KX_ERR_DEVICE_KIND, KX_STAGE_PREFLIGHT, 0);
	window.ports = 1;
	rig.quiesce.flags = KX_QUIESCE_FLR;
	rig_quiet();
	EXPECT({ ENDPOINT + MSIX + 2, 3 }, { ENDPOINT + MSI + 2, 0x80 }, { ENDPOINT + COMMAND, 0x406 },
	       { ENDPOINT + COMMAND, 0x402 }, RESET_ENDPOINT, STOP_PLAIN(FUNCTION(5, 0)),
	       STOP_PLAIN(FUNCTION(5, 2)), STOP_PLAIN(IOMMU));
	rig_close();
}

/* A configuration space that does not begin with bus 0. */
static void test_first_bus(void **unused)
{
	(void)unused;
	setup();
	rig.device.stride = 5;
	rig_quiet();
	EXPECT(STOP_ENDPOINT, STOP_PLAIN(FUNCTION(5, 0)), STOP_PLAIN(FUNCTION(5, 2)),
	       STOP_PLAIN(IOMMU));
	rig_close();
	setup();
	rig.device.stride = 5;
	hard_bus_master = 1;
	rig_fails(KX_ERR_PCI_BUS_MASTER, KX_STAGE_PCI, 5 << 8 | ID(1, 0));
	rig_close();
	setup();
	rig.device.length = 0x100000 - 1; /* not even one */
	rig_fails(KX_ERR_ARGUMENT, KX_STAGE_PREFLIGHT, 0);
	rig_close();
}

static void test_pending(void **unused)
{
	(void)unused;
	setup();
	window.delay = 20;
	window_put(ENDPOINT + EXP + 8, 4, 0x00202010);
	window_answer_old(ENDPOINT + EXP + 8, 0x200000, 0);
	rig_quiet();
	rig_close();
	setup();
	window_put(ENDPOINT + EXP + 8, 4, 0x00202010); /* for ever */
	rig.quiesce.flags = KX_QUIESCE_FLR;            /* but that comes after it */
	rig_fails(KX_ERR_PCI_PENDING, KX_STAGE_PCI, ID(1, 0));
	EXPECT(STOP_ENDPOINT);
	rig_close();
}

static void test_bus_master(void **unused)
{
	(void)unused;
	setup();
	hard_bus_master = 1;
	rig_fails(KX_ERR_PCI_BUS_MASTER, KX_STAGE_PCI, ID(1, 0));
	rig_close();
}

/* A capability list that leads back into itself ends all the same. */
static void test_loop(void **unused)
{
	(void)unused;
	setup();
	window_put(ENDPOINT + MSI, 4, 0x00000009 | MSI << 8);
	rig_quiet();
	EXPECT(STOP_PLAIN(ENDPOINT), STOP_PLAIN(FUNCTION(5, 0)), STOP_PLAIN(FUNCTION(5, 2)),
	       STOP_PLAIN(IOMMU));
	rig_close();
	setup();
	window_put(ENDPOINT + PASID, 4, 0x00010003 | ATS << 20);
	rig_quiet();
	assert_int_equal(window.writes[4].offset, ENDPOINT + ATS + 6);
	assert_int_equal(window.writes[5].offset, ENDPOINT + COMMAND);
	rig_close();
}

static void test_refused(void **unused)
{
	(void)unused;
	setup();
	rig.device.kind = KX_DEVICE_PCI_PORTS; /* there are none here */
	rig_fails(KX_ERR_DEVICE_KIND, KX_STAGE_PREFLIGHT, 0);
	rig.device.kind = KX_DEVICE_PCI_ECAM;
	rig.cpus.ids = (const uint64_t[]){ 99 };
	rig.cpus.count = 1;
	assert_result(kx_quiesce(&rig.quiesce), KX_ERR_CPU_RUNNING);
	assert_int_equal(rig.quiesce.fault.stage, KX_STAGE_CPUS);
	assert_int_equal(rig.quiesce.fault.place, 99);
	assert_int_equal(window.write_count, 0);
	rig_close();
}

/* One device has the whole of bus 1: functions that no function 0 of a device number announces. */
static void test_ari(void **unused)
{
	static const uint32_t numbers[] = { 0x100, 0x102, 0x13b, 0x1ff };

	(void)unused;
	for (int ari = 0; ari < 2; ari++) {
		setup();
		for (size_t i = 0; i < 4; i++)
			add_function((uint64_t)numbers[i] << 12, 0x0200, 0);
		window_put(0x100000 + COMMAND, 4, 0x00100006);
		window_put(0x100000 + 0x34, 4, EXP);
		window_put(0x100000 + EXP, 4, 0x00020010);
		window_put(0x100000 + EXP + 8, 4, 0);
		window_put(0x100000 + ATS, 4, ari ? 0x0001000e : 0x0001000d);
		rig_quiet();
		for (size_t i = 0; i < 4; i++)
			assert_int_equal(window_get(((uint64_t)numbers[i] << 12) + COMMAND, 2),
					 ari || !i ? 0x402 : 6);
		assert_int_equal(window_get(FUNCTION(1, 1) + COMMAND, 2), 6); /* not of bus 1 */
		rig_close();
	}
}

/* Three virtual functions of the endpoint, every second number, the last of them on the next bus. */
#define VF_ID(n) (0xfcu + 2 * (n))
#define VF(n)    ((uint64_t)VF_ID(n) << 12)
#define VF_MSIX  0x80
#define STOP_VF(n)                                                                                 \
	{ VF(n) + VF_MSIX + 2, 7 }, { VF(n) + COMMAND, 0x404 }, { VF(n) + ATS + 6, 0 },            \
	{                                                                                          \
		VF(n) + COMMAND, 0x400                                                             \
	}

static void setup_virtual(void)
{
	setup();
	window_put(ENDPOINT + PASID, 4, 0x0001001b | SRIOV << 20);
	window_put(ENDPOINT + SRIOV, 4, 0x00010010);
	window_put(ENDPOINT + SRIOV + 8, 4, 9);
	window_put(ENDPOINT + SRIOV + 0x10, 4, 3);
	window_put(ENDPOINT + SRIOV + 0x14, 4, 0x00020000 | (VF_ID(0) - ID(1, 0)));
	for (unsigned int i = 0; i < 3; i++) {
		window_put(VF(i) + COMMAND, 4, 0x00100004);
		window_put(VF(i) + CLASS, 4, 0x02000000);
		window_put(VF(i) + HEADER, 4, 0);
		window_put(VF(i) + 0x34, 4, VF_MSIX);
		window_put(VF(i) + VF_MSIX, 4, 0x80070011 | EXP << 8);
		window_put(VF(i) + EXP, 4, 0x00020010);
		window_put(VF(i) + EXP + 4, 4, 0x10000000);
		window_put(VF(i) + EXP + 8, 4, 0);
		window_put(VF(i) + ATS, 4, 0x0001000f);
		window_put(VF(i) + ATS + 4, 4, 0x80000020);
	}
}

/* Their Vendor ID reads as all ones, and what their physical function masters does not hold them back. */
static void test_virtual(void **unused)
{
	(void)unused;
	setup_virtual();
	window.delay = 20;
	window_put(VF(2) + EXP + 8, 4, 0x200000);
	window_answer_old(VF(2) + EXP + 8, 0x200000, 0);
	rig_quiet();
	EXPECT(STOP_VF(0), STOP_VF(1), STOP_VF(2), STOP_ENDPOINT, STOP_PLAIN(FUNCTION(5, 0)),
	       STOP_PLAIN(FUNCTION(5, 2)), STOP_PLAIN(IOMMU));
	rig_close();
	setup_virtual(); /* a reset takes them with it */
	rig.quiesce.flags = KX_QUIESCE_FLR;
	rig_quiet();
	EXPECT(STOP_VF(0), STOP_VF(1), STOP_VF(2), STOP_ENDPOINT, RESET_ENDPOINT,
	       STOP_PLAIN(FUNCTION(5, 0)), STOP_PLAIN(FUNCTION(5, 2)), STOP_PLAIN(IOMMU));
	rig_close();
	setup_virtual(); /* there are none now, whatever is said of them */
	window_put(ENDPOINT + SRIOV + 8, 4, 0xfffffffe);
	rig_quiet();
	EXPECT(STOP_ENDPOINT, STOP_PLAIN(FUNCTION(5, 0)), STOP_PLAIN(FUNCTION(5, 2)),
	       STOP_PLAIN(IOMMU));
	rig_close();
	setup_virtual(); /* the upper half is another register's */
	window_put(ENDPOINT + SRIOV + 0x10, 4, 0x00010000);
	rig_quiet();
	assert_int_equal(window.writes[0].offset, ENDPOINT + MSIX + 2);
	rig_close();
}

static void start_virtual(void)
{
	window_put(VF(1) + COMMAND, 2, 4);
}

static void test_virtual_faults(void **unused)
{
	(void)unused;
	setup_virtual();
	window_put(VF(1) + EXP + 8, 4, 0x200000); /* for ever */
	rig_fails(KX_ERR_PCI_PENDING, KX_STAGE_PCI, VF_ID(1));
	rig_close();
	setup_virtual();
	rig.at_verify = start_virtual;
	rig_fails(KX_ERR_DEVICE_ACTIVE, KX_STAGE_VERIFY, VF_ID(1));
	rig_close();
	setup_virtual();
	window_put(VF(2) + COMMAND, 4, UINT32_MAX); /* it does not answer */
	rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_PCI, VF_ID(2));
	rig_close();
	setup_virtual();
	rig.device.length = 0x100000; /* on a bus that is not told of */
	rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_PCI, VF_ID(2));
	EXPECT(STOP_VF(0), STOP_VF(1));
	rig_close();
	setup_virtual(); /* their numbers have 16 bits */
	rig.device.stride = 0xff;
	rig_fails(KX_ERR_DEVICE_ABSENT, KX_STAGE_PCI, (0xff00 + VF_ID(2)) & 0xffff);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence), cmocka_unit_test(test_reset),
		cmocka_unit_test(test_pending),  cmocka_unit_test(test_bus_master),
		cmocka_unit_test(test_loop),     cmocka_unit_test(test_refused),
		cmocka_unit_test(test_ports),    cmocka_unit_test(test_first_bus),
		cmocka_unit_test(test_ari),      cmocka_unit_test(test_virtual),
		cmocka_unit_test(test_virtual_faults),
	};

	return cmocka_run_group_tests_name("pci", tests, NULL, NULL);
}
