/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls to the SBI firmware. Spec: RISC-V Supervisor Binary Interface 2.0. */
#ifndef BARE_SBI_H
#define BARE_SBI_H

#include <stdint.h>

#define SBI_PUTCHAR     0x01
#define SBI_TIME        0x54494d45
#define SBI_HSM         0x48534d
#define SBI_HSM_START   0
#define SBI_SRST        0x53525354
#define SBI_PADS        0x0a000000 /* of those for firmware of one's own: monitor.c */

static inline int64_t sbi_call(uint64_t eid, uint64_t fid, uint64_t x, uint64_t y, uint64_t z)
{
	register uint64_t a0 __asm__("a0") = x;
	register uint64_t a1 __asm__("a1") = y;
	register uint64_t a2 __asm__("a2") = z;
	register uint64_t a6 __asm__("a6") = fid;
	register uint64_t a7 __asm__("a7") = eid;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
	return (int64_t)a0;
}

#endif /* BARE_SBI_H */
