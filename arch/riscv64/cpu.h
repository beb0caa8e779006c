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

#define SSTATUS_SIE 0x2 /* Priv "Supervisor Status (sstatus) Register" */

#define KX_ENTRY_ALIGN 2 /* instructions are halfwords: the C extension */
#define KX_ENTER_KNOWN 0 /* there is one way to enter an image */

/* SBI "Hart State Management Extension" */
#define SBI_EID_HSM            0x48534d
#define SBI_FID_HSM_GET_STATUS 2
#define SBI_HSM_STOPPED        1

/* SBI "Legacy Extensions": the one console that every version has */
#define SBI_EID_PUTCHAR 1

#endif /* KX_RISCV64_CPU_H */
