/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One PCI function: interrupts masked, bus mastering off, requests at an end; called by pci.c.
 * PCI: PCI Local Bus Specification 3.0. PCIe: PCI Express Base Specification 6.0.
 */
#include "pci.h"

#include "clock.h"

/* PCI "Configuration Space" */
#define COMMAND             0x04
#define COMMAND_BUS_MASTER  0x0004
#define COMMAND_INTX_OFF    0x0400
#define BAR0                0x10
#define BARS                6
#define INTERRUPT_LINE      0x3c

#define CAP_MSI          0x05
#define CAP_MSIX         0x11
#define MSI_ENABLE       0x00010000 /* of the first doubleword, so bit 0 of Message Control */
#define MSIX_ENABLE      0x80000000 /* bit 15 */
#define EXP_DEVCAP       0x04
#define EXP_DEVCAP_FLR   0x10000000
#define EXP_DEVCTL       0x08
#define EXP_DEVCTL_FLR   0x8000
#define EXP_DEVSTA_TP    0x200000 /* Transactions Pending, in the upper half */

#define EXT_ATS          0x0f
#define EXT_PRI          0x13
#define EXT_PASID        0x1b
#define ATS_ENABLE       0x80000000 /* bit 15 of the register at 6 */
#define PRI_ENABLE       0x1        /* bit 0 of the register at 4 */
#define PASID_ENABLE     0x10000    /* bit 0 of the register at 6 */

#define FLR_US 100000 /* PCIe "Function Level Reset (FLR)": no access for 100 ms */

/*
 * Clear bits of a control register in either half of a doubleword, writing that half only: the
 * other may hold status bits that a write clears.
 */
static void clear_bits(const struct kx_pci *pci, uint32_t offset, uint32_t bits)
{
	uint32_t value = kx_pci_read_(pci, offset);

	if (!(value & bits))
		return;
	if (bits >> 16)
		kx_pci_write16_(pci, offset + 2, (uint16_t)((value & ~bits) >> 16));
	else
		kx_pci_write16_(pci, offset, (uint16_t)(value & ~bits));
}

/* Messages are memory writes; without interrupt remapping one becomes an arbitrary interrupt. */
static void stop_interrupts(const struct kx_pci *pci)
{
	uint32_t msix = kx_pci_capability_(pci, CAP_MSIX);
	uint32_t msi = kx_pci_capability_(pci, CAP_MSI);

	if (msix)
		clear_bits(pci, msix, MSIX_ENABLE);
	if (msi)
		clear_bits(pci, msi, MSI_ENABLE);
	kx_pci_write16_(pci, COMMAND, (uint16_t)(kx_pci_read_(pci, COMMAND) | COMMAND_INTX_OFF));
}

/* PASID last: it must not change while ATS is on. PCIe "PASID Control Register". */
static void stop_translation(const struct kx_pci *pci)
{
	uint32_t pri = kx_pci_extended_(pci, EXT_PRI);
	uint32_t ats = kx_pci_extended_(pci, EXT_ATS);
	uint32_t pasid = kx_pci_extended_(pci, EXT_PASID);

	if (pri)
		clear_bits(pci, pri + 4, PRI_ENABLE);
	if (ats)
		clear_bits(pci, ats + 4, ATS_ENABLE);
	if (pasid)
		clear_bits(pci, pasid + 4, PASID_ENABLE);
}

static int stop_bus_master(const struct kx_pci *pci)
{
	clear_bits(pci, COMMAND, COMMAND_BUS_MASTER);
	return kx_pci_read_(pci, COMMAND) & COMMAND_BUS_MASTER ? -KX_ERR_PCI_BUS_MASTER : 0;
}

static void start_clock(const struct kx_pci *pci, struct kx_deadline *deadline, uint64_t us)
{
	kx_deadline_set_(deadline, pci->io->quiesce->cpus->timer_hz, us);
}

static int drain(const struct kx_pci *pci, uint32_t exp)
{
	struct kx_deadline deadline;
	int late, pending;

	start_clock(pci, &deadline, pci->io->quiesce->timeout_us);
	do {
		late = kx_deadline_passed_(&deadline);
		pending = (kx_pci_read_(pci, exp + EXP_DEVCTL) & EXP_DEVSTA_TP) != 0;
	} while (pending && !late);
	return pending ? -KX_ERR_PCI_PENDING : 0;
}

/* Wait until the function answers again: not before its 100 ms are over. */
static int wait_reset(const struct kx_pci *pci)
{
	struct kx_deadline deadline;
	int late;

	start_clock(pci, &deadline, FLR_US);
	while (!kx_deadline_passed_(&deadline))
		;
	start_clock(pci, &deadline, pci->io->quiesce->timeout_us);
	do {
		late = kx_deadline_passed_(&deadline);
		if (kx_pci_read_(pci, COMMAND) != UINT32_MAX)
			return 0;
	} while (!late);
	return -KX_ERR_DEVICE_TIMEOUT;
}

/* A reset is the only cure for a transfer that waits in the device. The next kernel wants its BARs. */
int kx_pci_reset_(const struct kx_pci *pci)
{
	uint32_t exp = kx_pci_express_(pci), bars[BARS], line, command;
	uint16_t control;
	int error;

	if (!exp || !(pci->io->quiesce->flags & KX_QUIESCE_FLR) ||
	    !(kx_pci_read_(pci, exp + EXP_DEVCAP) & EXP_DEVCAP_FLR))
		return 0;
	for (unsigned int i = 0; i < BARS; i++)
		bars[i] = kx_pci_read_(pci, BAR0 + 4 * i);
	line = kx_pci_read_(pci, INTERRUPT_LINE);
	command = kx_pci_read_(pci, COMMAND);
	control = (uint16_t)kx_pci_read_(pci, exp + EXP_DEVCTL);
	kx_pci_write16_(pci, exp + EXP_DEVCTL, control | EXP_DEVCTL_FLR);
	error = wait_reset(pci);
	if (error)
		return error;
	for (unsigned int i = 0; i < BARS; i++)
		kx_pci_write_(pci, BAR0 + 4 * i, bars[i]);
	kx_pci_write_(pci, INTERRUPT_LINE, line);
	kx_pci_write16_(pci, exp + EXP_DEVCTL, control);
	kx_pci_write16_(pci, COMMAND, (uint16_t)command);
	return 0;
}

int kx_pci_verify_(const struct kx_pci *pci)
{
	return kx_pci_read_(pci, COMMAND) & COMMAND_BUS_MASTER ? -KX_ERR_DEVICE_ACTIVE : 0;
}

int kx_pci_stop_(const struct kx_pci *pci)
{
	uint32_t exp = kx_pci_express_(pci);
	int error;

	stop_interrupts(pci);
	stop_translation(pci);
	error = stop_bus_master(pci);
	if (!error && exp)
		error = drain(pci, exp);
	return error;
}
