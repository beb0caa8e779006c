/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: names that assembly and C share.
 * Priv: The RISC-V Instruction Set Manual, Volume II. SBI: RISC-V Supervisor Binary Interface 2.0.
 */
#ifndef KX_RISCV64_CPU_H
#define KX_RISCV64_CPU_H

/* Priv "Supervisor Address Translation and Protection (satp) Register" */
#define SATP_MODE_SHIFT 60
#define SATP_MODE_BARE  0
#define SATP_MODE_SV39  8
#define SATP_MODE_SV48  9
#define SATP_MODE_SV57  10

#define KX_LEVEL_MAEE 0x1 /* kx_paging.level: entries have memory types as T-Head's CPUs read them */

#define SCAUSE_INTERRUPT_SHIFT 63 /* Priv "Supervisor Cause Register" */
#define SCAUSE_BREAKPOINT      3

/* Priv "Supervisor Status (sstatus) Register" */
#define SSTATUS_SIE        0x2
#define SSTATUS_SDT        0x1000000 /* Priv "Ssdbltrp": there was a trap; while it is set, the next is firmware's */
#define SSTATUS_FS         0x6000 /* floating point, likewise */
#define SSTATUS_VS         0x600 /* whether vectors may be used, */
#define SSTATUS_VS_INITIAL 0x200 /* and what is set so that they may */

#define KX_ENTRY_ALIGN 2 /* instructions are halfwords: the C extension */
#define KX_ROTATED     uint64_t /* a word, and a copy above, for want of one; see lib/sha256_round.h */
#define KX_ENTER_KNOWN (KX_ENTER_GUARDED | KX_ENTER_RETURN | KX_ENTER_CRASH)
#define KX_PURGATORY_KNOWN (KX_PURGATORY_SKIP_CHECKS | KX_PURGATORY_EACH_REGION | KX_PURGATORY_CPU_ID)
#define KX_PURGATORY_BEYOND 0 /* it has no tables */
#define KX_MACHINE     243 /* EM_RISCV: ELF "e_machine" */
#define KX_STATUS_HERE KX_STATUS_RISCV64

/* Bits of stvec that the alignment of libkx's vectors leaves free: faults so far. Each is set by the first
 * instruction at the address that the CPU then goes to, so nothing that can fail comes before it; the next
 * fault goes to another address. */
#define STVEC_FIRST  16 /* kx_fault_ or kx_purgatory_vector_ has been entered, */
#define STVEC_SECOND 8  /* and once more: there is no third */
#define STVEC_ALIGN  32

/* The general registers */
#define KX_REGISTER_FIRST 1
#define KX_REGISTER_COUNT 32

#define KX_HOST_SATP KX_HOST_ARCH /* in libkx's own page; see own.h */

/* SBI "Hart State Management Extension" */
#define SBI_EID_HSM            0x48534d
#define SBI_FID_HSM_GET_STATUS 2
#define SBI_HSM_STOPPED        1

/* SBI "Legacy Extensions": the one console that every version has */
#define SBI_EID_PUTCHAR 1

/* SBI "Debug Console Extension" */
#define SBI_EID_DBCN            0x4442434e
#define SBI_FID_DBCN_WRITE_BYTE 2

/* SBI "Base Extension" */
#define SBI_EID_BASE           0x10
#define SBI_FID_BASE_PROBE     3
#define SBI_FID_BASE_VENDOR    4 /* mvendorid, marchid, mimpid */
#define SBI_FID_BASE_ARCH      5
#define SBI_FID_BASE_IMPLEMENTATION 6

/* SBI "System Reset Extension": a warm reboot is of the CPU and of parts of the system, a cold one is as a
 * power cycle of all of it; the reason: system failure */
#define SBI_EID_SRST           0x53525354
#define SBI_FID_SRST_RESET     0
#define SBI_SRST_COLD_REBOOT   1
#define SBI_SRST_WARM_REBOOT   2
#define SBI_SRST_FAILURE       1

/* TL16C550 "Line Status Register": room for a character. A read takes some 100 ns or more. */
#define UART_LSR      5
#define UART_LSR_THRE 0x20
#define UART_TRIES    1000000

/*
 * Unpriv "Landing Pad (Zicfilp)": where that is in force, what a jump through a register leads to must begin with
 * this, at a multiple of 4, but not where the register is ra, t0 or t2. By encoding, a hint elsewhere.
 */
#ifdef __ASSEMBLER__
	.macro	lpad
	.word	0x00000017			/* lpad 0: auipc zero, 0 */
	.endm
#endif

#endif /* KX_RISCV64_CPU_H */
