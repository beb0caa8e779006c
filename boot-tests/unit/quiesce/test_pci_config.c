/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI's configuration space: capability lists as they should be, and as they should not. */
#include "window.h"

#include "pci.h"

#define VENDOR    0x1b36
#define STATUS    0x04
#define POINTER   0x34
#define EXP       0x40 /* the first place that there can be */
#define EXTENDED  0x100
#define LAST      0xffc
#define ID        0x0003
#define BUS       0x100000

static struct kx_device device;
static struct kx_io io;
static struct kx_pci pci;

/* A function with one capability, PCI Express, and no extended one */
static int setup(void **unused)
{
	(void)unused;
	window_reset(0);
	device = (struct kx_device){ KX_DEVICE_PCI_ECAM, 0, 0, WINDOW_SIZE };
	io = (struct kx_io){ .device = &device, .base = window.bytes };
	pci = (struct kx_pci){ &io, 0 };
	window_put(0, 4, VENDOR);
	window_put(STATUS, 4, 0x100000);
	window_put(POINTER, 4, EXP);
	window_put(EXP, 4, 0x10);
	return 0;
}

static void extended(uint32_t at, uint32_t id, uint32_t next)
{
	window_put(at, 4, id | 1u << 16 | next << 20);
}

static void test_extended(void **unused)
{
	(void)unused;
	assert_int_equal(kx_pci_express_(&pci), EXP);
	assert_int_equal(kx_pci_extended_(&pci, ID), 0);
	extended(EXTENDED, 1, 0x200);
	extended(0x200, ID, 0);
	assert_int_equal(kx_pci_extended_(&pci, 1), EXTENDED);
	assert_int_equal(kx_pci_extended_(&pci, ID), 0x200);
	assert_int_equal(kx_pci_extended_(&pci, 2), 0);
	assert_int_equal(kx_pci_extended_(&pci, VENDOR), 0); /* the end is not at 0 */
	window_put(EXP, 4, 0x11);
	assert_int_equal(kx_pci_extended_(&pci, ID), 0); /* not of PCI Express: nothing is asked there */
	assert_int_equal(kx_pci_extended_(&pci, VENDOR), 0);
}

/* Whatever stands there, the search ends, and where lists are not goes nobody. */
static void test_extended_broken(void **unused)
{
	(void)unused;
	extended(EXTENDED, 1, EXTENDED);
	assert_int_equal(kx_pci_extended_(&pci, ID), 0);
	extended(EXTENDED, 1, EXP);
	window_put(EXP, 4, 0x10 | 0x80000);
	assert_int_equal(kx_pci_extended_(&pci, 0x10), 0);
	window_put(EXTENDED, 4, UINT32_MAX); /* nobody answers */
	extended(LAST, ID, 0);
	assert_int_equal(kx_pci_extended_(&pci, ID), 0);
	for (uint32_t i = 0; i < 480; i++) /* more than there can be, as each has 8 bytes */
		extended(EXTENDED + 4 * i, 1, EXTENDED + 4 * (i + 1));
	extended(EXTENDED + 4 * 480, ID, 0);
	assert_int_equal(kx_pci_extended_(&pci, ID), 0);
	extended(EXTENDED + 4 * 479, ID, 0);
	assert_int_equal(kx_pci_extended_(&pci, ID), EXTENDED + 4 * 479);
}

static void test_pointer(void **unused)
{
	(void)unused;
	window_put(0x20, 4, 0x05);
	window_put(POINTER, 4, 0x20); /* among the registers that all have */
	assert_int_equal(kx_pci_capability_(&pci, 0x05), 0);
	window_put(POINTER, 4, EXP);
	window_put(EXP, 4, 0x10 | EXP << 8);
	assert_int_equal(kx_pci_capability_(&pci, 0x05), 0);
	window_put(STATUS, 4, 0);
	assert_int_equal(kx_pci_express_(&pci), 0);
}

static void test_buses(void **unused)
{
	(void)unused;
	for (uint64_t buses = 1; buses < 600; buses++) {
		device.length = buses * BUS + 0xfff;
		assert_int_equal(kx_pci_bus_count_(&io), buses < 256 ? buses : 256);
	}
}

/* There is no more than the first 256 bytes. */
static void test_ports(void **unused)
{
	(void)unused;
	device = (struct kx_device){ KX_DEVICE_PCI_PORTS, 0, 0xcf8, 0 };
	window.ports = 1;
	window_put(0xfc, 4, 0x1234567);
	assert_int_equal(kx_pci_bus_count_(&io), 256);
	assert_int_equal(kx_pci_read_(&pci, 0), VENDOR);
	assert_int_equal(kx_pci_read_(&pci, 0xfc), 0x1234567);
	assert_int_equal(kx_pci_read_(&pci, 0x100), UINT32_MAX);
	assert_int_equal(kx_pci_extended_(&pci, VENDOR), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_extended, setup),
		cmocka_unit_test_setup(test_extended_broken, setup),
		cmocka_unit_test_setup(test_pointer, setup),
		cmocka_unit_test_setup(test_buses, setup),
		cmocka_unit_test_setup(test_ports, setup),
	};

	return cmocka_run_group_tests_name("pci_config", tests, NULL, NULL);
}
