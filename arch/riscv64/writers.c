/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: memory that the firmware or a hypervisor writes for the supervisor, given back; and events that it
 * delivers past every mask.
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

#define SBI_SSE            0x535345 /* "Supervisor Software Events Extension" */
#define SBI_SSE_UNREGISTER 3
#define SBI_SSE_DISABLE    5
#define SBI_SSE_HART_MASK  9

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

static int is_there(uint64_t extension)
{
	uint64_t there = 0;

	return !call(SBI_BASE, SBI_PROBE_EXTENSION, extension, &there) && there;
}

/* Both halves of the address all ones: the shared memory is given back. */
static int give_back(uint64_t extension, uint64_t function)
{
	uint64_t there;
	int64_t error;

	if (!is_there(extension))
		return 0;
	error = call(extension, function, SBI_SHMEM_NONE, &there);
	return !error || error == SBI_NOT_SUPPORTED ? 0 : -KX_ERR_CPU_FIRMWARE;
}

/*
 * Held back first, so that none comes between; then the handlers of the standard ones are forgotten. Most have
 * none, and the firmware says so. A platform's own events stay as they are, behind the mask.
 */
static void stop_events(int last)
{
	static const uint32_t events[] = {
		0x00000000, 0x00000001, 0x00010000, /* a hart's: RAS of high priority, double trap, PMU, */
		0x00100000, 0xffff0000, /* RAS of low priority, injected */
		0x00008000, 0x00108000, 0xffff8000, /* anybody's: RAS of high, of low priority, injected */
	};
	size_t count = last ? sizeof(events) / sizeof(events[0]) : 5;
	uint64_t ignored;

	call(SBI_SSE, SBI_SSE_HART_MASK, 0, &ignored);
	for (size_t i = 0; i < count; i++) {
		call(SBI_SSE, SBI_SSE_DISABLE, events[i], &ignored);
		call(SBI_SSE, SBI_SSE_UNREGISTER, events[i], &ignored);
	}
}

int kx_writers_stop_(const struct kx_cpus *cpus, int last)
{
	int error = give_back(SBI_STA, SBI_STA_SHMEM);

	(void)cpus;
	if (is_there(SBI_SSE))
		stop_events(last);
	if (!error)
		error = give_back(SBI_PMU, SBI_PMU_SHMEM);
	if (!error)
		error = give_back(SBI_NACL, SBI_NACL_SHMEM);
	if (!error)
		error = give_back(SBI_MPXY, SBI_MPXY_SHMEM);
	return error;
}
