/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86 I/O APIC: every input masked, before interrupt remapping goes and its entries change their
 * meaning; called by quiesce.c. Spec: Intel 82093AA I/O Advanced Programmable Interrupt Controller.
 */
#include "interrupts.h"

#define IOREGSEL 0x00
#define IOWIN    0x10

#define IOAPICVER       0x01
#define IOAPICVER_SHIFT 16 /* Maximum Redirection Entry */
#define IOREDTBL        0x10
#define IOREDTBL_MASK   0x10000

static uint32_t read(const struct kx_io *io, uint32_t index)
{
	kx_io_write32_(io, IOREGSEL, index);
	return kx_io_read32_(io, IOWIN);
}

static uint32_t last_input(const struct kx_io *io)
{
	return read(io, IOAPICVER) >> IOAPICVER_SHIFT & 0xff;
}

int kx_ioapic_verify_(const struct kx_io *io)
{
	uint32_t last = last_input(io);

	for (uint32_t i = 0; i <= last; i++)
		if (!(read(io, IOREDTBL + 2 * i) & IOREDTBL_MASK))
			return kx_io_fail_(io, -KX_ERR_DEVICE_ACTIVE, IOREDTBL + 2 * i);
	return 0;
}

int kx_ioapic_stop_(const struct kx_io *io)
{
	uint32_t last = last_input(io);

	for (uint32_t i = 0; i <= last; i++) {
		uint32_t index = IOREDTBL + 2 * i, low = read(io, index);

		kx_io_write32_(io, IOWIN, low | IOREDTBL_MASK);
		if (!(read(io, index) & IOREDTBL_MASK))
			return kx_io_fail_(io, -KX_ERR_DEVICE_LOCKED, index);
	}
	return 0;
}
