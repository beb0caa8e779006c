/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of devices, one access each; called through kx_io_*_(). Functions of their own and not
 * inlined: an access with writeback cannot be emulated by every hypervisor.
 */
#include "mmio.h"

#include "arch.h"

uint16_t kx_mmio_read16_(const volatile void *at)
{
	uint16_t value = *(const volatile uint16_t *)at;

	kx_io_barrier_();
	return value;
}

uint32_t kx_mmio_read32_(const volatile void *at)
{
	uint32_t value = *(const volatile uint32_t *)at;

	kx_io_barrier_();
	return value;
}

uint64_t kx_mmio_read64_(const volatile void *at)
{
	uint64_t value = *(const volatile uint64_t *)at;

	kx_io_barrier_();
	return value;
}

void kx_mmio_write16_(volatile void *at, uint16_t value)
{
	kx_io_barrier_();
	*(volatile uint16_t *)at = value;
}

void kx_mmio_write32_(volatile void *at, uint32_t value)
{
	kx_io_barrier_();
	*(volatile uint32_t *)at = value;
}

void kx_mmio_write64_(volatile void *at, uint64_t value)
{
	kx_io_barrier_();
	*(volatile uint64_t *)at = value;
}
