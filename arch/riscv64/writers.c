/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: memory that the firmware or a hypervisor writes for the supervisor, given back.
 * SBI: RISC-V Supervisor Binary Interface 3.0.
 */
#include "arch.h"

#define SBI_BASE            0x10
#define SBI_PROBE_EXTENSION 3
#define SBI_NOT_SUPPORTED   (-2)

#define SBI_STA         0x535441   /* "Steal-time Accounting Extension" */
#define SBI_STA_SHMEM   0
#define SBI_PMU         0x504d55   /* "Performance Monitoring Unit Extension" */
#define SBI_PMU_SHMEM   7
#define SBI_NACL        0x4e41434c /* "Nested Acceleration Extension" */
#define SBI_NACL_SHMEM  1
#define SBI_MPXY        0x4d505859 /* "Message Proxy Extension" */
#define SBI_MPXY_SHMEM  1
#define SBI_SHMEM_NONE  UINT64_MAX

static int64_t call(uint64_t extension, uint64_t function, uint64_t x, uint64_t *value)
{
	register uint64_t a0 __asm__("a0") = x;
	register uint64_t a1 __asm__("a1") = x;
	register uint64_t a2 __asm__("a2") = 0;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
	*value = a1;
	return (int64_t)a0;
}

/* Both halves of the address all ones: the shared memory is given back. */
static int give_back(uint64_t extension, uint64_t function)
{
	uint64_t there = 0;
	int64_t error;

	if (call(SBI_BASE, SBI_PROBE_EXTENSION, extension, &there) || !there)
		return 0;
	error = call(extension, function, SBI_SHMEM_NONE, &there);
	return !error || error == SBI_NOT_SUPPORTED ? 0 : -KX_ERR_CPU_FIRMWARE;
}

int kx_writers_stop_(void)
{
	int error = give_back(SBI_STA, SBI_STA_SHMEM);

	if (!error)
		error = give_back(SBI_PMU, SBI_PMU_SHMEM);
	if (!error)
		error = give_back(SBI_NACL, SBI_NACL_SHMEM);
	if (!error)
		error = give_back(SBI_MPXY, SBI_MPXY_SHMEM);
	return error;
}
